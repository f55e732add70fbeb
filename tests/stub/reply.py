"""What the stub server answers to one request, good or bad, and how that looks on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]
"""The parsed body of a request in OpenAI's form."""


@dataclass(frozen=True)
class Reply:
    """One answer. Without any field it is a completion that says nothing."""

    text: str | None = None
    tool_calls: Sequence[tuple[str, Any]] = ()
    """Name and arguments of each call. Arguments that are a text are sent as they are, be they JSON or not."""
    refusal: str | None = None
    finish_reason: str | None = None
    """None for `tool_calls` where there are any, else `stop`."""
    usage: tuple[int, int] | None = (7, 3)
    """Tokens of the prompt and of the answer; None sends no usage."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """The whole body instead of a completion."""
    latency: float = 0.0
    """Seconds before the answer."""
    hang: bool = False
    """Say nothing until the server is closed."""
    disconnect: bool = False
    """Close the connection instead of answering."""
    endless: float | None = None
    """Send a body that never ends, with so many seconds between its pieces; None for one that does."""
    truncated: bool = False
    """Close it in the middle of the body."""

    def body(self) -> bytes:
        """The body that is sent."""
        return json.dumps(self.completion()).encode() if self.raw is None else self.raw

    def completion(self) -> Body:
        """The completion in OpenAI's form."""
        message: Body = {"role": "assistant", "content": self.text, "refusal": self.refusal}
        if self.tool_calls:
            message["tool_calls"] = [_call(index, *call) for index, call in enumerate(self.tool_calls)]
        reason = self.finish_reason or ("tool_calls" if self.tool_calls else "stop")
        whole: Body = {
            "id": "chatcmpl-stub",
            "object": "chat.completion",
            "created": 0,
            "model": "stub",
            "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        }
        if self.usage is not None:
            prompt, answer = self.usage
            whole["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": answer,
                "total_tokens": prompt + answer,
            }
        return whole


Answering: TypeAlias = Callable[[Body], Reply]
"""A model, as the stub knows it. It is called from many threads."""


def refusing(status: int, message: str, code: str | None = None, **headers: str) -> Reply:
    """An error in OpenAI's form."""
    error = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=written, raw=json.dumps(error).encode())


def _call(index: int, name: str, arguments: Any) -> Body:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": text}}
