"""`autosafe dataset` and its check, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import autosafe, hostile_scenario, invoke, steering
from tests.data.making import suite_file

PLAIN = ("--no-parquet",)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both oracles on a suite with splits, corrected."""
    folder = tmp_path_factory.mktemp("dataset")
    suite = suite_file(folder / "synth-d.jsonl")
    agents = ("--agent", "oracle_unsafe", "--agent", "oracle_safe")
    assert invoke("run", "--suite", suite, *agents, "--out", folder / "run").code == 0
    assert invoke("reflect", folder / "run").code == 0
    return folder / "run"


def test_a_dataset_is_made_and_checked(run: Path, tmp_path: Path) -> None:
    done = invoke("dataset", run, "--out", tmp_path / "ds", *PLAIN, "--benign-share", "0.4")
    assert done.code == 0
    assert "5 unsafe steps, of which 5 (100.0%) have a correction" in done.out
    assert "40.0% of 40.0%" in done.out
    checked = invoke("dataset", "check", tmp_path / "ds")
    assert checked.code == 0
    assert "rows were walked to again; nothing is wrong" in checked.out
    card = json.loads((tmp_path / "ds" / "card.json").read_text(encoding="utf-8"))
    assert card["benign_asked"] == 0.4
    asked = "--benign-share 0.4 --seed 0 --arguments object --no-parquet"
    shown = f"autosafe dataset {run} --out {tmp_path / 'ds'} {asked}"
    assert card["command"] == shown
    again = [tmp_path / "again" if word == str(tmp_path / "ds") else word for word in shown.split()[1:]]
    assert invoke(*again).code == 0
    for path in (tmp_path / "ds").rglob("*.jsonl"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(tmp_path / "ds")).read_bytes()


def test_json_is_one_document(run: Path, tmp_path: Path) -> None:
    made = invoke("dataset", "build", run, "--out", tmp_path / "ds", "--kinds", "dpo,judge", "--json", *PLAIN).json()
    assert set(made["card"]["rows"]) == {"dpo", "judge"}
    checked = invoke("dataset", "check", tmp_path / "ds", "--sample", "4", "--json").json()
    assert sum(checked["walked"].values()) == 4 < checked["rows"]
    assert checked["found"] == []


def test_a_row_that_is_not_true_is_named_and_the_exit_code_is_1(run: Path, tmp_path: Path) -> None:
    assert invoke("dataset", run, "--out", tmp_path / "ds", *PLAIN).code == 0
    path = tmp_path / "ds" / "judge" / "train.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"label":"UNSAFE"', '"label":"SAFE"'), encoding="utf-8")
    done = invoke("dataset", "check", tmp_path / "ds")
    assert done.code == 1
    assert "judge/train.jsonl: is not the file that the card tells of" in done.out
    assert done.out.count("the action is judged UNSAFE, not SAFE") == 3
    assert "4 is wrong" in done.out


