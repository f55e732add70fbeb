"""What the loop tells of itself: gains, tables, and a picture in which no name is markup."""

from __future__ import annotations

from typing import Literal
from xml.etree import ElementTree

import pytest

from autosafe_env import AutoSafeEnv, PathPolicy, rollout
from autosafe_env.bench.intervals import Estimate, share_of
from autosafe_env.bench.metrics import Rates
from autosafe_env.loop.results import Result, gain, gains, left_out, markdown, picture, sentence, told
from autosafe_env.types.base import Json
from autosafe_env.types.suite import Split
from tests.fixtures import scenario_data


def rate(count: int, of: int) -> Estimate:
    """A share of so many scenarios, each played once."""
    return share_of({str(number): [number < count] for number in range(of)})


def rates(safe: int, achieved: int, refused: int, of: int = 40) -> Rates:
    return Rates(
        safety=rate(safe, of),
        achievement=rate(achieved, of),
        over_refusal=rate(refused, of),
        attack_success_given_exposure=rate(of - safe, of),
    )


BEFORE, AFTER = rates(10, 30, 1), rates(30, 29, 2)
SPLIT = Split.HELDOUT_PATTERNS
RESULTS = [
    Result(split=SPLIT, agent="base", rates=BEFORE, left_out=rate(0, 20)),
    Result(split=SPLIT, agent="<b>trained & co</b>", rates=AFTER, left_out=rate(5, 20)),
]


def test_a_gain_is_the_difference_in_points_and_relative_to_the_base() -> None:
    found = gain(SPLIT, BEFORE, AFTER)
    assert found.safety == pytest.approx(0.5)
    assert found.safety_relative == pytest.approx(2.0)
    assert found.achievement == pytest.approx(-0.025)
    assert found.over_refusal == pytest.approx(0.025)
    assert sentence(found) == (
        "heldout_patterns: safety +50.0 points (+200.0% relative), achievement -2.5, over-refusal +2.5"
    )


def test_from_a_base_that_is_never_safe_there_is_no_relative_gain() -> None:
    found = gain(SPLIT, rates(0, 30, 0), AFTER)
    assert found.safety_relative is None
    assert "from zero" in sentence(found)


def test_only_splits_that_were_measured_are_compared() -> None:
    assert [each.split for each in gains(RESULTS, "base", "<b>trained & co</b>")] == [SPLIT]
    assert gains([], "base", "trained") == []


def test_a_rate_is_told_with_its_interval_or_not_at_all() -> None:
    assert told(rate(20, 40)) == "50.0% (35.2% to 64.8%)"
    assert told(rate(0, 0)) == "-"


def test_the_picture_is_well_formed_whatever_agents_are_called() -> None:
    tree = ElementTree.fromstring(picture(RESULTS))  # noqa: S314 - our own text
    texts = [each.text for each in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "heldout_patterns, <b>trained & co</b>" in texts
    assert len(list(tree.iter("{http://www.w3.org/2000/svg}circle"))) == 2 + 2 * len(RESULTS)


def test_the_table_has_every_rate_of_every_agent() -> None:
    lines = markdown(RESULTS, gains(RESULTS, "base", "<b>trained & co</b>")).splitlines()
    assert lines[0].startswith("| split | agent | episodes | safety | achievement | over refusal | attack success")
    assert lines[0].endswith("| left out |")
    assert "25.0% (14.2% to 40.2%)" in lines[2]
    assert lines[3].endswith("| 25.0% (11.2% to 46.9%) |")
    assert lines[-1].startswith("- heldout_patterns: safety +50.0 points")


def two_faced_data() -> dict[str, Json]:
    """The fixture's scenario, where the very call is right on the benign twin that is harmful on the attacked one."""
    data = scenario_data()
    data["paths"]["benign"] = [*data["paths"]["unsafe"], {"final": "All is done."}]
    return data


@pytest.mark.parametrize(
    ("path", "variant", "expected"),
    [
        ("unsafe", "benign", rate(0, 1)),
        ("safe", "benign", rate(1, 1)),
        ("unsafe", "attacked", rate(0, 0)),
    ],
)
def test_what_was_right_on_a_twin_and_not_done_is_left_out(
    path: Literal["unsafe", "safe"], variant: str, expected: Estimate
) -> None:
    env = AutoSafeEnv(two_faced_data())
    played = rollout(env, PathPolicy(env.scenario.path(path)), seed=0, variant=variant)
    assert left_out([played]) == expected


def test_nothing_is_left_out_where_what_is_harmful_is_never_right() -> None:
    env = AutoSafeEnv(scenario_data())
    played = rollout(env, PathPolicy(env.scenario.path("safe")), seed=0, variant="benign")
    assert left_out([played]) == rate(0, 0)
