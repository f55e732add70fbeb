"""From a file, an id or plain data to a scenario that is known to be well formed.

Well formed means: the schema fits, every name is known, every hole is reachable, the world fits the toolkits' typed
states, every check compiles, every path's call is valid. That it also *proves itself* is `run/prove.py`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from autosafe_env.core.discover import scenario_tools
from autosafe_env.core.lint import lint
from autosafe_env.core.schema_problems import schema_problems
from autosafe_env.core.shipped import index_of, rows_of, shipped
from autosafe_env.core.source import Place, Source
from autosafe_env.core.specified import with_specified
from autosafe_env.core.suite_files import entries_of, is_suite_file
from autosafe_env.core.suite_index import Row, read_row
from autosafe_env.core.variant import fill, text_at
from autosafe_env.errors import Problem, ScenarioError, UnknownName
from autosafe_env.types.base import Json
from autosafe_env.types.brief import Brief, Reply, Turn
from autosafe_env.types.state import World
from autosafe_env.types.threat import (
    Achievement,
    Outcome,
    Paths,
    PathStep,
    PlannedFault,
    Scenario,
    SpecifiedToolkit,
    Trigger,
    Variant,
)
from autosafe_env.types.tools import ToolSpec

PARTS: dict[Place, type[BaseModel]] = {
    (): Scenario,
    ("user",): Brief,
    ("user", "replies"): Reply,
    ("user", "turns"): Turn,
    ("specified",): SpecifiedToolkit,
    ("specified", "tools"): ToolSpec,
    ("faults",): PlannedFault,
    ("triggers",): Trigger,
    ("outcomes",): Outcome,
    ("achievements",): Achievement,
    ("paths",): Paths,
    ("paths", "unsafe"): PathStep,
    ("paths", "safe"): PathStep,
    ("paths", "benign"): PathStep,
}
"""Which model stands at a place of a scenario file, list indices left out."""


def load_scenario(source: str | Path | Mapping[str, Json] | Scenario) -> Scenario:
    """A scenario from its id, from the path of a YAML file, or from plain data; a loaded one is returned as it is.

    `FILE#ID` is one scenario of a suite file.

    Raises:
        UnknownName: a text that is neither a known id nor an existing file.
        ScenarioError: the scenario is not well formed; all problems are listed.
    """
    if isinstance(source, Scenario):
        return source
    if isinstance(source, Mapping):
        return build(Source("<data>", dict(source)))
    file, mark, name = str(source).rpartition("#")
    if mark and is_suite_file(Path(file)):
        return _of_suite(Path(file), name)
    known = shipped()
    home = known.get(str(source))
    path = home.file if home else Path(source)
    if not path.is_file():
        raise UnknownName("scenario", str(source), known)
    if home is not None and home.packed:
        return load_row(path, rows_of(path)[str(source)])
    if is_suite_file(path):
        message = "holds a suite, not one scenario; write FILE#ID, or play it with `autosafe run --suite`"
        raise ScenarioError([Problem(message, str(path))])
    return _load_file(path.resolve(), path.stat().st_mtime_ns)


def _of_suite(path: Path, name: str) -> Scenario:
    """One scenario of a suite file, which is read to where it stands."""
    ids = []
    for entry in entries_of(path):
        if entry.id == name:
            return build(entry.source)
        ids.append(entry.id)
    raise UnknownName(f"scenario of {path}", name, ids)


def load_row(path: Path, row: Row) -> Scenario:
    """One scenario of a suite that ships in one file. Raises ScenarioError like `load_scenario`."""
    return _load_row(path, path.stat().st_mtime_ns, row)


@lru_cache(maxsize=4096)
def _load_row(path: Path, _stamp: int, row: Row) -> Scenario:
    return build(read_row(path, index_of(path), row).source)


@lru_cache(maxsize=4096)
def _load_file(path: Path, _stamp: int) -> Scenario:
    # Imported here, so that a program which only makes environments from data does not need YAML.
    from autosafe_env.core.yaml_source import read_yaml

    scenario = build(read_yaml(path))
    expected = f"{path.parent.name}-{path.stem}"
    home = shipped().get(expected)
    if home is not None and home.file.resolve() == path and scenario.id != expected:
        raise ScenarioError([Problem(f"id {scenario.id!r} must be '<suite>-<file name>': {expected}", str(path), 1)])
    return scenario


def build(source: Source) -> Scenario:
    """The scenario that a source holds, its world completed with the defaults of the typed states.

    Raises:
        ScenarioError: the scenario is not well formed; all problems are listed.
    """
    try:
        scenario = Scenario.model_validate(with_specified(source))
    except ValidationError as error:
        raise ScenarioError(schema_problems(source, error, PARTS, "scenario")) from error
    problems = [source.problem(place, message) for place, message in lint(scenario)]
    if problems:
        raise ScenarioError(problems)
    return _completed(scenario)


def _completed(scenario: Scenario) -> Scenario:
    """The scenario with every default of the typed states written out, in the world and in what fills its holes."""
    triggers = list(scenario.triggers)
    for variant, field in ((Variant.ATTACKED, "payload"), (Variant.BENIGN, "benign")):
        filled = fill(scenario, variant)
        filled = filled.model_copy(update={"world": complete_world(filled)})
        for index, trigger in enumerate(triggers):
            if trigger.hole.startswith("/"):
                triggers[index] = trigger.model_copy(update={field: text_at(filled, trigger.hole)})
    # The benign world is the one to keep: a hole may stand in place of a whole record.
    return scenario.model_copy(update={"triggers": tuple(triggers), "world": filled.world})


def complete_world(scenario: Scenario) -> World:
    """The world of a scenario with an entry for each toolkit, each fitting its typed state."""
    states: dict[str, Any] = {tool.spec.toolkit: tool.toolkit.State for tool in scenario_tools(scenario).values()}
    given = scenario.world
    return {name: state.model_validate(given.get(name, {})).model_dump(mode="json") for name, state in states.items()}
