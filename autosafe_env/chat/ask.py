"""One question to a model, and the record of what it cost, whether or not it was answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from autosafe_env.chat.answer import first_object
from autosafe_env.core.codec import storable_text
from autosafe_env.core.discover import Kind, make
from autosafe_env.errors import ModelError, Unreadable, describe
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, ModelCall

Answer = TypeVar("Answer", bound=BaseModel)
Calls = tuple[ModelCall, ...]
MOST_SAID = 4000
"""Characters of an unreadable answer, and of what is wrong with it, that go into the second question."""


def chat_model(model: ChatModel | str | Mapping[str, Json]) -> ChatModel:
    """The model itself, or one made from its configuration.

    Raises:
        UnknownName: there is no such kind of model.
        ConfigError: the options do not fit it.
    """
    return model if isinstance(model, ChatModel) else make(Kind.MODEL, model)


def ask(
    model: ChatModel,
    request: ChatRequest,
    role: str,
    *,
    prompt_digest: str = "",
    logged: tuple[ChatMessage, ...] | None = None,
) -> tuple[Completion, ModelCall]:
    """The model's answer, and the record of the call.

    Args:
        model: who is asked.
        request: the question.
        role: which role of the episode asks: policy, emulator, user, judge or reflector.
        prompt_digest: of the template that the prompt was made from.
        logged: the messages that the record keeps; None for all of the request.

    Raises:
        ModelError: no useful answer; its `calls` end with the record of this call.
    """
    kept = request.messages if logged is None else logged
    record = ModelCall.made(
        role=role, model=model.name, digest=request.digest, messages=kept, completion=None, prompt_digest=prompt_digest
    )
    try:
        completion = model.complete(request)
    except ModelError as error:
        error.calls = (*error.calls, record.changed({"error": storable_text(f"{type(error).__name__}: {error}")}))
        raise
    completion = _storable(completion)
    return completion, record.changed({"completion": completion})


def _storable(completion: Completion) -> Completion:
    """The completion itself, or without the lone surrogates that a function playing the model may have put into it."""
    try:
        completion.text.encode()
        to_json(completion.tool_calls)
    except ValueError:
        calls = json.loads(storable_text(json.dumps(completion.tool_calls, ensure_ascii=False)))
        return completion.changed({"text": storable_text(completion.text), "tool_calls": tuple(calls)})
    return completion


def ask_for(
    answer: type[Answer],
    model: ChatModel,
    request: ChatRequest,
    role: str,
    *,
    prompt_digest: str = "",
    check: Callable[[Answer], str] | None = None,
    repairs: int = 1,
    shown: int = MOST_SAID,
) -> tuple[Answer, Calls]:
    """An answer of the form that is asked for. A model that misses it is told what was wrong, usually once.

    Servers that know structured output are held to the schema; for all others the first JSON object of the text counts.

    Args:
        answer: the form.
        model: who is asked.
        request: the question.
        role: which role of the episode asks.
        prompt_digest: of the template that the prompt was made from.
        check: says what is wrong with an answer that has the form; empty when nothing is. None asks for the form only.
        repairs: how often the model is told what was wrong.
        shown: characters of its last answer that it is shown again.

    Raises:
        ModelError: no useful answer.
        Unreadable: no answer was of this form. The `calls` of both errors hold the records of every call.
    """
    asked = request.changed({"answer_schema": _schema(answer)})
    calls: Calls = ()
    for _ in range(repairs + 1):
        try:
            completion, call = ask(model, asked, role, prompt_digest=prompt_digest)
        except ModelError as error:
            error.calls = (*calls, *error.calls)
            raise
        calls = (*calls, call)
        read = _checked(parsed(answer, completion), check)
        if not isinstance(read, str):
            return read, calls
        asked = asked.changed({"messages": (*asked.messages, *_correction(completion, read, shown))})
    times = {0: "once", 1: "twice"}.get(repairs, f"{repairs + 1} times")
    raise Unreadable(f"the answer could not be read, {times}: {read}", calls)


@cache
def _schema(answer: type[BaseModel]) -> dict[str, Json]:
    return answer.model_json_schema()


def _checked(read: Answer | str, check: Callable[[Answer], str] | None) -> Answer | str:
    return read if isinstance(read, str) or check is None else check(read) or read


def parsed(answer: type[Answer], completion: Completion) -> Answer | str:
    """What the completion says, or why it cannot be read."""
    found = first_object(completion.text)
    if found is None:
        return "it was cut off" if completion.cut else "there is no JSON object in it"
    try:
        return answer.model_validate(found)
    except ValidationError as error:
        return describe(error, answer.model_fields)


def _correction(completion: Completion, mistake: str, shown: int) -> tuple[ChatMessage, ChatMessage]:
    """What a model is told whose answer could not be read."""
    said, wrong = storable_text(completion.text[:shown]), storable_text(mistake[:MOST_SAID])
    text = f"Your answer could not be read: {wrong}. Answer again, with one JSON object of the given form only."
    return ChatMessage(role="assistant", content=said), ChatMessage(role="user", content=text)
