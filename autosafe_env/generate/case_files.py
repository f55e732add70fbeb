"""Reading others' cases: ToolEmu's JSON, and a minimal list as CSV or JSON lines. What is wrong with one case costs it.

ToolEmu   [{"name", "Toolkits", "User Instruction", "Underspecifications": {"Task Information", "Safety & Security
          Constraints"}, "Expected Achievements", "Potential Risky Outcomes", "Potential Risky Actions"}]
minimal   instruction, tools, risky outcome; if wanted name, category, severity, source, expected achievement, persona
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autosafe_env.errors import ConfigError, Problem, nearest
from autosafe_env.generate.cases import BadCase, Case
from autosafe_env.types.base import Json

MAX_BYTES = 32 * 1024 * 1024
"""Of a file of cases, or of toolkits."""
OPEN = "Underspecifications"
TASK, CONSTRAINTS = "Task Information", "Safety & Security Constraints"
TOOLEMU = {
    "Toolkits": "tools",
    "User Instruction": "instruction",
    "Potential Risky Outcomes": "outcomes",
    "Expected Achievements": "achievements",
    "Potential Risky Actions": "risky_actions",
}
"""ToolEmu's keys to the fields of a case."""
NAMES = ("name", "id")
COLUMNS = {
    "instruction": "instruction",
    "tools": "tools",
    "risky outcome": "outcomes",
    "name": "name",
    "category": "category",
    "severity": "severity",
    "source": "source",
    "expected achievement": "achievements",
    "persona": "persona",
}
"""Columns of the minimal list to the fields of a case; the first three are needed."""
NEEDED = ("instruction", "tools", "risky outcome")
LISTS = ("tools", "outcomes", "achievements", "risky_actions")
"""Fields of a case that hold several texts."""


@dataclass(frozen=True)
class Entry:
    """One case of a file, or what is wrong with it."""

    file: str
    line: int
    """Where it begins, from 1; 0 in a JSON file, whose cases are told by their number."""
    number: int
    """From 1."""
    case: Case | str
    """A sentence where it cannot be read."""

    def problem(self, message: str) -> Problem:
        """Something that is wrong with this case."""
        name = f" ({self.case.name!r})" if isinstance(self.case, Case) and self.case.name else ""
        return Problem(f"case {self.number}{name}: {message}", self.file, self.line)


def read_cases(path: Path) -> Iterator[Entry]:
    """The cases of a file, in order.

    Raises:
        ConfigError: the file cannot be read, or has none of the forms.
    """
    readers = {".json": _toolemu, ".jsonl": _lines, ".csv": _csv}
    if path.suffix.lower() not in readers:
        raise ConfigError(f"{path}: cases are read from files that end in {', '.join(readers)}")
    yield from readers[path.suffix.lower()](str(path), text_of(path))


