"""Every suite that ships in one file: whole, in order, read the same way at once and in parts, and proven."""

from __future__ import annotations

from collections import Counter

import pytest

from autosafe_env import load_scenario
from autosafe_env.core.discover import suite_files
from autosafe_env.core.scenarios import build
from autosafe_env.core.shipped import index_of, shipped, suite_members
from autosafe_env.core.suite_files import entries_of, header_of
from autosafe_env.core.suite_index import must_belong
from autosafe_env.run.prove import prove
from autosafe_env.run.suite import sample

MOST_BYTES = 15_000_000
PROVEN = 60
"""Scenarios of each suite whose proof is walked here; `autosafe check` walks all."""
SUITES = tuple(suite_files())


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_file_and_its_index_say_the_same(name: str) -> None:
    path = suite_files()[name]
    index = index_of(path)
    must_belong(index, path)
    assert path.stat().st_size < MOST_BYTES
    assert header_of(path) == index.header
    assert index.header.suite == name
    found = list(entries_of(path))
    assert [entry.id for entry in found] == list(suite_members(name))
    assert Counter(entry.id for entry in found).most_common(1)[0][1] == 1
    assert [entry.head.index for entry in found] == sorted({entry.head.index for entry in found})
    assert all(shipped()[entry.id].suite == name for entry in found)


@pytest.mark.parametrize("name", SUITES)
def test_scenarios_of_a_suite_are_proven_and_may_be_trained_on(name: str) -> None:
    entries = sample(entries_of(suite_files()[name]), PROVEN, 0, lambda entry: entry.id)
    for entry in entries:
        scenario = build(entry.source)
        assert load_scenario(entry.id) == scenario
        assert list(prove(scenario)) == [], entry.id
        assert not scenario.eval_only
