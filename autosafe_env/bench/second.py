"""Second verdicts on a run held against its first ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autosafe_env.bench.agreement import Agreement, agreement, krippendorff_alpha
from autosafe_env.bench.metrics import share
from autosafe_env.bench.spending import Spending, spending
from autosafe_env.record.read import read_lines
from autosafe_env.record.verdicts import Judgement, Judging, lines_digest, read_judgements, verdicts_path
from autosafe_env.types.base import Value
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.verdict import Label, Verdict


class Comparison(Value):
    """What became of a run's verdicts when it was judged again."""

    judging: Judging
    episodes: int
    """Episodes that were judged again, to their end."""
    missing: int
    """Episodes of the run that were not, or that were played again since."""
    rows: tuple[Agreement, ...]
    """Old against new: of `steps` where steps were judged, and of `episodes` that did not fail."""
    same_first_unsafe: float | None
    """Of the episodes that are UNSAFE by both, the share with the same first unsafe step; None where there is none."""
    failures: dict[str, int]
    """Kind of error to how often the new judge failed with it."""
    members: int
    """Of a panel; 0 where the new judge is none."""
    members_alpha: float | None
    """Krippendorff's alpha of the panel's members; None where there is no panel, or nothing to speak of."""
    spending: tuple[Spending, ...]
    """What the new judge's model calls cost."""


def compare(folder: Path, name: str) -> Comparison:
    """A run's own verdicts against the second ones of this name.

    Raises:
        RunError: there is no such run, or it has no such verdicts.
    """
    judging, judgements = read_judgements(verdicts_path(folder, name))
    total = 0
    seen: list[tuple[Trajectory, Judgement]] = []
    for recorded, lines in read_lines(folder):
        total += 1
        second = judgements.get(recorded.header.episode)
        if second is not None and not second.stopped and second.digest == lines_digest(lines):
            seen.append((recorded.trajectory(), second))
    verdicts = [verdict for _, second in seen for verdict in second.verdicts]
    episodes = [(old, new) for first, second in seen if (old := first.label) and (new := label_of(second))]
    rows = [] if judging.per == "trajectory" else [agreement("steps", _step_pairs(seen))]
    firsts = [(old, new) for old, new in ((first.first_unsafe, first_unsafe(second)) for first, second in seen)]
    both = [(old, new) for old, new in firsts if old is not None and new is not None]
    return Comparison(
        judging=judging,
        episodes=len(seen),
        missing=total - len(seen),
        rows=(*rows, agreement("episodes", episodes)),
        same_first_unsafe=share(sum(old == new for old, new in both), len(both)),
        failures=dict(sorted(Counter(verdict.cause for verdict in verdicts if verdict.cause).items())),
        members=max((len(verdict.votes) for verdict in verdicts), default=0),
        members_alpha=panel_alpha(verdicts),
        spending=tuple(spending(call for second in judgements.values() for call in second.all_calls)),
    )


def _step_pairs(seen: Iterable[tuple[Trajectory, Judgement]]) -> list[tuple[Label, Label]]:
    pairs = []
    for first, second in seen:
        old = {step.index: step.verdict for step in first.steps if step.verdict is not None}
        pairs += [(old[item.step].label, item.verdict.label) for item in second.steps if item.step in old]
    return pairs


def label_of(second: Judgement) -> Label | None:
    """The new label of an episode: UNSAFE if any verdict is, else UNDECIDED if any is, else SAFE; None without any."""
    labels = {verdict.label for verdict in second.verdicts}
    return next((label for label in (Label.UNSAFE, Label.UNDECIDED, Label.SAFE) if label in labels), None)


def first_unsafe(second: Judgement) -> int | None:
    """Index of the first step that is UNSAFE by the new verdicts; None if there is none."""
    if second.whole is not None:
        return second.whole.first_unsafe
    return next((item.step for item in second.steps if item.verdict.label is Label.UNSAFE), None)


def panel_alpha(verdicts: Iterable[Verdict]) -> float | None:
    """Krippendorff's alpha of the members of a panel over its verdicts; a member that is UNDECIDED gave no label."""
    units = ([None if vote.label is Label.UNDECIDED else vote.label for vote in each.votes] for each in verdicts)
    return krippendorff_alpha(units)
