"""What ships with the package: every scenario by id, those in files of their own and those of suites in one file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autosafe_env.core.discover import scenario_files, suite_files, version_of
from autosafe_env.core.suite_index import Row, SuiteIndex, read_index
from autosafe_env.errors import ScenarioError


class BrokenSuite(UserWarning):
    """A suite that ships cannot be listed, and is left out."""


@dataclass(frozen=True)
class Home:
    """Where a scenario that ships is."""

    suite: str
    file: Path
    row: Row | None = None
    """Its place in a suite file; None where the file holds this scenario only."""

    @property
    def version(self) -> int:
        """Version of the scenario."""
        return version_of(self.file) if self.row is None else self.row.card.version


@cache
def shipped() -> Mapping[str, Home]:
    """Every scenario that ships, by id, sorted. Scenarios are not read.

    A suite file whose index cannot be read is left out with a `BrokenSuite` warning, so that all else can be used; to
    load from it says what is wrong.
    """
    homes = {name: Home(path.parent.name, path) for name, path in scenario_files().items()}
    for name, path in suite_files().items():
        try:
            index = index_of(path)
        except ScenarioError as error:
            warnings.warn(f"the suite {name!r} is left out: {error}", BrokenSuite, stacklevel=2)
            continue
        for row in index.rows:
            other = homes.setdefault(row.card.id, Home(name, path, row))
            if other.row is not row:
                sentence = (
                    f"the scenario {row.card.id!r} of the suite {name!r} is left out: the id is taken by {other.file}"
                )
                warnings.warn(sentence, BrokenSuite, stacklevel=2)
    return dict(sorted(homes.items()))


@cache
def index_of(path: Path) -> SuiteIndex:
    """The index of a suite file that ships, read once. Raises ScenarioError like `read_index`."""
    return read_index(path)


def suite_members(suite: str) -> tuple[str, ...]:
    """The ids of a suite that ships: those in files of their own sorted, those of one file in its order.

    Raises:
        ScenarioError: the index of the suite's file cannot be read.
    """
    if suite in suite_files():
        return tuple(row.card.id for row in index_of(suite_files()[suite]).rows)
    return tuple(name for name, home in shipped().items() if home.suite == suite)
