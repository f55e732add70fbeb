"""What model calls cost: every call counts once, whatever came of it."""

from __future__ import annotations

import pytest

from autosafe_env.bench.spending import spending
from autosafe_env.core.roles import Price
from autosafe_env.errors import EmulatorError, PolicyError
from autosafe_env.record.calls import calls_by_step, calls_of
from autosafe_env.run.spent import calls_in
from autosafe_env.types.base import Value
from autosafe_env.types.chat import Completion, ModelCall, Usage
from autosafe_env.types.events import Event, Failed
from tests.fixtures import GIBBERISH, READ_MAIL, message
from tests.run.plays import Failing, play, walker

TALK = play(walker(GIBBERISH, READ_MAIL, message("Please remind me."), message("Thanks, goodbye!")))


def answered(role: str, prompt: int = 0, completion: int = 0, model: str = "m") -> ModelCall:
    usage = Usage(prompt_tokens=prompt, completion_tokens=completion)
    return ModelCall(role=role, model=model, digest="d", completion=Completion(text="x", usage=usage))


def failed(role: str, error: str) -> ModelCall:
    return ModelCall(role=role, model="m", digest="d", completion=None, error=error)


def test_calls_are_summed_by_role_in_the_order_of_the_roles() -> None:
    calls = [answered("judge", 100, 5), answered("policy", 7, 1), answered("critic"), answered("judge", 50, 10, "n")]
    rows = spending(calls)
    assert [row.role for row in rows] == ["policy", "judge", "critic"]
    judge = rows[1]
    assert (judge.calls, judge.prompt_tokens, judge.completion_tokens, judge.models) == (2, 150, 15, ("m", "n"))
    assert (judge.failed, judge.failures, judge.money) == (0, {}, None)


def test_a_failed_call_is_counted_by_its_cause_and_has_no_tokens() -> None:
    late, busy = "TimedOut: no answer: within 60 s", "RateLimited: 429"
    (row,) = spending([failed("user", late), answered("user", 3, 4), failed("user", busy), failed("user", late)])
    assert (row.calls, row.failed, row.failures) == (4, 3, {"RateLimited": 1, "TimedOut": 2})
    assert (row.prompt_tokens, row.completion_tokens) == (3, 4)


def test_money_is_for_the_roles_that_have_a_price() -> None:
    calls = [answered("policy", 2_000_000, 500_000), answered("user", 10, 10)]
    policy, user = spending(calls, {"policy": Price(prompt=0.5, completion=4.0)})
    assert policy.money == pytest.approx(3.0)
    assert user.money is None


def test_no_call_is_no_row() -> None:
    assert spending(calls_in(TALK.events)) == []


def with_call(event: Event, call: ModelCall) -> Event:
    target: Value = event.verdict if event.kind == "judged" else event
    if "calls" not in type(target).model_fields:
        return event
    changed = target.changed({"calls": (call,)})
    return event.changed({"verdict": changed}) if event.kind == "judged" else changed  # type: ignore[return-value]


def test_no_event_that_can_hold_calls_is_left_out() -> None:
    failure = play(Failing(PolicyError("gone"), [READ_MAIL]))
    events = [with_call(event, answered(event.kind)) for event in (*TALK.events, *failure.events)]
    kinds = {call.role for event in events for call in calls_of(event)}
    assert kinds == {"acted", "tool_returned", "user_said", "user_left", "judged", "failed"}


def test_a_call_belongs_to_the_step_that_it_was_made_in() -> None:
    events = [with_call(event, answered(event.kind)) for event in TALK.events]
    steps = [(step, call.role) for step, call in calls_by_step(events)]
    assert [step for step, role in steps if role == "judged"] == [0, 1, 2, 3]
    assert [step for step, role in steps if role == "acted"] == [0, 1, 2, 3]
    assert (1, "tool_returned") in steps


@pytest.mark.parametrize(("role", "step"), [(PolicyError.role, 1), (EmulatorError.role, 0)])
def test_a_policy_that_fails_had_begun_the_next_step(role: str, step: int) -> None:
    acted = next(event for event in TALK.events if event.kind == "acted")
    events: list[Event] = [acted, Failed(role=role, error="gone", calls=(answered(role),))]
    assert [step for step, _ in calls_by_step(events)] == [step]
