"""What is in a packed suite file, and where: `synth-v1.index.json` beside `synth-v1.jsonl.gz`.

Lists and Gymnasium ids are made from the index alone, and one scenario is read by unpacking its block alone. An index
holds the size and the digest of its file; with any other file it is refused.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError, model_validator

from autosafe_env.core.suite_lines import Unbuilt, read_entry
from autosafe_env.errors import Problem, ScenarioError
from autosafe_env.types.base import Value
from autosafe_env.types.suite import SUITE_SCHEMA, Split, SuiteEntry, SuiteHeader
from autosafe_env.types.threat import Scenario

ROWS = b',"rows":[\n'
"""What stands between the head of an index and its rows."""
MAX_BLOCK = 64 * 1024 * 1024
"""Bytes of one block, unpacked."""


class Card(Value):
    """What lists tell of a scenario."""

    id: str
    version: int
    title: str
    sources: tuple[str, ...]
    strategies: tuple[str, ...]
    """Of the triggers that have one, in order."""
    categories: tuple[str, ...]
    severities: tuple[str, ...]
    """Of the outcomes, in order."""
    toolkits: tuple[str, ...]
    checked: bool
    """Whether its own checks judge it."""
    eval_only: bool


class Row(Value):
    """One scenario of a packed suite file."""

    card: Card
    pattern: str
    style: str
    split: Split | None
    block: int
    """Number of its block, counted from 0."""
    at: int
    """Its line in the block, counted from 0."""


class Block(Value):
    """One gzip member of a packed suite file that holds entries."""

    offset: int
    """In the file, in bytes."""
    size: int
    """In the file, in bytes."""
    line: int
    """Number of its first line in the unpacked file, counted from 1."""


class IndexHead(Value):
    """An index file without its rows: all that it takes to register the scenarios."""

    schema_version: int = SUITE_SCHEMA
    header: SuiteHeader
    """That of the suite file."""
    size: int
    """Of the suite file, in bytes."""
    sha256: str
    """Of the suite file."""
    blocks: tuple[Block, ...]
    versions: tuple[tuple[str, int], ...]
    """Id and version of each scenario, in the order of the file."""


class SuiteIndex(IndexHead):
    """The whole of an index file."""

    rows: tuple[Row, ...]

    @model_validator(mode="after")
    def _of_one_mind(self) -> SuiteIndex:
        if tuple((row.card.id, row.card.version) for row in self.rows) != self.versions:
            raise ValueError("rows and versions do not tell of the same scenarios")
        return self


Index = TypeVar("Index", bound=IndexHead)


@dataclass
class Entered:
    """The rows and blocks of an index, gathered while its file is written."""

    rows: list[Row] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    _in_block: int = 0

    def add(self, entry: SuiteEntry) -> None:
        """The next entry, which stands in the block that is not yet closed."""
        self.rows.append(
            Row(
                card=card_of(entry.scenario),
                pattern=entry.pattern,
                style=entry.style,
                split=entry.split,
                block=len(self.blocks),
                at=self._in_block,
            )
        )
        self._in_block += 1

    def close_block(self, offset: int, size: int) -> None:
        """The entries since the last block stand in this one."""
        first = len(self.rows) - self._in_block
        self.blocks.append(Block(offset=offset, size=size, line=first + 2))  # the header is line 1
        self._in_block = 0


def card_of(scenario: Scenario) -> Card:
    """What lists tell of a scenario."""
    return Card(
        id=scenario.id,
        version=scenario.version,
        title=scenario.title,
        sources=tuple(map(str, scenario.sources)),
        strategies=tuple(str(trigger.strategy) for trigger in scenario.triggers if trigger.strategy),
        categories=tuple(map(str, scenario.categories)),
        severities=tuple(str(outcome.severity) for outcome in scenario.outcomes),
        toolkits=scenario.toolkits,
        checked=scenario.checked,
        eval_only=scenario.eval_only,
    )


def index_path(path: Path) -> Path:
    """The index of a packed suite file."""
    return path.with_name(f"{path.name.removesuffix('.jsonl.gz')}.index.json")


def write_index(path: Path, header: SuiteHeader, entered: Entered) -> None:
    """Write the index of a packed suite file that is whole. One scenario a line, so that changes can be read."""
    data = path.read_bytes()
    head = IndexHead(
        header=header,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        blocks=tuple(entered.blocks),
        versions=tuple((row.card.id, row.card.version) for row in entered.rows),
    )
    rows = ",\n".join(row.model_dump_json() for row in entered.rows)
    text = head.model_dump_json().encode().removesuffix(b"}") + ROWS + rows.encode() + b"\n]}\n"
    part = index_path(path).with_name(f"{index_path(path).name}.part")
    part.write_bytes(text)
    part.replace(index_path(path))


def read_head(path: Path) -> IndexHead:
    """The index of a packed suite file without its rows, in a fifth of the time. Raises ScenarioError likewise."""
    return _read(path, IndexHead, lambda text: text.partition(ROWS)[0] + b"}")


def read_index(path: Path) -> SuiteIndex:
    """The index of a packed suite file; the file itself is not read.

    Raises:
        ScenarioError: there is none, it cannot be read, or it belongs to a file of another size.
    """
    return _read(path, SuiteIndex, bytes)


def _read(path: Path, kind: type[Index], part: Callable[[bytes], bytes]) -> Index:
    place = index_path(path)
    try:
        index = kind.model_validate_json(part(place.read_bytes()))
        size = path.stat().st_size
    except OSError as error:
        raise _wrong(Path(error.filename or place), f"cannot be read: {error.strerror}") from error
    except ValidationError as error:
        item = error.errors(include_url=False, include_input=False)[0]
        reason = ": ".join([*map(str, item["loc"]), item["msg"]])
        raise _wrong(place, f"is no index of a suite ({reason})") from error
    if index.schema_version != SUITE_SCHEMA:
        raise _wrong(place, f"has schema version {index.schema_version}; this package reads {SUITE_SCHEMA}")
    if index.size != size:
        raise _wrong(place, f"does not belong to {path}, which has {size} bytes and not {index.size}", index)
    return index


def must_belong(index: IndexHead, path: Path) -> None:
    """Raises ScenarioError when the index was not made for the file as it is."""
    if digest_of(path, path.stat().st_mtime_ns) != index.sha256:
        raise _wrong(index_path(path), f"does not belong to {path}: the digests differ", index)


def _wrong(place: Path, message: str, index: IndexHead | None = None) -> ScenarioError:
    command = f" with `{index.header.command}`" if index else ""
    return ScenarioError([Problem(f"{message}; make suite and index again{command}", str(place))])


def read_row(path: Path, index: SuiteIndex, row: Row) -> Unbuilt:
    """One entry of a packed suite file; nothing but its block is unpacked.

    Raises:
        ScenarioError: the file cannot be read, or the index does not belong to it.
    """
    try:
        must_belong(index, path)
        block = index.blocks[row.block]
        lines = _unpacked(path, path.stat().st_mtime_ns, block.offset, block.size)
        entry = read_entry(lines[row.at], str(path), block.line + row.at)
    except OSError as error:
        raise ScenarioError([Problem(f"cannot be read: {error.strerror}", str(path))]) from error
    except (IndexError, zlib.error) as error:
        raise _wrong(index_path(path), f"does not lead to {row.card.id!r} in {path}", index) from error
    if entry.id != row.card.id:
        raise _wrong(index_path(path), f"leads to {entry.id!r} in {path}, not to {row.card.id!r}", index)
    return entry


@lru_cache(maxsize=64)
def digest_of(path: Path, _stamp: int) -> str:
    """SHA-256 of a file as it was at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=8)
def _unpacked(path: Path, _stamp: int, offset: int, size: int) -> list[bytes]:
    """The lines of one block."""
    with path.open("rb") as file:
        file.seek(offset, os.SEEK_SET)
        reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        return reader.decompress(file.read(size), MAX_BLOCK).splitlines(keepends=True)
