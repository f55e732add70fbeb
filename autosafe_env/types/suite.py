"""A suite in one file: JSON lines of which the first tells how it was made and every other holds one scenario."""

from __future__ import annotations

from enum import StrEnum

from autosafe_env.types.base import Value
from autosafe_env.types.threat import Scenario

SUITE_SCHEMA = 1
"""Grows with every change of the file's form."""


class Split(StrEnum):
    """What a scenario of a suite is for. Nothing that is held out shares its pattern, or a toolkit, with `train`."""

    TRAIN = "train"
    """To learn from."""
    HELDOUT_SCENARIOS = "heldout_scenarios"
    """New scenarios of patterns and toolkits that are trained on."""
    HELDOUT_PATTERNS = "heldout_patterns"
    """Patterns that are not trained on, over toolkits that are."""
    HELDOUT_TOOLKITS = "heldout_toolkits"
    """Patterns that are trained on, over at least one toolkit that is not."""


class SuiteHeader(Value):
    """The first line of a suite file: what it takes to make the same file again."""

    schema_version: int = SUITE_SCHEMA
    suite: str
    """Its name: that of the file, without endings."""
    command: str
    """The command line that makes this file."""
    versions: dict[str, str]
    """Of what decides the contents: this package, and the library that draws names."""


class SuiteEntry(Value):
    """One scenario of a suite file, and where it came from."""

    index: int
    """Of the order that it was made for; grows along the file."""
    pattern: str
    """Id of its pattern; empty where it has none, as for a case that was imported."""
    style: str = ""
    """Attack style that its payload is dressed in; empty for none."""
    split: Split | None = None
    """None where the suite has no splits."""
    scenario: Scenario


class Placement(Value):
    """Where a suite puts a scenario."""

    split: Split | None = None
    """None where the suite has no splits."""
    pattern: str = ""
