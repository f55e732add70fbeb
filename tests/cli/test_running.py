"""`autosafe run`: figures, resume, and what a kill in the middle leaves behind."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.errors import RunError
from autosafe_env.record.read import finished
from autosafe_env.record.sink import EVENTS
from tests.cli.shell import HOSTILE, Done, autosafe, invoke, start, steering, wait_until_larger
from tests.run.plays import blocks

RATES = ("safety_rate", "achievement_rate", "over_refusal_rate", "undecided_rate")
LONG = ("--agent", "random", "--agent", "oracle_unsafe", "--agent", "susceptible", "--episodes", "16", "--seed", "5")
EPISODES = 3 * 3 * 2 * 16
ENDLESS = ("--agent", "random", "--episodes", "1000000")


def run(suite: Path, out: Path, *arguments: object) -> Done:
    return invoke("run", "--suite", suite, "--out", out, *arguments)


def clueless(_messages: Any) -> str:
    """An agent of somebody's own that does not work."""
    raise ValueError(f"no idea {HOSTILE}{'x' * 9000}")


def test_a_log_that_cannot_be_written_is_told_in_a_sentence(suite: Path, tmp_path: Path) -> None:
    (tmp_path / EVENTS).mkdir()
    done = run(suite, tmp_path, "--agent", "refuse_all")
    assert (done.code, done.err) == (2, f"{tmp_path / EVENTS} cannot be written: Is a directory\n")


def test_where_and_how_an_agent_failed_first_is_told(suite: Path, tmp_path: Path) -> None:
    done = run(suite, tmp_path, "--agent", f"{__name__}:clueless", "--agent", "refuse_all")
    told = [line for line in done.out.splitlines() if "failed first in" in line]
    assert len(told) == 1
    assert f"{__name__}:clueless: the policy failed first in test-one/attacked/" in told[0]
    assert "ValueError: no idea" in told[0]
    assert len(told[0]) < 900
    assert steering(done.out) == []


def test_the_figures_of_a_run_are_one_json_document(suite: Path, tmp_path: Path) -> None:
    agents = ("--agent", "oracle_safe", "--agent", "oracle_unsafe", "--agent", "refuse_all")
    done = autosafe("run", "--suite", suite, *agents, "--out", tmp_path / "run", "--workers", 2, "--json")
    assert (done.code, done.err) == (0, "")
    assert set(done.json()) == {"rows"}
    rows = {row["agent"]: row for row in done.json()["rows"]}
    assert list(rows) == ["oracle_safe", "oracle_unsafe", "refuse_all"]
    assert [rows["oracle_safe"][rate] for rate in RATES] == [1.0, 1.0, 0.0, 0.0]
    assert [rows["oracle_unsafe"][rate] for rate in RATES] == [0.0, 0.0, 0.0, 0.0]
    assert [rows["refuse_all"][rate] for rate in RATES] == [1.0, 0.0, 1.0, 0.0]
    assert all(row["episodes"] == row["benign_episodes"] == 3 for row in rows.values())
    assert (rows["oracle_unsafe"]["mean_first_unsafe"], rows["oracle_safe"]["mean_first_unsafe"]) == (1.0, None)
    assert rows["oracle_safe"]["safety_low"] == pytest.approx(0.4385, abs=5e-5)


def test_the_table_shows_the_same_figures_and_what_a_reader_must_know(suite: Path, tmp_path: Path) -> None:
    done = run(suite, tmp_path / "run", "--agent", "oracle_safe", "--agent", "refuse_all")
    assert (done.code, done.err) == (0, "")
    head, safe, refusal, *rest = done.out.splitlines()
    assert "safety rate" in head
    assert "over refusal rate" in head
    assert safe.split()[:4] == ["oracle_safe", "*", "3", "100.0%"]
    assert "43.9% to 100.0%" in safe
    assert refusal.split()[:3] == ["refuse_all", "3", "100.0%"]
    assert any("* privileged" in line for line in rest)
    assert any("refuse_all is safe because it is useless" in line for line in rest)
    assert not any("oracle_safe is safe because" in line for line in rest)


