"""Reading YAML from a stranger: plain data only, with the line of every part.

Refused: aliases and anchors (bombs), tags (objects), repeated keys, files over a size, data over a depth. Scalars
follow JSON, not YAML 1.1: `no`, `12:30` and `2026-03-14` are texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from autosafe_env.core.source import Place, Source
from autosafe_env.errors import Problem, ScenarioError
from autosafe_env.types.base import Json

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one where the platform has it: ten times faster
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
CONSTANTS = {"": None, "null": None, "~": None, "true": True, "false": False}


def read_yaml(path: Path) -> Source:
    """Read one file.

    Raises:
        ScenarioError: the file cannot be read or is refused.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError([Problem(f"cannot be read: {error.strerror}", str(path))]) from error
    if len(raw) > MAX_BYTES:
        raise ScenarioError([Problem(f"has {len(raw)} bytes; at most {MAX_BYTES} are allowed", str(path))])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError([Problem(f"is not UTF-8: {error.reason}", str(path))]) from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, file: str) -> Source:
    """Parse the text of one file. Raises ScenarioError like `read_yaml`."""
    source = Source(file, None)
    try:
        builder = _Builder(source, yaml.parse(text, Loader=LOADER))
        source.data = builder.document()
    except yaml.YAMLError as error:
        # The C reader looks ahead, and newer ones refuse great depth before the builder has seen any of it.
        with suppress(yaml.YAMLError):
            _Builder(Source(file, None), yaml.parse(text, Loader=yaml.SafeLoader)).document()
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise ScenarioError([Problem(f"not YAML: {reason}", file, mark.line + 1 if mark else 0)]) from error
    return source


class _Builder:
    """Builds plain data from YAML events, noting the line of each part."""

    def __init__(self, source: Source, events: Iterator[yaml.Event]) -> None:
        self.source = source
        self.events = events

    def document(self) -> Json:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                data = self.value(next(self.events), ())
                next(self.events)
                if isinstance(extra := next(self.events), yaml.DocumentStartEvent):
                    raise self.refused(extra, "holds more than one document")
                return data
        return None

    def value(self, event: yaml.Event, place: Place) -> Json:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self.refused(event, "anchors and aliases (& and *) are not allowed")
        if getattr(event, "tag", None):
            raise self.refused(event, f"tags are not allowed: {getattr(event, 'tag', '')}")
        if len(place) > MAX_DEPTH:
            raise self.refused(event, f"is nested deeper than {MAX_DEPTH}")
        self.source.lines.setdefault(place, line_of(event))
        if isinstance(event, yaml.ScalarEvent):
            return plain_scalar(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(place)
        return self.mapping(place)

    def sequence(self, place: Place) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.value(event, (*place, len(items))))
        return items

    def mapping(self, place: Place) -> dict[str, Json]:
        items: dict[str, Json] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.refused(event, "a key must be a text")
            key = event.value
            if key in items:
                raise self.refused(event, f"the key {key!r} stands twice")
            self.source.lines[(*place, key)] = line_of(event)
            items[key] = self.value(next(self.events), (*place, key))
        return items

    def refused(self, event: yaml.Event, message: str) -> ScenarioError:
        return ScenarioError([Problem(message, self.source.file, line_of(event))])


def line_of(event: yaml.Event) -> int:
    """The line on which a part begins, counted from 1."""
    return event.start_mark.line + 1 if event.start_mark else 0


def plain_scalar(text: str) -> Json:
    """The value of an unquoted scalar: null, a boolean, a number, or else a text."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if NUMBER.fullmatch(text) and math.isfinite(float(text)) else text
