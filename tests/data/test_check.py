"""Every exported row is true; a row that is not is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.cli.walking import Walks
from autosafe_env.data.card import Card, read_card
from autosafe_env.data.check import Checked, check
from autosafe_env.data.rows import Table
from autosafe_env.run.reflecting import Reflecting
from tests.data.making import careless_roles, corrected_run, dataset, rows_of, suite_file
from tests.fixtures import FRAUD, KNOWN

Row = dict[str, Any]


def checked(folder: Path, card: Card | None = None, sample: int | None = None, suite: str = "") -> Checked:
    card = card or read_card(folder)
    return check(folder, card, Walks(card, suite), sample)


def forged(folder: Path, card: Card, table: str, change: Callable[[Row], None]) -> list[str]:
    """What is found after the first row of a table was changed, the digests of files left aside."""
    rows = rows_of(folder, table)
    change(rows[0])
    (folder / table / "train.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    found = checked(folder, card).found
    assert "digests differ" in found[0].problem
    assert {each.file for each in found} <= {f"{table}/train.jsonl", "card.json"}
    assert {each.line for each in found} <= {0, 1}
    return [each.problem for each in found[1:]]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("arguments", ["text", "object"])
def test_all_rows_of_a_dataset_are_true(
    oracles: Path, model: Path, tmp_path: Path, whole: bool, arguments: str
) -> None:
    card = dataset(tmp_path / "ds", oracles, model, whole=whole, arguments=arguments)
    result = checked(tmp_path / "ds")
    assert result.found == []
    assert result.total == sum(sum(kinds.values()) for splits in card.rows.values() for kinds in splits.values())
    assert result.total == sum(result.rows.values()) == sum(result.kinds.values()) > 80
    assert result.kinds["correction"] >= 3 * 10


def test_rows_are_walked_to_in_the_env_and_not_looked_up_in_the_run(suite: Path, tmp_path: Path) -> None:
    run = corrected_run(tmp_path / "run", suite)
    dataset(tmp_path / "ds", run)
    shutil.rmtree(run)
    assert checked(tmp_path / "ds").found == []


def test_where_models_play_the_env_their_recorded_answers_are_walked_with(suite: Path, tmp_path: Path) -> None:
    script = {"kind": "scripted", "script": "tests.data.making:bystander"}
    env = {"user": {"kind": "llm", "model": script}}
    run = corrected_run(
        tmp_path / "run", suite, "careless", roles=careless_roles(), how=Reflecting(reflector="llm"), env=env
    )
    dataset(tmp_path / "ds", run)
    assert checked(tmp_path / "ds").found == []
    run.rename(tmp_path / "gone")
    problems = {each.problem for each in checked(tmp_path / "ds").found}
    assert problems == {"models played the environment's side, and their recorded answers are not there"}


def test_a_scenario_that_was_changed_since_is_told_unless_the_run_is_there(tmp_path: Path) -> None:
    suite = suite_file(tmp_path / "synth-d.jsonl")
    run = corrected_run(tmp_path / "run", suite)
    dataset(tmp_path / "ds", run)
    suite_file(suite, title="Another title")
    assert checked(tmp_path / "ds").found == []
    run.rename(tmp_path / "gone")
    problems = {each.problem for each in checked(tmp_path / "ds").found}
    assert len(problems) == 5
    assert all("as it was played is neither in the suite" in each for each in problems)
    moved = suite_file(tmp_path / "elsewhere" / "synth-d.jsonl")
    assert checked(tmp_path / "ds", suite=str(moved)).found == []


def put(name: str, value: Any) -> Callable[[Row], None]:
    def change(row: Row) -> None:
        row[name] = value

    return change


def safe_to_unsafe(row: Row) -> None:
    """The correction is replaced by the payment that the mail asks for, in both places."""
    unsafe = json.loads(row["provenance"]["rejected"])
    row["provenance"]["action"] = row["provenance"]["rejected"]
    row["chosen"] = row["rejected"]
    assert unsafe["arguments"]["iban"] == FRAUD


def unsafe_to_safe(row: Row) -> None:
    """The rejected payment goes to the known account, in both places."""
    row["provenance"]["rejected"] = row["provenance"]["rejected"].replace(FRAUD, KNOWN)
    row["rejected"] = json.loads(json.dumps(row["rejected"]).replace(FRAUD, KNOWN))


def other_prefix(row: Row) -> None:
    row["provenance"]["prefix"] = [row["provenance"]["prefix"][0].replace("m1", "m2")]


def hint(row: Row) -> None:
    row["prompt"][-1]["content"] += " Careful: ask first."


@pytest.mark.parametrize(
    ("table", "change", "problem"),
    [
        ("dpo", hint, "its prompt is not what the environment shows there"),
        ("dpo", put("tools", "[]"), "its tools is not what the environment shows there"),
        ("dpo", put("chosen", [{"role": "assistant", "content": "Done."}]), "its chosen is not"),
        ("dpo", safe_to_unsafe, "the action is judged UNSAFE, not SAFE"),
        ("dpo", unsafe_to_safe, "the rejected action is judged SAFE, not UNSAFE"),
        ("dpo", other_prefix, "its prompt is not what the environment shows there"),
        ("kto", lambda row: put("label", not row["label"])(row), "the label is"),
        ("judge", lambda row: put("label", "UNSAFE")(row), "the action is judged SAFE, not UNSAFE"),
        ("judge", put("context", []), "its context is not"),
        ("sft", lambda row: row.pop("provenance"), "is no row: it has no provenance"),
        (
            "sft",
            lambda row: row["provenance"].update(split="heldout_toolkits"),
            "belongs to the split heldout_toolkits",
        ),
        ("sft", lambda row: row["provenance"].update(scenario="synth-letter-4"), "share 1 scenarios"),
        ("sft", lambda row: row["provenance"].update(run="nowhere"), "the card tells of no run 'nowhere'"),
        ("sft", lambda row: row["provenance"].update(prefix=["{}"]), "validation error"),
        ("sft", lambda row: row["provenance"].update(scenario_digest="0"), "neither in the suite"),
    ],
)
def test_a_forged_row_is_found(
    oracles: Path, tmp_path: Path, table: str, change: Callable[[Row], None], problem: str
) -> None:
    card = dataset(tmp_path / "ds", oracles)
    problems = forged(tmp_path / "ds", card, table, change)
    assert any(problem in each for each in problems), problems


def test_a_row_of_a_scenario_behind_the_wall_is_found(oracles: Path, tmp_path: Path) -> None:
    card = dataset(tmp_path / "ds", oracles)
    walled = card.sources[0].changed({"walled": ("synth-letter-0",)})
    found = checked(tmp_path / "ds", card.changed({"sources": (walled,)})).found
    assert found
    assert {each.problem for each in found} == {"comes from a scenario for evaluation only"}


def test_a_file_that_is_gone_is_told(oracles: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "ds", oracles)
    (tmp_path / "ds" / "dpo" / "train.jsonl").unlink()
    assert "dpo/train.jsonl: cannot be read: No such file or directory" in map(str, checked(tmp_path / "ds").found)


def test_a_sample_walks_to_some_rows_and_counts_all(oracles: Path, tmp_path: Path) -> None:
    card = dataset(tmp_path / "ds", oracles)
    result = checked(tmp_path / "ds", sample=7)
    assert sum(result.rows.values()) == 7 < result.total
    assert check(tmp_path / "ds", card, Walks(card), 7).rows == result.rows
    assert set(result.rows) <= set(Table)
