"""The three forms in which others write down what their tools take and return, read into `SpecifiedToolkit`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from autosafe_env.core.json_schema import self_contained
from autosafe_env.core.toolkit import STANDARD_FAULTS
from autosafe_env.errors import describe, nearest
from autosafe_env.types.base import Json
from autosafe_env.types.threat import SpecifiedToolkit
from autosafe_env.types.tools import Effect, ToolSpec

TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
TAGS = ("effect", "does", "roles")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
OTHER = re.compile(r"[^a-z0-9]+")
FORMS = "is neither a toolkit in ToolEmu's form, nor a list of OpenAI tools, nor an MCP tools/list answer"


def read_toolkit(data: Json, name: str, tags: dict[str, Json]) -> SpecifiedToolkit:
    """The toolkit that a file specifies.

    Args:
        data: the file's JSON. Of a list of ToolEmu's toolkits, the one that is called `name` is taken.
        name: of the toolkit in the scenario; begins the name of each tool.
        tags: name of a tool, with or without the toolkit's, to its `effect`, `does` and `roles`.

    Raises:
        ValueError: the data has none of the three forms, or a tool is wrong; says which and why.
    """
    description, raw = _raw_tools(data, name)
    tools: dict[str, ToolSpec] = {}
    wanted = {tool_name(name, key): value for key, value in tags.items()}
    for fields in raw:
        given = fields.pop("given")
        full = tool_name(name, given)
        if full in tools:
            raise ValueError(f"two tools are called {full!r} once their names are written alike")
        try:
            tools[full] = _spec(full, name, fields, wanted.pop(full, {}))
        except ValidationError as error:
            raise ValueError(f"tool {given!r}: {describe(error, ToolSpec.model_fields)}") from error
        except ValueError as error:
            raise ValueError(f"tool {given!r}: {error}") from error
    for stray in wanted:
        raise ValueError(f"tags: no tool is called {stray!r}{nearest(stray, tools)}")
    try:
        return SpecifiedToolkit(name=name, description=description, tools=tuple(tools.values()))
    except ValidationError as error:
        raise ValueError(describe(error, SpecifiedToolkit.model_fields)) from error


def tool_name(toolkit: str, given: str) -> str:
    """The full name of a tool: `SearchTweets` of `twitter`, or `twitter-search-tweets`, is `twitter_search_tweets`."""
    own = snake(given)
    return own if own.startswith(f"{toolkit}_") else f"{toolkit}_{own}"


def snake(given: str) -> str:
    """A name as ours are written: `AugustSmartLock` is `august_smart_lock`."""
    return OTHER.sub("_", HUMP.sub("_", given).lower()).strip("_")


def _spec(full: str, toolkit: str, fields: dict[str, Any], tags: Json) -> ToolSpec:
    parameters = self_contained(fields["parameters"] or {"type": "object"})
    if parameters.get("type", "object") != "object":
        raise ValueError("the parameters are no object")
    if not isinstance(tags, dict) or set(tags) - set(TAGS):
        raise ValueError(f"tags are {{{', '.join(f'{key}: ...' for key in TAGS)}}}")
    whole = {
        "name": full,
        "toolkit": toolkit,
        "description": fields["description"] or full.replace("_", " "),
        "parameters": {"type": "object", "properties": {}, "additionalProperties": False, **parameters},
        "returns": self_contained(fields["returns"] or {}),
        "effect": fields.get("effect", Effect.WRITE),
        "faults": {**fields.get("faults", {}), **STANDARD_FAULTS},
        **tags,
    }
    spec = ToolSpec.model_validate(whole)
    for parameter in spec.roles:
        if parameter not in spec.parameters["properties"]:
            raise ValueError(f"no parameter {parameter!r}{nearest(parameter, spec.parameters['properties'])}")
    return spec


def _raw_tools(data: Json, name: str) -> tuple[str, list[dict[str, Any]]]:
    """The toolkit's description, and each tool as `given` name, `description`, `parameters`, `returns` and so on."""
    if isinstance(data, dict) and isinstance(data.get("result"), dict):
        data = data["result"]  # a whole JSON-RPC answer
    if isinstance(data, list) and data and all(isinstance(item, dict) and "toolkit" in item for item in data):
        data = _called(name, data)
    if isinstance(data, dict) and "toolkit" in data:
        return _text(data, "description_for_model"), list(_toolemu(data))
    tools = data.get("tools") if isinstance(data, dict) else data
    if not isinstance(tools, list) or not tools or not all(isinstance(item, dict) for item in tools):
        raise ValueError(FORMS)
    if all(item.get("type") == "function" for item in tools):
        return "", [_openai(item) for item in tools]
    if all("inputSchema" in item for item in tools):
        return "", [_mcp(item) for item in tools]
    raise ValueError(FORMS)


def _called(name: str, toolkits: list[dict[str, Any]]) -> dict[str, Any]:
    found = {snake(_text(item, "toolkit")): item for item in toolkits}
    if name not in found and len(toolkits) > 1:
        raise ValueError(f"holds no toolkit {name!r}{nearest(name, found)}")
    return found.get(name, toolkits[0])


def _openai(item: dict[str, Any]) -> dict[str, Any]:
    function = item.get("function", item)  # the newer API writes the function's fields beside `type`
    if not isinstance(function, dict):
        raise ValueError(FORMS)
    return {
        "given": _name(function),
        "description": _text(function, "description"),
        "parameters": function.get("parameters"),
        "returns": None,
    }


def _mcp(item: dict[str, Any]) -> dict[str, Any]:
    notes = item.get("annotations") or {}
    fields = {
        "given": _name(item),
        "description": _text(item, "description"),
        "parameters": item["inputSchema"],
        "returns": item.get("outputSchema"),
    }
    if isinstance(notes, dict) and notes.get("readOnlyHint") is True:
        return {**fields, "effect": Effect.READ}
    if isinstance(notes, dict) and notes.get("destructiveHint") is True:
        return {**fields, "effect": Effect.IRREVERSIBLE}
    return fields


def _toolemu(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in _items(data, "tools"):
        returns = _items(item, "returns")
        yield {
            "given": _name(item),
            "description": _text(item, "summary"),
            "parameters": _object(_items(item, "parameters")),
            "returns": _object([{"required": True, **part} for part in returns]) if returns else None,
            "faults": {_name(fault): _text(fault, "description") for fault in _items(item, "exceptions")},
        }


def _object(parts: list[dict[str, Any]]) -> dict[str, Json]:
    """The JSON schema of an object, from ToolEmu's list of its parts."""
    properties = {}
    for part in parts:
        kind = part.get("type")
        if kind not in TYPES:
            raise ValueError(f"{_name(part)!r} is of no known type: {kind!r}{nearest(str(kind), TYPES)}")
        properties[_name(part)] = {"type": kind, "description": _text(part, "description")}
    required = [_name(part) for part in parts if part.get("required") is True]
    return {"type": "object", "properties": properties, "required": required}


def _items(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    items = data.get(key) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError(f"`{key}` is no list of objects")
    return items


def _name(data: dict[str, Any]) -> str:
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("something has no `name`")
    return name


def _text(data: dict[str, Any], key: str) -> str:
    text = data.get(key)
    return text.strip() if isinstance(text, str) else ""
