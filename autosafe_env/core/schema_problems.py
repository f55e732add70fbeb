"""What a schema has against a file, in words a person can act on, with the line of each part."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from autosafe_env.core.source import Place, Source
from autosafe_env.errors import Problem, nearest


def schema_problems(
    source: Source, error: ValidationError, parts: Mapping[Place, type[BaseModel]], whole: str
) -> list[Problem]:
    """One problem for each thing that is wrong.

    Args:
        source: the file.
        error: what its schema says.
        parts: which model stands at a place, list indices left out; `*` stands for any name; `()` is the whole.
        whole: what the file is, in a word.
    """
    problems = []
    items = error.errors(include_url=False, include_input=False)
    for item in items:
        place: Place = tuple(item["loc"])
        if item["type"] == "too_short" and any(other["loc"][: len(place)] == place for other in items if other != item):
            continue  # the list is short only because one of its parts is wrong
        if item["type"] == "extra_forbidden":
            message = f"unknown key {place[-1]!r}{nearest(str(place[-1]), _part(parts, place[:-1]).model_fields)}"
        elif item["type"] == "missing":
            message = f"the key {place[-1]!r} is missing"
        else:
            message = f"{'.'.join(map(str, place)) or whole}: {item['msg'].removeprefix('Value error, ')}"
        problems.append(source.problem(place, message))
    return problems


def _part(parts: Mapping[Place, type[BaseModel]], place: Place) -> type[BaseModel]:
    """The model at a place; the whole file's where no other is known."""
    keys: Place = tuple(key for key in place if isinstance(key, str))
    return parts.get(keys) or parts.get((*keys[:-1], "*")) or parts[()]
