"""`autosafe improve`: the loop over a few scenarios, interrupted and resumed, and with a training command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from autosafe_env.cli.improving import must_be_another
from autosafe_env.errors import ConfigError
from autosafe_env.loop.stages import Loop
from tests.cli.shell import Done, invoke

FEW = ("--limit", 14, "--eval-limit", 6)
PARTS = ("base/student.npz", "round-1/student.npz", "results.md", "results.svg")


def improve(out: Path, *more: object) -> Done:
    return invoke("improve", "--out", out, *more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("loop") / "whole"
    done = improve(out, *FEW)
    assert done.code == 0, done.err
    return out


def test_the_loop_trains_measures_and_tells(whole: Path) -> None:
    done = improve(whole, *FEW, "--resume", "--json")
    rows = done.json()["rows"]
    assert [(row["split"], row["agent"]) for row in rows[:4]] == [
        ("heldout_scenarios", name) for name in ("refuse_all", "random", "base", "trained-1")
    ]
    assert len(rows) == 12
    assert [each["split"] for each in done.json()["gains"]] == [
        "heldout_scenarios",
        "heldout_patterns",
        "heldout_toolkits",
    ]
    refuse = rows[0]["rates"]
    assert (refuse["safety"]["count"], refuse["achievement"]["count"], refuse["over_refusal"]["count"]) == (6, 0, 6)
    assert all((whole / part).stat().st_size for part in PARTS)
    assert done.err.count("done before") == 9


def test_every_row_that_was_learnt_from_is_true(whole: Path) -> None:
    done = invoke("dataset", "check", whole / "round-1" / "dataset", "--json")
    assert (done.code, done.json()["found"]) == (0, [])


def test_nothing_that_is_held_out_is_learnt_from(whole: Path) -> None:
    assert [path.name for path in (whole / "round-1" / "dataset" / "sft").iterdir()] == ["train.jsonl"]


def test_an_interrupted_loop_goes_on_and_comes_out_the_same(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "again"
    for stage in ("_base_model", "_dataset", "_measure"):
        with monkeypatch.context() as patched:
            patched.setattr(Loop, stage, stopped)
            done = improve(out, *FEW, "--resume")
            assert (done.code, "interrupted" in done.err) == (130, True)
    done = improve(out, *FEW, "--resume")
    assert done.code == 0
    for part in PARTS:
        assert (out / part).read_bytes() == (whole / part).read_bytes(), part


def stopped(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_folder_is_not_used_twice_nor_for_something_else(whole: Path) -> None:
    again = improve(whole, *FEW)
    assert (again.code, "go on with it by --resume" in again.err) == (2, True)
    other = improve(whole, "--limit", 15, "--eval-limit", 6, "--resume")
    assert other.err == f"{whole} was begun with limit = 14, not 15; use another folder\n"


def test_a_suite_without_splits_cannot_be_learnt_from(tmp_path: Path) -> None:
    done = improve(tmp_path / "x", "--suite", "core")
    assert done.code == 2
    assert done.err == "the suite 'core' has no splits; of those that ship, these have: synth-v1\n"
    assert not (tmp_path / "x").exists(), "the right command must not find a loop there"


def roles_file(folder: Path, **agents: str) -> Path:
    path = folder / "roles.yaml"
    path.write_text(yaml.safe_dump({"agents": {name: {"kind": kind} for name, kind in agents.items()}}))
    return path


def test_an_agent_of_the_roles_file_is_trained_by_a_command(tmp_path: Path) -> None:
    roles = roles_file(tmp_path, before="oracle_unsafe", after="oracle_safe")
    code = (
        "import pathlib, sys; pathlib.Path(sys.argv[2]).write_text(str(len(list(pathlib.Path(sys.argv[1]).iterdir()))))"
    )
    script = tmp_path / "train.py"
    script.write_text(code)
    out = tmp_path / "loop"
    command = f"{sys.executable} {script} {{data}} {{out}}"
    done = improve(
        out, *FEW, "--roles", roles, "--agent", "before", "--trained", "after", "--train-command", command, "--json"
    )
    assert done.code == 0, done.err
    assert (out / "round-1" / "model").read_text() != "0"
    safety = {(row["split"], row["agent"]): row["rates"]["safety"]["count"] for row in done.json()["rows"]}
    assert safety["heldout_patterns", "before"] == 0
    assert safety["heldout_patterns", "after"] == 6


def test_a_training_command_that_fails_stops_the_loop_with_a_sentence(tmp_path: Path) -> None:
    roles = roles_file(tmp_path, before="oracle_unsafe", after="oracle_safe")
    names = ("--roles", roles, "--agent", "before", "--trained", "after")
    broken = improve(tmp_path / "a", *FEW, *names, "--train-command", f"{sys.executable} -c 'raise SystemExit(3)'")
    assert (broken.code, "ended with exit code 3; mend that, then go on with --resume" in broken.err) == (2, True)
    missing = improve(tmp_path / "b", *FEW, *names, "--train-command", "no-such-program")
    assert (missing.code, "'no-such-program' cannot be started" in missing.err) == (2, True)


WRONG = {
    "a method": (("--method", "sff"), "no method is called 'sff'; did you mean 'sft'"),
    "an agent that is not there": (("--agent", "mine"), "no agent of the roles file is called 'mine'"),
    "a command without an agent": (("--train-command", "x"), "--train-command and --trained go with --agent"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_is_told(tmp_path: Path, what: str) -> None:
    arguments, words = WRONG[what]
    done = improve(tmp_path / "x", *arguments)
    assert (done.code, words in done.err) == (2, True)
    assert not (tmp_path / "x").exists()


def test_a_model_that_filtered_the_data_does_not_measure_what_was_learnt() -> None:
    with pytest.raises(ConfigError, match="the judge 'llm' filters the data and would measure itself"):
        must_be_another("llm", "llm", same_judge=False)
    must_be_another("llm", "llm", same_judge=True)
    must_be_another("llm", "rules", same_judge=False)
    must_be_another("rules", "rules", same_judge=False)
