"""`autosafe train student`, from the shell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autosafe_env.train.student import Student
from tests.cli.shell import invoke


@pytest.fixture
def corrected(finished_run: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(finished_run, tmp_path / "run"))
    assert invoke("reflect", folder).code == 0
    return folder


def test_a_base_then_a_trained_student_then_a_preferring_one(corrected: Path, tmp_path: Path) -> None:
    files = {way: tmp_path / f"{way}.npz" for way in ("base", "sft", "dpo")}
    start: tuple[object, ...] = ()
    for way, file in files.items():
        done = invoke("train", "student", "--run", corrected, "--method", way, "--out", file, *start)
        assert done.code == 0, done.err
        assert "learnt from" in done.out
        start = ("--base", files["base"])
    assert Student.load(files["dpo"]).lineage.start == Student.load(files["base"]).lineage


def test_the_lineage_is_one_json_document(corrected: Path, tmp_path: Path) -> None:
    out = tmp_path / "student.npz"
    found = invoke("train", "student", "--run", corrected, "--out", out, "--epochs", 2, "--seed", 5, "--json").json()
    assert (found["method"], found["seed"], len(found["losses"])) == ("sft", 5, 2)
    assert found["origins"]["correction"] == 3


def test_by_trial_in_a_suite(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "student.npz"
    words = ("--method", "reinforce", "--suite", suite, "--limit", 1, "--epochs", 2)
    done = invoke("train", "student", *words, "--out", out)
    assert done.code == 0, done.err
    assert "mean return" in done.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "name at least one run folder to learn from: --run FOLDER"),
        (("--method", "stf"), "unknown method 'stf'"),
        (("--method", "reinforce"), "reinforce plays a suite: name it with --suite"),
        (("--run", "RUN"), "holds no kept correction; make some with `autosafe reflect"),
        (("--run", "RUN", "--method", "dpo"), "dpo goes on from a student: name its file with --base"),
        (("--run", "nowhere"), "is not a run folder"),
        (("--base", "nowhere.npz", "--run", "RUN"), "there is no student at nowhere.npz"),
    ],
)
def test_what_is_missing_is_told(words: tuple[str, ...], sentence: str, finished_run: Path, tmp_path: Path) -> None:
    given = [finished_run if word == "RUN" else word for word in words]
    done = invoke("train", "student", *given, "--out", tmp_path / "student.npz")
    assert done.code == 2
    assert sentence in done.err
    assert len(done.err.strip().splitlines()) == 1
