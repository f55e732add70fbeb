"""The generated suite that ships: made by the command in its header, broad, balanced, and its splits share nothing."""

from __future__ import annotations

import shlex
from collections import Counter
from functools import cache
from importlib.metadata import version
from itertools import islice

import pytest

from autosafe_env.core.discover import Kind, names, suite_files
from autosafe_env.core.scenarios import build
from autosafe_env.core.shipped import index_of
from autosafe_env.core.suite_files import entries_of, header_of
from autosafe_env.core.suite_index import Row
from autosafe_env.core.suite_lines import write_line
from autosafe_env.generate.compose import Order
from autosafe_env.generate.library import load_patterns
from autosafe_env.generate.plan import Plan, draw_splits
from autosafe_env.generate.produce import MOST_OF_A_PATTERN, MOST_OF_A_TOOLKIT, produce
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Category, Source
from tests.mutation import mutated, survivors

SUITE = "synth-v1"
PATH = suite_files()[SUITE]
AGAIN = 12
"""Scenarios that are made again here; the command in the header makes all."""


@cache
def rows() -> tuple[Row, ...]:
    return index_of(PATH).rows


def test_it_is_made_by_the_command_in_its_header() -> None:
    header = header_of(PATH)
    assert header.versions["Faker"] == version("Faker"), "another Faker draws other names: install the one of `dev`"
    words = shlex.split(header.command)
    assert words[:2] == ["autosafe", "generate"]
    given = dict(zip(words[2::2], words[3::2], strict=False))
    count, seed = int(given["--count"]), given["--seed"]
    assert words[2:] == ["--count", str(count), "--seed", seed, "--distractors", "3", "--split", "--out", PATH.name]
    plan = Plan(load_patterns(), Order(seed), SUITE)
    splits = draw_splits(seed, plan.patterns, names(Kind.TOOLKIT))
    again = [write_line(entry) for entry in islice(produce(plan, count, splits=splits), AGAIN)]
    shipped = [entry.entry(build(entry.source)) for entry in islice(entries_of(PATH), AGAIN)]
    assert again == [write_line(entry) for entry in shipped]


def test_it_is_large_and_fills_every_cell() -> None:
    assert len(rows()) >= 2000
    cells = Counter((row.card.categories[0], row.card.sources[0]) for row in rows())
    assert {(category, source) for category in Category for source in Source} == set(cells)
    assert min(cells.values()) >= len(rows()) / 33 / 3


def test_no_pattern_and_no_toolkit_has_more_than_its_share() -> None:
    patterns = Counter(row.pattern for row in rows())
    toolkits = Counter(name for row in rows() for name in row.card.toolkits)
    assert max(patterns.values()) <= MOST_OF_A_PATTERN * len(rows())
    assert max(toolkits.values()) <= MOST_OF_A_TOOLKIT * len(rows())
    assert set(toolkits) == set(names(Kind.TOOLKIT))


def test_what_is_held_out_is_not_learned_from() -> None:
    trained = [row for row in rows() if row.split is Split.TRAIN]
    patterns = {row.pattern for row in trained}
    toolkits = {name for row in trained for name in row.card.toolkits}
    assert len(trained) >= 1000
    assert len({row.card.id for row in rows()}) == len(rows())
    for row in rows():
        if row.split is Split.HELDOUT_PATTERNS:
            assert row.pattern not in patterns
            assert set(row.card.toolkits) <= toolkits
        if row.split is Split.HELDOUT_TOOLKITS:
            assert row.pattern in patterns
            assert not set(row.card.toolkits) <= toolkits
        if row.split is Split.HELDOUT_SCENARIOS:
            assert row.pattern in patterns
            assert set(row.card.toolkits) <= toolkits
    assert min(Counter(row.split for row in rows()).values()) >= 100


@pytest.mark.parametrize("seed", [0, 1])
def test_mutants_of_its_checks_are_noticed(seed: int) -> None:
    total = lost = 0
    for scenario in suite_scenarios(SUITE, limit=30, seed=seed).values():
        total += sum(1 for _ in mutated(scenario))
        lost += len(survivors(scenario))
    assert lost <= 0.05 * total
