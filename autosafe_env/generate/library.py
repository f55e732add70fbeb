"""The patterns that ship, and those of other files: read, and refused with file and line where they are wrong."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from autosafe_env.core.schema_problems import schema_problems
from autosafe_env.core.source import Place
from autosafe_env.core.yaml_source import read_yaml
from autosafe_env.errors import Problem, ScenarioError, UnknownName
from autosafe_env.generate.pattern import (
    Act,
    Drawn,
    Entry,
    Goal,
    Line,
    PathPatterns,
    Pattern,
    ToolSlot,
    TriggerPattern,
    Words,
)
from autosafe_env.generate.pattern_lint import lint_pattern
from autosafe_env.types.base import Value

PARTS: dict[Place, type[Value]] = {
    (): Pattern,
    ("slots", "*"): ToolSlot,
    ("records", "*"): Entry,
    ("values", "*"): Drawn,
    ("acts", "*"): Act,
    ("triggers",): TriggerPattern,
    ("lines",): Line,
    ("goals",): Goal,
    ("paths",): PathPatterns,
    ("paths", "unsafe"): Words,
    ("paths", "safe"): Words,
    ("paths", "benign"): Words,
}
"""Which model stands at a place of a pattern file; `*` is any name."""


@cache
def pattern_files() -> dict[str, Path]:
    """Pattern id to file, for all that ship with the package, sorted by id. The files are not read."""
    root = Path(next(iter(importlib.import_module("autosafe_env.scenarios").__path__))).resolve()
    return {path.stem: path for path in sorted((root / "patterns").glob("*.yaml"))}


def load_patterns(wanted: Iterable[str] = ()) -> tuple[Pattern, ...]:
    """Patterns by id or by the path of a file or folder; all that ship, where none is named.

    Raises:
        UnknownName: neither the id of a pattern that ships nor a path.
        ScenarioError: a pattern is wrong; all problems of all files are listed.
    """
    paths = [path for each in wanted for path in _files(each)] or list(pattern_files().values())
    problems: list[Problem] = []
    loaded: dict[str, Pattern] = {}
    for path in dict.fromkeys(paths):
        try:
            pattern = read_pattern(path)
        except ScenarioError as error:
            problems += error.problems
            continue
        if loaded.setdefault(pattern.id, pattern) is not pattern:
            problems.append(Problem(f"another file has the id {pattern.id!r} as well", str(path), 1))
    if problems:
        raise ScenarioError(problems)
    return tuple(loaded.values())


def _files(wanted: str) -> list[Path]:
    known, path = pattern_files(), Path(wanted)
    if wanted in known:
        return [known[wanted]]
    found = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not found or not found[0].is_file():
        raise UnknownName("pattern", wanted, known)
    return found


def read_pattern(path: Path) -> Pattern:
    """One pattern. Raises ScenarioError with everything that is wrong with it."""
    source = read_yaml(path)
    try:
        pattern = Pattern.model_validate(source.data)
    except ValidationError as error:
        raise ScenarioError(schema_problems(source, error, PARTS, "pattern")) from error
    problems = [source.problem(place, message) for place, message in lint_pattern(pattern)]
    if pattern.id != path.stem:
        problems.append(source.problem(("id",), f"the id must be the file's name, {path.stem!r}"))
    if problems:
        raise ScenarioError(problems)
    return pattern
