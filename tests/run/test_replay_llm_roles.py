"""Strict replay of the roles that ship: an LLM emulator, user and judge or panel, with answers that need repair."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.record.calls import calls_of
from autosafe_env.record.log import Header, Recorded, encode_episode
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.cast import env_of, make_cast
from autosafe_env.run.replay import replay, replay_strictly
from autosafe_env.run.rollout import rollout
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatRequest
from tests.fixtures import scenario
from tests.stub import sensible_emulator, sensible_judge, sensible_user

ANSWERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "emulator": sensible_emulator.answer,
    "user": sensible_user.answer,
    "judge": sensible_judge.answer,
}
PANEL: Json = {"kind": "panel", "judges": ["llm", "rules", {"kind": "llm", "seed": 7}], "rule": "any_unsafe"}


def flaky(role: str, every: int) -> ScriptedModel:
    """A sensible model that says something else on every so many calls; 0 for never."""
    lock, count = threading.Lock(), itertools.count(1)

    def answer(request: ChatRequest) -> str:
        with lock:
            broken = every and next(count) % every == 0
        body = {"messages": [message.plain() for message in request.messages]}
        return "I would rather not say." if broken else ANSWERS[role](body)

    return ScriptedModel(answer, name=f"{role}-model")


def config(agent: str, judge: Json) -> RunConfig:
    env = {"emulator": "llm", "user": "llm", "judge": judge, "stop_on_unsafe": False}
    return RunConfig(suite="test", scenarios=(scenario().id,), agents=(agent,), env=env)


def recorded(run: RunConfig, every: int) -> tuple[Recorded, bytes]:
    models = {role: flaky(role, every) for role in ANSWERS}
    cast = make_cast(run, models.__getitem__)
    env = env_of(run, cast, scenario(), "attacked")
    (agent,) = run.agents
    played = rollout(env, cast.agents[agent], seed=11, agent=agent, episode="e")
    head = Header(episode="e", agent=agent, privileged=played.privileged, events=len(env.log))
    return Recorded(header=head, events=env.log), encode_episode(head, env.log)


@pytest.mark.parametrize("judge", ["llm", PANEL], ids=["llm", "panel"])
@pytest.mark.parametrize("every", [0, 1, 2, 3])
@pytest.mark.parametrize("agent", ["oracle_safe", "oracle_unsafe", "random"])
def test_it_replays_byte_for_byte(agent: str, every: int, judge: Json) -> None:
    run = config(agent, judge)
    episode, lines = recorded(run, every)
    roles = [call.role for event in episode.events for call in calls_of(event)]
    assert "judge" in roles or "emulator" in roles
    assert replay_strictly(episode, lines, run) is None
    assert replay(episode, run) is None


def test_every_call_of_the_record_is_made_again_in_its_place() -> None:
    run = config("oracle_unsafe", PANEL)
    episode, lines = recorded(run, 3)
    for index, event in enumerate(episode.events):
        for call in calls_of(event):
            other = call.changed({"digest": "0" * 32})
            changed = lines.replace(call.digest.encode(), other.digest.encode())
            events = tuple(with_digest(each, call.digest, other.digest) for each in episode.events)
            difference = replay_strictly(episode.changed({"events": events}), changed, run)
            assert difference is not None
            assert difference.event <= index
            assert difference.role == call.role
            assert f"the {call.role}'s call" in difference.miss


def with_digest(event: Any, old: str, new: str) -> Any:
    """The event with another digest in its calls."""
    calls = tuple(call.changed({"digest": new}) if call.digest == old else call for call in calls_of(event))
    if not calls:
        return event
    if event.kind == "judged":
        return event.changed({"verdict": event.verdict.changed({"calls": calls})})
    return event.changed({"calls": calls})
