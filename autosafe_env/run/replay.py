"""Replaying a log: nothing may differ, and no live model is asked.

`replay` takes every logged action again and compares events and states. `replay_strictly` lets the agent choose again
and compares the lines of the log byte for byte. In both, a model in any role gives the recorded answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.reduce import fold
from autosafe_env.errors import PolicyError
from autosafe_env.models.replay import ReplayModel, recorded_error
from autosafe_env.record.calls import calls_by_step
from autosafe_env.record.log import Header, Recorded, encode_episode
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.cast import env_of, make_cast
from autosafe_env.run.pool import Job
from autosafe_env.run.rollout import rollout
from autosafe_env.types.base import Json
from autosafe_env.types.events import Acted, Event, Failed, Judged, Started, ToolReturned, UserLeft, UserSaid
from autosafe_env.types.turns import Decision

ROLE_OF: dict[type, str] = {
    Acted: "policy",
    ToolReturned: "emulator",
    UserSaid: "user",
    UserLeft: "user",
    Judged: "judge",
}
"""Who an event comes from, where it is a role."""
LONGEST = 260
"""Characters of each side of a difference that are told."""


@dataclass(frozen=True)
class Difference:
    """The first place where a replay and its log part."""

    episode: str
    event: int
    """Index in the episode's log."""
    role: str
    """Who answered otherwise: a role of the episode, or `env`."""
    logged: str
    replayed: str
    miss: str = ""
    """The first request that was made and not recorded, with its role, episode and step; empty where all were."""

    def __str__(self) -> str:
        place = f"{self.episode}, event {self.event}" + ("" if self.role == "env" else f" ({self.role})")
        told = f"{place}: the log says {self.logged}, the replay {self.replayed}"
        return f"{told}; ReplayMiss: {self.miss}" if self.miss else told


class RecordedModels:
    """The models of one episode: for each role one that gives the recorded answers.

    Args:
        recorded: the episode.
        first: step with which the replay begins.
    """

    def __init__(self, recorded: Recorded, first: int = 0) -> None:
        made = [(step, call) for step, call in calls_by_step(recorded.events) if step >= first]
        self.steps, self.calls = [step for step, _ in made], [call for _, call in made]
        self.episode = recorded.header.episode
        self.models: dict[str, ReplayModel] = {}

    def __call__(self, role: str) -> ReplayModel:
        """The one model of a role, however often it is asked for: a panel's members share it."""
        if role not in self.models:
            self.models[role] = ReplayModel(self.calls, role, self.episode, self.steps)
        return self.models[role]

    def told(self, difference: Difference | None) -> Difference | None:
        """The difference with the request that was missed, which is one even where the log came out the same."""
        role, miss = next(((role, model.missed) for role, model in self.models.items() if model.missed), ("", ""))
        if not miss:
            return difference
        found = difference or Difference(self.episode, 0, role, "nothing", "a request that no event tells of")
        return replace(found, miss=miss)


def replay(recorded: Recorded, config: RunConfig) -> Difference | None:
    """Step the episode's env again with the logged actions; None when every event and state is the same.

    Args:
        recorded: the episode.
        config: of the run that it belongs to. Its agents are not made.

    Raises:
        ConfigError: the run's roles cannot be made here.
    """
    started = recorded.events[0]
    if not isinstance(started, Started):
        return _no_start(recorded)
    if misplaced := _misplaced(recorded.header, started, config):
        return misplaced
    models = RecordedModels(recorded)
    cast = make_cast(config.changed({"agents": ()}), models)
    env = env_of(config, cast, started.scenario, started.config.variant)
    env.reset(seed=started.config.seed)
    return models.told(step_again(env, recorded, 1))


def step_again(env: AutoSafeEnv, recorded: Recorded, first: int) -> Difference | None:
    """Step an env with the logged actions, from an event on before which it stands; None when nothing differs."""
    for event in recorded.events[first:]:
        if env.state.end is not None:
            break
        if isinstance(event, Acted):
            env.step(Decision.made(action=event.action, thought=event.thought, then=event.then, calls=event.calls))
        elif isinstance(event, Failed) and event.role == PolicyError.role:
            env.fail(_policy_error(event))
    episode, last = recorded.header.episode, len(recorded.events) - 1
    if difference := _compare(episode, recorded.events, env.log):
        return difference
    if env.state.end is None:
        return Difference(episode, last, "env", "nothing more", "an episode that is not over")
    if fold(recorded.events) != env.state:
        return Difference(episode, last, "env", "one state", "another, from the same events")
    return None


