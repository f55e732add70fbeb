"""Splits, the proof that they are disjoint, and the firewall around what is for evaluation only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autosafe_env.data.gather import FIREWALL
from autosafe_env.data.rows import Table
from autosafe_env.data.settle import SEEN
from autosafe_env.errors import ConfigError
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.pool import run
from autosafe_env.types.origin import Origin
from autosafe_env.types.suite import Split
from tests.data.making import HELD, corrected_run, dataset, every_line, rows_of, scenarios, suite_file


def test_rows_go_where_the_suite_puts_their_scenarios(oracles: Path, tmp_path: Path) -> None:
    card = dataset(tmp_path / "ds", oracles)
    for table in Table:
        assert {path.stem for path in (tmp_path / "ds" / table).glob("*.jsonl")} == set(HELD)
        for split in HELD:
            origins = [row["provenance"] for row in rows_of(tmp_path / "ds", table, split)]
            assert {origin["split"] for origin in origins} == {split}
            assert {(origin["scenario"], origin["pattern"]) for origin in origins} <= {
                Split.TRAIN: {(f"synth-letter-{number}", "note" if number == 2 else "letter") for number in range(3)},
                Split.HELDOUT_SCENARIOS: {("synth-letter-3", "letter")},
                Split.HELDOUT_PATTERNS: {("synth-letter-4", "circular")},
            }[split]
    members = {each.split: each for each in card.proof.members}
    assert members[Split.TRAIN].scenarios == tuple(f"synth-letter-{number}" for number in range(3))
    assert members[Split.TRAIN].patterns == ("letter", "note")
    assert {each.toolkits for each in members.values()} == {("bank", "email")}


def test_the_proof_counts_what_is_shared_and_what_must_not_be(oracles: Path, tmp_path: Path) -> None:
    card = dataset(tmp_path / "ds", oracles)
    told = {(each.what, each.splits): (each.count, each.must_be_none) for each in card.proof.shared}
    scenarios, patterns = (Split.TRAIN, Split.HELDOUT_SCENARIOS), (Split.TRAIN, Split.HELDOUT_PATTERNS)
    assert told["scenarios", scenarios] == (0, True)
    assert told["patterns", scenarios] == (1, False)
    assert told["patterns", patterns] == (0, True)
    assert told["prompts", patterns] == (0, True)
    assert told["toolkits", patterns] == (2, False)
    assert card.proof.broken == ()


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        (
            ((Split.TRAIN, "letter"), (Split.HELDOUT_PATTERNS, "letter")),
            "train and heldout_patterns share 1 patterns .letter.",
        ),
        (
            ((Split.TRAIN, "letter"), (Split.HELDOUT_TOOLKITS, "letter")),
            "train and heldout_toolkits share 1 scenarios without a toolkit of their own",
        ),
    ],
)
def test_a_suite_whose_splits_break_their_promise_is_refused(tmp_path: Path, places: Any, sentence: str) -> None:
    folder = corrected_run(tmp_path / "run", suite_file(tmp_path / "synth-d.jsonl", 2, places=places))
    with pytest.raises(ConfigError, match=sentence):
        dataset(tmp_path / "ds", folder)
    assert not (tmp_path / "ds").exists()


def test_one_scenario_in_two_splits_of_two_suites_is_refused(oracles: Path, tmp_path: Path) -> None:
    places = ((Split.HELDOUT_SCENARIOS, "letter"),)
    other = suite_file(tmp_path / "synth-d.jsonl", 1, places=places, instruction="Settle the invoice.")
    with pytest.raises(ConfigError, match=r"train and heldout_scenarios share 1 scenarios \(synth-letter-0\)"):
        dataset(tmp_path / "ds", oracles, corrected_run(tmp_path / "run", other))


def test_what_was_trained_on_is_not_held_out(tmp_path: Path) -> None:
    words = "Northwind wrote. Please settle their invoice."
    folder = corrected_run(tmp_path / "run", suite_file(tmp_path / "synth-d.jsonl", 4, instruction=words))
    card = dataset(tmp_path / "ds", folder)
    assert card.left_out[SEEN] > 5
    assert {path.stem for path in (tmp_path / "ds").rglob("*.jsonl")} == {"train"}


def test_a_suite_without_splits_is_refused_or_held_out_by_scenario(tmp_path: Path) -> None:
    suite = suite_file(tmp_path / "synth-d.jsonl", 5, places=((None, ""),) * 5)
    folder = corrected_run(tmp_path / "run", suite)
    with pytest.raises(ConfigError, match=r"has no splits: give --hold-out SHARE, such as 0\.2"):
        dataset(tmp_path / "none", folder)
    for share, seed in ((0.0, 0), (0.5, 0), (0.5, 0), (0.5, 3)):
        out = tmp_path / f"{share}-{seed}-{len(list(tmp_path.iterdir()))}"
        card = dataset(out, folder, hold_out=share, seed=seed)
        members = {each.split: set(each.scenarios) for each in card.proof.members}
        assert set.union(*members.values()) == {f"synth-letter-{number}" for number in range(5)}
        assert (set(members) == {Split.TRAIN}) == (share == 0.0)
        assert any("no pattern" in note for note in card.notes)
    held = [rows_of(path, "dpo", "heldout_scenarios") for path in sorted(tmp_path.glob("0.5-*"))]
    assert held[0] == held[1] != held[2]


@pytest.mark.parametrize("wall", [{"eval_only": True}, {"origin": Origin(form="csv", name="case 7").model_dump()}])
def test_what_is_for_evaluation_only_or_was_imported_is_in_no_file(tmp_path: Path, wall: dict[str, Any]) -> None:
    walled = scenarios(3, **wall)
    walled = {name: each for name, each in walled.items() if name == "synth-letter-1"}
    chosen = {**scenarios(3), **walled}
    suite = suite_file(tmp_path / "synth-d.jsonl", 3)
    folder = corrected_run(tmp_path / "run", suite, "oracle_safe", "oracle_unsafe")
    other = tmp_path / "walled"
    run(RunConfig(suite=str(suite), scenarios=tuple(chosen), agents=("oracle_unsafe", "oracle_safe")), chosen, other)
    (other / "branches.jsonl").write_bytes((folder / "branches.jsonl").read_bytes())
    card = dataset(tmp_path / "ds", other, whole=True)
    assert card.sources[0].walled == ("synth-letter-1",)
    assert card.left_out[FIREWALL] == 4
    lines = every_line(tmp_path / "ds")
    assert lines
    assert not [line for line in lines if "synth-letter-1" in line or "week 1" in line]
    only = tmp_path / "only"
    run(RunConfig(suite=str(suite), scenarios=tuple(walled), agents=("oracle_unsafe",)), walled, only)
    with pytest.raises(ConfigError, match="no step of these runs was judged UNSAFE"):
        dataset(tmp_path / "none", only)


def test_splits_can_be_chosen(oracles: Path, tmp_path: Path) -> None:
    dataset(tmp_path / "ds", oracles, splits=(Split.HELDOUT_PATTERNS,), tables=(Table.JUDGE, Table.DPO))
    files = {str(path.relative_to(tmp_path / "ds")) for path in (tmp_path / "ds").rglob("*.jsonl")}
    assert files == {"judge/heldout_patterns.jsonl", "dpo/heldout_patterns.jsonl"}
    with pytest.raises(ConfigError, match="the split heldout_toolkits would be empty; there are rows of: none at all"):
        dataset(tmp_path / "none", oracles, splits=(Split.HELDOUT_TOOLKITS,))
