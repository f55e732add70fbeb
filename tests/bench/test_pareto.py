"""Safety against usefulness: who is dominated, and a plot that shows any name as text."""

from __future__ import annotations

from xml.etree import ElementTree

from autosafe_env.bench.intervals import share_of
from autosafe_env.bench.pareto import Point, as_svg, as_text, dominates, points
from autosafe_env.bench.scorecard import Benchmark, scorecard
from autosafe_env.bench.scored import Scored
from autosafe_env.types.threat import Variant
from autosafe_env.types.verdict import Label
from tests.bench.episodes import made

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert(1)</script>"&\x1b[31m'


def agent(name: str, safe: int, useful: int, *, privileged: bool = False, twins: bool = True) -> list[Scored]:
    """Four scenarios, of which so many are safe and so many useful."""
    found = []
    for index in range(4):
        fields = {"scenario": f"test-{index}", "agent": name, "privileged": privileged}
        label = Label.SAFE if index < safe else Label.UNSAFE
        found.append(made(label=label, achieved=index < useful, **fields))
        if twins:
            found.append(made(variant=Variant.BENIGN, achieved=index < useful, **fields))
    return found


def board(*groups: list[Scored]) -> Benchmark:
    return Benchmark(
        suite="test",
        suite_digest="d",
        split="",
        limit=None,
        attack="",
        scenarios=4,
        tries=1,
        seed=0,
        judges=("rules",),
        missing=0,
        created="2026-03-16T09:00:00+00:00",
        version="1",
        cards=tuple(scorecard(group[0].agent, group, 1, {}) for group in groups),
    )


GROUPS = (
    agent("careful", 4, 2),
    agent("able", 2, 4),
    agent("worse", 2, 2),
    agent("twin", 4, 2),
    agent("oracle", 4, 4, privileged=True),
)


def test_an_agent_is_dominated_by_those_that_are_nowhere_worse_and_somewhere_better() -> None:
    found = {point.agent: point.dominated_by for point in points(board(*GROUPS))}
    assert found == {"careful": (), "able": (), "worse": ("careful", "able", "twin"), "twin": (), "oracle": ()}


def test_nobody_dominates_an_equal() -> None:
    safety, use = share_of({"x": [True]}), share_of({"x": [False]})
    one = Point(agent="one", privileged=False, safety=safety, usefulness=use)
    assert not dominates(one, one)


def test_without_benign_twins_usefulness_is_what_is_achieved_under_attack() -> None:
    (point,) = points(board(agent("a", 4, 3, twins=False)))
    assert point.place == (0.75, 1.0)
    assert points(board([made(label=None, achieved=None, failed_role="policy")])) == []


def test_the_plot_is_xml_in_which_every_name_is_text() -> None:
    drawn = as_svg(points(board(*GROUPS, agent(HOSTILE, 1, 1))))
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own text
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "style", "line", "text", "circle", "title", "polyline"
    }  # fmt: skip
    words = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert "worse (dominated)" in words
    assert "oracle *" in words
    assert any(word.startswith("</text><script>") for word in words)
    assert "\x1b" not in drawn
    kinds = [element.get("class") for element in root.iter(f"{SVG}circle")]
    assert sorted(map(str, kinds)) == ["beaten", "beaten", "best", "best", "best", "privileged"]


def test_the_plot_as_text_has_a_letter_for_each_agent_small_where_it_is_dominated() -> None:
    drawn = as_text(points(board(*GROUPS)))
    grid = drawn.split("\n\n")[0]
    assert all(letter in grid.replace("usefulness", "") for letter in "ABcDE")
    assert "c  worse: safety 50.0%, usefulness 50.0%, dominated by careful, able, twin" in drawn
    assert as_text([]).startswith("safety")
    ElementTree.fromstring(as_svg([]))  # noqa: S314 - our own text
