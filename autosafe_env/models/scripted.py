"""A model that answers from a script: a list of answers, or a function."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from autosafe_env.core.discover import imported
from autosafe_env.errors import ConfigError, ModelError, ScriptExhausted, boundary, validated
from autosafe_env.types.base import Json, compact
from autosafe_env.types.chat import ChatRequest, Completion

Answer: TypeAlias = str | Completion | Mapping[str, Json]
"""A text, a completion, or the completion's fields. A tool call in the fields is written in OpenAI's form or short, as
`{"name": <tool>, "arguments": {...}}`; it then gets the id `call_<index>`."""
Script: TypeAlias = Sequence[Answer] | Callable[[ChatRequest], Answer] | str


class ScriptedModel:
    """Answers without any server.

    Args:
        script: a list, whose answers are given in order, one a call, whoever asks; or a function from request to
            answer, called from many threads; or such a function's place, `module:function`.
        name: as logs show it.

    Raises:
        ConfigError: an answer of the list says nothing or has another form, or there is no such function.
    """

    def __init__(self, script: Script, name: str = "scripted") -> None:
        self._name = name
        self._function: Callable[[ChatRequest], Answer] | None = None
        self._list: tuple[Completion, ...] = ()
        if callable(script):
            self._function = script
        elif isinstance(script, str):
            self._function = _imported(script)
        elif isinstance(script, Sequence):
            self._list = tuple(_completion(answer) for answer in script)
        else:
            raise ConfigError(f"a script is a list of answers or a function, not {type(script).__name__}")
        self._given = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The given name."""
        return self._name

    def complete(self, request: ChatRequest) -> Completion:
        """The next answer of the list, or the function's.

        Raises:
            ScriptExhausted: the list has no more answers.
            ModelError: the function raised something or returned no answer; one that it raises itself is kept.
        """
        if self._function is not None:
            with boundary(ModelError):
                answer = self._function(request)
            try:
                return _completion(answer)
            except ConfigError as error:
                raise ModelError(f"the function of {self._name!r} returned no answer: {error}") from error
        with self._lock:
            index, self._given = self._given, self._given + 1
        if index >= len(self._list):
            raise ScriptExhausted(f"{self._name!r} has {len(self._list)} answers and was asked for another")
        return self._list[index]


def _completion(answer: Answer) -> Completion:
    """The completion that an answer means. Raises ConfigError when it has no known form or says nothing."""
    if isinstance(answer, str):
        answer = Completion(text=answer)
    elif isinstance(answer, Mapping):
        calls = answer.get("tool_calls") or ()
        if not isinstance(calls, Sequence) or not all(isinstance(call, Mapping) for call in calls):
            raise ConfigError("tool_calls is a list of calls")
        written = tuple(_tool_call(index, call) for index, call in enumerate(calls))
        answer = validated(Completion, {"text": "", **answer, "tool_calls": written})
    elif not isinstance(answer, Completion):
        raise ConfigError(f"an answer is a text, a completion or its fields, not {type(answer).__name__}")
    if not answer.text and not answer.tool_calls:
        raise ConfigError("an answer has a text, tool calls or both")
    return answer


def _tool_call(index: int, call: Mapping[str, Json]) -> dict[str, Json]:
    """A tool call in OpenAI's form."""
    if "function" in call:
        return dict(call)
    if set(call) != {"name", "arguments"}:
        raise ConfigError("a short tool call has a name and arguments")
    arguments = call["arguments"]
    text = arguments if isinstance(arguments, str) else compact(arguments)
    return {"id": f"call_{index}", "type": "function", "function": {"name": call["name"], "arguments": text}}


def _imported(place: str) -> Callable[[ChatRequest], Answer]:
    """The function at `module:function`."""
    found: Callable[[ChatRequest], Answer] = imported(place)
    if not callable(found):
        raise ConfigError(f"{place!r} is no function")
    return found


MODEL = ScriptedModel
