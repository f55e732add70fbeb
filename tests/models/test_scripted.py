"""The model that answers from a script."""

from __future__ import annotations

from typing import Any

import pytest

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import ConfigError, ModelError, Refused, ScriptExhausted
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, Usage

HELLO = ChatRequest(messages=(ChatMessage(role="user", content="Hello."),))


def echo(request: ChatRequest) -> str:
    """Found by its place, `tests.models.test_scripted:echo`."""
    return request.messages[-1].content


def test_a_list_is_answered_in_order_and_then_exhausted() -> None:
    model = ScriptedModel(["one", {"text": "two", "usage": {"prompt_tokens": 3}}], name="m")
    assert model.complete(HELLO) == Completion(text="one")
    assert model.complete(HELLO) == Completion(text="two", usage=Usage(prompt_tokens=3))
    for _ in range(2):
        with pytest.raises(ScriptExhausted, match="'m' has 2 answers"):
            model.complete(HELLO)


def test_a_short_tool_call_is_written_out_in_full() -> None:
    long = {"id": "x", "type": "function", "function": {"name": "a_b", "arguments": "{"}}
    calls = [{"name": "email_read", "arguments": {"message_id": "m1"}}, {"name": "a_b", "arguments": "not JSON"}, long]
    answer = ScriptedModel([{"tool_calls": calls}]).complete(HELLO)
    assert answer.text == ""
    assert [call["id"] for call in answer.tool_calls] == ["call_0", "call_1", "x"]
    assert [call["function"]["arguments"] for call in answer.tool_calls] == ['{"message_id":"m1"}', "not JSON", "{"]


def test_a_function_sees_the_request_and_is_found_by_its_place() -> None:
    assert ScriptedModel(echo).complete(HELLO).text == "Hello."
    model = chat_model({"kind": "scripted", "script": "tests.models.test_scripted:echo", "name": "echo"})
    assert (model.name, model.complete(HELLO).text) == ("echo", "Hello.")


def test_what_a_function_raises_is_a_model_error_and_a_model_error_stays_what_it_is() -> None:
    def broken(_request: ChatRequest) -> str:
        raise ZeroDivisionError("by nothing")

    def refusing(_request: ChatRequest) -> str:
        raise Refused("no")

    with pytest.raises(ModelError, match="ZeroDivisionError: by nothing"):
        ScriptedModel(broken).complete(HELLO)
    with pytest.raises(Refused, match=r"^no$"):
        ScriptedModel(refusing).complete(HELLO)


@pytest.mark.parametrize("answer", [None, "", 3, {"text": ""}, {"say": "x"}, {"tool_calls": [{"name": "x"}]}])
def test_a_function_that_gives_no_answer_is_a_model_error(answer: Any) -> None:
    with pytest.raises(ModelError, match="returned no answer"):
        ScriptedModel(lambda _request: answer).complete(HELLO)


@pytest.mark.parametrize(
    "script",
    [
        [""],
        [{}],
        [{"text": "x", "tool": "y"}],
        [{"tool_calls": "x"}],
        ["a", None],
        3,
        "nowhere",
        "os:nothing",
        "os:sep",
        "no.such:x",
    ],
)
def test_a_script_that_cannot_answer_is_refused_at_once(script: Any) -> None:
    with pytest.raises(ConfigError):
        chat_model({"kind": "scripted", "script": script})
