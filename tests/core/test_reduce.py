"""The log is the truth: the state of an episode is the fold of its events, whatever happens in it."""

from __future__ import annotations

import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from autosafe_env import AutoSafeEnv, Final, Message, ToolCall
from autosafe_env.core.reduce import apply, fold
from autosafe_env.errors import EmulatorError, PolicyError
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import (
    Acted,
    End,
    EndReason,
    EpisodeConfig,
    Event,
    Failed,
    Judged,
    PatchOp,
    Rejected,
    Started,
    Stepped,
    ToolReturned,
    UserLeft,
    UserSaid,
)
from autosafe_env.types.turns import FeedbackSource, Malformed, Stance
from autosafe_env.types.verdict import Basis, Label, Verdict
from tests.core.near_json import WHOLE
from tests.fixtures import GIBBERISH, READ_MAIL, SAFE_WALK, UNSAFE_WALK, make_env, message, scenario, scenario_data

EVENTS: TypeAdapter[list[Event]] = TypeAdapter(list[Event])
MOVES = st.sampled_from(
    [*SAFE_WALK, *UNSAFE_WALK, *WHOLE, GIBBERISH, message("goodbye"), message("remind me"), message("your invoice")]
)
VERDICT = Verdict(label=Label.SAFE, basis=Basis.ACTION)
SAMPLES: tuple[Event, ...] = (
    Started(scenario=scenario(), config=EpisodeConfig()),
    Acted(action=ToolCall(tool="email_read", arguments={"message_id": "m1"}), thought="hm"),
    Rejected(error="There is no tool."),
    ToolReturned(observation=[1], patch=(PatchOp(op="replace", path="/bank/payees", value=[]),), fault="NotFound"),
    UserSaid(content="Yes.", stance=Stance.CONFIRM),
    UserLeft(content="Bye."),
    Judged(verdict=VERDICT),
    Failed(role="emulator", error="broken"),
    Stepped(reward=0.5, exposed=("t1",), end=End(reason=EndReason.FINAL, achieved=(True,))),
)
"""One event of every type."""


@settings(max_examples=40, deadline=None)
@given(
    st.lists(MOVES, max_size=10), st.sampled_from(["attacked", "benign"]), st.booleans(), st.sampled_from(list(Basis))
)
def test_the_fold_of_the_log_is_the_live_state(moves: list[str], variant: str, stop: bool, basis: Basis) -> None:
    faults = [{"tool": "email_read", "at_call": 2, "fault": "TimedOut"}]
    env = make_env(variant=variant, stop_on_unsafe=stop, basis=basis, faults=faults)
    env.reset(seed=1)
    assert fold(env.log) == env.state
    for move in moves:
        if env.state.end is not None:
            break
        env.step(move)
        assert fold(env.log) == env.state
    read = EVENTS.validate_json(EVENTS.dump_json(list(env.log)))
    assert fold(read) == env.state, "also after the log was written and read"
    assert env.state.events == len(env.log)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 30))
def test_the_fold_of_a_random_walk_is_the_live_state(seed: int, length: int) -> None:
    env = make_env({**scenario_data(), "max_steps": 40}, stop_on_unsafe=False)
    env.reset(seed=seed)
    env.action_space.seed(seed)
    for _ in range(length):
        if env.state.end is None:
            env.step(env.action_space.sample())
    assert fold(env.log) == env.state


def failed_by_emulator() -> AutoSafeEnv:
    class Broken:
        def emulate(self, view: object) -> typing.NoReturn:
            del view
            raise EmulatorError("out of order")

    env = make_env()
    env.reset(seed=0)
    env.episode.roles = type(env.episode.roles)(Broken(), env.episode.roles.user, env.episode.roles.judge)
    env.step(READ_MAIL)
    return env


def failed_before_the_first_action() -> AutoSafeEnv:
    env = make_env()
    env.reset(seed=0)
    env.fail(PolicyError("no idea"))
    return env


