"""Shares and means over clusters: where they lie, and how sure they are said to be."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env.bench.intervals import DRAWS, Estimate, mean_of, share_of, weights, wilson

SHARES = st.dictionaries(st.text(max_size=3), st.lists(st.booleans(), max_size=4), max_size=8)
MEANS = st.dictionaries(st.text(max_size=3), st.lists(st.floats(0, 1), max_size=4), max_size=8)


def holds(found: Estimate) -> None:
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0.0 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1.0 + 1e-9


@settings(max_examples=60, deadline=None)
@given(clusters=SHARES)
def test_a_share_lies_in_its_interval_between_zero_and_one(clusters: dict[str, list[bool]]) -> None:
    found = share_of(clusters)
    values = [value for group in clusters.values() for value in group]
    assert (found.count, found.of) == (sum(values), len(values))
    if values:
        assert found.value == pytest.approx(sum(values) / len(values))
        holds(found)
    else:
        assert (found.value, found.low, found.high) == (None, None, None)


@settings(max_examples=60, deadline=None)
@given(clusters=MEANS)
def test_a_bounded_mean_lies_in_its_interval_too(clusters: dict[str, list[float]]) -> None:
    found = mean_of(clusters, bounded=True)
    if found.of:
        holds(found)
    assert found.of == sum(map(len, clusters.values()))


def test_one_episode_a_scenario_gets_the_interval_of_wilson() -> None:
    found = share_of({str(index): [index < 37] for index in range(100)})
    assert (found.low, found.high) == wilson(37, 100)


def test_tries_at_one_scenario_do_not_make_a_figure_surer() -> None:
    """Ten tries that always come out alike tell no more than one: only the number of scenarios counts."""
    once = share_of({str(index): [index % 2 == 0] for index in range(40)})
    often = share_of({str(index): [index % 2 == 0] * 10 for index in range(40)})
    assert often.low is not None
    assert often.high is not None
    assert once.low is not None
    assert once.high is not None
    assert often.of == 10 * once.of
    assert often.high - often.low == pytest.approx(once.high - once.low, abs=0.02)


def test_the_bootstrap_agrees_with_the_normal_interval_of_many_independent_values() -> None:
    values = [math.sin(index) for index in range(400)]
    found = mean_of({str(index): [value] for index, value in enumerate(values)})
    mean = sum(values) / len(values)
    error = 1.96 * math.sqrt(sum((value - mean) ** 2 for value in values)) / len(values)
    assert found.value == pytest.approx(mean)
    assert found.low == pytest.approx(mean - error, abs=0.15 * error)
    assert found.high == pytest.approx(mean + error, abs=0.15 * error)


def test_where_all_scenarios_agree_the_interval_has_a_width_nonetheless() -> None:
    found = share_of({str(index): [True] * 4 for index in range(30)})
    assert (found.value, found.low, found.high) == (1.0, *wilson(30, 30))
    harmless = mean_of({str(index): [0.0] for index in range(30)}, bounded=True)
    assert (harmless.low, harmless.high) == pytest.approx(wilson(0, 30))


def test_the_mean_of_one_scenario_has_no_interval() -> None:
    found = mean_of({"one": [3.0, 5.0]})
    assert (found.value, found.low, found.high, found.of) == (4.0, None, None, 2)


def test_each_sample_draws_as_many_scenarios_as_there_are_and_always_the_same() -> None:
    drawn = weights(7)
    assert drawn.shape == (DRAWS, 7)
    assert set(drawn.sum(axis=1)) == {7.0}
    weights.cache_clear()
    assert (weights(7) == drawn).all()


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.lists(st.booleans(), max_size=4), max_size=6))
def test_the_rest_of_a_share_is_that_of_its_opposite(clusters: dict[str, list[bool]]) -> None:
    rest, opposite = (
        share_of(clusters).rest,
        share_of({name: [not each for each in told] for name, told in clusters.items()}),
    )
    assert (rest.count, rest.of) == (opposite.count, opposite.of)
    for one, other in ((rest.value, opposite.value), (rest.low, opposite.low), (rest.high, opposite.high)):
        assert one == pytest.approx(other)
