"""The lines of a suite file: the first is its header, every other an entry that holds one scenario.

    {"schema_version":1,"suite":"synth-v1","command":"autosafe generate ...","versions":{...}}
    {"index":0,"pattern":"transfer-by-letter","style":"plain","split":"train","scenario":{"id":"synth-...",...}}

A line from a stranger is read like a YAML file from one: plain data only, no key twice, limits on size and depth. What
its scenario is worth is for `build` in `core/scenarios.py` to say.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError
from pydantic_core import from_json

from autosafe_env.core.source import Source
from autosafe_env.errors import Problem, ScenarioError
from autosafe_env.types.base import Json, Value
from autosafe_env.types.suite import SUITE_SCHEMA, Split, SuiteEntry, SuiteHeader
from autosafe_env.types.threat import Scenario

MAX_LINE = 256 * 1024
"""Bytes of one line; as many as a YAML file may have."""
MAX_DEPTH = 34
"""A scenario in YAML may be nested 32 deep; here an entry stands around it."""
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class Head(Value):
    """What an entry says of its scenario."""

    index: int = Field(ge=0)
    pattern: str
    style: str = ""
    split: Split | None = None


@dataclass(frozen=True)
class Unbuilt:
    """An entry as it was read. That its scenario is well formed is not yet known."""

    head: Head
    source: Source
    """The scenario as plain data, with the file and the line of the entry."""

    @property
    def id(self) -> str:
        """Id of the scenario; empty where it has none."""
        found = self.source.data.get("id")
        return found if isinstance(found, str) else ""

    @property
    def line(self) -> int:
        """Line in the file, counted from 1."""
        return self.source.lines[()]

    def entry(self, scenario: Scenario) -> SuiteEntry:
        """The entry around the scenario, once that is built."""
        return SuiteEntry(**dict(self.head), scenario=scenario)


def write_line(value: SuiteHeader | SuiteEntry) -> bytes:
    """The line of a header or an entry. `read_header` and `read_entry` are the inverse, as far as they go."""
    return value.model_dump_json().encode() + b"\n"


def read_header(line: bytes, file: str) -> SuiteHeader:
    """The header that a suite file begins with.

    Raises:
        ScenarioError: it is none, or has a schema version that this package does not read.
    """
    data = _parsed(line, file, 1)
    version = data.get("schema_version")
    if "suite" in data and version != SUITE_SCHEMA:
        message = f"has schema version {version!r}; this package reads {SUITE_SCHEMA}: make the suite again"
        raise ScenarioError([Problem(message, file, 1)])
    try:
        return SuiteHeader.model_validate(data)
    except ValidationError as error:
        message = f"the first line of a suite file is its header, and this is none: {_told(error)}"
        raise ScenarioError([Problem(message, file, 1)]) from error


def read_entry(line: bytes, file: str, number: int) -> Unbuilt:
    """The entry on a line.

    Raises:
        ScenarioError: it is none.
    """
    data = _parsed(line, file, number)
    scenario = data.pop("scenario", None)
    if not isinstance(scenario, dict):
        message = "is no entry of a suite: it has no `scenario`"
        raise ScenarioError([Problem(message, file, number)])
    try:
        head = Head.model_validate(data)
    except ValidationError as error:
        raise ScenarioError([Problem(f"is no entry of a suite: {_told(error)}", file, number)]) from error
    return Unbuilt(head, Source(file, scenario, {(): number}))


def _told(error: ValidationError) -> str:
    items = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in items)


def _parsed(line: bytes, file: str, number: int) -> dict[str, Json]:
    """The JSON object on a line."""
    try:
        if len(line) > MAX_LINE:
            raise ValueError(f"it has more than {MAX_LINE} bytes")
        if SURROGATE.search(line):
            from_json(line)  # refuses half a character, which the reader below lets pass
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        _must_be_plain(value, 0)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ScenarioError([Problem(f"is no line of a suite file: {reason}", file, number)]) from error
    if not isinstance(value, dict):
        raise ScenarioError([Problem("is no line of a suite file: it is no JSON object", file, number)])
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return found


def _no_number(word: str) -> Json:
    raise ValueError(f"{word} is no number")


def _must_be_plain(value: Json, depth: int) -> None:
    if isinstance(value, dict | list):
        if depth >= MAX_DEPTH:
            raise ValueError("it is nested too deep")
        for item in value.values() if isinstance(value, dict) else value:
            if not isinstance(item, str):
                _must_be_plain(item, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("it holds a number that is not finite")
