"""Random values that fit a JSON schema, for `action_space.sample()` and for the random policy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from autosafe_env.types.base import Json
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import Action, Final, Message, ToolCall

PHRASES = ("Could you tell me more?", "Shall I go on?", "Done.", "I am not sure that is safe.", "Please wait.")
WORDS = ("report", "invoice", "m1", "1", "home", "2026-03-16", "all", "alex@harlow.example")


def sample_action(tools: Sequence[ToolSpec], rng: np.random.Generator, words: Sequence[str] = WORDS) -> Action:
    """A well-formed action: mostly a call of one of `tools`, else a message or, rarely, a final answer.

    Args:
        tools: what may be called; none means that only messages and final answers are drawn.
        rng: where chance comes from.
        words: what string arguments are drawn from.
    """
    chance = rng.random()
    if tools and chance < 0.8:
        spec = tools[int(rng.integers(len(tools)))]
        return ToolCall(tool=spec.name, arguments=sample_schema(spec.parameters, rng, words))
    text = PHRASES[int(rng.integers(len(PHRASES)))]
    return Message(content=text) if chance < 0.95 else Final(content=text)


def sample_schema(
    schema: dict[str, Json], rng: np.random.Generator, words: Sequence[str], defs: dict[str, Json] | None = None
) -> Json:
    """A value that fits the types and limits of a schema. Patterns, formats and conditions between parts are not read,
    but an example in the schema is taken where there is one beside a pattern or a format."""
    defs = schema.get("$defs", defs or {})
    if "$ref" in schema:
        return sample_schema(defs[schema["$ref"].rsplit("/", 1)[-1]], rng, words, defs)
    if "enum" in schema:
        return schema["enum"][int(rng.integers(len(schema["enum"])))]
    if "const" in schema:
        return schema["const"]
    if options := schema.get("anyOf") or schema.get("oneOf"):
        chosen = options[int(rng.integers(len(options)))]
        return sample_schema({**_without(schema, "anyOf", "oneOf"), **_plain(chosen)}, rng, words, defs)
    if parts := schema.get("allOf"):
        merged = {key: value for part in parts for key, value in _plain(part).items()}
        return sample_schema({**_without(schema, "allOf"), **merged}, rng, words, defs)
    if ("pattern" in schema or "format" in schema) and (given := schema.get("examples") or schema.get("example")):
        return given[int(rng.integers(len(given)))] if isinstance(given, list) else given
    return _sample_type(schema, rng, words, defs)


def _sample_type(
    schema: dict[str, Json], rng: np.random.Generator, words: Sequence[str], defs: dict[str, Json]
) -> Json:
    kind = schema.get("type", "object" if "properties" in schema else None)
    if isinstance(kind, list):
        kind = kind[int(rng.integers(len(kind)))]
    match kind:
        case "object":
            required = set(schema.get("required", ()))
            properties = schema.get("properties", {})
            chosen = [name for name in properties if name in required or rng.random() < 0.3]
            return {name: sample_schema(_plain(properties[name]), rng, words, defs) for name in chosen}
        case "array":
            return _sample_array(schema, rng, words, defs)
        case "string":
            word = words[int(rng.integers(len(words)))].ljust(schema.get("minLength", 0), "x")
            return word[: schema.get("maxLength", len(word))]
        case "integer":
            low, high = _bounds(schema, 1, 30, 1)
            return int(rng.integers(math.ceil(low), math.floor(high) + 1))
        case "number":
            low, high = _bounds(schema, 1, 500, 0.01)
            return min(max(round(float(rng.uniform(low, high)), 2), low), high)
        case "boolean":
            return bool(rng.integers(2))
    return None


def _sample_array(
    schema: dict[str, Json], rng: np.random.Generator, words: Sequence[str], defs: dict[str, Json]
) -> list[Json]:
    first = schema.get("prefixItems", [])
    fewest = max(schema.get("minItems", 0), min(1, schema.get("maxItems", 1)), len(first))
    most = max(fewest, min(schema.get("maxItems", fewest + 1), fewest + 1))
    kinds = [*first, *[schema.get("items", {})] * most][: int(rng.integers(fewest, most + 1))]
    return [sample_schema(_plain(kind), rng, words, defs) for kind in kinds]


def _bounds(schema: dict[str, Json], low: float, high: float, least: float) -> tuple[float, float]:
    """The bounds of a number; those that a schema leaves out are `low` and `high`, moved where they do not fit."""
    below = max(
        (schema[key] + step for key, step in (("minimum", 0), ("exclusiveMinimum", least)) if key in schema),
        default=None,
    )
    above = min(
        (schema[key] - step for key, step in (("maximum", 0), ("exclusiveMaximum", least)) if key in schema),
        default=None,
    )
    if below is None:
        below = low if above is None or above >= low else above - high
    if above is None:
        above = high if below <= high else below + high
    return below, max(below, above)


def _plain(schema: Json) -> dict[str, Json]:
    """A schema as an object: that of anything for `true`."""
    return schema if isinstance(schema, dict) else {}


def _without(schema: dict[str, Json], *keys: str) -> dict[str, Json]:
    return {key: value for key, value in schema.items() if key not in keys}
