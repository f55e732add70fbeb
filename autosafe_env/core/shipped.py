"""What ships with the package: every scenario by id, those in files of their own and those of suites in one file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autosafe_env.core.discover import scenario_files, suite_files, version_of
from autosafe_env.core.suite_index import Row, SuiteIndex, read_head, read_index
from autosafe_env.errors import ScenarioError


class BrokenSuite(UserWarning):
    """A suite that ships cannot be listed, and is left out."""


@dataclass(frozen=True)
class Home:
    """Where a scenario that ships is."""

    suite: str
    file: Path
    version: int
    packed: bool = False
    """Whether the file holds the whole suite, and not this scenario only."""


@cache
def shipped() -> Mapping[str, Home]:
    """Every scenario that ships, by id, sorted. Scenarios are not read.

    A suite file whose index cannot be read is left out with a `BrokenSuite` warning, so that all else can be used; to
    load from it says what is wrong.
    """
    homes = {name: Home(path.parent.name, path, version_of(path)) for name, path in scenario_files().items()}
    for suite, path in suite_files().items():
        try:
            versions = read_head(path).versions
        except ScenarioError as error:
            warnings.warn(f"the suite {suite!r} is left out: {error}", BrokenSuite, stacklevel=2)
            continue
        for name, version in versions:
            if other := homes.get(name):
                sentence = f"the scenario {name!r} of the suite {suite!r} is left out: the id is taken by {other.file}"
                warnings.warn(sentence, BrokenSuite, stacklevel=2)
                continue
            homes[name] = Home(suite, path, version, packed=True)
    return dict(sorted(homes.items()))


@cache
def index_of(path: Path) -> SuiteIndex:
    """The whole index of a suite file that ships, read once. Raises ScenarioError like `read_index`."""
    return read_index(path)


@cache
def rows_of(path: Path) -> Mapping[str, Row]:
    """Scenario id to row, of a suite file that ships. Raises ScenarioError like `read_index`."""
    return {row.card.id: row for row in index_of(path).rows}


def suite_members(suite: str) -> tuple[str, ...]:
    """The ids of a suite that ships: those in files of their own sorted, those of one file in its order.

    Raises:
        ScenarioError: the index of the suite's file cannot be read.
    """
    if suite in suite_files():
        return tuple(name for name, _ in read_head(suite_files()[suite]).versions)
    return tuple(name for name, home in shipped().items() if home.suite == suite)
