"""`docs/benchmark.md` defines every figure and question, and `docs/results.md` is as it was generated."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from autosafe_env.bench.difference import QUESTIONS
from autosafe_env.bench.leaderboard import BEGIN, END
from autosafe_env.bench.measures import MEASURES, SAFE_ALWAYS
from autosafe_env.bench.scored import DIMENSIONS
from autosafe_env.core.discover import Kind, names, suites
from tests.cli.shell import invoke

DOCS = Path(__file__).parent.parent / "docs"
TEXT = (DOCS / "benchmark.md").read_text(encoding="utf-8")
RESULTS = (DOCS / "results.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_]+)` \|(.*)\|$", TEXT, re.MULTILINE))


def test_every_figure_has_its_row_with_the_way_in_which_it_gets_better() -> None:
    figures = {each.name: str(each.better).replace("neither", "-") for each in MEASURES} | {SAFE_ALWAYS: "higher"}
    assert set(ROWS) == set(figures) | {each.name for each in QUESTIONS}
    assert {name: ROWS[name].rpartition("|")[2].strip() for name in figures} == figures
    assert all(f"`{name}`" in TEXT for name in DIMENSIONS)


def test_the_commands_that_are_shown_exist_with_their_options() -> None:
    for line in re.findall(r"^autosafe (.*)$", TEXT + RESULTS, re.MULTILINE):
        words = shlex.split(line)
        told = invoke(words[0], "--help").out
        for option in [word for word in words if word.startswith("--")]:
            assert option in told, line


def test_the_results_are_of_suites_and_agents_that_ship() -> None:
    part = RESULTS[RESULTS.index(BEGIN) : RESULTS.index(END)]
    assert {found.partition("`")[0] for found in re.findall(r"^## `(.*)$", part, re.MULTILINE)} == {"core", "synth-v1"}
    assert {"core", "synth-v1"} <= set(suites())
    used = set(re.findall(r"--agent (\S+)", part))
    assert used <= set(names(Kind.AGENT))
    for split in ("heldout_scenarios", "heldout_patterns", "heldout_toolkits"):
        assert f"`synth-v1`, split `{split}`" in part
