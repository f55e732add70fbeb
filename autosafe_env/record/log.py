"""The lines of `events.jsonl`: for each episode one header, then its events, together and in order.

{"line":"episode","schema_version":1,"episode":"core-x/attacked/random/0","agent":"random","privileged":false,"events":9}
{"line":"event","index":0,"event":{"kind":"started",...}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pydantic import Field
from pydantic_core import to_json

from autosafe_env.core.reduce import fold
from autosafe_env.errors import RunError
from autosafe_env.record.calls import calls_of
from autosafe_env.types.base import SCHEMA_VERSION, Handle, Value
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import Event, Judged, Started
from autosafe_env.types.threat import Scenario
from autosafe_env.types.trajectory import Trajectory

EVENT_LINE = re.compile(rb'\{"line":"event","index":(\d{1,9}),"event":\{.*\}\}\n', re.DOTALL)
"""An event's line as `encode_episode` writes it."""
CALLS, MESSAGES = {"calls"}, {"messages"}


class Header(Value):
    """What is known of an episode before its first event."""

    line: Literal["episode"] = "episode"
    schema_version: int = SCHEMA_VERSION
    episode: str
    agent: str
    privileged: bool
    events: int = Field(ge=1)
    """How many event lines follow."""

    @property
    def repeat(self) -> int:
        """Which try at its scenario it is, by its name; 0 where that does not say."""
        last = self.episode.rpartition("/")[2]
        return int(last) if last.isdecimal() else 0


class EventLine(Value):
    """One event and its place in the episode."""

    line: Literal["event"] = "event"
    index: int
    event: Event


class Recorded(Value):
    """One whole episode as the log holds it."""

    header: Header
    events: tuple[Event, ...]

    def trajectory(self) -> Trajectory:
        """The episode folded into its last state. Raises RunError when the events do not follow from one another."""
        header = self.header
        try:
            state = fold(self.events)
        except (LookupError, TypeError, ValueError) as error:
            raise RunError(f"episode {header.episode!r} does not make sense: {error!r}") from error
        return Trajectory(episode=header.episode, agent=header.agent, privileged=header.privileged, state=state)


def encode_episode(header: Header, events: Sequence[Event]) -> bytes:
    """The lines of one episode. `decode_line` is the inverse of each."""
    parts = [to_json(header)]
    for index, event in enumerate(events):
        parts.append(b'\n{"line":"event","index":%d,"event":' % index)
        parts += _encoded(event)
        parts.append(b"}")
    parts.append(b"\n")
    return b"".join(parts)


def _encoded(event: Event) -> Iterator[bytes]:
    """`to_json(event)` in parts, but for the order of fields and for empty fields of messages.

    At a fraction of its price: of the first event the scenario is by far the largest part, and always the same; of the
    others the prompts of model calls are, and they were written as JSON when they were sent.
    """
    calls = calls_of(event)
    if isinstance(event, Started):
        yield b'{"kind":"started","schema_version":%d,"scenario":' % event.schema_version
        yield _scenario(Handle(event.scenario))
        yield b',"config":%b}' % to_json(event.config)
    elif not calls:
        yield to_json(event)
    elif isinstance(event, Judged):
        yield b'{"kind":"judged","verdict":'
        yield from _with_calls(event.verdict, calls)
        yield b"}"
    else:
        yield from _with_calls(event, calls)


def _with_calls(value: Value, calls: Sequence[ModelCall]) -> Iterator[bytes]:
    """A JSON object in parts, its model calls last."""
    yield to_json(value, exclude=CALLS)[:-1]
    between = b',"calls":['
    for call in calls:
        yield between
        yield to_json(call, exclude=MESSAGES)[:-1]
        yield b',"messages":['
        yield b",".join([message.wire for message in call.messages])
        between = b"]},"
    yield b"]}]}"


@lru_cache(maxsize=256)
def _scenario(handle: Handle[Scenario]) -> bytes:
    return to_json(handle.value)


def decode_line(line: bytes, header: type[Header] = Header) -> Header | EventLine:
    """What one line holds; `header` is the form of the headers.

    Raises:
        ValueError: the line is torn, not of this format, or of another schema version.
    """
    data = json.loads(line)
    if not isinstance(data, dict) or data.get("line") not in ("episode", "event"):
        raise ValueError("neither an episode nor an event")
    if data["line"] == "event":
        return EventLine.model_validate(data)
    if data.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"schema version {data.get('schema_version')}; this package reads {SCHEMA_VERSION}")
    return header.model_validate(data)


@dataclass(frozen=True)
class Place:
    """Where a log holds an episode that looks whole."""

    header: Header
    line: int
    """Number of the header's line, counted from 1."""
    start: int
    """Bytes before the header's line."""
    end: int
    """Bytes up to and with the last event's line."""


def places(lines: Iterable[bytes], damage: list[str], kind: type[Header] = Header) -> Iterator[Place]:
    """Where the whole episodes among the lines of a log are. What is broken is noted in `damage`, a sentence each.

    Event lines are looked at, not read: `decode_episode` may still find one broken. `kind` is the form of the headers.
    """
    header: Header | None = None
    start = first = found = offset = 0
    for number, line in enumerate(lines, start=1):
        before, offset = offset, offset + len(line)
        try:
            item = _glance(line, kind)
        except ValueError as error:
            damage.append(_skipped(number, error))
            continue
        if isinstance(item, Header):
            if header is not None:
                damage.append(_incomplete(header, found))
            header, start, first, found = item, before, number, 0
        elif header is None:
            if item == 0:  # else its episode was already found broken
                damage.append(f"line {number} is skipped: an event without the header of its episode")
        elif item == found:  # else its episode is found broken when the next header comes
            found += 1
            if found == header.events:
                yield Place(header, first, start, offset)
                header = None
    if header is not None:
        damage.append(_incomplete(header, found))


def decode_episode(
    lines: Iterable[bytes], number: int, damage: list[str], kind: type[Header] = Header
) -> Recorded | None:
    """The episode that the lines of one `Place` hold, the first of which has this number; None if a line is broken."""
    header: Header | None = None
    events: list[Event] = []
    for index, line in enumerate(lines):
        try:
            item = decode_line(line, kind)
        except ValueError as error:
            damage.append(_skipped(number + index, error))
            continue
        if isinstance(item, Header):
            header = item
        elif item.index == len(events):
            events.append(item.event)
    if header is None:
        return None
    if len(events) != header.events:
        damage.append(_incomplete(header, len(events)))
        return None
    return Recorded(header=header, events=tuple(events))


def _glance(line: bytes, kind: type[Header]) -> Header | int:
    """A header, or the index of an event; only an odd line is read whole. Raises ValueError as `decode_line` does."""
    if usual := EVENT_LINE.match(line):
        return int(usual[1])
    item = decode_line(line, kind)
    return item if isinstance(item, Header) else item.index


def _skipped(number: int, error: ValueError) -> str:
    return f"line {number} is skipped: {str(error).splitlines()[0]}"


def _incomplete(header: Header, found: int) -> str:
    return f"episode {header.episode!r} is incomplete: {found} of {header.events} events"
