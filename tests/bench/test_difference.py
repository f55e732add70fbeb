"""Two runs compared: flips, tests, regressions, and when nothing may be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env.bench.difference import ALPHA, QUESTIONS, change, difference, mcnemar
from autosafe_env.bench.difference_wording import as_markdown, verdict
from autosafe_env.bench.pairing import Pair, Side, agents_of, differences, must_compare, paired
from autosafe_env.bench.scored import Scored
from autosafe_env.errors import RunError, UnknownName
from autosafe_env.record.manifest import Manifest
from autosafe_env.run.pool import run
from autosafe_env.types.threat import Variant
from autosafe_env.types.verdict import Label
from tests.bench.episodes import made, runs
from tests.run.plays import config, suite

SAFETY, ACHIEVEMENT, _, DECIDED = QUESTIONS


def side(episodes: Iterable[Scored], **changes: object) -> Side:
    settled = config("a", **{"scenarios": ("test-one",), **changes})
    fields: dict[str, Any] = {
        "created": "2026-03-16T09:00:00+00:00",
        "versions": {},
        "git_commit": None,
        "suite_digest": "d",
    }
    return Side(Path("run"), Manifest(config=settled, **fields), list(episodes))


def tried(*labels: Label | None) -> list[Scored]:
    return [made(scenario=f"test-{index}", label=label) for index, label in enumerate(labels)]


def pairs(was: Iterable[Scored], now: Iterable[Scored]) -> list[Pair]:
    return [Pair(one, other) for one, other in zip(was, now, strict=True)]


SAFE, UNSAFE, OPEN = Label.SAFE, Label.UNSAFE, Label.UNDECIDED


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (5, 5, 1.0), (1, 9, 0.021484375), (3, 12, 0.03515625)],
)
def test_mcnemar_agrees_with_the_binomial_table(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p)
    assert mcnemar(lost, gained) == mcnemar(gained, lost)


@pytest.mark.parametrize("flips", range(1, 9))
def test_mcnemar_is_the_share_of_all_ways_to_flip_that_are_as_uneven(flips: int) -> None:
    for lost in range(flips + 1):
        uneven = abs(lost - flips / 2)
        ways = [abs(sum(coins) - flips / 2) >= uneven for coins in product((0, 1), repeat=flips)]
        assert mcnemar(flips - lost, lost) == pytest.approx(sum(ways) / len(ways))


def test_mcnemar_stands_thousands_of_flips() -> None:
    assert mcnemar(0, 5000) == pytest.approx(0.0)
    assert mcnemar(2500, 2500) == 1.0


@settings(max_examples=60, deadline=None)
@given(run=runs())
def test_a_run_against_itself_has_no_flips(run: tuple[int, list[Scored]]) -> None:
    _, episodes = run
    for question in QUESTIONS:
        found = change(question, pairs(episodes, episodes), 1.0)
        assert (found.gained, found.lost, found.p, found.regression) == (0, 0, 1.0, False)
        assert found.difference in (None, 0.0)
        assert found.was == found.now


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_one_way_loses_the_other_way_gains(data: st.DataObject) -> None:
    labels = data.draw(st.lists(st.tuples(*[st.sampled_from([SAFE, UNSAFE, OPEN, None])] * 2), min_size=1, max_size=12))
    was, now = tried(*(one for one, _ in labels)), tried(*(other for _, other in labels))
    for question in QUESTIONS:
        there, back = (change(question, pairs(*sides), 1.0) for sides in ((was, now), (now, was)))
        assert (there.gained, there.lost, there.p) == (back.lost, back.gained, back.p)
        assert not (there.regression and back.regression)
        if there.difference is not None and there.low is not None and there.high is not None:
            assert there.difference == pytest.approx((there.gained - there.lost) / there.pairs)
            assert -1.0 <= there.low <= there.difference <= there.high <= 1.0


def test_a_regression_is_a_loss_that_is_not_made_up_for_nor_by_chance() -> None:
    was = tried(*[SAFE] * 20)
    five, six = (tried(*[UNSAFE] * lost, *[SAFE] * (20 - lost)) for lost in (5, 6))
    assert not change(SAFETY, pairs(was, five), ALPHA).regression
    assert change(SAFETY, pairs(was, six), ALPHA).regression
    assert change(SAFETY, pairs(was, five), 1.0).regression
    assert not change(SAFETY, pairs(five, was), 1.0).regression
    assert not change(SAFETY, pairs(tried(SAFE, UNSAFE), tried(UNSAFE, SAFE)), 1.0).regression


def test_a_run_that_decides_nothing_any_more_is_a_regression_though_it_lost_no_safety() -> None:
    both = pairs(tried(SAFE, UNSAFE, SAFE), tried(OPEN, None, OPEN))
    assert change(SAFETY, both, 1.0).pairs == 0
    assert change(DECIDED, both, 1.0).regression


def test_episodes_pair_by_scenario_variant_and_try() -> None:
    was = [made(), made(repeat=1), made(variant=Variant.BENIGN), made(agent="b")]
    now = [made(repeat=1), made(), made(repeat=2), made(scenario="test-two")]
    found = paired(side(was), side(now), "a", "a")
    assert [(pair.was.episode, pair.now.episode) for pair in found.pairs] == [
        ("test-one/attacked/a/0",) * 2,
        ("test-one/attacked/a/1",) * 2,
    ]
    assert (found.only_was, found.only_now, found.unlike) == (1, 2, 0)
    other = [replace(made(), seed=2), replace(made(repeat=1), scenario_digest="other")]
    assert paired(side(was), side(other), "a", "a").unlike == 2


def test_agents_are_those_in_common_or_those_that_are_named() -> None:
    ours, theirs = side([made(), made(agent="b")]), side([made(agent="c"), made(agent="b")])
    assert agents_of(ours, theirs) == [("b", "b")]
    assert agents_of(ours, theirs, ["a=c"]) == [("a", "c")]
    with pytest.raises(UnknownName, match="no agent in run is called 'a'; known: b, c"):
        agents_of(ours, theirs, ["a"])
    with pytest.raises(RunError, match=r"no agent in common \(a and c\); say --agent OLD=NEW"):
        agents_of(side([made()]), side([made(agent="c")]))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"env": {"judge": "llm"}}, "different judges: rules and llm"),
        ({"env": {"basis": "OUTCOME"}}, "different bases of judging: ACTION and OUTCOME"),
        ({"attack": "urgent"}, "different attack styles: none and urgent"),
        ({"seed": 3}, "different seeds: 0 and 3"),
        ({"models": {"judge": {"model": "x"}}}, 'different judges: rules and rules with {"model":"x"}'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_runs_that_measure_something_else_are_compared_only_when_told_to(
    changes: dict[str, object], words: str
) -> None:
    ours, theirs = side([made()]), side([made()], **changes)
    with pytest.raises(RunError) as raised:
        must_compare(ours, theirs, common=False)
    assert words in str(raised.value)
    assert "--common" in str(raised.value)
    assert any(words in note for note in must_compare(ours, theirs, common=True))
    assert must_compare(ours, ours, common=False) == []


def test_other_suites_and_the_same_suite_with_other_contents_are_told_apart() -> None:
    ours = side([made()]).manifest
    theirs = ours.model_copy(update={"suite_digest": "e"})
    assert differences(ours, theirs) == [
        "the runs are of different suites: the scenarios of test (1 scenarios) have changed"
    ]
    named = theirs.model_copy(update={"config": theirs.config.model_copy(update={"suite": "other"})})
    assert differences(ours, named) == ["the runs are of different suites: test (1 scenarios) and other (1 scenarios)"]


def test_two_runs_of_the_same_are_identical_and_other_agents_are_not(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(config("oracle_safe", "refuse_all"), suite(), tmp_path / name)
    same = difference(tmp_path / "one", tmp_path / "two")
    assert same.identical
    assert not same.regressed
    assert verdict(same) == "The runs are identical: all 12 pairs of episodes agree in every action and verdict"
    worse = difference(tmp_path / "one", tmp_path / "two", ["oracle_safe=refuse_all"])
    (found,) = worse.agents
    assert (worse.identical, worse.regressed, found.regressions) == (False, True, ("achievement", "benign_achievement"))
    assert {flip.scenario for flip in found.flips} == set(suite())
    assert all(flip.lost for flip in found.flips)
    page = as_markdown(worse)
    assert page.startswith("## Regression: refuse_all (achievement, benign_achievement)\n")
    assert "| test-one | attacked | 0 | achievement | achieved | not achieved | lost |" in page


def test_a_run_that_lost_a_whole_agent_is_not_whole(tmp_path: Path) -> None:
    run(config("refuse_all", "oracle_safe"), suite(), tmp_path / "one")
    run(config("refuse_all"), suite(), tmp_path / "two")
    found = difference(tmp_path / "one", tmp_path / "two")
    assert (found.missing, found.regressed, found.identical, found.lost) == (6, True, False, {"oracle_safe": 6})
    assert verdict(found).endswith("it lacks 6 episodes of the first, all of oracle_safe among them")
    assert "Agents of the first run only:\n\n- oracle_safe (6 episodes)" in as_markdown(found)
    back = difference(tmp_path / "two", tmp_path / "one")
    assert (back.missing, back.regressed, back.identical, back.gained) == (0, False, False, {"oracle_safe": 6})
    assert "Agents of the second run only:\n\n- oracle_safe (6 episodes)" in as_markdown(back)
    chosen = difference(tmp_path / "one", tmp_path / "two", ["refuse_all"])
    assert (chosen.missing, chosen.identical) == (0, True), "what the caller left out is not missed"


@pytest.mark.parametrize("role", ["emulator", "user"])
def test_runs_with_another_environment_do_not_measure_the_same(role: str) -> None:
    usual, other = side([]).manifest, side([], env={role: "llm"}).manifest
    (told,) = differences(usual, other)
    assert told.startswith(f"the runs have different {role}s: ")
    assert told.endswith(" and llm")


def test_a_run_that_is_not_whole_is_told_and_the_rest_compared(tmp_path: Path) -> None:
    run(config("refuse_all", episodes=1), suite(), tmp_path / "one")
    run(config("refuse_all", variants=(Variant.ATTACKED,)), suite(), tmp_path / "two")
    found = difference(tmp_path / "one", tmp_path / "two")
    assert (found.missing, found.regressed, found.identical) == (3, True, False)
    assert verdict(found) == "The second run is not whole: it lacks 3 episodes of the first"
    assert found.agents[0].pairs == found.agents[0].identical == 3
