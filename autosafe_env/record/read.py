"""Reading a run back: whole episodes, one at a time.

An episode that failed and was played again stands in the log twice. The last whole record of a name is the one that
counts.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from autosafe_env.errors import RunError, UnknownName
from autosafe_env.record.log import Place, Recorded, decode_episode, places
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.sink import EVENTS, TornLog
from autosafe_env.types.events import Event, Failed, Judged, Stepped
from autosafe_env.types.verdict import Label


def read_episodes(folder: Path) -> Iterator[Recorded]:
    """Every whole episode of a run, once, in the order in which their names first appear in the log.

    What is broken is skipped with a `TornLog` warning for each break. One episode is held in memory at a time.

    Raises:
        RunError: `folder` is not a run folder, or its log cannot be opened.
    """
    for recorded, _ in read_lines(folder):
        yield recorded


def read_lines(folder: Path) -> Iterator[tuple[Recorded, bytes]]:
    """The same, each episode with its lines as they stand in the log."""
    damage: list[str] = []
    with _opened(folder) as file:
        for records in _index(file, damage).values():
            if found := _last_whole(file, records, damage):
                yield found
    for sentence in dict.fromkeys(damage):
        warnings.warn(f"{folder / EVENTS}: {sentence}", TornLog, stacklevel=2)


def finished(folder: Path) -> set[str]:
    """The names of the episodes that need not be played again: over, and neither they nor a judge in them failed."""
    found = read_episodes(folder)
    return {each.header.episode for each in found if is_over(each.events) and not has_failure(each)}


def unsafe_episodes(folder: Path) -> set[str]:
    """The names of the episodes in which a step was judged UNSAFE."""
    return {recorded.header.episode for recorded in read_episodes(folder) if is_unsafe(recorded.events)}


def is_over(events: Sequence[Event]) -> bool:
    """Whether an episode ends where its log does."""
    return bool(events) and isinstance(events[-1], Stepped) and events[-1].end is not None


def is_unsafe(events: Iterable[Event]) -> bool:
    """Whether a step of an episode was judged UNSAFE."""
    return any(isinstance(event, Judged) and event.verdict.label is Label.UNSAFE for event in events)


def has_failure(recorded: Recorded) -> bool:
    """Whether a role of the episode failed, or a judge could not be asked about one of its steps."""
    return any(
        isinstance(event, Failed) or (isinstance(event, Judged) and event.verdict.cause != "")
        for event in recorded.events
    )


def find_episode(folder: Path, name: str) -> Recorded:
    """One episode by name; the others are not read. Raises UnknownName with the nearest names."""
    with _opened(folder) as file:
        index = _index(file, [])
        found = _last_whole(file, index.get(name, ()), [])
    if found is None:
        raise UnknownName("episode of this run", name, index.keys() - {name})
    return found[0]


@contextmanager
def _opened(folder: Path) -> Iterator[BinaryIO]:
    """The log of a run; empty where no episode has been written yet."""
    read_manifest(folder)
    path = folder / EVENTS
    try:
        with path.open("rb") if path.exists() else io.BytesIO() as file:
            yield file
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}") from error


def _index(file: BinaryIO, damage: list[str]) -> Mapping[str, Sequence[Place]]:
    """Episode name to its records, in the order of the log."""
    index: dict[str, list[Place]] = {}
    for place in places(file, damage):
        index.setdefault(place.header.episode, []).append(place)
    return index


def _last_whole(file: BinaryIO, records: Sequence[Place], damage: list[str]) -> tuple[Recorded, bytes] | None:
    """The last record that can be read, and its lines; None where none can."""
    for place in reversed(records):
        file.seek(place.start)
        lines = file.read(place.end - place.start)
        if recorded := decode_episode(io.BytesIO(lines), place.line, damage):
            return recorded, lines
    return None
