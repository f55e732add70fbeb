"""Strict replay: an episode with models in every role comes out again byte for byte, offline, or the place is told."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from autosafe_env import AgentView, Decision, Emulation, EmulatorView, JudgeView, Say, UserView, Verdict
from autosafe_env.chat.ask import ask
from autosafe_env.core import casting, discover
from autosafe_env.core.codec import decode
from autosafe_env.core.discover import Kind
from autosafe_env.emulate.rules import RulesEmulator
from autosafe_env.errors import ModelError, TimedOut
from autosafe_env.judges.rules import RulesJudge
from autosafe_env.protocols import ChatModel
from autosafe_env.record.calls import calls_of
from autosafe_env.record.log import Header, Recorded, encode_episode
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.cast import env_of, make_cast
from autosafe_env.run.replay import Difference, replay, replay_strictly
from autosafe_env.run.rollout import rollout
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, ModelCall, Usage
from tests.fixtures import GIBBERISH, READ_MAIL, READ_OTHER_MAIL, final, message, scenario

WALK = [READ_MAIL, GIBBERISH, message("Which account?"), READ_OTHER_MAIL, message("Is it due?"), final("Paid.")]


def request(*texts: str) -> ChatRequest:
    return ChatRequest(messages=tuple(ChatMessage(role="user", content=text) for text in texts))


class Live:
    """Says something else on every call, except that the agent's second call of a step walks the episode."""

    def __init__(self, name: str, fail: Mapping[int, ModelError] | None = None) -> None:
        self.name, self.fail, self.count = name, fail or {}, 0
        self.lock = threading.Lock()

    def complete(self, request: ChatRequest) -> Completion:
        with self.lock:
            self.count += 1
        if error := self.fail.get(self.count):
            raise type(error)(*error.args)
        last = request.messages[-1].content
        step = int(last.removeprefix("act ")) if last.startswith("act ") else 0
        text = WALK[step] if last.startswith("act ") else f"{self.name} says {self.count}"
        return Completion(text=text, usage=Usage(prompt_tokens=self.count))


class Reflecting:
    """An agent that asks twice a step: the same question first in every step, then what to do."""

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    def act(self, view: AgentView) -> Decision:
        thought, first = ask(self.model, request("think"), "policy")
        try:
            chosen, second = ask(self.model, request(thought.text, f"act {view.step}"), "policy", logged=())
        except ModelError as error:
            error.calls = (first, *error.calls)
            raise
        return Decision(action=decode(chosen.text), thought=thought.text, calls=(first, second))


class Chatty:
    """Emulator, user and judge: each asks first and then answers, as the rules do or in the model's words."""

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    def emulate(self, view: EmulatorView) -> Emulation:
        _, call = ask(self.model, request(view.call.tool), "emulator")
        return RulesEmulator().emulate(view).changed({"calls": (call,)})

    def reply(self, view: UserView) -> Say:
        answer, call = ask(self.model, request(*(turn.text for turn in view.dialog)), "user")
        return Say(content=answer.text, calls=(call,))

    def judge(self, view: JudgeView) -> Verdict:
        """Three votes on the same question; one that fails fails the judge."""
        calls: tuple[ModelCall, ...] = ()
        reasons = []
        for _ in range(3):
            try:
                completion, call = ask(self.model, request("vote"), "judge")
            except ModelError as error:
                error.calls = (*calls, *error.calls)
                raise
            reasons.append(completion.text)
            calls = (*calls, call)
        return RulesJudge().judge(view).changed({"reason": "; ".join(reasons), "calls": calls})


PLUGINS: dict[str, Any] = {"reflecting": Reflecting, "chatty": Chatty}


@pytest.fixture(autouse=True)
def chatty_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    known: Callable[[Kind, str], Any] = discover.plugin

    def plugin(kind: Kind, name: str) -> Any:
        return PLUGINS.get(name) or known(kind, name)

    for module in (discover, casting):
        monkeypatch.setattr(module, "plugin", plugin)


def config(agent: str = "reflecting", **env: Any) -> RunConfig:
    env = {"emulator": "chatty", "user": "chatty", "judge": "chatty", **env}
    return RunConfig(suite="test", scenarios=(scenario().id,), agents=(agent,), env=env)


def recorded(run: RunConfig, **fail: Mapping[int, ModelError]) -> tuple[Recorded, bytes]:
    """One episode of a run with live models, as the log holds it; `fail`: role to the calls that fail, from 1."""
    models = {role: Live(f"{role}-model", fail.get(role)) for role in ("policy", "emulator", "user", "judge")}
    cast = make_cast(run, models.__getitem__)
    env = env_of(run, cast, scenario(), "attacked")
    (agent,) = run.agents
    played = rollout(env, cast.agents[agent], seed=4, agent=agent, episode="e")
    head = Header(episode="e", agent=agent, privileged=played.privileged, events=len(env.log))
    return Recorded(header=head, events=env.log), encode_episode(head, env.log)


def strict(run: RunConfig, episode: tuple[Recorded, bytes]) -> Difference | None:
    return replay_strictly(*episode, run)


def test_an_episode_with_models_in_every_role_comes_out_byte_for_byte() -> None:
    episode = recorded(config())
    assert {event.kind for event in episode[0].events} >= {"tool_returned", "user_said", "rejected", "judged"}
    assert episode[0].trajectory().label is not None
    assert strict(config(), episode) is None
    assert replay(episode[0], config()) is None


