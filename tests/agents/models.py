"""Models that play agents: a sensible one, and one that says what a test tells it to."""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Callable
from typing import Any, cast

from autosafe_env import ChatRequest, Completion, load_agent
from autosafe_env.core.discover import Kind, names, plugin
from autosafe_env.errors import ModelError
from autosafe_env.protocols import Policy
from autosafe_env.train.student import Student
from tests.stub.sensible_agent import answer, play

Said = str | Completion | ModelError | Callable[[ChatRequest], Completion]


def asks_model(name: str) -> bool:
    """Whether the agent asks a language model."""
    return "model" in inspect.signature(plugin(Kind.AGENT, name)).parameters


ON_MODELS = tuple(name for name in names(Kind.AGENT) if asks_model(name))


def calling(*calls: tuple[str, Any], text: str = "") -> Completion:
    """A completion that calls tools; arguments that are a text are taken as they are."""
    written = tuple(
        {
            "id": f"c{index}",
            "type": "function",
            "function": {"name": name, "arguments": arguments if isinstance(arguments, str) else dumped(arguments)},
        }
        for index, (name, arguments) in enumerate(calls)
    )
    return Completion(text=text, tool_calls=written)


def dumped(arguments: Any) -> str:
    """The JSON text of arguments."""
    return json.dumps(arguments)


class Sensible:
    """Answers every request of an agent as a sensible model would."""

    name = "sensible"

    def complete(self, request: ChatRequest) -> Completion:
        """What a sensible model says."""
        tools = [spec.function() for spec in request.tools]
        said = answer({"messages": [message.plain() for message in request.messages], "tools": tools})
        return calling(*said.tool_calls, text=said.text or "")


class Told:
    """Says the given things in order, the last one for ever; keeps what it was asked."""

    name = "told"

    def __init__(self, *said: Said) -> None:
        self.said = said
        self.asked: list[ChatRequest] = []
        self.lock = threading.Lock()

    def complete(self, request: ChatRequest) -> Completion:
        """The next thing."""
        with self.lock:
            now = self.said[min(len(self.asked), len(self.said) - 1)]
            self.asked.append(request)
        if isinstance(now, ModelError):
            raise now
        if isinstance(now, Completion):
            return now
        return Completion(text=now) if isinstance(now, str) else now(request)


def configured(name: str) -> Any:
    """An agent's configuration: its name, and what it cannot do without."""
    if asks_model(name):
        return {"kind": name, "model": Sensible()}
    needed: dict[str, dict[str, Any]] = {"callable": {"target": play}, "student": {"file": Student()}}
    return {"kind": name, **needed[name]} if name in needed else name


def agent_on(name: str, *said: Said, **options: Any) -> tuple[Policy, Told]:
    """An agent on a model that says these things."""
    model = Told(*said)
    return cast(Policy, load_agent({"kind": name, "model": model, **options})), model