def text_of(path: Path) -> str:
    """The text of a file. Raises ConfigError when it cannot be read, is too large, or is no UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"{path} has more than {MAX_BYTES} bytes")
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: {error.reason}") from error


def json_of(path: Path) -> Json:
    """The JSON of a file. Raises ConfigError when it holds none."""
    return _parsed(str(path), text_of(path))


def _parsed(file: str, text: str) -> Json:
    try:
        return json.loads(text, parse_constant=_refused)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{file}:{error.lineno}: not JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: not JSON: {error}") from error


def _refused(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


def _toolemu(file: str, text: str) -> Iterator[Entry]:
    data = _parsed(file, text)
    items = [data] if isinstance(data, dict) else data
    if not isinstance(items, list):
        raise ConfigError(f"{file}: ToolEmu's cases are a list of objects")
    for number, item in enumerate(items, start=1):
        yield Entry(file, 0, number, _tried(_toolemu_case, item))


def _toolemu_case(data: Json) -> Case:
    if not isinstance(data, dict):
        raise BadCase("it is no object")
    _known(data, (*NAMES, OPEN, *TOOLEMU))
    for key in ("Toolkits", "User Instruction", "Potential Risky Outcomes"):
        if not data.get(key):
            raise BadCase(f"the key {key!r} is missing")
    left_open = data.get(OPEN) or {}
    if not isinstance(left_open, dict):
        raise BadCase(f"{OPEN!r} is no object")
    _known(left_open, (TASK, CONSTRAINTS))
    fields: dict[str, Any] = {field: _value(field, data[key]) for key, field in TOOLEMU.items() if data.get(key)}
    more = {"task_information": _texts(left_open.get(TASK)), "constraints": _texts(left_open.get(CONSTRAINTS))}
    name = next((_said(str(data[key])) for key in NAMES if data.get(key) not in (None, "")), "")
    return Case(**{"form": "toolemu", "name": name, **fields, **more})


def _lines(file: str, text: str) -> Iterator[Entry]:
    number = 0
    for line, content in enumerate(text.split("\n"), start=1):
        if content.strip():
            number += 1
            yield Entry(file, line, number, _tried(_json_line, content))


def _json_line(content: str) -> Case:
    try:
        data = json.loads(content, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise BadCase(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadCase("it is no object")
    return _minimal("jsonl", {_column(key): value for key, value in data.items()})


def _csv(file: str, text: str) -> Iterator[Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [_column(cell) for cell in next(reader, [])]
        try:
            _known(dict.fromkeys(columns), tuple(COLUMNS), "column")
            _needed(columns)
        except BadCase as error:
            raise ConfigError(f"{file}:1: {error}") from error
        number, line = 0, reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                number += 1
                yield Entry(file, line, number, _tried(_row, (columns, cells)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(f"{file}:{reader.line_num}: not CSV: {error}") from error


def _row(row: tuple[Sequence[str], Sequence[str]]) -> Case:
    columns, cells = row
    if len(cells) != len(columns):
        raise BadCase(f"has {len(cells)} cells; the first line names {len(columns)} columns")
    data: dict[str, Json] = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
    return _minimal("csv", data)


def _minimal(form: str, data: Mapping[str, Json]) -> Case:
    _known(data, tuple(COLUMNS))
    given = {name: value for name, value in data.items() if value not in (None, "", [])}
    _needed(given)
    if isinstance(given["tools"], str):
        given["tools"] = [part.strip() for part in given["tools"].replace(",", ";").split(";") if part.strip()]
    fields = {COLUMNS[name]: _value(COLUMNS[name], value) for name, value in given.items()}
    return Case(**{"form": form, "name": "", **fields})


def _column(name: str) -> str:
    """A column as it is listed, however it is spelled: `Risky_Outcome` is `risky outcome`."""
    return " ".join(name.replace("_", " ").replace("-", " ").split()).lower()


def _known(given: Mapping[str, Any], known: Sequence[str], what: str = "key") -> None:
    for key in given:
        if key not in known:
            raise BadCase(f"unknown {what} {key!r}{nearest(key, known)}")


def _needed(given: Mapping[str, Any] | Sequence[str]) -> None:
    for name in NEEDED:
        if name not in given:
            raise BadCase(f"{name!r} is missing")


def _value(field: str, value: Json) -> Any:
    if field in LISTS:
        return _texts(value)
    if not isinstance(value, str) or not value.strip():
        raise BadCase(f"{field}: a text is wanted, not {json.dumps(value)[:60]}")
    return _said(value)


def _texts(value: Json) -> tuple[str, ...]:
    items = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
        raise BadCase(f"texts are wanted, not {json.dumps(value)[:60]}")
    return tuple(map(_said, items))


def _said(text: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise BadCase("it holds a text that is not Unicode")
    return text.strip()


def _tried(read: Any, given: Any) -> Case | str:
    """The case, or why it cannot be read."""
    try:
        case: Case = read(given)
    except BadCase as error:
        return str(error)
    return case
