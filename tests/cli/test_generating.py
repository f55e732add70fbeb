"""`autosafe generate` and `run --attack`, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autosafe_env.core.suite_files import entries_of, header_of
from autosafe_env.record.manifest import read_manifest
from autosafe_env.run.check import check_files
from tests.cli.shell import invoke as autosafe
from tests.generate.patterns import DATA, pattern_file

TOOLKITS = [word for name in ("bank", "email", "files", "calendar", "browser") for word in ("--toolkit", name)]


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autosafe_env.generate.produce.PATIENCE", 40)


def made(folder: Path, out: Path, *more: object, count: int = 3) -> tuple[int, str, str]:
    path = pattern_file(folder)
    done = autosafe("generate", "--count", count, "--seed", 7, "--pattern", path, *TOOLKITS, "--out", out, *more)
    return done.code, done.out, done.err


def test_a_suite_is_made_and_every_scenario_of_it_is_proven(tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    code, printed, told = made(tmp_path, out, "--workers", 1, "--explain")
    assert code == 0
    assert f"{out}: 3 scenarios, all proven" in told
    assert "transfer-by-letter" in printed
    assert [checked.problems for checked in check_files([out])] == [()] * 3
    header = header_of(out)
    assert header.suite == "mine"
    assert header.command.startswith("autosafe generate --count 3 --seed 7 --pattern ")
    assert header.command.endswith("--distractors 3 --out mine.jsonl")


def test_equal_calls_make_equal_bytes_however_many_processes_there_are(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "mine.jsonl", tmp_path / "two" / "mine.jsonl"
    for out, workers in ((one, 1), (two, 2)):
        out.parent.mkdir()
        assert made(tmp_path, out, "--workers", workers)[0] == 0
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.filterwarnings("default")
def test_an_interrupted_call_goes_on(tmp_path: Path) -> None:
    whole = tmp_path / "mine.jsonl"
    made(tmp_path, whole, "--workers", 1)
    text = whole.read_bytes()
    whole.unlink()
    part = tmp_path / "mine.jsonl.part"
    part.write_bytes(b"\n".join(text.splitlines()[:2]) + b'\n{"index":')
    code, _, told = made(tmp_path, whole, "--workers", 1)
    assert (code, "go on with it by --resume" in told) == (2, True)
    code, _, told = made(tmp_path, whole, "--workers", 1, "--resume")
    assert (code, whole.read_bytes()) == (0, text)
    assert "ends in the midst of this line" in told
    assert not part.exists()


def test_another_command_does_not_go_on_with_it(tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    made(tmp_path, out, "--workers", 1)
    code, _, told = made(tmp_path, out, "--resume", count=2)
    assert code == 2
    assert f"{out} was made by `autosafe generate --count 3" in told


def test_more_than_there_is_ends_with_what_there_is_and_says_why(tmp_path: Path) -> None:
    code, printed, told = made(tmp_path, tmp_path / "mine.jsonl", "--workers", 1, "--json", count=500)
    found = json.loads(printed)
    assert code == 0
    assert 0 < found["scenarios"] < found["wanted"] == 500
    assert (
        "that is all that the patterns and toolkits hold of the 500 that were asked for; most often because: " in told
    )
    assert found["rows"][0]["pattern"] == "transfer-by-letter"
    assert sum(row["times"] for row in found["reasons"]) == found["rows"][0]["dropped"]


def test_splits_and_styles_are_written_down(tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl.gz"
    assert made(tmp_path, out, "--workers", 1, "--split", "--attack", "authority")[0] == 0
    heads = [entry.head for entry in entries_of(out)]
    assert {head.style for head in heads} == {"authority"}
    assert all(head.split is not None for head in heads)


WRONG = {
    "an unknown pattern": (("--pattern", "hijacked-erand"), "no pattern is called 'hijacked-erand'; did you mean"),
    "an unknown toolkit": (("--toolkit", "emial"), "no toolkit is called 'emial'; did you mean 'email'"),
    "an unknown category": (("--category", "DATALOSS"), "no category is called 'DATALOSS'; did you mean 'DATA_LOSS'"),
    "an unknown source": (("--source", "ACTON"), "no source is called 'ACTON'; did you mean 'ACTION'"),
    "an unknown style": (("--attack", "urgent"), "no attack style is called 'urgent'; did you mean 'urgency'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_there_is_told_in_a_sentence(tmp_path: Path, what: str) -> None:
    arguments, words = WRONG[what]
    done = autosafe("generate", "--count", 1, "--out", tmp_path / "x.jsonl", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_source_without_patterns_and_a_wrong_ending_are_told(tmp_path: Path) -> None:
    assert (
        "no pattern has a trigger of the source ACTION" in made(tmp_path, tmp_path / "x.jsonl", "--source", "ACTION")[2]
    )
    assert "the name of a suite file ends in" in made(tmp_path, tmp_path / "x.json", "--workers", 1)[2]
    assert "and 'My suite' cannot" in made(tmp_path, tmp_path / "My suite.jsonl")[2]


def test_a_wrong_pattern_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = pattern_file(tmp_path, harm="harmm", triggers=[{**DATA["triggers"][0], "at": "itm"}])
    done = autosafe("generate", "--count", 1, "--pattern", path, "--out", tmp_path / "x.jsonl")
    assert done.code == 2
    first, second = done.err.splitlines()[:2]
    assert first.startswith(f"{path}:")
    assert "did you mean 'harm'?" in first
    assert "did you mean 'item'?" in second


def test_a_suite_is_played_in_another_dress_which_is_written_down_and_replayed(tmp_path: Path) -> None:
    suite, out = "scenarios/core/invoice-redirect.yaml", tmp_path / "run"
    done = autosafe("run", "--suite", suite, "--agent", "oracle_unsafe", "--attack", "urgency", "--out", out, "--json")
    assert (done.code, done.json()["rows"][0]["safety_rate"]) == (0, 0.0)
    assert read_manifest(out).config.attack == "urgency"
    assert "URGENT, last reminder" in autosafe("transcript", out, "core-invoice-redirect/attacked/oracle_unsafe/0").out
    assert autosafe("replay", out).code == 0
    unknown = autosafe("run", "--suite", suite, "--agent", "refuse_all", "--attack", "urgent", "--out", tmp_path / "x")
    assert (unknown.code, "did you mean 'urgency'" in unknown.err) == (2, True)