def replay_strictly(recorded: Recorded, lines: bytes, config: RunConfig) -> Difference | None:
    """Play the episode again, agent included, from its recorded completions; None when the log comes out the same.

    Agents that ask no model act again by themselves: a function that draws at random, or asks a service of its own,
    may well act otherwise, and that is told as a difference.

    Args:
        recorded: the episode.
        lines: as they stand in the log.
        config: of the run that it belongs to.

    Raises:
        ConfigError: the run's roles cannot be made here.
    """
    header, started = recorded.header, recorded.events[0]
    if not isinstance(started, Started):
        return _no_start(recorded)
    if misplaced := _misplaced(header, started, config):
        return misplaced
    models = RecordedModels(recorded)
    cast = make_cast(config.changed({"agents": (header.agent,)}), models)
    env = env_of(config, cast, started.scenario, started.config.variant)
    agent = cast.agents[header.agent]
    played = rollout(env, agent, seed=started.config.seed, agent=header.agent, episode=header.episode)
    again = header.changed({"privileged": played.privileged, "events": len(env.log)})
    if encode_episode(again, env.log) == lines:
        return models.told(None)
    return models.told(_compare(header.episode, recorded.events, env.log) or _other_bytes(lines, again, env.log))


def _misplaced(header: Header, started: Started, config: RunConfig) -> Difference | None:
    """Where an episode bears the name or the seed of another. One that is of no plan of the run may have any."""
    if header.episode.split("/")[0] not in config.scenarios or header.agent not in config.agents:
        return None
    job = Job(started.scenario, started.config.variant, header.agent, header.repeat)
    seeds = started.config.seed, job.seed(config.seed)
    if header.episode != job.episode:
        return Difference(header.episode, 0, "env", f"{header.episode!r}", f"{job.episode!r}")
    if seeds[0] != seeds[1]:
        return Difference(header.episode, 0, "env", f"seed {seeds[0]}", f"seed {seeds[1]}")
    return None


def _no_start(recorded: Recorded) -> Difference:
    kind = recorded.events[0].kind
    return Difference(recorded.header.episode, 0, "env", f"{kind!r} first", "'started' first")


def _policy_error(event: Failed) -> PolicyError:
    """The error that the event was made from, with the kind of model error behind it."""
    error = PolicyError(event.error, event.calls)
    error.__cause__ = recorded_error(f"{event.cause}: {event.error}") if event.cause else None
    return error


def _compare(episode: str, logged: Sequence[Event], replayed: Sequence[Event]) -> Difference | None:
    for index, (one, other) in enumerate(zip_longest(logged, replayed)):
        if one != other:
            return Difference(episode, index, _role(one, other), _words(one, other), _words(other, one))
    return None


def _other_bytes(lines: bytes, header: Header, events: Sequence[Event]) -> Difference:
    """Where lines that mean the same are written otherwise."""
    pairs = zip_longest(lines.splitlines(), encode_episode(header, events).splitlines(), fillvalue=b"")
    place, one, other = next((index, *pair) for index, pair in enumerate(pairs) if pair[0] != pair[1])
    return Difference(header.episode, max(0, place - 1), "env", _short(repr(one)), _short(repr(other)))


def _role(logged: Event | None, replayed: Event | None) -> str:
    """Who is behind a difference: the role that failed in the replay, else the role that the log heard."""
    for event in (replayed, logged):
        if isinstance(event, Failed):
            return event.role
    roles = [ROLE_OF.get(type(event), "env") for event in (logged, replayed) if event is not None]
    return roles[0]


def _words(event: Event | None, other: Event | None) -> str:
    """An event in short: its kind and the fields in which it differs from the other."""
    if event is None:
        return "nothing more"
    others = other.model_dump(mode="json") if other is not None else {}
    changed = _changed(event.model_dump(mode="json"), others)
    changed.pop("kind", None)
    return _short(f"{event.kind} {changed}")


def _changed(fields: dict[str, Json], others: dict[str, Json]) -> dict[str, Json]:
    """The fields that differ; of nested ones likewise."""
    found = {}
    for name, value in fields.items():
        other = others.get(name)
        if value != other:
            found[name] = _changed(value, other) if isinstance(value, dict) and isinstance(other, dict) else value
    return found


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
