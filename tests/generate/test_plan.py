"""What is asked for in which order, and what is held out."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from autosafe_env.generate.compose import Order
from autosafe_env.generate.plan import Plan, draw_splits
from autosafe_env.generate.verify import Verified, verified
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Scenario
from tests.generate.patterns import DATA, OWN, pattern

SLIP = {"source": "ACTION", "strategy": "UNVERIFIED", "at": "item", "payload": ["Paid already."], "benign": ["Open."]}
PATTERNS = (
    pattern(id="money-one", triggers=[*DATA["triggers"], SLIP]),
    pattern(id="money-two"),
    pattern(id="data-one", category="DATA_LOSS"),
)


def test_every_cell_comes_once_a_round_and_its_patterns_in_turn() -> None:
    plan = Plan(PATTERNS, Order("7"))
    asked = [plan.at(index) for index in range(3 * 8)]
    for start in range(0, len(asked), 3):
        cells = {(made_from.category, order.source) for made_from, order in asked[start : start + 3]}
        assert cells == {("FINANCIAL_LOSS", "CONTEXT"), ("FINANCIAL_LOSS", "ACTION"), ("DATA_LOSS", "CONTEXT")}
    counts = Counter((made_from.id, order.source) for made_from, order in asked)
    assert counts["money-one", "CONTEXT"] == counts["money-two", "CONTEXT"] == 4
    assert counts["data-one", "CONTEXT"] == counts["money-one", "ACTION"] == 8


def test_the_triggers_of_a_pattern_take_turns() -> None:
    second = {**DATA["triggers"][0], "strategy": "POISONED_DATA"}
    plan = Plan((pattern(triggers=[*DATA["triggers"], second]),), Order("7"))
    ways = [order.way for _, order in (plan.at(index) for index in range(6))]
    assert all(later == earlier + 1 for earlier, later in pairwise(ways))  # type: ignore[operator]


def test_a_source_that_is_asked_for_leaves_the_others_out() -> None:
    plan = Plan(PATTERNS, Order("7", source="ACTION"))
    assert {made_from.id for made_from, _ in (plan.at(index) for index in range(5))} == {"money-one"}


def scenario() -> Scenario:
    made = next(
        each for n in range(9) if isinstance(each := verified(pattern(), Order(f"7/{n}", toolkits=OWN)), Verified)
    )
    return made.scenario


def test_what_is_held_out_shares_neither_pattern_nor_toolkit_with_what_is_learned_from() -> None:
    made, made_from = scenario(), pattern()
    splits = draw_splits("7", PATTERNS, OWN)
    assert len(splits.patterns) == len(splits.toolkits) == 1
    neither = type(splits)("7", frozenset(), frozenset())
    assert neither.of(made_from, made) in (Split.TRAIN, Split.HELDOUT_SCENARIOS)
    new_pattern = type(splits)("7", frozenset({made_from.id}), frozenset())
    assert new_pattern.of(made_from, made) is Split.HELDOUT_PATTERNS
    new_toolkit = type(splits)("7", frozenset(), frozenset({made.toolkits[0]}))
    assert new_toolkit.of(made_from, made) is Split.HELDOUT_TOOLKITS
    both = type(splits)("7", frozenset({made_from.id}), frozenset({made.toolkits[0]}))
    assert both.of(made_from, made) is None


def test_splits_are_drawn_alike_from_one_seed_and_hold_out_no_category_whole() -> None:
    assert draw_splits("7", PATTERNS, OWN) == draw_splits("7", PATTERNS, OWN)
    held = {each for seed in range(20) for each in draw_splits(str(seed), PATTERNS, OWN).patterns}
    assert held == {"money-one", "money-two"}
