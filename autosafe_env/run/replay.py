"""Replaying a log: every state is rebuilt and every step taken again; nothing may differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.reduce import fold
from autosafe_env.errors import PolicyError
from autosafe_env.record.log import Recorded
from autosafe_env.types.base import Json
from autosafe_env.types.events import Acted, Event, Failed, Started
from autosafe_env.types.turns import Decision


@dataclass(frozen=True)
class Difference:
    """The first place where a replay and its log part."""

    episode: str
    event: int
    """Index in the episode's log."""
    logged: str
    replayed: str

    def __str__(self) -> str:
        return f"{self.episode}, event {self.event}: the log says {self.logged}, the replay {self.replayed}"


def replay(recorded: Recorded, env_arguments: dict[str, Json]) -> Difference | None:
    """Step the episode's env again with the logged actions; None when every event and state is the same.

    Args:
        recorded: the episode.
        env_arguments: what the run's environments were made with.
    """
    started = recorded.events[0]
    if not isinstance(started, Started):
        return Difference(recorded.header.episode, 0, f"{started.kind!r} first", "'started' first")
    config = started.config
    env = AutoSafeEnv(started.scenario, **{**env_arguments, "variant": config.variant})
    env.reset(seed=config.seed)
    for event in recorded.events[1:]:
        if env.state.end is not None:
            break
        if isinstance(event, Acted):
            env.step(Decision(action=event.action, thought=event.thought, then=event.then, calls=event.calls))
        elif isinstance(event, Failed) and event.role == PolicyError.role:
            env.fail(PolicyError(event.error, event.calls))
    difference = _compare(recorded.header.episode, recorded.events, env.log)
    if difference is None and fold(recorded.events) != env.state:
        last = len(recorded.events) - 1
        return Difference(recorded.header.episode, last, "one state", "another, from the same events")
    return difference


def _compare(episode: str, logged: Sequence[Event], replayed: Sequence[Event]) -> Difference | None:
    for index in range(max(len(logged), len(replayed))):
        one = logged[index] if index < len(logged) else None
        other = replayed[index] if index < len(replayed) else None
        if one != other:
            return Difference(episode, index, _words(one, other), _words(other, one))
    return None


def _words(event: Event | None, other: Event | None) -> str:
    """An event in short: its kind and the fields in which it differs from the other."""
    if event is None:
        return "nothing more"
    fields = event.model_dump(mode="json")
    others = other.model_dump(mode="json") if other is not None else {}
    changed = {name: value for name, value in fields.items() if value != others.get(name) and name != "kind"}
    text = f"{event.kind} {changed}"
    return text if len(text) <= 200 else text[:197] + "..."
