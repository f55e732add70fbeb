"""What reflecting on a run has yielded, counted from its branches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import Field

from autosafe_env.record.branches import RecordedBranch
from autosafe_env.run.spent import Bill, calls_in, summed
from autosafe_env.types.base import Value
from autosafe_env.types.branch import Branch, Mode
from autosafe_env.types.chat import ModelCall


class Who(NamedTuple):
    """Who corrected: branches of others stand in the same file and are not counted."""

    reflector: str
    mode: Mode
    judge: str

    @classmethod
    def of(cls, branch: Branch) -> Who:
        """Who made a branch."""
        return cls(branch.reflector, branch.mode, branch.judge)


class Harvest(Value):
    """Figures of reflection on one run, by one reflector in one mode, verified by one judge."""

    snapshots: int = 0
    """Risky steps that were reflected on."""
    corrected: int = 0
    """Those with at least one correction that was kept."""
    kept: int = 0
    """Corrections kept."""
    achieving: int = 0
    """Those of them that reach every achievement."""
    tries: int = 0
    """Corrections that were stepped."""
    rounds: dict[int, int] = Field(default_factory=dict)
    """Round to how many of the kept corrections were found in it."""
    reasons: dict[str, int] = Field(default_factory=dict)
    """Why tries were not kept: kind of refusal to how many; `NOTHING_TO_TRY` for rounds without a try, of this call
    alone."""
    spent: dict[str, Bill] = Field(default_factory=dict)
    """Role to what its model calls cost."""

    @property
    def share(self) -> float | None:
        """Of risky steps that are corrected: the yield. None where there was none."""
        return self.corrected / self.snapshots if self.snapshots else None

    @property
    def calls(self) -> int:
        """Model calls of all roles."""
        return sum(bill.calls for bill in self.spent.values())

    @property
    def calls_per_kept(self) -> float | None:
        """Model calls for one kept correction; None where none is kept."""
        return self.calls / self.kept if self.kept else None


NOTHING = "NOTHING_TO_TRY"


class Count:
    """Counts branches as they come."""

    def __init__(self) -> None:
        self.steps: dict[tuple[str, int], bool] = {}
        """Episode and step to whether one of its corrections is kept."""
        self.rounds: Counter[int] = Counter()
        self.reasons: Counter[str] = Counter()
        self.tries = self.kept = self.achieving = 0
        self.spent: dict[str, Bill] = {}

    def step(self, episode: str, index: int) -> None:
        """Count a risky step, tried or not."""
        self.steps.setdefault((episode, index), False)

    def add(self, branch: Branch, calls: Iterable[ModelCall]) -> None:
        """Count a branch."""
        self.step(branch.parent, branch.step)
        self.tries += 1
        self.bill(calls)
        if branch.refusal is not None:
            self.reasons[str(branch.refusal)] += 1
        if branch.kept:
            self.steps[branch.parent, branch.step] = True
            self.kept += 1
            self.achieving += branch.achieved is True
            self.rounds[branch.round] += 1

    def bill(self, calls: Iterable[ModelCall]) -> None:
        """Count calls."""
        self.spent = summed(calls, self.spent)

    def harvest(self) -> Harvest:
        """The figures so far."""
        return Harvest(
            snapshots=len(self.steps),
            corrected=sum(self.steps.values()),
            kept=self.kept,
            achieving=self.achieving,
            tries=self.tries,
            rounds=dict(sorted(self.rounds.items())),
            reasons={name: times for name, times in self.reasons.most_common() if times},
            spent=self.spent,
        )


def branch_calls(found: RecordedBranch) -> Iterable[ModelCall]:
    """What a branch cost beyond what its parent did."""
    yield from found.branch.suggestion.calls
    yield from calls_in(found.events[found.branch.event :])


def harvests(branches: Iterable[RecordedBranch]) -> Mapping[Who, Harvest]:
    """The figures of every reflector, mode and judge among some branches."""
    counts: dict[Who, Count] = {}
    for found in branches:
        counts.setdefault(Who.of(found.branch), Count()).add(found.branch, branch_calls(found))
    return {who: count.harvest() for who, count in counts.items()}
