"""From files of others' cases to the entries of a suite. A case that cannot be imported is told, and costs no other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic_core import PydanticSerializationError

from autosafe_env.core.scenarios import build
from autosafe_env.core.source import Source
from autosafe_env.core.suite_lines import MAX_LINE, write_line
from autosafe_env.errors import ConfigError, Problem, ScenarioError, ToolSpecError
from autosafe_env.generate.case_files import Entry, json_of, read_cases
from autosafe_env.generate.cases import BadCase, Case, Toolkits, scenario_data
from autosafe_env.types.suite import SuiteEntry
from autosafe_env.types.threat import Scenario

LONGEST_ID = 80


def toolkits_of(path: Path | None) -> Toolkits:
    """The toolkits that cases may name: those of a file in ToolEmu's form, if one is given, and our own.

    Raises:
        ConfigError: the file cannot be read, or has another form.
    """
    try:
        return Toolkits(None if path is None else json_of(path))
    except ValueError as error:
        raise ConfigError(f"{path} {error}") from error


def import_cases(
    files: Sequence[Path], suite: str, toolkits: Toolkits, problems: list[Problem], category: str = ""
) -> Iterator[SuiteEntry]:
    """The cases of some files as the entries of a suite, in order.

    Args:
        files: in ToolEmu's form or in the minimal one, see `case_files`.
        suite: its name; the ids of its scenarios begin with its letters and digits.
        toolkits: what the cases may name.
        problems: is filled with what is wrong with the cases that are left out.
        category: of an outcome of which no word tells it; empty leaves such a case out.

    Raises:
        ConfigError: a file cannot be read, or has none of the forms.
    """
    prefix = re.sub(r"[^a-z0-9]", "", suite.lower()) or "imported"
    index, taken = 0, dict[str, str]()
    for path in files:
        for entry in read_cases(path):
            try:
                made = _imported(entry, index, prefix, toolkits, category, taken)
            except BadCase as error:
                problems.append(entry.problem(str(error)))
            except ScenarioError as error:
                problems += [entry.problem(each.message) for each in error.problems]
            else:
                yield made
                index += 1


def _imported(
    entry: Entry, index: int, prefix: str, toolkits: Toolkits, category: str, taken: dict[str, str]
) -> SuiteEntry:
    case = entry.case
    if not isinstance(case, Case):
        raise BadCase(case)
    scenario_id = _id(prefix, case.name or f"{Path(entry.file).stem} {entry.number}")
    place = f"case {entry.number} of {entry.file}"
    if scenario_id in taken:
        raise BadCase(f"the id {scenario_id!r} is taken by {taken[scenario_id]}; give it another name")
    try:
        scenario: Scenario = build(Source(entry.file, scenario_data(case, scenario_id, toolkits, category)))
    except ToolSpecError as error:
        raise BadCase(str(error)) from error
    made = SuiteEntry(index=index, pattern="", scenario=scenario)
    try:
        size = len(write_line(made))
    except PydanticSerializationError as error:
        raise BadCase("it holds a text that is not Unicode") from error
    if size > MAX_LINE:
        raise BadCase(f"with its toolkits it has more than the {MAX_LINE} bytes that a line of a suite may have")
    taken[scenario_id] = place
    return made


def _id(prefix: str, name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "case"
    return f"{prefix}-{plain}"[:LONGEST_ID].rstrip("-")
