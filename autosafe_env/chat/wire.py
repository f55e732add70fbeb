"""Chat completions in OpenAI's form: the body of a request, and what the body of an answer says.

A conversation is joined from what each of its messages was written as once, so that a call costs the same after thirty
turns as after three.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from pydantic_core import to_json

from autosafe_env.core.codec import storable_text
from autosafe_env.errors import ModelError, Refused
from autosafe_env.types.base import Handle, Json, compact
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, Usage

NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")
STRICT_WORDS = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const", "$defs", "title"}
    | {"description", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minItems", "maxItems"}
)
"""Words of a JSON schema that OpenAI's strict mode knows, `$ref` aside, which stands alone."""
FORM = (
    "Answer with one JSON object, with nothing before or after it, that fits this JSON schema:\n{schema}\n"
    "Give the object itself, not the schema."
)


def request_body(model: str, request: ChatRequest, *, structured: bool, limit: str = "max_tokens") -> bytes:
    """The body of a request for one whole answer.

    Args:
        model: its name at the server.
        request: what is asked.
        structured: whether the server is asked to hold the answer to the request's schema; otherwise a message says
            what form the answer has.
        limit: how the server calls the most tokens that it may answer with.
    """
    if not structured:
        request = asking_in_text(request)
    parts = [b'"model":' + to_json(model), b'"messages":[' + b",".join([each.wire for each in request.messages]) + b"]"]
    if request.tools:
        parts.append(b'"tools":[' + b",".join([tool.wire for tool in request.tools]) + b"]")
    if request.temperature is not None:
        parts.append(b'"temperature":' + to_json(request.temperature))
    if request.seed is not None:
        parts.append(b'"seed":%d' % request.seed)
    if request.max_tokens is not None:
        parts.append(b'"%s":%d' % (limit.encode(), request.max_tokens))
    if request.answer_schema is not None:
        parts.append(b'"response_format":' + response_format(request.answer_schema))
    return b"{" + b",".join(parts) + b',"stream":false}'


def response_format(schema: dict[str, Json]) -> bytes:
    """What makes a server hold its answer to the schema, as JSON."""
    return _response_format(Handle(schema))


@lru_cache(maxsize=256)
def _response_format(handle: Handle[dict[str, Json]]) -> bytes:
    schema = handle.value
    name = NO_NAME.sub("_", str(schema.get("title") or ""))[:64].strip("_") or "answer"
    strict = schema.get("type") == "object" and is_strict(schema)
    form = {"name": name, "schema": schema, "strict": strict}
    return to_json({"type": "json_schema", "json_schema": form})


def is_strict(schema: Json) -> bool:
    """Whether OpenAI's strict mode takes the schema: every object closed, every property required, no other words."""
    if not isinstance(schema, dict):
        return False
    if "$ref" in schema:
        return len(schema) == 1
    if not schema.keys() <= STRICT_WORDS or not ("type" in schema or "anyOf" in schema or "enum" in schema):
        return False
    properties = schema.get("properties", {})
    is_object = schema.get("type") == "object"
    if is_object and (
        schema.get("additionalProperties") is not False or {*schema.get("required", ())} != {*properties}
    ):
        return False
    if schema.get("type") == "array" and "items" not in schema:
        return False
    inner = [*properties.values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", ())]
    return all(map(is_strict, [*inner, *([schema["items"]] if "items" in schema else [])]))


def asking_in_text(request: ChatRequest) -> ChatRequest:
    """The same request for servers that know no schema: its system message ends with the form of the answer, if any."""
    if request.answer_schema is None:
        return request
    form = FORM.format(schema=compact(request.answer_schema))
    first, *rest = request.messages or (ChatMessage(role="system", content=""),)
    if first.role == "system":
        messages = (ChatMessage.made(role="system", content=f"{first.content}\n\n{form}".strip()), *rest)
    else:
        messages = (ChatMessage.made(role="system", content=form), *request.messages)
    return request.changed({"messages": messages, "answer_schema": None})


def completion_of(data: Json) -> Completion:
    """What the body of an answer says.

    Raises:
        Refused: the model declined, or a filter stopped it.
        ModelError: it says nothing, is an error, or has another form than that of a chat completion.
    """
    choice = _first_choice(data)
    message, reason = choice.get("message"), choice.get("finish_reason")
    if not isinstance(message, dict):
        raise ModelError("the server's answer has no message")
    text, calls = _text(message.get("content")), _tool_calls(message.get("tool_calls"))
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal and not text and not calls:
        raise Refused(f"the model declined: {storable_text(refusal)[:500]}")
    if reason == "content_filter":
        raise Refused("a content filter of the server stopped the answer")
    cut = reason == "length"
    if not calls and not text.strip():
        raise ModelError("the answer is empty" + (": the limit of tokens was spent before it began" if cut else ""))
    return Completion.made(text=text, tool_calls=calls, cut=cut, usage=_usage(data.get("usage")))


def words_of(data: Json) -> str:
    """The message, code and type of an error body, in the forms that servers use; empty when there are none.

    What such a body repeats of the request is left out: it says nothing about the error, and may say anything.
    """
    error = data.get("error", data) if isinstance(data, dict) else data
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    said, detail = error.get("message"), error.get("detail")
    if isinstance(detail, list):
        said = "; ".join(f"{item.get('loc')}: {item.get('msg')}" for item in detail if isinstance(item, dict))
    said = said if isinstance(said, str) else detail if isinstance(detail, str) else ""
    tags = ", ".join(tag for tag in (error.get("code"), error.get("type")) if isinstance(tag, str) and tag)
    return f"{said} ({tags})".strip() if tags else said


def _first_choice(data: Json) -> dict[str, Json]:
    choices = data.get("choices") if isinstance(data, dict) else None
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    if isinstance(data, dict) and data.get("error"):
        raise ModelError(f"the server answered with an error: {storable_text(words_of(data))[:500]}")
    raise ModelError("the server's answer is no chat completion: it has no choices")


def _text(content: Json) -> str:
    """The text of a message's content, which some servers send in parts."""
    if isinstance(content, str):
        return storable_text(content)
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        return storable_text("".join(part for part in parts if isinstance(part, str)))
    if content is None:
        return ""
    raise ModelError("the content of the server's answer is no text")


def _tool_calls(calls: Json) -> tuple[dict[str, Json], ...]:
    if not calls:
        return ()
    if not isinstance(calls, list):
        raise ModelError("the tool calls of the server's answer are no list")
    return tuple(tool_call(index, call) for index, call in enumerate(calls))


def tool_call(index: int, call: Json) -> dict[str, Json]:
    """A tool call in OpenAI's form, whatever is missing in it but its name; arguments that are no text become JSON.

    Raises:
        ModelError: it names no tool.
    """
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise ModelError("a tool call of the server's answer names no tool")
    arguments, name = function.get("arguments"), storable_text(function["name"])
    if not isinstance(arguments, str):
        arguments = "{}" if arguments is None else json.dumps(arguments, ensure_ascii=False)
    given = call.get("id")
    identity = storable_text(given) if isinstance(given, str) and given else f"call_{index}"
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": storable_text(arguments)}}


def _usage(usage: Json) -> Usage:
    if not isinstance(usage, Mapping):
        return Usage()
    return Usage.made(
        prompt_tokens=_count(usage.get("prompt_tokens")), completion_tokens=_count(usage.get("completion_tokens"))
    )


def _count(number: Json) -> int:
    """A number of tokens; 0 for whatever is none."""
    return number if type(number) is int and number > 0 else 0
