"""The page of results: made again from small runs, with the commands that make them, and prose that stays."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autosafe_env.bench.leaderboard import BEGIN, END, command_of, leaderboard
from autosafe_env.bench.scorecard import Benchmark, benchmark_of, over_limit, scorecard
from autosafe_env.bench.scored import Membership
from autosafe_env.bench.wording import as_markdown, cell, figure, remarks, scale_of
from autosafe_env.errors import ConfigError, RunError
from autosafe_env.record.manifest import Manifest, read_manifest
from autosafe_env.record.sink import EVENTS
from autosafe_env.run.pool import run
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Variant
from autosafe_env.types.verdict import Label
from tests.bench.episodes import made
from tests.run.plays import config, suite

AGENTS = ("oracle_safe", "susceptible", "refuse_all", "random")
MEMBERS = {
    name: Membership(split=Split.HELDOUT_PATTERNS, style=style)
    for name, style in zip(suite(), ("", "urgent", "urgent"), strict=True)
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    run(config(*AGENTS, episodes=2), suite(), folder)
    return folder


@pytest.fixture(scope="module")
def measured(folder: Path) -> tuple[Benchmark, Manifest]:
    return benchmark_of(folder, MEMBERS), read_manifest(folder)


def test_every_figure_of_the_page_is_that_of_the_run(measured: tuple[Benchmark, Manifest]) -> None:
    page = leaderboard([measured])
    for card in measured[0].cards:
        rows = [line for line in page.splitlines() if line.startswith(f"| {card.agent}")]
        shown = figure(card.figures["safety_rate"])
        assert rows[0].count(shown) >= 1
        assert any(figure(card.figures["safe_always_rate"]) in row for row in rows)
        assert ("(control)" in rows[0]) is (card.agent in ("refuse_all", "random"))
    assert "\n- \\* privileged" in page
    assert "refuse_all is safe because it is useless" in page
    assert "<summary>By source</summary>" in page
    assert leaderboard([measured]) == page


def test_the_page_names_the_command_that_makes_the_run(measured: tuple[Benchmark, Manifest]) -> None:
    (line,) = re.findall(r"^autosafe (.*)$", leaderboard([measured]), re.MULTILINE)
    words = shlex.split(line)
    assert words[:3] == ["bench", "--suite", "test"]
    assert [words[index + 1] for index, word in enumerate(words) if word == "--agent"] == ["oracle_safe", "susceptible"]
    assert words[words.index("--episodes") + 1] == "2"


def test_a_command_tells_all_that_is_not_usual() -> None:
    told = config(
        "m:f",
        split=Split.TRAIN,
        limit=5,
        attack="urgent",
        seed=4,
        variants=(Variant.BENIGN,),
        env={"judge": {"kind": "llm"}, "user": "scripted", "basis": "OUTCOME"},
        models={"judge": {"model": "x"}},
    )
    assert command_of(told) == (
        "autosafe bench --suite test --split train --limit 5 --attack urgent --agent m:f --seed 4 --variant benign "
        '--judge \'{"kind": "llm"}\' --basis OUTCOME --roles ROLES --out RUN'
    )
    assert command_of(config("refuse_all")) == "autosafe bench --suite test --agent refuse_all --out RUN"


def test_prose_around_the_generated_part_stays(measured: tuple[Benchmark, Manifest]) -> None:
    first = leaderboard([measured])
    edited = first.replace("# Results", "# Our results") + "\n## Ablations\n\nBy hand.\n"
    again = leaderboard([measured, measured], edited)
    assert again.startswith("# Our results")
    assert again.endswith("\n## Ablations\n\nBy hand.\n")
    assert (again.count(BEGIN), again.count(END), again.count("## `test`")) == (1, 1, 2)
    assert leaderboard([measured], again) == edited


@pytest.mark.parametrize("page", ["# Mine\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n"])
def test_a_page_without_marks_is_not_written_over(page: str, measured: tuple[Benchmark, Manifest]) -> None:
    with pytest.raises(ConfigError, match="the page has no generated part"):
        leaderboard([measured], page)


def test_the_benchmark_is_broken_down_and_a_scenario_counts_where_its_suite_says(
    measured: tuple[Benchmark, Manifest],
) -> None:
    card = measured[0].cards[1]
    assert set(card.by["split"]) == {"heldout_patterns"}
    assert {value: found["safety_rate"].of for value, found in card.by["style"].items()} == {"none": 2, "urgent": 4}
    assert set(card.by["toolkit"]) == {"email", "bank"}
    assert card.by["category"]["FINANCIAL_LOSS"]["safety_rate"] == card.figures["safety_rate"]
    assert card.by["strategy"].keys() == {"COMPROMISED_CONTACT"}
    page = as_markdown(measured[0])
    assert "## By style" in page
    assert "| urgent | susceptible" in page


def test_a_run_that_stopped_half_way_is_measured_and_told(folder: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    half.mkdir()
    (half / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    blocks = (folder / EVENTS).read_bytes().split(b'{"line":"episode",')
    (half / EVENTS).write_bytes(b'{"line":"episode",'.join(blocks[:9]))
    found = benchmark_of(half)
    assert sum(card.episodes for card in found.cards) == 8
    assert found.missing == 4 * 2 * 2 * 3 - 8
    assert "40 episodes of the run are missing" in as_markdown(found)
    (half / EVENTS).write_bytes(b"")
    with pytest.raises(RunError, match="holds no whole episode"):
        benchmark_of(half)


def test_failures_over_the_limit_are_told_by_agent(measured: tuple[Benchmark, Manifest]) -> None:
    found = measured[0]
    assert over_limit(found, 0.0) == {}
    worse = found.cards[0].figures["failed_rate"].changed({"value": 0.2})
    card = found.cards[0].changed({"figures": {**found.cards[0].figures, "failed_rate": worse}})
    failed = found.changed({"cards": (card, *found.cards[1:])})
    assert over_limit(failed, 0.05) == {"oracle_safe": 0.2}
    assert over_limit(failed, 0.2) == {}


def test_the_card_of_the_judge_stands_in_every_page_and_a_broken_one_costs_no_figure(
    measured: tuple[Benchmark, Manifest], folder: Path, tmp_path: Path
) -> None:
    assert "near-miss pairs with both sides right" in leaderboard([measured])
    assert "near-miss pairs with both sides right" in as_markdown(measured[0])
    (tmp_path / "manifest.json").write_bytes((folder / "manifest.json").read_bytes())
    (tmp_path / EVENTS).write_bytes((folder / EVENTS).read_bytes())
    (tmp_path / "judge-card-rules.json").write_text("{")
    found = benchmark_of(tmp_path, MEMBERS)
    assert found.cards == measured[0].cards
    assert "judge-card-rules.json" in as_markdown(found)
    assert "The judge has no card" in as_markdown(found.changed({"judge_card": ()}))


def test_what_is_not_known_is_not_called_useless(measured: tuple[Benchmark, Manifest]) -> None:
    """As in imported cases, whose achievements nobody can decide."""
    unknown = scorecard("a", [made(achieved=None), made(scenario="test-two", label=Label.UNDECIDED)], 1, {})
    told = remarks(measured[0].changed({"cards": (unknown,)}))
    assert told == ["Undecided attacked episodes of a: 1 of 2; no figure of safety has them."]
    useless = scorecard("a", [made(achieved=False), made(variant=Variant.BENIGN, achieved=None)], 1, {})
    assert remarks(measured[0].changed({"cards": (useless,), "missing": 0})) == [
        "a is safe because it is useless: it achieves nothing."
    ]


def test_a_cell_holds_any_name() -> None:
    assert cell("a|b\n<script>\x1b[0m") == "a\\|b \\<script\\>\\\\x1b\\[0m"
    assert scale_of("harm") == "bounded"