def test_parquet_is_left_out_with_a_sentence_where_it_cannot_be_written(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("data.build", "cli.dataset"):
        monkeypatch.setattr(f"autosafe_env.{module}.has_pyarrow", lambda: False)
    done = invoke("dataset", run, "--out", tmp_path / "ds")
    assert done.code == 0
    assert "pyarrow is not installed" in done.err
    assert "pip install 'autosafe-env[data]'" in done.err
    assert not list((tmp_path / "ds").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["dataset", "{run}"], "--out"),
        (["dataset", "{run}", "--out", "{out}", "--kinds", "sft,dpa"], "no kind of rows is called 'dpa'; did you mean"),
        (["dataset", "{run}", "--out", "{out}", "--kinds", ","], "name at least one kind of rows: sft, dpo"),
        (["dataset", "{run}", "--out", "{out}", "--splits", "heldout"], "no split is called 'heldout'; did you mean"),
        (["dataset", "{run}", "--out", "{out}", "--splits", "heldout_toolkits"], "heldout_toolkits would be empty"),
        (["dataset", "{run}", "--out", "{out}", "--benign-share", "1"], "from 0 to below 1, not 1.0"),
        (["dataset", "{run}", "--out", "{out}", "--hold-out", "-0.1"], "from 0 to below 1, not -0.1"),
        (["dataset", "{run}", "--out", "{out}", "--arguments", "txt"], "did you mean 'text'"),
        (["dataset", "{run}", "--out", "{out}", "--suite", "cor"], "no suite is called 'cor'"),
        (["dataset", "{run}", "--out", "{out}", "--suite", "core"], "holds no scenario 'synth-letter-0'"),
        (["dataset", "{run}", "{run}", "--out", "{out}"], "is named twice"),
        (["dataset", "{out}", "--out", "{out}/ds"], "is not a run folder"),
        (["dataset", "{run}", "--out", "{run}"], "is there already"),
        (["dataset", "{run}", "--out", "{run}/manifest.json/ds"], "cannot be made"),
        (["dataset", "check", "{run}"], "is no whole dataset: it has no card.json"),
        (["dataset", "check", "{out}"], "is no whole dataset: it has no card.json"),
    ],
)
def test_wrong_arguments_are_told_in_a_sentence(run: Path, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = invoke(*(word.format(run=run, out=tmp_path / "out") for word in arguments))
    assert done.code == 2
    assert sentence in " ".join(done.err.split())
    assert not (tmp_path / "out").exists()


def play(folder: Path, *agents: str) -> Path:
    suite = suite_file(folder / "synth-d.jsonl")
    words = [word for agent in agents for word in ("--agent", agent)]
    assert invoke("run", "--suite", suite, *words, "--out", folder / "run").code == 0
    return folder / "run"


def test_runs_that_teach_nothing_are_told_with_what_to_do(tmp_path: Path) -> None:
    safe = play(tmp_path / "safe", "oracle_safe")
    done = invoke("dataset", safe, "--out", tmp_path / "ds")
    assert (done.code, done.out) == (2, "")
    assert "no step of these runs was judged UNSAFE" in done.err
    raw = play(tmp_path / "raw", "oracle_unsafe")
    assert (
        "has no branches.jsonl: correct it first, with `autosafe reflect"
        in invoke("dataset", raw, "--out", tmp_path / "ds").err
    )
    assert invoke("dataset", raw, "--out", tmp_path / "ds", "--kinds", "kto,judge", *PLAIN).code == 0
    (raw / "events.jsonl").write_bytes(b"")
    assert "holds no whole episode" in invoke("dataset", raw, "--out", tmp_path / "other").err


def test_corrections_that_were_not_kept_are_told_with_the_reason(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    copy.mkdir()
    for name in ("manifest.json", "events.jsonl"):
        (copy / name).write_bytes((run / name).read_bytes())
    branches = (run / "branches.jsonl").read_text(encoding="utf-8")
    refused = branches.replace('"kept":true,"refusal":null', '"kept":false,"refusal":"UNSAFE_LATER"')
    assert refused != branches
    (copy / "branches.jsonl").write_text(refused, encoding="utf-8")
    done = invoke("dataset", copy, "--out", tmp_path / "ds")
    assert done.code == 2
    assert "no correction of these runs can be used; most often because: UNSAFE_LATER" in done.err


def test_a_torn_log_costs_what_is_torn_with_a_warning(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    copy.mkdir()
    for name in ("manifest.json", "events.jsonl", "branches.jsonl"):
        data = (run / name).read_bytes()
        (copy / name).write_bytes(data if name == "manifest.json" else data[:-40])
    done = autosafe("dataset", copy, "--out", tmp_path / "ds", *PLAIN)
    assert done.code == 0, done.err
    assert done.err.count("warning:") >= 2


def test_nothing_that_a_scenario_says_steers_the_terminal(tmp_path: Path) -> None:
    path = hostile_scenario(tmp_path / "hostile" / "test-hostile.yaml")
    words = ("--agent", "oracle_unsafe", "--out", tmp_path / "run")
    assert invoke("run", "--suite", path, *words).code == 0
    assert invoke("reflect", tmp_path / "run").code == 0
    made = invoke("dataset", tmp_path / "run", "--out", tmp_path / "ds", "--hold-out", "0", *PLAIN)
    assert made.code == 0
    checked = invoke("dataset", "check", tmp_path / "ds")
    assert checked.code == 0
    assert steering(made.out + made.err + checked.out + checked.err) == []


def test_the_group_shows_both_commands() -> None:
    done = autosafe("dataset", "--help")
    assert done.code == 0
    assert "build" in done.out
    assert "check" in done.out
