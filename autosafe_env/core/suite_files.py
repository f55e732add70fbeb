"""Suite files on disk: `.jsonl`, or `.jsonl.gz` that any gunzip reads whole and we read in parts.

The packed form is a row of gzip members: the header alone in the first, then blocks of entries. Its bytes are a
function of its contents: no time and no name is written into them. `core/suite_index.py` tells where each block is.
"""

from __future__ import annotations

import gzip
import warnings
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from autosafe_env.core.suite_index import Entered, write_index
from autosafe_env.core.suite_lines import MAX_LINE, Unbuilt, read_entry, read_header, write_line
from autosafe_env.errors import ConfigError, Problem, ScenarioError
from autosafe_env.types.suite import SuiteEntry, SuiteHeader

ENDINGS = (".jsonl.gz", ".jsonl")
BLOCK = 16
"""Entries in one gzip member. 2,000 generated scenarios of 13 kB take 9.4 MB in members of one, 7.4 in members of 8,
7.2 of 16, 7.1 of 32, and 7.0 MB in one member; to read one scenario its whole member is unpacked."""
LEVEL = 9
GZIP = b"\x1f\x8b"


class TornSuite(UserWarning):
    """The last line of a suite file is not whole, and was left out."""


def is_suite_file(path: Path) -> bool:
    """Whether a path is named as suite files are."""
    return path.name.endswith(ENDINGS)


def suite_name(path: Path) -> str:
    """The name of the suite in a file: that of the file, without endings."""
    ending = next((each for each in ENDINGS if path.name.endswith(each)), "")
    return path.name.removesuffix(ending)


def header_of(path: Path) -> SuiteHeader:
    """The header of a suite file.

    Raises:
        ScenarioError: the file cannot be read, or is no suite file.
    """
    for _, line in _lines(path):
        return read_header(line, str(path))
    raise ScenarioError([Problem("is no suite file: it has no whole line", str(path))])


def entries_of(path: Path) -> Iterator[Unbuilt]:
    """The entries of a suite file, in order; one is held in memory at a time.

    A last line that is not whole is left out with a `TornSuite` warning.

    Raises:
        ScenarioError: the file cannot be read, is no suite file, or a line of it is no entry.
    """
    header_of(path)
    for number, line in _lines(path):
        if number == 1:
            continue
        try:
            entry = read_entry(line, str(path), number)
        except ScenarioError:
            if line.endswith(b"\n") or len(line) > MAX_LINE:
                raise
            _warn_torn(path, number)
            return
        yield entry


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, unpacked where it is packed, whatever it is called."""
    number = 0
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
            while line := file.readline(MAX_LINE + 1):
                number += 1
                yield number, line
                if len(line) > MAX_LINE:
                    return  # the reader of this line has refused it
    except EOFError:
        _warn_torn(path, number + 1)
    except (OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScenarioError([Problem(f"cannot be read: {reason}", str(path), number and number + 1)]) from error


def _warn_torn(path: Path, number: int) -> None:
    sentence = (
        f"{path}:{number}: the file ends in the midst of this line, which is left out; {number - 1} lines are whole"
    )
    warnings.warn(sentence, TornSuite, stacklevel=4)


def write_suite(path: Path, header: SuiteHeader, entries: Iterable[SuiteEntry], block: int = BLOCK) -> int:
    """Write a suite file, packed and with its index beside it where its name ends in `.gz`.

    Entries are written as they come, to `<name>.part` beside the file, which takes the file's place when all are there;
    after an interrupt `entries_of` reads what the part holds.

    Returns:
        How many entries there were.

    Raises:
        ConfigError: the file cannot be written, its name has no ending of suite files, or an entry is too long to be
            read again.
    """
    if not is_suite_file(path):
        raise ConfigError(f"{path}: the name of a suite file ends in {' or '.join(ENDINGS)}")
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            entered = _packed(file, header, entries, block) if path.suffix == ".gz" else _plain(file, header, entries)
        part.replace(path)
        if path.suffix == ".gz":
            write_index(path, header, entered)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    return len(entered.rows)


def _plain(file: BinaryIO, header: SuiteHeader, entries: Iterable[SuiteEntry]) -> Entered:
    entered = Entered()
    file.write(write_line(header))
    for entry in entries:
        file.write(_entry_line(entry))
        file.flush()
        entered.add(entry)
    return entered


def _packed(file: BinaryIO, header: SuiteHeader, entries: Iterable[SuiteEntry], block: int) -> Entered:
    entered, waiting = Entered(), list[bytes]()
    file.write(member(write_line(header)))
    try:
        for entry in entries:
            waiting.append(_entry_line(entry))
            entered.add(entry)
            if len(waiting) == block:
                _flush(file, waiting, entered)
    finally:  # an interrupt must not cost what came before it
        if waiting:
            _flush(file, waiting, entered)
    return entered


def _entry_line(entry: SuiteEntry) -> bytes:
    line = write_line(entry)
    if len(line) > MAX_LINE:
        raise ConfigError(f"the scenario {entry.scenario.id!r} takes {len(line)} bytes; a line may have {MAX_LINE}")
    return line


def _flush(file: BinaryIO, waiting: list[bytes], entered: Entered) -> None:
    packed = member(b"".join(waiting))
    entered.close_block(file.tell(), len(packed))
    file.write(packed)
    file.flush()
    waiting.clear()


def member(data: bytes) -> bytes:
    """One gzip member that holds the data; its bytes depend on them alone."""
    return zlib.compress(data, LEVEL, wbits=zlib.MAX_WBITS | 16)
