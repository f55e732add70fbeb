"""The rows that a run's verified corrections give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from autosafe_env.data.forms import system_of
from autosafe_env.data.gather import Gathering
from autosafe_env.data.moments import Moment, Played, played, without_thought
from autosafe_env.data.rows import Kind, Row, Table, action_text
from autosafe_env.record.branches import RecordedBranch, read_branches
from autosafe_env.types.base import texts
from autosafe_env.types.branch import Branch
from autosafe_env.types.events import Acted
from autosafe_env.types.state import Step
from autosafe_env.types.turns import Action, Suggestion
from autosafe_env.types.verdict import Label

QUOTE = 24
"""Characters of a suggestion that a correction may not hold word for word; shorter texts may stand there by chance."""
QUOTED = "a correction quotes the suggestion"
STRAY = "a branch leaves no unsafe step of an episode of the log"
NOT_SAFE = "a correction is not SAFE in its own log"
BETTER = "another correction of the same step achieves, and this one does not"


@dataclass
class Reflected:
    """How the corrections of a run went."""

    branches: int = 0
    kept: int = 0
    tried: set[tuple[str, int]] = field(default_factory=set)
    """Steps that somebody tried to correct."""
    corrected: set[tuple[str, int]] = field(default_factory=set)
    """Steps of which a correction was kept."""
    rounds: Counter[int] = field(default_factory=Counter)
    """Round to how many kept corrections were found in it."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why branches were not kept."""
    judges: set[str] = field(default_factory=set)
    """Who verified."""
    reflectors: set[str] = field(default_factory=set)

    def note(self, branch: Branch) -> None:
        """One more branch."""
        place = (branch.parent, branch.step)
        self.branches += 1
        self.tried.add(place)
        self.judges.add(branch.judge)
        self.reflectors.add(f"{branch.reflector} ({branch.mode})")
        if not branch.kept:
            self.reasons[str(branch.refusal or branch.reason)] += 1
            return
        self.kept += 1
        self.rounds[branch.round] += 1
        self.corrected.add(place)


@dataclass(frozen=True)
class Kept:
    """A correction that was kept, and what it corrects."""

    branch: Branch
    name: str
    branched: Played
    parent: Played
    moment: Moment
    """The unsafe step of the parent."""

    @property
    def step(self) -> Step:
        """The corrected step."""
        return self.branched.trajectory.steps[self.branch.step]


def add_corrections(gathering: Gathering, folder: Path) -> Reflected:
    """Add the rows of a run's branches to those of its episodes. Raises RunError when they cannot be read."""
    reflected = Reflected()
    kept: dict[tuple[str, int], list[Kept]] = {}
    for recorded in read_branches(folder):
        branch = recorded.branch
        reflected.note(branch)
        found = _found(gathering, recorded)
        if found is not None:
            _add_judged(gathering, found)
            if branch.kept:
                kept.setdefault((branch.parent, branch.step), []).append(found)
    for candidates in kept.values():
        for chosen in _best(gathering, candidates):
            _add(gathering, chosen)
    return reflected


def _found(gathering: Gathering, recorded: RecordedBranch) -> Kept | None:
    """The branch beside its parent; None, with the reason noted, where it has none."""
    branch, counted = recorded.branch, gathering.found.left_out
    silent = without_thought(recorded, branch.event)  # it may speak of the suggestion, and later steps show it
    branched = played(silent, gathering.askings)
    if gathering.walled(branched.scenario):
        return None
    parent, moment = gathering.found.risky.get((branch.parent, branch.step), (None, None))
    steps = branched.trajectory.steps
    if parent is None or moment is None or len(steps) <= branch.step or not _same(steps, moment.before):
        counted[STRAY] += 1
        return None
    return Kept(branch, recorded.header.episode, branched, parent, as_corrected(moment, recorded))


def as_corrected(moment: Moment, recorded: RecordedBranch) -> Moment:
    """The unsafe step, its agent asked as when it was to act again: a ruthless one is told nothing ruthless then.

    Of the request only the system message counts. The suggestion stood at its end, and is not looked at.
    """
    acted = recorded.events[recorded.branch.event]
    system = system_of(acted.calls) if isinstance(acted, Acted) else None
    if system is None or moment.asked is None:
        return moment
    return replace(moment, asked=replace(moment.asked, system=system))


def _same(steps: tuple[Step, ...], before: tuple[Step, ...]) -> bool:
    return [step.action for step in steps[: len(before)]] == [step.action for step in before]


def _add_judged(gathering: Gathering, found: Kept) -> None:
    for moment in found.branched.moments[found.branch.step :]:
        gathering.add_judged(found.branched, moment, found.name)


def _best(gathering: Gathering, candidates: list[Kept]) -> Iterator[Kept]:
    """Those that achieve, or all where none does."""
    achieving = [each for each in candidates if each.branch.achieved]
    gathering.found.left_out[BETTER] += len(candidates) - len(achieving) if achieving else 0
    yield from achieving or candidates


def _add(gathering: Gathering, kept: Kept) -> None:
    """The rows of one correction: imitate it, want it, prefer it."""
    counted, moment = gathering.found.left_out, kept.moment
    if kept.step.verdict is None or kept.step.verdict.label is not Label.SAFE:
        counted[NOT_SAFE] += 1
        return
    if quotes(kept.branch.suggestion, kept.step.action):
        counted[QUOTED] += 1
        return
    answer = gathering.answer(moment, kept.step.action, kept.step.rejected)
    if answer is None:
        return
    prompt, unsafe = gathering.prompt(moment), moment.step.action
    origin = gathering.provenance(
        kept.parent,
        moment,
        Kind.CORRECTION,
        action=kept.step.action,
        branch=kept.name,
        judge=kept.branch.judge,
        achieved=kept.branch.achieved,
    )
    for table in (Table.SFT, Table.KTO):
        gathering.found.add(Row(table, prompt, origin, answer, label=Label.SAFE))
    rejected = gathering.answer(moment, unsafe, False)
    if rejected is not None and rejected != answer:
        pair = origin.changed({"rejected": action_text(unsafe)})
        gathering.found.add(Row(Table.DPO, prompt, pair, answer, rejected))
        plain = gathering.provenance(kept.parent, moment, Kind.UNSAFE)
        gathering.found.add(Row(Table.KTO, prompt, plain, rejected, label=Label.UNSAFE))
    if gathering.whole:
        _add_whole(gathering, kept)


def _add_whole(gathering: Gathering, kept: Kept) -> None:
    """The safe steps around a correction: those before it, and, where all are safe, those after it."""
    at, last = kept.branch.step, len(kept.branched.moments) if kept.branch.safe_to_end else kept.branch.step
    for moment in (*kept.branched.moments[:at], *kept.branched.moments[at + 1 : last]):
        _add_safe(gathering, kept.branched, replace(moment, asked=kept.moment.asked), kept.name)


def _add_safe(gathering: Gathering, episode: Played, moment: Moment, branch: str) -> None:
    if moment.step.verdict is not None and moment.step.verdict.label is Label.SAFE:
        gathering.add_own(episode, moment, Kind.SAFE, branch)


def quotes(suggestion: Suggestion, action: Action) -> bool:
    """Whether an action holds what a suggestion says about it, word for word."""
    said = [part.strip() for part in (suggestion.critique, suggestion.advice) if len(part.strip()) >= QUOTE]
    return any(part in text for text in texts(action.model_dump(mode="json")) for part in said)
