"""Which split a row belongs to, and the proof that the splits share nothing that they must not share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import combinations

from autosafe_env.data.rows import Provenance
from autosafe_env.errors import ConfigError
from autosafe_env.types.base import Value
from autosafe_env.types.suite import Placement, Split
from autosafe_env.types.threat import Scenario

SHOWN = 5
"""How many of what two splits share are told."""


class Placing:
    """Puts the scenarios of a run into splits.

    Args:
        suite: name or path of the run's suite, for errors.
        placements: of its scenarios, by id.
        hold_out: of a suite without splits, the share of the scenarios that is held out; None refuses such a suite.
        seed: decides which.
    """

    def __init__(self, suite: str, placements: Mapping[str, Placement], hold_out: float | None, seed: int) -> None:
        self.suite, self.placements, self.hold_out, self.seed = suite, placements, hold_out, seed

    def __call__(self, scenario: Scenario) -> Placement:
        """The place of a scenario.

        Raises:
            ConfigError: the suite does not hold it, or has no splits and nothing is held out.
        """
        found = self.placements.get(scenario.id)
        if found is None:
            raise ConfigError(f"the suite {self.suite!r} holds no scenario {scenario.id!r}; name the right --suite")
        if found.split is not None:
            return found
        if self.hold_out is None:
            raise ConfigError(
                f"the suite {self.suite!r} has no splits: give --hold-out SHARE, such as 0.2 (of its scenarios, drawn "
                "by --seed), or --hold-out 0 for all in train"
            )
        held = _fraction(f"{self.seed}/{scenario.id}") < self.hold_out
        return found.changed({"split": Split.HELDOUT_SCENARIOS if held else Split.TRAIN})


def _fraction(text: str) -> float:
    """A number from 0 to 1 that the text decides, and nothing else."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 256**6


class Members(Value):
    """What the rows of one split are made of."""

    split: Split
    rows: int
    scenarios: tuple[str, ...]
    patterns: tuple[str, ...]
    """Without the empty one."""
    toolkits: tuple[str, ...]
    digests: dict[str, str]
    """SHA-256 of each of the three, one a line, sorted."""


class Shared(Value):
    """What two splits have in common, or what breaks the rule of one."""

    what: str
    """`scenarios`, `patterns`, `prompts`, or `scenarios without a toolkit of their own`."""
    splits: tuple[Split, Split]
    count: int
    examples: tuple[str, ...]
    must_be_none: bool
    """Whether the splits promise that there is nothing."""

    @property
    def broken(self) -> bool:
        """Whether a promise is broken."""
        return self.must_be_none and self.count > 0


class Proof(Value):
    """The splits of a dataset and what they share, as counted in its rows."""

    members: tuple[Members, ...]
    shared: tuple[Shared, ...]

    @property
    def broken(self) -> tuple[Shared, ...]:
        """The promises that are broken."""
        return tuple(each for each in self.shared if each.broken)


class Tally:
    """Counts what rows are made of, and proves from the counts."""

    def __init__(self) -> None:
        self.rows: dict[Split, int] = {}
        self.scenarios: dict[Split, dict[str, tuple[str, ...]]] = {}
        """Scenario id to its toolkits, by split."""
        self.patterns: dict[Split, set[str]] = {}
        self.prompts: dict[Split, set[str]] = {}

    def add(self, provenance: Provenance, prompt: str) -> None:
        """One more row, with what stands for its prompt."""
        split = provenance.split
        self.rows[split] = self.rows.get(split, 0) + 1
        self.scenarios.setdefault(split, {})[provenance.scenario] = provenance.toolkits
        self.patterns.setdefault(split, set()).add(provenance.pattern)
        self.prompts.setdefault(split, set()).add(prompt)

    def proof(self) -> Proof:
        """What the rows so far prove."""
        splits = [split for split in Split if split in self.rows]
        members = tuple(self._members(split) for split in splits)
        return Proof(members=members, shared=tuple(self._shared(splits)))

    def _members(self, split: Split) -> Members:
        sets = {
            "scenarios": sorted(self.scenarios[split]),
            "patterns": sorted(self.patterns[split] - {""}),
            "toolkits": sorted(self._toolkits(split)),
        }
        digests = {name: hashlib.sha256("\n".join(each).encode()).hexdigest() for name, each in sets.items()}
        return Members.model_validate({"split": split, "rows": self.rows[split], "digests": digests, **sets})

    def _toolkits(self, split: Split) -> set[str]:
        return {name for toolkits in self.scenarios[split].values() for name in toolkits}

    def _shared(self, splits: list[Split]) -> Iterable[Shared]:
        for one, other in combinations(splits, 2):
            pair, trains = (one, other), one is Split.TRAIN
            new_patterns = trains and other is Split.HELDOUT_PATTERNS
            both = self.patterns[one] & self.patterns[other] - {""}
            yield _told("scenarios", pair, self.scenarios[one].keys() & self.scenarios[other].keys(), True)
            yield _told("patterns", pair, both, new_patterns)
            yield _told("toolkits", pair, self._toolkits(one) & self._toolkits(other), False)
            yield _told("prompts", pair, self.prompts[one] & self.prompts[other], trains)
            if trains and other is Split.HELDOUT_TOOLKITS:
                known = self._toolkits(one)
                lacking = {name for name, toolkits in self.scenarios[other].items() if known.issuperset(toolkits)}
                yield _told("scenarios without a toolkit of their own", pair, lacking, True)


def _told(what: str, splits: tuple[Split, Split], found: Iterable[str], must_be_none: bool) -> Shared:
    names = sorted(found)
    return Shared(what=what, splits=splits, count=len(names), examples=tuple(names[:SHOWN]), must_be_none=must_be_none)


def must_hold(proof: Proof) -> None:
    """Refuse splits that share what they promise not to share. Raises ConfigError with the first that they do."""
    for each in proof.broken:
        names, one, other = ", ".join(each.examples), *each.splits
        raise ConfigError(f"{one} and {other} share {each.count} {each.what} ({names}); nothing is written")
