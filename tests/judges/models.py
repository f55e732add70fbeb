"""Models for judges to ask: functions of the request, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autosafe_env.errors import ModelError
from autosafe_env.types.chat import ChatRequest, Completion, Usage
from tests.stub import sensible_judge

Reply = str | Completion | ModelError


class Answering:
    """Answers each request with what a function of its body returns; an error is raised."""

    def __init__(self, reply: Callable[[dict[str, Any]], Reply], name: str = "answering") -> None:
        self.reply, self.name = reply, name
        self.requests: list[ChatRequest] = []

    def complete(self, request: ChatRequest) -> Completion:
        self.requests.append(request)
        said = self.reply({"messages": [message.plain() for message in request.messages]})
        if isinstance(said, ModelError):
            raise type(said)(*said.args)
        usage = Usage(prompt_tokens=10, completion_tokens=5)
        return said if isinstance(said, Completion) else Completion(text=said, usage=usage)


def sensible(name: str = "sensible") -> Answering:
    """Judges as the rules would."""
    return Answering(sensible_judge.answer, name)


def saying(*replies: Reply) -> Answering:
    """Gives these answers in order, and the last one for ever after."""
    left = list(replies)
    return Answering(lambda _: left.pop(0) if len(left) > 1 else left[0])


def each_time(replies: Sequence[Reply]) -> Answering:
    """Gives these answers in order; one more question is a failure of the test."""
    left = list(replies)
    return Answering(lambda _: left.pop(0))
