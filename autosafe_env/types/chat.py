"""What is said to a language model and what comes back, free of any provider."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

from pydantic import Field
from pydantic_core import to_json

from autosafe_env.types.base import Json, Value, once
from autosafe_env.types.tools import ToolSpec


class ChatMessage(Value):
    """One message in OpenAI's chat form."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[dict[str, Json], ...] = ()
    """Only from the assistant: `{"id", "type": "function", "function": {"name", "arguments": <JSON text>}}`."""
    tool_call_id: str | None = None
    """Only from a tool: the id of the call that it answers."""

    def plain(self) -> dict[str, Json]:
        """A new dict as OpenAI's API takes it, empty fields left out."""
        if self.tool_calls:
            calls = [{**call, "function": {**call["function"]}} for call in self.tool_calls]
            return {"role": self.role, "content": self.content, "tool_calls": calls}
        if self.tool_call_id is not None:
            return {"role": self.role, "content": self.content, "tool_call_id": self.tool_call_id}
        return {"role": self.role, "content": self.content}

    @once
    def wire(self) -> bytes:
        """`plain()` as JSON: made once, however often the message is sent, since conversations only grow."""
        return to_json(self.plain())

    @once
    def mark(self) -> bytes:
        """16 bytes that stand for `wire` in the digest of a request, made once."""
        return blake2b(self.wire, digest_size=16).digest()


class Usage(Value):
    """Tokens, as the server counted them."""

    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class ChatRequest(Value):
    """One request to a model."""

    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    """Tools that the model may call; their names are what it must use."""
    answer_schema: dict[str, Json] | None = None
    """JSON schema that the answer must fit; None when any text will do."""
    temperature: float | None = Field(default=None, ge=0.0)
    """None leaves it to the server."""
    seed: int | None = None
    """None leaves the sampling seed to the server."""
    max_tokens: int | None = Field(default=None, ge=1)
    """The most that the model may answer; None leaves it to the server."""

    @once
    def digest(self) -> str:
        """Names the request: equal for equal requests, 32 hex digits. What it costs hardly grows with a conversation,
        since each message and tool is hashed once."""
        hashed = blake2b(b"%d,%d:" % (len(self.messages), len(self.tools)), digest_size=16)
        hashed.update(b"".join([message.mark for message in self.messages] + [tool.mark for tool in self.tools]))
        rest = {
            "answer_schema": self.answer_schema,
            "temperature": self.temperature,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
        }
        hashed.update(to_json(rest))
        return hashed.hexdigest()


class Completion(Value):
    """What the model answered: a text, tool calls or both; never neither."""

    text: str
    tool_calls: tuple[dict[str, Json], ...] = ()
    """In OpenAI's form, as in `ChatMessage.tool_calls`; the arguments may be any text."""
    cut: bool = False
    """Whether the server stopped at its limit of tokens."""
    usage: Usage = Usage()


class ModelCall(Value):
    """The record of one call to a model, kept beside the result that it led to."""

    role: str
    """Which role of the episode asked."""
    model: str
    digest: str
    """Of the request: a strict replay answers this request and no other."""
    messages: tuple[ChatMessage, ...] = ()
    """Messages of the request that the log holds nowhere else: a role's whole prompt; of an agent's request only its
    system message, since the rest is the conversation."""
    completion: Completion | None
    """None when the call failed."""
    error: str = ""
    """Why it failed, the kind of error first; empty when it did not."""
    prompt_digest: str = ""
    """SHA-256 of the prompt template; empty when there is none."""
