"""Models that play the emulator: a sensible one, and one that says what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.types.chat import ChatRequest, Completion
from tests.stub.sensible_emulator import answer


def sensible(request: ChatRequest) -> str:
    """What the toolkits' own code would answer."""
    return answer({"messages": [message.plain() for message in request.messages]})


def sensible_model() -> ScriptedModel:
    """A model that answers every request of an emulator as the toolkits' own code would."""
    return ScriptedModel(sensible, "sensible")


def forgetful(request: ChatRequest) -> str:
    """A sensible answer that leaves the state as it was."""
    return json.dumps({**json.loads(sensible(request)), "patch": []})


class Told:
    """Says the given things in order, the last one for ever; keeps what it was asked."""

    name = "told"

    def __init__(self, *said: str | dict[str, Any] | Callable[[], Completion]) -> None:
        self.said = list(said)
        self.asked: list[ChatRequest] = []
        self.lock = threading.Lock()

    def complete(self, request: ChatRequest) -> Completion:
        """The next thing."""
        with self.lock:
            now = self.said[min(len(self.asked), len(self.said) - 1)]
            self.asked.append(request)
        if callable(now):
            return now()
        return Completion(text=now if isinstance(now, str) else json.dumps(now))