def test_one_scenario_file_and_one_variant_can_be_run(suite: Path, tmp_path: Path) -> None:
    arguments = ("--agent", "random", "--variant", "benign", "--json")
    (row,) = run(suite / "test-two.yaml", tmp_path / "run", *arguments).json()["rows"]
    assert (row["episodes"], row["benign_episodes"], row["safety_rate"]) == (0, 1, None)
    assert finished(tmp_path / "run") == {"test-two/benign/random/0"}


def test_a_finished_run_is_resumed_to_the_same_table(suite: Path, tmp_path: Path) -> None:
    arguments = ("--agent", "random", "--agent", "susceptible", "--episodes", 3)
    first = run(suite, tmp_path / "run", *arguments)
    again = run(suite, tmp_path / "run", *arguments, "--resume", "--workers", 3)
    assert (again.code, again.out) == (0, first.out)
    assert again.err == "36 of 36 episodes were finished already\n"


def test_a_run_is_not_written_over_nor_resumed_as_another(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert run(suite, out, "--agent", "random").code == 0
    before = blocks(out)
    again = run(suite, out, "--agent", "random")
    assert (again.code, again.out) == (2, "")
    assert again.err == f"{out} holds a run already; resume it with --resume, or use another folder\n"
    other = run(suite, out, "--agent", "random", "--seed", 9, "--resume")
    assert (other.code, other.out) == (2, "")
    assert other.err == f"{out} was begun with seed = 0, not 9; use another folder\n"
    assert blocks(out) == before


def test_two_files_with_one_id_are_not_run_as_one(suite: Path, tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_bytes((suite / "test-one.yaml").read_bytes())
    done = run(tmp_path, tmp_path / "run", "--agent", "random")
    assert (done.code, done.out) == (2, "")
    assert "test-one" in done.err
    assert not (tmp_path / "run").exists()


def test_a_run_killed_in_the_middle_resumes_to_the_unbroken_run(suite: Path, tmp_path: Path) -> None:
    unbroken = run(suite, tmp_path / "unbroken", *LONG, "--json")
    expected = blocks(tmp_path / "unbroken")
    assert len(expected) == EPISODES
    broken = tmp_path / "broken"
    with start("run", "--suite", suite, "--out", broken, *LONG, "--workers", 2) as process:
        wait_until_larger(broken / EVENTS, sum(map(len, expected.values())) // 8, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.communicate()
    done = autosafe("run", "--suite", suite, "--out", broken, *LONG, "--workers", 2, "--resume", "--json")
    assert done.code == 0
    assert done.json() == unbroken.json()
    kept = int(done.err.rsplit(f" of {EPISODES} episodes were finished already", 1)[0].split()[-1])
    assert 0 < kept < EPISODES
    assert blocks(broken) == expected


def test_an_interrupted_run_says_so_and_keeps_what_is_finished(suite: Path, tmp_path: Path) -> None:
    with start("run", "--suite", suite, "--out", tmp_path, *ENDLESS) as process:
        wait_until_larger(tmp_path / EVENTS, 100_000, process)
        second = run(suite, tmp_path, *ENDLESS, "--resume")
        assert (second.code, second.err) == (2, f"another process is writing to {tmp_path}\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "interrupted; what is written down is kept\n")
    assert len(blocks(tmp_path)) > 5


def test_a_full_disk_ends_a_run_with_a_sentence(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def append(*arguments: object) -> None:
        raise RunError("the log cannot be written: No space left on device")

    monkeypatch.setattr("autosafe_env.record.sink.JsonlSink.append", append)
    done = run(suite, tmp_path / "run", "--agent", "random", "--workers", 2)
    assert (done.code, done.out) == (2, "")
    assert done.err == "the log cannot be written: No space left on device\n"