@pytest.mark.parametrize("role", ["policy", "emulator", "user", "judge"])
@pytest.mark.parametrize("call", [1, 2])
def test_an_episode_that_a_model_failed_fails_again_alike(role: str, call: int) -> None:
    error = TimedOut("no answer within 60 s: https://model.example")
    episode = recorded(config(), **{role: {call: error}})
    failed = [event for event in episode[0].events if event.kind == "failed"]
    assert [event.role for event in failed] == ([] if role == "judge" else [role])
    assert strict(config(), episode) is None
    assert replay(episode[0], config()) is None


def test_rule_agents_and_privileged_agents_act_again() -> None:
    for agent in ("random", "oracle_unsafe", "susceptible", "refuse_all"):
        episode = recorded(config(agent, judge="rules"))
        assert strict(config(agent, judge="rules"), episode) is None
        assert replay(episode[0], config(agent, judge="rules")) is None


@pytest.mark.parametrize("role", ["policy", "emulator", "user", "judge"])
def test_another_request_is_told_with_episode_event_and_role(role: str) -> None:
    episode, lines = recorded(config())
    tampered, changed = with_other_digest(episode, lines, role)
    difference = replay_strictly(tampered, changed, config())
    assert difference is not None
    assert (difference.episode, difference.role) == ("e", role)
    assert tampered.events[difference.event].kind in ("acted", "tool_returned", "user_said", "judged")
    assert f"ReplayMiss: episode 'e', the {role}'s call" in difference.replayed
    assert str(difference).startswith(f"e, event {difference.event} ({role}): the log says ")


def with_other_digest(episode: Recorded, lines: bytes, role: str) -> tuple[Recorded, bytes]:
    """The episode as if the last call of a role had been another request."""
    index = max(i for i, event in enumerate(episode.events) if any(c.role == role for c in calls_of(event)))
    event: Any = episode.events[index]
    last = calls_of(event)[-1].changed({"digest": "0" * 32})
    calls = (*calls_of(event)[:-1], last)
    if event.kind == "judged":
        event = event.changed({"verdict": event.verdict.changed({"calls": calls})})
    else:
        event = event.changed({"calls": calls})
    events = (*episode.events[:index], event, *episode.events[index + 1 :])
    return episode.changed({"events": events}), encode_episode(episode.header, events)


def test_a_request_more_and_a_request_less_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Brooding(Reflecting):
        def act(self, view: AgentView) -> Decision:
            _, call = ask(self.model, request("think"), "policy")
            return super().act(view).changed({"calls": (call,)})

    class Hasty(Reflecting):
        def act(self, view: AgentView) -> Decision:
            thought, call = ask(self.model, request("think"), "policy")
            return Decision(action=decode(WALK[view.step]), thought=thought.text, calls=(call,))

    episode = recorded(config())
    for kind, event in ((Brooding, "failed"), (Hasty, "acted")):
        monkeypatch.setitem(PLUGINS, "reflecting", kind)
        difference = strict(config(), episode)
        assert difference is not None
        assert (difference.event, difference.role) == (1, "policy")
        assert difference.replayed.startswith(event)
        assert replay(episode[0], config()) is None


def test_a_prompt_that_changed_since_is_a_miss_and_never_an_answer() -> None:
    episode, lines = recorded(config())
    started: Any = episode.events[0]
    reworded = started.scenario.changed({"instruction": started.scenario.instruction + " Today."})
    events = (started.changed({"scenario": reworded}), *episode.events[1:])
    changed = episode.changed({"events": events})
    for difference in (replay_strictly(changed, lines, config()), replay(changed, config())):
        assert difference is not None
        assert difference.role == "user"
        assert "ReplayMiss: episode 'e', the user's call 0 in step 2" in difference.replayed
        assert str(difference).endswith(f"; ReplayMiss: {difference.miss}")


def test_bytes_that_say_the_same_otherwise_are_told() -> None:
    episode, lines = recorded(config())
    spaced = lines.replace(b'"kind":"stepped",', b'"kind": "stepped",', 1)
    difference = replay_strictly(episode, spaced, config())
    assert difference is not None
    assert '"kind": "stepped"' in difference.logged
    assert episode.events[difference.event].kind == "stepped"


def test_an_agent_that_was_privileged_then_and_is_not_now_is_told() -> None:
    episode, _ = recorded(config())
    header = episode.header.changed({"privileged": True})
    difference = replay_strictly(episode.changed({"header": header}), encode_episode(header, episode.events), config())
    assert difference is not None
    assert '"privileged":true' in difference.logged
    assert '"privileged":false' in difference.replayed


def test_an_agent_that_draws_at_random_is_told_as_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    class Moody:
        moods = iter([READ_MAIL, final("No."), message("Hm?"), final("Yes.")])

        def act(self, view: AgentView) -> Decision:
            return Decision(action=decode(next(self.moods)), thought=f"step {view.step}")

    monkeypatch.setitem(PLUGINS, "moody", Moody)
    run = config("moody", user="scripted", judge="rules")
    difference = strict(run, recorded(run))
    assert difference is not None
    assert (difference.event, difference.role) == (1, "policy")
    assert "email_read" in difference.logged


def test_a_miss_that_a_role_swallows_is_told_though_the_log_comes_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Curious(Chatty):
        def judge(self, view: JudgeView) -> Verdict:
            with contextlib.suppress(ModelError):
                self.model.complete(request("is anybody there?"))
            return super().judge(view)

    episode = recorded(config())
    monkeypatch.setitem(PLUGINS, "chatty", Curious)
    difference = strict(config(), episode)
    assert difference is not None
    assert difference.role == "judge"
    assert difference.miss.startswith("episode 'e', the judge's call 0 in step 0")
