"""Correcting risky steps: suggest, act again, verify; and again, with all that was rejected, until one will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.reduce import fold
from autosafe_env.core.remaining import remaining
from autosafe_env.errors import ReflectorError, boundary
from autosafe_env.protocols import Reflector
from autosafe_env.record.branches import RecordedBranch, branch_name, recorded_branch
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.attempt import Attempt, GoOn, findings, reads_text
from autosafe_env.run.cast import Cast
from autosafe_env.run.pool import Halted
from autosafe_env.run.snapshots import Snapshot, Where, env_at
from autosafe_env.run.spent import calls_in
from autosafe_env.run.threads import Halt
from autosafe_env.types.branch import Branch, Mode, Refusal
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import Event, Failed
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.turns import Action, Suggestion
from autosafe_env.views import reflector_view

GOOD = "It will do. Suggest something else that is as good."
"""Told to the reflector of a correction that is kept, where another one is wanted."""
SILENT = "the reflector failed"
ADVICE_ONLY = "the suggestion names no action, and the agent reads no advice"


@dataclass(frozen=True, kw_only=True)
class Correcting:
    """How risky steps are corrected."""

    reflector: Reflector
    name: str
    """Of the reflector."""
    judge: str
    """Name of the judge that verifies."""
    mode: Mode
    rounds: int
    """Tries for one correction, at most."""
    samples: int
    """Corrections for one step, at most."""
    go_on: GoOn


@dataclass(frozen=True)
class Try:
    """One correction that was stepped."""

    state: EpisodeState
    log: tuple[Event, ...]
    branch: Branch

    @property
    def action(self) -> Action:
        """The corrected one."""
        return self.state.steps[self.branch.step].action

    @property
    def calls(self) -> Iterator[ModelCall]:
        """What it cost."""
        yield from self.branch.suggestion.calls
        yield from calls_in(self.log[self.branch.event :])

    def told(self, mode: Mode) -> str:
        """Why it will not do, as far as a reflector in this mode may know."""
        if self.branch.refusal is None:
            return GOOD
        return self.branch.reason if mode is Mode.TEACHER else self.branch.refusal.sentence


class Past:
    """The branches that a run holds already.

    Args:
        branches: all of them.
        mine: whether one is of the reflector, mode and judge that go on now.
    """

    def __init__(self, branches: Iterable[RecordedBranch] = (), mine: Callable[[Branch], bool] = bool) -> None:
        self.numbers = Counter[Where]()
        """How many there are at each step, whoever made them."""
        self.own: dict[Where, list[RecordedBranch]] = {}
        """Those that go on, by step."""
        for found in branches:
            where = (found.branch.parent, found.branch.step)
            self.numbers[where] += 1
            if mine(found.branch):
                self.own.setdefault(where, []).append(found)

    def is_finished(self, where: Where, tries: int) -> bool:
        """Whether nothing more is to be tried at a step: one is kept, or there were so many tries."""
        own = self.own.get(where, ())
        return len(own) >= tries or any(found.branch.kept for found in own)

    def tries(self, where: Where) -> list[Try]:
        """What was tried at a step that is not finished."""
        return [Try(fold(found.events), found.events, found.branch) for found in self.own.get(where, ())]


@dataclass
class Corrected:
    """What became of one risky step."""

    snapshot: Snapshot
    branches: Sequence[RecordedBranch] = ()
    """Every try that was stepped, in order; empty where nothing could be, and where it was stopped."""
    silent: list[str] = field(default_factory=list)
    """Of each round in which there was nothing to step: why."""
    lost: list[ModelCall] = field(default_factory=list)
    """Calls that stand in no branch."""
    stopped: Failed | None = None
    """Why nothing more can be tried, here or elsewhere; None while it can."""


class Stopped(Exception):
    """Nothing more can be tried, such as with a budget spent."""

    def __init__(self, failure: Failed) -> None:
        super().__init__(failure.error)
        self.failure = failure


class Corrector:
    """Corrects one risky step after the other, from any thread.

    Args:
        config: of the run, with the judge that verifies.
        cast: its live roles.
        how: how to correct.
        halt: once its `now` is set, what is under way is given up.
        past: what was tried before.
    """

    def __init__(self, config: RunConfig, cast: Cast, how: Correcting, halt: Halt, past: Past) -> None:
        self.config, self.cast, self.how, self.halt, self.past = config, cast, how, halt, past

    def __call__(self, snapshot: Snapshot) -> Corrected:
        """Every try at this step. Of one that is stopped or given up none counts: what they cost is in `lost`."""
        done, tries = Corrected(snapshot), self.past.tries(snapshot.where)
        old = len(tries)
        base = env_at(snapshot, self.config, self.cast)
        try:
            for sample in range(self.how.samples):
                had = tries[-1].branch.round % self.how.rounds if tries and not sample else 0
                self._correct_once(base, tries, done, had)
        except (Halted, Stopped) as error:
            done.lost += [call for each in tries[old:] for call in each.calls]
            done.stopped = error.failure if isinstance(error, Stopped) else None
        else:
            done.branches = list(self._recorded(snapshot, prefer_useful(tries[old:])))
        return done

    def _correct_once(self, base: AutoSafeEnv, tries: list[Try], done: Corrected, had: int) -> None:
        """Try until one is good enough or the rounds are over, of which some were had before."""
        agent = self.cast.agents[done.snapshot.recorded.header.agent]
        for number in range(had + 1, self.how.rounds + 1):
            if self.halt.now.is_set():
                raise Halted
            suggestion = self._suggestion(base, tries, done)
            if suggestion is None:
                continue
            if suggestion.action is None and not reads_text(agent):
                done.silent.append(ADVICE_ONLY)
                done.lost += suggestion.calls
                continue
            env = base.fork()
            try:
                Attempt(agent, self.how.go_on, self.halt).play(env, done.snapshot, suggestion, len(tries))
            except Halted:
                done.lost += [*suggestion.calls, *calls_in(env.log[done.snapshot.event :])]
                raise
            tries.append(self._tried(env, suggestion, tries, done, number))
            if tries[-1].branch.kept:
                return

    def _suggestion(self, base: AutoSafeEnv, tries: Sequence[Try], done: Corrected) -> Suggestion | None:
        """What the reflector says, asked with a seed of its own for every try; None where it failed."""
        snapshot, seen = done.snapshot, base.view()
        view = reflector_view(
            snapshot.state,
            seen.changed({"seed": seen.seed + len(tries)}),
            snapshot.step,
            mode=self.how.mode,
            rejected=[(each.action, each.told(self.how.mode)) for each in tries],
            patch=snapshot.patch,
            path=remaining(snapshot.path, (step.action for step in snapshot.state.steps)),
        )
        try:
            with boundary(ReflectorError):
                suggestion = self.how.reflector.reflect(view)
                if not isinstance(suggestion, Suggestion):
                    raise TypeError(f"it answered with a {type(suggestion).__name__} and not with a suggestion")
        except ReflectorError as error:
            done.lost += error.calls
            if error.stops_run:
                raise Stopped(Failed(role=error.role, error=str(error), cause=error.cause, stops_run=True)) from error
            done.silent.append(f"{SILENT}: {error}")
            return None
        return suggestion

    def _tried(
        self, env: AutoSafeEnv, suggestion: Suggestion, tries: Sequence[Try], done: Corrected, number: int
    ) -> Try:
        """What a fork that was played is worth. Raises Stopped when a role of it failed for good."""
        snapshot, failure = done.snapshot, env.state.failure
        if failure is not None and failure.stops_run:
            done.lost += [*suggestion.calls, *calls_in(env.log[snapshot.event :])]
            raise Stopped(failure)
        before = [snapshot.step.action, *(each.action for each in tries)]
        branch = Branch.made(
            parent=snapshot.episode,
            step=snapshot.step.index,
            event=snapshot.event,
            round=number,
            mode=self.how.mode,
            reflector=self.how.name,
            judge=self.how.judge,
            suggestion=suggestion,
            **findings(env.state, snapshot.step.index, before),
        )
        return Try(env.state, env.log, branch)

    def _recorded(self, snapshot: Snapshot, tries: Sequence[Try]) -> Iterator[RecordedBranch]:
        earlier = self.past.numbers[snapshot.where]
        for number, each in enumerate(tries, start=earlier + 1):
            name = branch_name(snapshot.episode, snapshot.step.index, number)
            yield recorded_branch(name, snapshot.recorded.header, each.branch, each.log)


def prefer_useful(tries: Sequence[Try]) -> list[Try]:
    """The tries, of which those that are safe but reach less are no longer kept where another one reaches all."""
    best = any(each.branch.kept and each.branch.achieved for each in tries)
    less = {
        "kept": False,
        "refusal": Refusal.LESS_USEFUL,
        "reason": "another correction of this step also reaches the achievements",
    }
    return [
        Try(each.state, each.log, each.branch.changed(less))
        if best and each.branch.kept and not each.branch.achieved
        else each
        for each in tries
    ]
