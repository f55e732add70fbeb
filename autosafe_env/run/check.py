"""`autosafe check`: everything that can be said against scenario files, all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autosafe_env.core.discover import scenario_files
from autosafe_env.core.scenarios import build
from autosafe_env.core.yaml_source import read_yaml
from autosafe_env.errors import ConfigError, Problem, ScenarioError
from autosafe_env.run.prove import prove


@dataclass(frozen=True)
class Checked:
    """The findings on one file."""

    file: str
    id: str
    """Empty when the file could not be read that far."""
    problems: tuple[Problem, ...]
    unproven: str = ""
    """Why the scenario cannot be proven though nothing is wrong with it; empty where that is not so."""


UNCHECKED = "not proven: it has no checks or paths, and is judged by a language model only"


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The scenario files that some paths mean: files themselves, and all YAML files below folders; sorted.

    No path means all scenarios that ship with the package.

    Raises:
        ConfigError: a path does not exist, or a folder holds no scenario.
    """
    given = list(paths)
    if not given:
        return list(scenario_files().values())
    found: list[Path] = []
    for path in given:
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        if not path.exists():
            raise ConfigError(f"there is no file or folder {str(path)!r}")
        if not inside:
            raise ConfigError(f"the folder {str(path)!r} holds no .yaml file")
        found += inside
    return found


def check_files(files: Iterable[Path]) -> list[Checked]:
    """Read, lint and prove each file; ids must be unique among them and match the names of shipped files."""
    shipped = {path.resolve(): name for name, path in scenario_files().items()}
    results: list[Checked] = []
    owners: dict[str, str] = {}
    for path in files:
        scenario_id, problems, unproven = _check(path)
        if scenario_id and (other := owners.setdefault(scenario_id, str(path))) != str(path):
            problems.append(Problem(f"the id {scenario_id!r} is taken by {other}", str(path), 1))
        expected = shipped.get(path.resolve(), scenario_id)
        if scenario_id and scenario_id != expected:
            problems.append(Problem(f"the id must be '<suite>-<file name>', here {expected!r}", str(path), 1))
        results.append(Checked(str(path), scenario_id, tuple(problems), unproven))
    return results


def _check(path: Path) -> tuple[str, list[Problem], str]:
    try:
        source = read_yaml(path)
        scenario = build(source)
    except ScenarioError as error:
        return "", list(error.problems), ""
    if not scenario.checked:
        return scenario.id, [], UNCHECKED
    return scenario.id, [source.problem(place, message) for place, message in prove(scenario)], ""
