"""Requests and answers in OpenAI's form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from autosafe_env.chat.wire import asking_in_text, completion_of, is_strict, request_body, response_format, words_of
from autosafe_env.errors import ModelError
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, Usage
from tests.models.making import SCHEMA, TOOLS, asking
from tests.stub import Reply

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CALL = {"id": "c", "type": "function", "function": {"name": "a_b", "arguments": '{"x": "é\\n"}'}}
MESSAGES = st.one_of(
    st.builds(ChatMessage, role=st.sampled_from(["system", "user", "assistant"]), content=TEXT),
    st.builds(ChatMessage, role=st.just("tool"), content=TEXT, tool_call_id=TEXT),
    st.builds(ChatMessage, role=st.just("assistant"), content=TEXT, tool_calls=st.just((CALL, CALL))),
)
REQUESTS = st.builds(
    ChatRequest,
    messages=st.lists(MESSAGES, max_size=4).map(tuple),
    tools=st.sampled_from([(), TOOLS]),
    answer_schema=st.sampled_from([None, SCHEMA]),
    temperature=st.none() | st.floats(0, 2),
    seed=st.none() | st.integers(-(2**63), 2**63),
    max_tokens=st.none() | st.integers(1, 10**6),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def plainly(model: str, request: ChatRequest) -> dict[str, Any]:
    """The body of a request, written in the plain way."""
    body: dict[str, Any] = {"model": model, "messages": [message.plain() for message in request.messages]}
    if request.tools:
        body["tools"] = [tool.function() for tool in request.tools]
    for name in ("temperature", "seed", "max_tokens"):
        if getattr(request, name) is not None:
            body[name] = getattr(request, name)
    if request.answer_schema is not None:
        form = {"name": "Number", "schema": request.answer_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    return {**body, "stream": False}


@given(REQUESTS, TEXT)
def test_a_joined_body_says_what_a_plain_one_does(request: ChatRequest, model: str) -> None:
    assert json.loads(request_body(model, request, structured=True)) == plainly(model, request)
    in_words = json.loads(request_body(model, request, structured=False))
    assert in_words == plainly(model, asking_in_text(request))
    assert "response_format" not in in_words


def test_the_form_is_told_in_the_system_message_and_the_conversation_stays_as_it_is() -> None:
    talk = (ChatMessage(role="user", content="{schema} $x"), ChatMessage(role="assistant", content="?"))
    for messages in (talk, (ChatMessage(role="system", content="You count."), *talk), ()):
        request = asking(answer_schema=SCHEMA).changed({"messages": messages})
        first, *rest = asking_in_text(request).messages
        assert first.role == "system"
        assert json.dumps(SCHEMA, separators=(",", ":")) in first.content
        assert first.content.startswith("You count.") == (len(messages) == 3)
        assert tuple(rest) == (talk if messages else ())


def test_the_limit_of_tokens_has_the_name_that_the_server_knows() -> None:
    body = json.loads(request_body("m", asking(max_tokens=5), structured=True, limit="max_completion_tokens"))
    assert (body.get("max_completion_tokens"), body.get("max_tokens")) == (5, None)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Verdict", "Verdict"),
        ("A verdict, or so!", "A_verdict_or_so"),
        ("", "answer"),
        ("é", "answer"),
        ("x" * 99, "x" * 64),
    ],
)
def test_the_name_of_a_form_is_one_that_servers_take(title: str, name: str) -> None:
    assert json.loads(response_format({**SCHEMA, "title": title}))["json_schema"]["name"] == name


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int | None
    word: str


class Nested(BaseModel):
    model_config = ConfigDict(extra="forbid")
    inner: list[Closed]


class Open(BaseModel):
    number: int


class Defaulted(Closed):
    more: int = 0


class Freely(BaseModel):
    model_config = ConfigDict(extra="forbid")
    any_of_it: dict[str, Any]


@pytest.mark.parametrize(
    ("form", "strict"), [(Closed, True), (Nested, True), (Open, False), (Defaulted, False), (Freely, False)]
)
def test_strict_is_asked_for_only_where_the_schema_allows_it(form: type[BaseModel], strict: bool) -> None:
    schema = form.model_json_schema()
    assert is_strict(schema) is strict
    assert json.loads(response_format(schema))["json_schema"]["strict"] is strict


def said(**fields: Any) -> dict[str, Any]:
    """The body of an answer whose message has these fields."""
    return {"choices": [{"message": {"role": "assistant", "content": None, **fields}, "finish_reason": "stop"}]}


def test_a_content_in_parts_is_joined() -> None:
    parts = [{"type": "text", "text": "One "}, {"type": "reasoning", "summary": []}, {"type": "text", "text": "two."}]
    assert completion_of(said(content=parts)).text == "One two."


def test_an_incomplete_tool_call_is_completed() -> None:
    calls = [
        {"function": {"name": "a_b", "arguments": {"x": [1, "é"]}}},
        {"id": None, "function": {"name": "a_b"}},
        {"id": "mine", "function": {"name": "a_b", "arguments": ""}},
    ]
    read = completion_of(said(tool_calls=calls)).tool_calls
    assert [(call["id"], call["function"]["arguments"]) for call in read] == [
        ("call_0", '{"x": [1, "é"]}'),
        ("call_1", "{}"),
        ("mine", ""),
    ]


def test_a_refusal_beside_an_answer_is_no_refusal() -> None:
    assert completion_of(said(content="Here you are.", refusal="")).text == "Here you are."
    assert completion_of(said(content="Here you are.", refusal="But only once.")).text == "Here you are."


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "no choices"),
        ([], "no choices"),
        ({"choices": []}, "no choices"),
        ({"choices": {}}, "no choices"),
        ({"choices": ["x"]}, "no choices"),
        ({"choices": [{}]}, "no message"),
        ({"error": {"message": "Out of memory."}}, "Out of memory"),
        ({"error": "Overloaded."}, "Overloaded"),
        (said(), "empty"),
        (said(content=7), "no text"),
        (said(tool_calls="x"), "no list"),
        (said(tool_calls=[{}]), "names no tool"),
        (said(tool_calls=[{"function": {"name": 3}}]), "names no tool"),
    ],
)
def test_an_answer_of_another_form_is_an_error_that_says_which(data: Any, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        completion_of(data)


@given(JSON, JSON, JSON, JSON)
@example({"name": "a_b", "arguments": {"x": "\ud800"}}, "x\ud800", "stop", {"prompt_tokens": -1})
def test_whatever_the_server_says_is_a_completion_or_a_model_error(
    call: Any, content: Any, reason: Any, usage: Any
) -> None:
    message = {"content": content, "tool_calls": [{"id": call, "function": call}], "refusal": reason}
    for data in (
        {"choices": [{"message": message, "finish_reason": reason}], "usage": usage},
        {"choices": [{"message": {"content": content, "tool_calls": call}, "finish_reason": reason}], "usage": usage},
        {"choices": call, "error": content},
        content,
    ):
        try:
            answer = completion_of(data)
        except ModelError:
            continue
        assert answer.text.strip() or answer.tool_calls
        assert Completion.model_validate_json(answer.model_dump_json()) == answer


@given(JSON)
def test_the_words_of_an_error_are_always_a_text(data: Any) -> None:
    assert isinstance(words_of(data), str)
    assert isinstance(words_of({"error": data, "detail": data}), str)


@pytest.mark.parametrize("number", [True, -3, "9", 1.5, None, [], 10.0])
def test_tokens_that_are_no_number_count_nothing(number: Any) -> None:
    data = Reply(text="x").completion()
    assert completion_of({**data, "usage": {"prompt_tokens": number, "completion_tokens": 4}}).usage == Usage(
        completion_tokens=4
    )
    assert completion_of({**data, "usage": number}).usage == Usage()
