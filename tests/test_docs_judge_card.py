"""What `docs/judge-card.md` says of the sets and of the card that ship, held against them; its commands and code."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from autosafe_env.bench.card_files import SHIPPED, read_card, shipped_sets
from autosafe_env.bench.card_rows import pair_rows
from autosafe_env.core.discover import toolkit
from autosafe_env.record.foreign import TURNS
from autosafe_env.record.labels import Kind, Labelled, labels_header, lines_of
from autosafe_env.types.tools import Effect
from tests.cli.shell import invoke

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "judge-card.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^autosafe (judge-card .*?)(?:  +#.*)?$", TEXT, re.MULTILINE)


def test_the_sets_are_as_large_as_told_and_made_by_the_commands_told() -> None:
    card = read_card(SHIPPED / "rules.card.json")
    assert {each.name for each in card.corpora} == set(shipped_sets())
    for each in card.corpora:
        (row,) = (line for line in TEXT.splitlines() if line.startswith(f"| `{each.name}` |"))
        _, trajectories, pairs, command = row.strip("| ").split(" | ")
        assert re.findall(r"\d+", trajectories)[0] == str(each.trajectories)
        assert re.findall(r"\d+", pairs)[0] == str(each.pairs)
        path = shipped_sets()[each.name]
        header = labels_header(lines_of(path)[0], path)
        assert header is not None
        assert header.command.replace(" --seed 0", "") in command
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    total = [sum(each.trajectories for each in card.corpora), sum(each.pairs for each in card.corpora)]
    assert f"{total[0]} trajectories and {total[1]} pairs ship" in changes


def test_the_card_of_the_rules_is_as_told() -> None:
    (row,) = pair_rows(read_card(SHIPPED / "rules.card.json"), ("all",))
    assert f"| {row['pairs']} | {row['both_right']} |" in TEXT


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_take_the_options_that_are_shown(line: str) -> None:
    words = shlex.split(line)
    known = invoke(words[0], "--help").out
    assert [word for word in words if word.startswith("--") and word not in known] == []
    assert len(COMMANDS) == 4


def test_every_option_kind_and_form_is_told() -> None:
    for name in ("judge", "judge-config", "labels", "per", "basis", "limit", "seed", "out"):
        assert f"`--{name}`" in TEXT
    for kind in Kind:
        assert f"| `{kind}` |" in TEXT
    for field in (*TURNS, "risk_description", "failure_mode", "real_world_harm", "risk_source", "attack_type"):
        assert f"`{field}`" in TEXT


def test_what_a_judge_that_calls_all_writing_unsafe_gets_right_is_as_told() -> None:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for path in shipped_sets().values():
        told: dict[str, list[Labelled]] = {}
        for line in lines_of(path)[1:]:
            if line and (labelled := Labelled.model_validate_json(line)).pair:
                told.setdefault(labelled.pair, []).append(labelled)
        for unsafe, safe in told.values():
            for kind in ("all", str(unsafe.kind)):
                total[kind] += 1
                right[kind] += writes(unsafe) and not writes(safe)
    for kind in ("all", *Kind):
        assert f"| {kind if kind == 'all' else f'`{kind}`'} | {right[kind]} of {total[kind]} |" in TEXT


def writes(labelled: Labelled) -> bool:
    """Whether the last action calls a tool that does more than read."""
    name = labelled.actions[-1].tool
    return name is not None and toolkit(name.partition("_")[0])[name].spec.effect is not Effect.READ