def failed_between_steps() -> AutoSafeEnv:
    env = make_env()
    env.reset(seed=0)
    env.step(READ_MAIL)
    env.fail(PolicyError("no idea"))
    return env


@pytest.mark.parametrize("play", [failed_by_emulator, failed_before_the_first_action, failed_between_steps])
def test_the_fold_of_a_failed_episode_is_its_state(play: typing.Callable[[], AutoSafeEnv]) -> None:
    env = play()
    assert fold(env.log) == env.state
    assert env.state.failure is not None
    assert env.state.end is not None
    assert env.state.end.reason is EndReason.FAILED
    assert [step.reward for step in env.state.steps] == [0.0] * len(env.state.steps)


def test_the_samples_hold_every_event_there_is() -> None:
    union = typing.get_args(typing.get_args(Event)[0])
    assert {type(event) for event in SAMPLES} == set(union)
    assert len({event.kind for event in SAMPLES}) == len(union)


@pytest.mark.parametrize("event", SAMPLES[1:], ids=lambda event: event.kind)
def test_every_event_is_handled_purely(event: Event) -> None:
    before = fold(SAMPLES[:2])
    kept = before.model_copy(deep=True)
    after = apply(before, event)
    assert after != before
    assert after.events == before.events + 1
    assert before == kept
    assert apply(before, event) == after


def test_every_event_leaves_its_mark() -> None:
    start = fold(SAMPLES[:2])
    states = {event.kind: apply(start, event) for event in SAMPLES[1:]}
    assert states["rejected"].steps[-1].rejected
    assert states["rejected"].messages[-1].content == "There is no tool."
    assert states["tool_returned"].world["bank"]["payees"] == []
    assert states["tool_returned"].steps[-1].fault == "NotFound"
    assert states["user_said"].steps[-1].stance is Stance.CONFIRM
    assert states["user_left"].steps[-1].feedback[-1].source is FeedbackSource.USER
    assert states["judged"].steps[-1].verdict == VERDICT
    assert states["failed"].failure == SAMPLES[7]
    assert states["stepped"].exposed == ("t1",)
    assert states["stepped"].steps[-1].reward == 0.5
    assert states["acted"].steps[-1].index == 1
    assert states["acted"].steps[-1].first_event == 2


def test_an_episode_starts_once_and_first() -> None:
    with pytest.raises(TypeError, match="once"):
        apply(fold(SAMPLES[:1]), SAMPLES[0])
    with pytest.raises(ValueError, match="'acted'"):
        fold(SAMPLES[1:])


@pytest.mark.parametrize("action", [ToolCall(tool="t"), Message(content="m"), Final(content="f")])
def test_the_conversation_is_one_that_a_chat_api_takes(action: ToolCall | Message | Final) -> None:
    call = ModelCall(role="policy", model="m", digest="d", completion=None)
    state = apply(fold(SAMPLES[:1]), Acted(action=action, thought="secret", calls=(call,)))
    state = apply(state, ToolReturned(observation={"a": 1}) if isinstance(action, ToolCall) else UserSaid(content="x"))
    plain = [each.plain() for each in state.messages]
    assert [each["role"] for each in plain] == ["user", "assistant", "tool" if isinstance(action, ToolCall) else "user"]
    # An agent's own thought stands beside its tool call, where chat APIs keep it; nobody answers it.
    assert ("secret" in str(plain)) is isinstance(action, ToolCall)
    if isinstance(action, ToolCall):
        assert plain[2]["tool_call_id"] == plain[1]["tool_calls"][0]["id"]


def test_malformed_text_is_kept_and_answered() -> None:
    acted = apply(fold(SAMPLES[:1]), Acted(action=Malformed(text="???", error="What?")))
    state = apply(acted, Rejected(error="What?"))
    assert [each.content for each in state.messages[1:]] == ["???", "[environment] What?"]
    assert state.steps[-1].feedback[0].source is FeedbackSource.ERROR
