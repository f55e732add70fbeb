"""The steps of an episode as its agent met them: what it saw, what it did, and what was said of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autosafe_env.core.discover import scenario_tools
from autosafe_env.core.reduce import apply, begin
from autosafe_env.data.forms import Asked, Askings
from autosafe_env.errors import RunError
from autosafe_env.record.log import Recorded
from autosafe_env.types.events import Acted, Event, Started
from autosafe_env.types.state import EpisodeState, Step
from autosafe_env.types.threat import Scenario
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.views import AgentView, agent_view


@dataclass(frozen=True)
class Moment:
    """One step."""

    view: AgentView
    """What the agent saw when it chose."""
    before: tuple[Step, ...]
    """The steps before it."""
    step: Step
    """The step itself, its verdict included."""
    chosen: bool
    """Whether the agent was asked here; else it had chosen the action earlier, beside another one."""
    asked: Asked | None
    """How it was asked; None where its request cannot be made again."""


@dataclass(frozen=True)
class Played:
    """One episode, taken apart."""

    trajectory: Trajectory
    moments: tuple[Moment, ...]

    @property
    def scenario(self) -> Scenario:
        """As it was played."""
        return self.trajectory.state.scenario


def played(recorded: Recorded, askings: Askings) -> Played:
    """An episode taken apart. Raises RunError when its events do not follow from one another."""
    header = recorded.header
    try:
        started, *events = recorded.events
        if not isinstance(started, Started):
            raise ValueError(f"a log begins with 'started', not {started.kind!r}")
        tools = tuple(tool.spec for tool in scenario_tools(started.scenario).values())
        befores, state = _folded(started, events)
    except (LookupError, TypeError, ValueError) as error:
        raise RunError(f"episode {header.episode!r} does not make sense: {error!r}") from error
    trajectory = Trajectory.made(episode=header.episode, agent=header.agent, privileged=header.privileged, state=state)
    return Played(trajectory, tuple(_moments(trajectory, befores, tools, askings)))


def _folded(started: Started, events: list[Event]) -> tuple[list[tuple[EpisodeState, Acted]], EpisodeState]:
    """The state before each action, with the action; and the last state."""
    befores: list[tuple[EpisodeState, Acted]] = []
    state = begin(started)
    for event in events:
        if isinstance(event, Acted):
            befores.append((state, event))
        state = apply(state, event)
    return befores, state


def _moments(
    trajectory: Trajectory,
    befores: list[tuple[EpisodeState, Acted]],
    tools: tuple[ToolSpec, ...],
    askings: Askings,
) -> Iterator[Moment]:
    for (before, acted), step in zip(befores, trajectory.steps, strict=True):
        view = agent_view(before, tools)
        yield Moment(
            view=view,
            before=before.steps,
            step=step,
            chosen=not before.pending,
            asked=askings.asked(trajectory.agent, view, acted.calls),
        )


def without_thought(recorded: Recorded, event: int) -> Recorded:
    """The same episode in which the agent thought nothing aloud at one of its actions."""
    acted = recorded.events[event]
    if not isinstance(acted, Acted) or not acted.thought:
        return recorded
    events = (*recorded.events[:event], acted.changed({"thought": ""}), *recorded.events[event + 1 :])
    return recorded.changed({"events": events})
