"""The model that answers from the record: in order, by the very request, and never otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from autosafe_env import errors
from autosafe_env.chat.ask import ask, chat_model
from autosafe_env.errors import ConfigError, ModelError, RateLimited, ReplayMiss, TimedOut
from autosafe_env.models.replay import ReplayModel
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, ModelCall, Usage


def asking(text: str) -> ChatRequest:
    return ChatRequest(messages=(ChatMessage(role="user", content=text),))


def recorded(question: str, answer: str = "", error: str = "", role: str = "judge", model: str = "m") -> ModelCall:
    usage = Usage(prompt_tokens=len(question), completion_tokens=len(answer))
    completion = None if error else Completion(text=answer, usage=usage)
    return ModelCall(role=role, model=model, digest=asking(question).digest, completion=completion, error=error)


def asked(model: ReplayModel, *questions: str) -> list[str]:
    return [model.complete(asking(question)).text for question in questions]


def test_equal_requests_are_answered_in_the_order_of_the_record() -> None:
    model = ReplayModel([recorded("a", "1"), recorded("a", "2"), recorded("b", "3"), recorded("a", "4")], "judge")
    assert asked(model, "a", "a", "b", "a") == ["1", "2", "3", "4"]
    assert model.left == 0


def test_the_calls_of_other_roles_are_passed_over() -> None:
    calls = [recorded("a", "1", role="policy"), recorded("b", "2"), recorded("c", "3", role="policy")]
    assert asked(ReplayModel(calls, "policy"), "a", "c") == ["1", "3"]
    assert asked(ReplayModel(calls, "judge"), "b") == ["2"]


def test_another_request_is_a_miss_that_names_role_episode_step_and_call() -> None:
    calls = [recorded("x", role="user"), recorded("a", "1"), recorded("b", "2")]
    model = ReplayModel(calls, "judge", "core-x/attacked/a/0", steps=[0, 0, 4])
    assert asked(model, "a") == ["1"]
    with pytest.raises(ReplayMiss, match=r"episode 'core-x/attacked/a/0', the judge's call 1 in step 4") as miss:
        model.complete(asking("c"))
    assert asking("b").digest in str(miss.value)
    assert asking("c").digest in str(miss.value)


def test_a_miss_answers_nothing_and_takes_no_answer_away() -> None:
    model = ReplayModel([recorded("a", "1"), recorded("b", "2")], "judge")
    for wrong in ("b", "c"):
        with pytest.raises(ReplayMiss):
            model.complete(asking(wrong))
    assert asked(model, "a", "b") == ["1", "2"]


def test_a_request_beyond_the_record_is_a_miss() -> None:
    model = ReplayModel([recorded("a", "1")], "judge", "e")
    assert asked(model, "a") == ["1"]
    with pytest.raises(ReplayMiss, match="the judge's call 1: nothing more was recorded"):
        model.complete(asking("a"))
    with pytest.raises(ReplayMiss, match="the user's call 0: nothing more was recorded"):
        ReplayModel([recorded("a", "1")], "user", "e").complete(asking("a"))


FAILURES: list[type[ModelError]] = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ModelError)
]


@pytest.mark.parametrize("kind", FAILURES)
def test_what_failed_fails_again_in_the_same_words(kind: type[ModelError]) -> None:
    class Failing:
        name = "failing"

        def complete(self, request: ChatRequest) -> Completion:
            raise kind(f"no answer: {request.messages[0].content}")

    with pytest.raises(kind) as first:
        ask(Failing(), asking("a"), "judge")
    with pytest.raises(kind) as again:
        ask(ReplayModel(first.value.calls, "judge"), asking("a"), "judge")
    assert type(again.value) is kind
    assert str(again.value) == str(first.value)
    assert again.value.calls == first.value.calls


def test_a_failure_of_a_foreign_kind_keeps_its_name() -> None:
    model = ReplayModel([recorded("a", error="Overheated: 99 degrees: stop"), recorded("a", error="no kind")], "judge")
    with pytest.raises(ModelError) as caught:
        model.complete(asking("a"))
    assert (type(caught.value).__name__, str(caught.value)) == ("Overheated", "99 degrees: stop")
    with pytest.raises(ModelError, match=r"^no kind$"):
        model.complete(asking("a"))


def test_a_failed_call_is_passed_once() -> None:
    model = ReplayModel([recorded("a", error="RateLimited: 429"), recorded("a", "1")], "judge")
    with pytest.raises(RateLimited):
        model.complete(asking("a"))
    assert asked(model, "a") == ["1"]


def test_each_call_is_recorded_under_the_name_that_it_had() -> None:
    calls = [recorded("a", "1", model="one"), recorded("a", error="TimedOut: late", model="two"), recorded("b", "2")]
    model = ReplayModel(calls, "judge")
    _, first = ask(model, asking("a"), "judge")
    with pytest.raises(TimedOut) as failure:
        ask(model, asking("a"), "judge")
    _, last = ask(model, asking("b"), "judge")
    assert [call.changed({"messages": ()}) for call in (first, *failure.value.calls, last)] == calls
    assert model.name == "m"
    assert ReplayModel([], "judge").name == "replay"


def test_it_is_made_from_plain_json() -> None:
    call: dict[str, Any] = recorded("a", "1").model_dump(mode="json")
    model = chat_model({"kind": "replay", "calls": [call], "role": "judge", "steps": [3]})
    assert model.complete(asking("a")) == recorded("a", "1").completion
    with pytest.raises(ConfigError, match="digest"):
        chat_model({"kind": "replay", "calls": [{"role": "judge"}], "role": "judge"})
    with pytest.raises(ConfigError, match="1 recorded calls and 2 steps"):
        ReplayModel([call], "judge", steps=[1, 2])
