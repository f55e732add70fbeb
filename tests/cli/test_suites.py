"""Suites in one file from the command line: listed, shown, checked, played, resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autosafe_env.core.suite_files import write_suite
from autosafe_env.core.suite_lines import write_line
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.read import finished
from tests.cli.shell import Done, autosafe, invoke
from tests.suites import HEADER, entry_of, scenario_of, shipping, written


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with shipping(tmp_path, monkeypatch) as path:
        yield path


def run(suite: object, out: Path, *more: object) -> Done:
    return invoke("run", "--suite", suite, "--agent", "oracle_safe", "--out", out, *more)


def test_its_scenarios_are_listed_and_shown_beside_the_others(file: Path) -> None:
    rows = {row["id"]: row for row in invoke("list", "scenarios", "--json").json()}
    row = rows["synth-letter-1"]
    assert {key: row[key] for key in ("suite", "pattern", "style", "split", "version", "gym_id", "toolkits")} == {
        "suite": "synth-t",
        "pattern": "letter-1",
        "style": "plain",
        "split": "train",
        "version": 2,
        "gym_id": "autosafe/synth-letter-1-v2",
        "toolkits": ["email", "bank"],
    }
    core = rows["core-invoice-redirect"]
    assert (core["suite"], core["pattern"], core["split"]) == ("core", None, None)
    assert set(row) == set(core)
    suites = {row["id"]: row for row in invoke("list", "suites", "--json").json()}
    assert suites["synth-t"] == {
        "id": "synth-t",
        "scenarios": 5,
        "sources": ["CONTEXT"],
        "categories": ["FINANCIAL_LOSS"],
        "toolkits": ["bank", "email"],
        "splits": {"heldout_patterns": 1, "heldout_scenarios": 1, "train": 3},
        "unchecked": 0,
    }
    assert suites["core"]["splits"] == {}
    shown = invoke("show", "synth-letter-1", "--json").json()
    assert shown == scenario_of(1).model_dump(mode="json")
    assert "synth-letter-1 v2: The bill of week 1" in invoke("show", "synth-letter-1").out


def test_one_of_them_is_played(file: Path) -> None:
    done = invoke("play", "synth-letter-2", "--agent", "oracle_safe")
    assert (done.code, done.err) == (0, "")
    assert "The episode was safe" in done.out


def test_a_split_of_a_shipped_suite_is_played_and_resumed(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    first = run("synth-t", out, "--split", "train", "--limit", 2, "--seed", 5, "--json")
    assert (first.code, first.json()["rows"][0]["safety_rate"]) == (0, 1.0)
    config = read_manifest(out).config
    assert (config.suite, config.split, config.limit, config.seed) == ("synth-t", "train", 2, 5)
    assert {name.split("/")[0] for name in finished(out)} == set(config.scenarios)
    assert set(config.scenarios) < {"synth-letter-0", "synth-letter-1", "synth-letter-4"}
    again = run("synth-t", out, "--split", "train", "--limit", 2, "--seed", 5, "--json", "--resume")
    assert (again.code, again.json(), again.err) == (0, first.json(), "4 of 4 episodes were finished already\n")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--limit", 2, "--split", "train"), "limit = 1, not 2"),
        (("--limit", 1), "split = 'train', not None"),
        (("--split", "train"), "limit = 1, not None"),
        (("--limit", 1, "--split", "train", "--seed", 3), "seed = 0, not 3"),
    ],
)
def test_a_run_is_not_resumed_with_another_choice(tmp_path: Path, more: tuple[object, ...], words: str) -> None:
    suite, out = written(tmp_path / "synth-t.jsonl"), tmp_path / "run"
    assert run(suite, out, "--limit", 1, "--split", "train").code == 0
    again = run(suite, out, *more, "--resume")
    assert (again.code, again.out) == (2, "")
    assert again.err == f"{out} was begun with {words}; use another folder\n"


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
def test_a_suite_file_is_played_in_a_process_of_its_own(tmp_path: Path, ending: str) -> None:
    suite = written(tmp_path / f"mine{ending}")
    done = autosafe("run", "--suite", suite, "--agent", "oracle_unsafe", "--out", tmp_path / "run", "--json")
    assert (done.code, done.err) == (0, "")
    (row,) = done.json()["rows"]
    assert (row["episodes"], row["unsafe"]) == (5, 5)


@pytest.mark.parametrize(
    ("suite", "more", "words"),
    [
        ("core", ("--split", "train"), "the suite 'core' has no splits"),
        ("core", ("--split", "trian"), "no split is called 'trian'; did you mean 'train'"),
        ("synth-t", ("--split", "heldout_toolkits"), "has no scenario in the split 'heldout_toolkits'; it has train"),
        ("synth-x", (), "no suite is called 'synth-x'; did you mean 'synth-t'"),
    ],
)
def test_a_choice_that_leaves_nothing_is_told(
    file: Path, tmp_path: Path, suite: str, more: tuple[str, ...], words: str
) -> None:
    done = run(suite, tmp_path / "run", *more)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
def test_every_scenario_of_a_suite_file_is_checked_with_its_line(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"suite{ending}"
    blind = scenario_of(1).outcomes[0].model_copy(update={"check": "false"})
    unproven = entry_of(1).model_copy(update={"scenario": scenario_of(1).model_copy(update={"outcomes": (blind,)})})
    late = entry_of(2).model_copy(update={"index": 0})
    write_suite(path, HEADER, [entry_of(0), unproven, late, entry_of(0).model_copy(update={"index": 9})])
    done = invoke("check", path)
    assert (done.code, done.err) == (1, "")
    assert f"{path}:3: the check of outcome 'o1' never fires on the unsafe path\n" in done.out
    assert f"{path}:4: the index 0 does not come after 3, which stands before it\n" in done.out
    assert f"{path}:5: the id 'synth-letter-0' is taken by {path}:2\n" in done.out
    assert done.out.endswith("1 of 4 scenarios are proven\n")
    rows = invoke("check", path, "--json").json()["rows"]
    assert [(row["id"], row["line"], row["ok"]) for row in rows] == [
        ("synth-letter-0", 2, True),
        ("synth-letter-1", 3, False),
        ("synth-letter-2", 4, False),
        ("synth-letter-0", 5, False),
    ]


def test_a_proven_suite_and_a_torn_one(tmp_path: Path) -> None:
    path = written(tmp_path / "suite.jsonl")
    assert invoke("check", path).out == "5 of 5 scenarios are proven\n"
    path.write_bytes(path.read_bytes()[:-9])
    torn = autosafe("check", path)
    assert (torn.code, torn.out) == (0, "4 of 4 scenarios are proven\n")
    assert torn.err.startswith(f"warning: {path}:6: the file ends in the midst of this line, which is left out")


def test_a_suite_file_that_cannot_be_read_further_is_told_where(tmp_path: Path) -> None:
    path = tmp_path / "suite.jsonl"
    path.write_bytes(write_line(HEADER) + write_line(entry_of(0)) + b"{}\n" + write_line(entry_of(1)))
    done = invoke("check", path)
    assert (done.code, done.out) == (
        1,
        f"{path}:3: is no entry of a suite: it has no `scenario`\n1 of 2 scenarios are proven\n",
    )
    packed = written(tmp_path / "packed.jsonl.gz")
    index = tmp_path / "packed.index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"sha256": "0"}))
    assert "packed.index.json: does not belong to" in invoke("check", packed).out


def test_without_a_path_shipped_suites_are_checked_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autosafe_env.run.check.scenario_files", dict)
    assert invoke("check").out == "5 of 5 scenarios are proven\n"
