"""Actions as text: what a policy writes, and what `step` reads."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from autosafe_env.types.base import Json, compact
from autosafe_env.types.turns import Action, Final, Malformed, Message, ToolCall

MAX_ACTION = 16384
"""Characters in one action."""
FORM = (
    'an action is one JSON object: {"type": "tool_call", "tool": ..., "arguments": {...}}, '
    '{"type": "message", "content": ...} or {"type": "final", "content": ...}'
)
READER: TypeAdapter[ToolCall | Message | Final] = TypeAdapter(
    Annotated[ToolCall | Message | Final, Field(discriminator="type")]
)


def encode(action: Action) -> str:
    """The text of an action. `decode(encode(action)) == action` for every action that is not malformed."""
    return action.text if isinstance(action, Malformed) else compact(action.model_dump(mode="json"))


def decode(text: object) -> Action:
    """The action that a text means; never raises: what cannot be read is `Malformed`, with the reason."""
    if not isinstance(text, str):
        return Malformed(text=f"<{type(text).__name__}>", error=f"The action is not a text; {FORM}.")
    if len(text) > MAX_ACTION:
        reason = f"The action has {len(text)} characters; at most {MAX_ACTION} are allowed."
        return Malformed(text=storable_text(text[:MAX_ACTION]), error=reason)
    try:
        action: Action = READER.validator.validate_json(text, strict=True)
    except ValidationError as error:
        return Malformed(text=storable_text(text), error=f"The action {_reason(error)}; {FORM}.")
    if isinstance(action, ToolCall) and not finite(action.arguments):
        return Malformed(text=storable_text(text), error=f"The action holds a number that is not finite; {FORM}.")
    return action


def storable(action: Action) -> Action:
    """The action itself, or `Malformed` where no log could give it back: a lone surrogate, NaN, a set, great depth."""
    if isinstance(action, Malformed):
        return action.changed({"text": storable_text(action.text), "error": storable_text(action.error)})
    fields = action.model_dump()
    try:
        if from_json(to_json(fields), allow_inf_nan=False) == fields:
            return action
        error = "The action holds something that JSON cannot say."
    except (PydanticSerializationError, ValueError, RecursionError):
        error = "The action holds text that is not Unicode, or is nested too deeply."
    return Malformed(text=f"<{action.type}>", error=error)


def finite(value: Json) -> bool:
    """Whether every number in a JSON value is finite: `1e999` is read as infinity, which JSON cannot write."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    return all(map(finite, value)) if isinstance(value, list) else True


def storable_text(text: str) -> str:
    """The text without lone surrogates, which no log could hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _reason(error: ValidationError) -> str:
    """Why a text is no action, in words that continue "The action"."""
    items = error.errors(include_url=False, include_input=False)
    if items[0]["type"] in ("json_invalid", "string_unicode"):
        return f"is not JSON ({items[0]['msg'].removeprefix('Invalid JSON: ')})"
    if not items[0]["loc"]:
        return "has no known type"
    parts = [".".join(map(str, item["loc"][1:])) + ": " + item["msg"] for item in items[:3]]
    return f"does not fit ({'; '.join(parts)})"
