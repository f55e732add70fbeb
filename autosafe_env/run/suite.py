"""The scenarios of a suite, be it a name, a suite file, a scenario file or a folder: all of them, a split or a sample.

Of a suite in one file, what is not chosen is not loaded.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autosafe_env.core.discover import imported, suite_files, suites
from autosafe_env.core.scenarios import build, load_row, load_scenario
from autosafe_env.core.shipped import index_of, suite_members
from autosafe_env.core.suite_files import entries_of, is_suite_file
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.run.check import files_of
from autosafe_env.types.base import T
from autosafe_env.types.suite import Placement, Split
from autosafe_env.types.threat import Scenario

OUTSIDE = {"agentdojo": "autosafe_env.integrations.agentdojo_scenarios:members"}
"""Name of a suite that others made to what yields its members, given all that stands in `--suite`. Named and not
imported, since integrations stand above this room, and need packages that few have."""


@dataclass(frozen=True)
class Member:
    """One scenario of a suite, not yet loaded."""

    id: str
    load: Callable[[], Scenario]
    split: Split | None = None
    """None where the suite has no splits."""
    pattern: str = ""
    """Empty where it was made from none."""
    style: str = ""
    """Attack style of its payload; empty for none."""


def suite_scenarios(suite: str, split: str = "", limit: int | None = None, seed: int = 0) -> dict[str, Scenario]:
    """The scenarios of a suite by id, in its order.

    Args:
        suite: name of one that ships or of an outside one, a suite file, a scenario file or a folder of these.
        split: only those of this split; empty for all.
        limit: at most so many: a sample that `seed`, and nothing else, decides; None for all.
        seed: of the sample. A smaller sample of the same seed is a part of a larger one.

    Raises:
        UnknownName: neither a suite nor a path, or no such split.
        ConfigError: the suite has no splits, two of its scenarios have one id, or nothing is left.
        ScenarioError: a scenario does not load.
    """
    chosen: Iterable[Member] = _of_split(members(suite), suite, split)
    if limit is not None:
        chosen = sample(chosen, limit, seed, lambda member: member.id)
    loaded: dict[str, Scenario] = {}
    for member in chosen:
        scenario = member.load()
        if loaded.setdefault(scenario.id, scenario) is not scenario:
            raise ConfigError(f"{suite}: two scenarios have the id {scenario.id!r}")
    if not loaded:
        raise ConfigError(f"the suite {suite!r} holds no scenario")
    return loaded


def sample(things: Iterable[T], most: int, seed: int, name: Callable[[T], str]) -> list[T]:
    """At most so many of some things, in their order. The seed and their names decide which, and nothing else."""

    def rank(numbered: tuple[int, T]) -> bytes:
        return hashlib.sha256(f"{seed}/{name(numbered[1])}".encode()).digest()

    chosen = heapq.nsmallest(most, enumerate(things), key=rank)
    return [thing for _, thing in sorted(chosen, key=lambda numbered: numbered[0])]


def members(suite: str) -> Iterator[Member]:
    """The members of a suite, in its order. Raises UnknownName when it is neither a suite nor a path."""
    if (outside := re.split("[:@]", suite)[0]) in OUTSIDE:
        yield from imported(OUTSIDE[outside])(suite)
    elif suite in suite_files():
        path = suite_files()[suite]
        for row in index_of(path).rows:
            yield Member(row.card.id, partial(load_row, path, row), row.split, row.pattern, row.style)
    elif suite in suites():
        for name in suite_members(suite):
            yield Member(name, partial(load_scenario, name))
    elif not Path(suite).exists():
        raise UnknownName("suite", suite, (*suites(), *OUTSIDE))
    else:
        yield from _members_of(Path(suite))


def _members_of(path: Path) -> Iterator[Member]:
    if is_suite_file(path):
        for entry in entries_of(path):
            head = entry.head
            yield Member(entry.id, partial(build, entry.source), head.split, head.pattern, head.style)
        return
    for file in files_of([path]):
        scenario = load_scenario(file)
        yield Member(scenario.id, partial(load_scenario, scenario))


def _of_split(found: Iterator[Member], suite: str, split: str) -> Iterator[Member]:
    """The members of a split, counted on the way, so that an empty one can be told from one that is not there."""
    if split and split not in list(Split):
        raise UnknownName("split", split, map(str, Split))
    sizes: Counter[str] = Counter()
    for member in found:
        sizes[str(member.split or "")] += 1
        if split in ("", member.split):
            yield member
    if split:
        _must_hold(sizes, suite, split)


def must_have(suite: str, splits: Iterable[Split]) -> None:
    """See that a suite has scenarios in each of some splits; none is loaded.

    Raises:
        UnknownName: neither a suite nor a path.
        ConfigError: it has no splits, or none of these scenarios.
    """
    sizes = Counter(str(each.split or "") for each in members(suite))
    for split in splits:
        _must_hold(sizes, suite, split)


def _must_hold(sizes: Mapping[str, int], suite: str, split: str) -> None:
    """Raises ConfigError where a suite whose splits have these sizes has no scenario in one."""
    if sizes.get(split):
        return
    there = ", ".join(f"{name} ({sizes[name]})" for name in map(str, Split) if sizes.get(name))
    if not there:
        raise ConfigError(f"the suite {suite!r} has no splits{_with_splits()}")
    raise ConfigError(f"the suite {suite!r} has no scenario in the split {str(split)!r}; it has {there}")


def _with_splits() -> str:
    """The end of a sentence that names the suites that ship and have splits."""
    found = [name for name, path in suite_files().items() if any(row.split for row in index_of(path).rows)]
    return f"; of those that ship, these have: {', '.join(found)}" if found else ""


def placements(suite: str) -> dict[str, Placement]:
    """Where a suite puts its scenarios, by id. Raises ConfigError when there is no such suite."""
    try:
        return {each.id: Placement(split=each.split, pattern=each.pattern) for each in members(suite)}
    except UnknownName as error:
        raise ConfigError(f"{error}; name the suite of the runs with --suite") from error
