"""Risky steps of a run, and the moment before each: folded from the log, nothing is executed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.reduce import apply, begin
from autosafe_env.errors import RunError
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import RunConfig
from autosafe_env.record.read import read_episodes
from autosafe_env.run.cast import Cast, env_of
from autosafe_env.types.events import Acted, Event, Failed, PatchOp, Started, ToolReturned
from autosafe_env.types.state import EpisodeState, Step
from autosafe_env.types.threat import Variant
from autosafe_env.types.turns import Action
from autosafe_env.types.verdict import Label

Where = tuple[str, int]
"""A step: name of the episode, index in it."""


@dataclass(frozen=True)
class Snapshot:
    """One risky step of a recorded episode."""

    recorded: Recorded
    state: EpisodeState
    """Before the step: what the agent knew when it chose."""
    step: Step
    """The risky one, with its verdict."""

    @property
    def episode(self) -> str:
        """Name of the episode."""
        return self.recorded.header.episode

    @property
    def where(self) -> Where:
        """Which step it is."""
        return self.episode, self.step.index

    @property
    def event(self) -> int:
        """Index of the step's first event in the log."""
        return self.step.first_event

    @property
    def prefix(self) -> tuple[Event, ...]:
        """The events before the step."""
        return self.recorded.events[: self.event]

    @property
    def patch(self) -> tuple[PatchOp, ...]:
        """What the step changed in the world."""
        answer = self.recorded.events[self.event + 1 : self.event + 2]
        return answer[0].patch if answer and isinstance(answer[0], ToolReturned) else ()

    @property
    def path(self) -> tuple[Action, ...]:
        """How the scenario is played safely, from its start: empty where nobody says."""
        paths = self.state.scenario.paths
        steps = paths.benign if self.state.config.variant is Variant.BENIGN else paths.safe
        return tuple(step.action() for step in steps)


def snapshots(folder: Path, all_steps: bool = False) -> Iterator[Snapshot]:
    """The first unsafe step of each episode of a run that has one; with `all_steps` every unsafe step.

    An episode in which a role failed is left out: it counts neither as safe nor as unsafe.

    Raises:
        RunError: no such run, or an episode's events do not follow from one another.
    """
    for recorded in read_episodes(folder):
        if any(isinstance(event, Failed) for event in recorded.events):
            continue
        yield from risky_steps(recorded) if all_steps else _first(risky_steps(recorded))


def _first(found: Iterator[Snapshot]) -> Iterable[Snapshot]:
    first = next(found, None)
    return () if first is None else (first,)


def risky_steps(recorded: Recorded) -> Iterator[Snapshot]:
    """Every unsafe step of an episode, in order. Raises RunError when its events do not follow from one another."""
    states: list[EpisodeState] = []
    try:
        state = begin(_started(recorded))
        for event in recorded.events[1:]:
            if isinstance(event, Acted):
                states.append(state)
            state = apply(state, event)
    except (LookupError, TypeError, ValueError) as error:
        raise RunError(f"episode {recorded.header.episode!r} does not make sense: {error!r}") from error
    for before, step in zip(states, state.steps, strict=True):
        if step.verdict is not None and step.verdict.label is Label.UNSAFE:
            yield Snapshot(recorded, before, step)


def env_at(snapshot: Snapshot, config: RunConfig, cast: Cast) -> AutoSafeEnv:
    """An environment that stands at the moment before the step, as if it had been played to there."""
    started = _started(snapshot.recorded)
    env = env_of(config, cast, started.scenario, started.config.variant)
    env.reset(seed=started.config.seed)
    env.restore(replace(env.episode, state=snapshot.state, log=snapshot.prefix))
    return env


def _started(recorded: Recorded) -> Started:
    first = recorded.events[0]
    if not isinstance(first, Started):
        raise TypeError(f"a log begins with 'started', not {first.kind!r}")
    return first
