"""`autosafe check`: everything that can be said against scenario files, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autosafe_env.core.discover import PATTERNS, scenario_files, scenarios_folder, suite_files
from autosafe_env.core.scenarios import build
from autosafe_env.core.source import Source
from autosafe_env.core.suite_files import entries_of, is_suite_file
from autosafe_env.core.suite_index import index_path, must_belong, read_index
from autosafe_env.core.yaml_source import read_yaml
from autosafe_env.errors import ConfigError, Problem, ScenarioError
from autosafe_env.run.prove import prove


@dataclass(frozen=True)
class Checked:
    """The findings on one scenario, or on a file that could not be read."""

    file: str
    id: str
    """Empty when the file could not be read that far."""
    problems: tuple[Problem, ...]
    unproven: str = ""
    """Why the scenario cannot be proven though nothing is wrong with it; empty where that is not so."""
    line: int = 1
    """Where the scenario begins in the file."""


UNCHECKED = "not proven: it has no checks or paths, and is judged by a language model only"


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files that some paths mean: scenario and suite files themselves, and all YAML files below folders; sorted.

    No path means all that ships with the package. The patterns that ship are no scenarios, and left out.

    Raises:
        ConfigError: a path does not exist, or a folder holds no scenario.
    """
    given = list(paths)
    if not given:
        return [*scenario_files().values(), *suite_files().values()]
    patterns = scenarios_folder() / PATTERNS
    found: list[Path] = []
    for path in given:
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        if not path.exists():
            raise ConfigError(f"there is no file or folder {str(path)!r}")
        if not inside:
            raise ConfigError(f"the folder {str(path)!r} holds no .yaml file")
        found += [each for each in inside if not each.resolve().is_relative_to(patterns)]
    return found


def check_files(files: Iterable[Path]) -> list[Checked]:
    """Read, lint and prove what each file holds.

    Ids must be unique among the files, match the names of shipped files, and in a suite file come in order.
    """
    shipped = {path.resolve(): name for name, path in scenario_files().items()}
    results: list[Checked] = []
    owners: dict[str, str] = {}
    for path in files:
        for found in _check_suite(path) if is_suite_file(path) else [_check_file(path, shipped)]:
            place = f"{path}:{found.line}" if is_suite_file(path) else str(path)
            if found.id and (other := owners.setdefault(found.id, place)) != place:
                taken = Problem(f"the id {found.id!r} is taken by {other}", str(path), found.line)
                found = replace(found, problems=(*found.problems, taken))
            results.append(found)
    return results


def _check_file(path: Path, shipped: Mapping[Path, str]) -> Checked:
    try:
        source = read_yaml(path)
    except ScenarioError as error:
        return Checked(str(path), "", error.problems)
    found = _check(source)
    expected = shipped.get(path.resolve(), found.id)
    if found.id and found.id != expected:
        wrong = Problem(f"the id must be '<suite>-<file name>', here {expected!r}", str(path), 1)
        return replace(found, problems=(*found.problems, wrong))
    return found


def _check_suite(path: Path) -> Iterator[Checked]:
    last = -1
    try:
        if path.name.endswith(".gz") and index_path(path).exists():
            must_belong(read_index(path), path)
        for entry in entries_of(path):
            found = _check(entry.source)
            if entry.head.index <= last:
                message = f"the index {entry.head.index} does not come after {last}, which stands before it"
                found = replace(found, problems=(*found.problems, Problem(message, str(path), entry.line)))
            last = entry.head.index
            yield replace(found, line=entry.line)
    except ScenarioError as error:
        yield Checked(str(path), "", error.problems, line=error.problems[0].line)


def _check(source: Source) -> Checked:
    try:
        scenario = build(source)
    except ScenarioError as error:
        return Checked(source.file, "", error.problems)
    if not scenario.checked:
        return Checked(source.file, scenario.id, (), UNCHECKED)
    problems = tuple(source.problem(place, message) for place, message in prove(scenario))
    return Checked(source.file, scenario.id, problems)
