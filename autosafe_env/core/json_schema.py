"""JSON schemas from a stranger's file: made self-contained when they are read, and checked against in bounded time.

`pattern`, `format` and `uniqueItems` are shown to agents but not enforced: a pattern from a stranger may take for ever.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import islice
from typing import Any
from urllib.parse import unquote

from autosafe_env.core.patch import resolve
from autosafe_env.errors import nearest
from autosafe_env.types.base import Handle, Json

MAX_PARTS = 1000
"""Schemas in one schema, once every reference is written out."""
MAX_DEPTH = 40
MOST_MISTAKES = 5
DROPPED = ("$schema", "$id", "id", "$anchor", "$comment", "$vocabulary", "$defs", "definitions", "title")
REFUSED = ("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "patternProperties")
INNER = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
INNER_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
INNER_MAPS = ("properties", "dependentSchemas")
UNENFORCED = ("pattern", "format", "uniqueItems")


def self_contained(schema: Json) -> dict[str, Json]:
    """The schema with each reference replaced by what it refers to, and without what only a library of schemas needs.

    Raises:
        ValueError: it is no JSON schema, refers to itself or to another document, or is too large; says which.
    """
    # Imported in functions: 0.1 s, for scenarios with specified tools only.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    whole = _Expansion(schema).expand(schema, (), 0)
    if not isinstance(whole, dict):
        whole = {} if whole else {"not": {}}
    try:
        Draft202012Validator.check_schema(whole)
    except SchemaError as error:
        place = ".".join(map(str, error.absolute_path))
        raise ValueError(f"is no JSON schema: {place + ': ' if place else ''}{_short(error.message)}") from error
    return whole


class _Expansion:
    """Writes out the references of one schema."""

    def __init__(self, root: Json) -> None:
        self.root = root
        self.parts = 0

    def expand(self, schema: Json, inside: tuple[str, ...], depth: int) -> Json:
        """`schema` without references; `inside` are the references that are being written out."""
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise ValueError(f"a schema is an object, not {_short(repr(schema))}")
        self.parts += 1
        if self.parts > MAX_PARTS or depth > MAX_DEPTH:
            raise ValueError(f"holds more than {MAX_PARTS} schemas, or is nested deeper than {MAX_DEPTH}")
        for key in REFUSED:
            if key in schema:
                raise ValueError(f"`{key}` is not supported")
        plain = {key: self._inner(key, value, inside, depth) for key, value in _modern(schema) if key != "$ref"}
        if "$ref" not in schema:
            return plain
        target = self._target(schema["$ref"], inside, depth)
        if isinstance(target, dict) and not target.keys() & plain.keys() - {"description", "default"}:
            return {**target, **plain}
        return {**plain, "allOf": [*plain.get("allOf", ()), target]}

    def _inner(self, key: str, value: Json, inside: tuple[str, ...], depth: int) -> Json:
        if key in INNER:
            return self.expand(value, inside, depth + 1)
        if key in INNER_LISTS and isinstance(value, list):
            return [self.expand(item, inside, depth + 1) for item in value]
        if key in INNER_MAPS and isinstance(value, dict):
            return {name: self.expand(item, inside, depth + 1) for name, item in value.items()}
        return value

    def _target(self, reference: Json, inside: tuple[str, ...], depth: int) -> Json:
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise ValueError(f"{_short(repr(reference))} refers to another document")
        if reference in inside:
            raise ValueError(f"{reference!r} refers to itself")
        try:
            found = resolve(self.root, unquote(reference[1:]))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{reference!r} leads nowhere") from error
        return self.expand(found, (*inside, reference), depth + 1)


def _modern(schema: dict[str, Json]) -> list[tuple[str, Json]]:
    """The entries of a schema that count, a list of `items` as the newest draft writes it."""
    kept = {key: value for key, value in schema.items() if key not in DROPPED}
    if isinstance(kept.get("items"), list):
        kept["prefixItems"] = kept.pop("items")
        if "additionalItems" in kept:
            kept["items"] = kept.pop("additionalItems")
    return list(kept.items())


def mistakes(schema: dict[str, Json], value: Json, word: str) -> str:
    """Why a value does not fit a self-contained schema, in one sentence; empty when it does.

    Args:
        schema: what `self_contained` made.
        value: a JSON value.
        word: what a part of the value is called, such as `argument`.
    """
    try:
        errors = list(islice(_validator(Handle(schema)).iter_errors(value), MOST_MISTAKES))
    except (ArithmeticError, RecursionError) as error:
        return f"cannot be checked: {type(error).__name__}"
    return "; ".join(dict.fromkeys(sentence for error in errors for sentence in _sentences(error, word)))


def _sentences(error: Any, word: str) -> list[str]:
    place = ".".join(map(str, error.absolute_path))
    above = f"{place}." if place else ""
    if error.validator == "required" and isinstance(error.instance, dict):
        absent = [name for name in error.validator_value if name not in error.instance]
        return [f"missing {word} {above + name!r}" for name in absent]
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    if error.validator == "additionalProperties" and error.validator_value is False:
        return [
            f"unknown {word} {above + name!r}{nearest(name, known)}" for name in error.instance if name not in known
        ]
    named = f"{word} {place!r}" if place else f"the {word}"
    if error.validator == "type":
        return [f"{named} is not of type {_short(str(error.validator_value))}"]
    return [f"{named}: {_short(error.message)}"]


def _short(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"


@lru_cache(maxsize=1024)
def _validator(schema: Handle[dict[str, Json]]) -> Any:
    from referencing import Registry

    return _validators()(schema.value, registry=Registry())  # an empty registry fetches nothing


@cache
def _validators() -> Any:
    from jsonschema import Draft202012Validator, validators

    extend: Any = validators.extend  # which has no types
    return extend(Draft202012Validator, dict.fromkeys(UNENFORCED))
