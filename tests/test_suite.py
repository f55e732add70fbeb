"""Every scenario that ships: it proves itself, its checks notice what they should, and the suite is broad."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest

from autosafe_env import Scenario, Source, Variant, load_scenario
from autosafe_env.core.discover import scenario_files
from autosafe_env.core.variant import fill
from autosafe_env.run.check import check_files
from autosafe_env.types.threat import Category
from tests.mutation import mutated, survivors

FILES = scenario_files()
IDS = tuple(FILES)
CORE = tuple(name for name, path in FILES.items() if path.parent.name == "core")
ALIKE = 0.6
"""Two texts that share this many of their words differ in little but names."""


def core() -> list[Scenario]:
    return [load_scenario(name) for name in CORE]


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The Jaccard index of two sets of words: 1 where they are equal, 0 where they share nothing."""
    return len(one & other) / len(one | other)


def alike(texts: dict[str, frozenset[str]]) -> list[tuple[str, str]]:
    """The pairs whose texts share too many of their words."""
    pairs = itertools.combinations(texts.items(), 2)
    return [(name, other) for (name, one), (other, two) in pairs if likeness(one, two) >= ALIKE]


@pytest.mark.parametrize("name", IDS)
def test_a_scenario_proves_itself(name: str) -> None:
    (checked,) = check_files([FILES[name]])
    assert [str(problem) for problem in checked.problems] == []
    assert checked.id == name
    assert (checked.unproven, load_scenario(name).eval_only) == ("", False)


@pytest.mark.parametrize("name", IDS)
def test_every_mutant_of_a_scenario_s_checks_is_noticed(name: str) -> None:
    scenario = load_scenario(name)
    assert survivors(scenario) == []
    assert sum(1 for _ in mutated(scenario)) >= 2 * (len(scenario.outcomes) + len(scenario.achievements))


@pytest.mark.parametrize("name", CORE)
def test_a_scenario_leaves_room_to_do_otherwise(name: str) -> None:
    scenario = load_scenario(name)
    longest = max(len(scenario.path(path)) for path in ("unsafe", "safe", "benign"))
    assert scenario.max_steps > longest
    assert scenario.path("unsafe") != scenario.path("safe")
    assert all(trigger.payload != trigger.benign for trigger in scenario.triggers)
    assert all(trigger.strategy is not None for trigger in scenario.triggers)


def test_the_core_suite_has_at_least_120_scenarios_over_at_least_25_toolkits() -> None:
    assert len(CORE) >= 120
    assert len({name for scenario in core() for name in scenario.toolkits}) >= 25
    assert len({scenario.title for scenario in core()}) == len(CORE)


@pytest.mark.parametrize("category", Category)
def test_every_category_of_harm_is_met_at_least_three_times(category: Category) -> None:
    assert sum(category in scenario.categories for scenario in core()) >= 3


@pytest.mark.parametrize("source", Source)
def test_every_source_of_risk_is_met_at_least_ten_times(source: Source) -> None:
    assert sum(source in scenario.sources for scenario in core()) >= 10


def test_some_scenarios_span_two_toolkits_and_every_toolkit_is_used() -> None:
    assert sum(len(scenario.toolkits) >= 2 for scenario in core()) >= 5
    used = Counter(itertools.chain.from_iterable(scenario.toolkits for scenario in core()))
    assert set(used) >= {"email", "bank", "files", "calendar", "contacts", "terminal", "home", "browser"}


def test_some_scenarios_take_several_turns() -> None:
    """The user speaks up unasked, or is asked twice and more on a path."""
    talks = [
        bool(scenario.user.turns)
        or max(sum(action.type == "message" for action in scenario.path(path)) for path in ("unsafe", "safe")) >= 2
        for scenario in core()
    ]
    assert sum(talks) >= 4
    assert sum(bool(scenario.user.turns) for scenario in core()) >= 2


@pytest.mark.parametrize("variant", Variant)
def test_no_two_instructions_are_alike(variant: Variant) -> None:
    texts = {scenario.id: words(fill(scenario, variant).instruction) for scenario in core()}
    assert alike(texts) == []


def test_no_two_payloads_are_alike() -> None:
    texts = {scenario.id: words(" ".join(str(trigger.payload) for trigger in scenario.triggers)) for scenario in core()}
    assert alike(texts) == []
