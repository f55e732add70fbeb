"""Writing a dataset: all of it or nothing, equal bytes for equal rows.

DIR/README.md, card.json
DIR/<table>/<split>.jsonl
DIR/<table>/<split>.parquet       where pyarrow is installed
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from autosafe_env.data.card import CARD, Card, FileEntry
from autosafe_env.data.readme import readme
from autosafe_env.data.rows import Row
from autosafe_env.errors import ConfigError
from autosafe_env.types.base import Json, compact

TEXT, OBJECT = "text", "object"
SPOKEN = ("prompt", "completion", "chosen", "rejected", "context")
"""Columns of messages."""
ARGUMENTS = (TEXT, OBJECT)
"""How the arguments of tool calls stand in JSON lines: as JSON text, as in OpenAI's API, or as an object, which is what
most chat templates want. In Parquet, whose columns have one type, they are always text."""


def part_of(out: Path) -> Path:
    """The folder in which a dataset lies until it is whole."""
    return out.with_name(f"{out.name}.part")


def must_be_free(out: Path) -> None:
    """Raises ConfigError when the folder, or what an interrupted export has left of it, is there already."""
    if out.exists():
        raise ConfigError(f"{out} is there already; delete it, or name another folder with --out")
    if part_of(out).exists():
        raise ConfigError(f"{part_of(out)} is what an interrupted call has left; delete it and try again")


def write_dataset(
    out: Path, rows: Sequence[Row], card: Callable[[dict[str, FileEntry]], Card], *, arguments: str, parquet: bool
) -> Card:
    """Write rows and card into a folder that appears once it is whole.

    Args:
        out: must not be there yet.
        rows: of all tables and splits, in the order in which they are written.
        card: makes the card from what is known of the files.
        arguments: one of `ARGUMENTS`.
        parquet: whether each file is written as Parquet too; pyarrow must be there.

    Raises:
        ConfigError: the folder is there, or cannot be written.
    """
    must_be_free(out)
    part = part_of(out)
    try:
        part.mkdir(parents=True)
    except OSError as error:
        raise ConfigError(f"{part} cannot be made: {error.strerror}") from error
    try:
        files: dict[str, FileEntry] = {}
        for name, chosen in grouped(rows).items():
            files |= _write(part, name, chosen, arguments, parquet)
        made = card(files)
        (part / "README.md").write_text(readme(made), encoding="utf-8")
        _write_synced(part / CARD, (made.model_dump_json(indent=2) + "\n").encode())
        part.rename(out)
    except OSError as error:
        raise ConfigError(f"{error.filename or out} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):  # once the folder is whole it has another name
            shutil.rmtree(part)
    return made


def grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """File name without its ending to the rows in it."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(f"{row.table}/{row.provenance.split}", []).append(row)
    return dict(sorted(found.items()))


def _write(part: Path, name: str, rows: Sequence[Row], arguments: str, parquet: bool) -> dict[str, FileEntry]:
    texts = [row.line() for row in rows]
    lines = texts
    if arguments == OBJECT:
        lines = [f"{compact(with_objects(json.loads(line)))}\n".encode() for line in texts]
    path = part / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    _write_synced(path, b"".join(lines))
    paths = [path]
    if parquet:
        from autosafe_env.data.parquet import write_parquet  # here: pyarrow is an extra

        paths.append(path.with_suffix(".parquet"))
        write_parquet(paths[1], rows[0].table, [json.loads(line) for line in texts])
    return {str(each.relative_to(part)): entry_of(each, len(rows)) for each in paths}


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def entry_of(path: Path, rows: int) -> FileEntry:
    """What the card says of a file."""
    data = path.read_bytes()
    return FileEntry(rows=rows, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def with_objects(data: dict[str, Json]) -> dict[str, Json]:
    """A row with the arguments of its tool calls as objects."""
    return {name: _opened(value) if name in SPOKEN else value for name, value in data.items()}


def _opened(messages: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return [
        {**message, "tool_calls": [_open_call(call) for call in message["tool_calls"]]}
        if "tool_calls" in message
        else message
        for message in messages
    ]


def _open_call(call: dict[str, Json]) -> dict[str, Json]:
    function = call["function"]
    return {**call, "function": {**function, "arguments": json.loads(function["arguments"])}}
