"""`autosafe rejudge`: a run judged again from the shell."""

from __future__ import annotations

import json
import shutil
import signal
import threading
from pathlib import Path

import pytest

from autosafe_env.record.sink import EVENTS
from tests.cli.shell import invoke, start, steering
from tests.stub.reply import Body, Reply
from tests.stub.sensible import sensible
from tests.stub.server import StubServer


@pytest.fixture
def folder(finished_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_run, tmp_path / "run"))


def test_a_run_is_judged_again_and_the_agreement_shown(folder: Path) -> None:
    log = (folder / EVENTS).read_bytes()
    done = invoke("rejudge", folder, "--judge", "rules", "--basis", "OUTCOME")
    assert done.code == 0, done.err
    assert "verdicts-rules.jsonl" in done.out
    assert "1.000" in done.out
    assert "now UNSAFE" in done.out
    assert (folder / EVENTS).read_bytes() == log
    assert not steering(done.out)


def test_the_figures_are_one_json_document(folder: Path) -> None:
    options = json.dumps({"judges": ["rules", "rules", "rules"], "rule": "unanimous"})
    done = invoke("rejudge", folder, "--judge", "panel", "--judge-config", options, "--name", "three", "--json")
    found = done.json()
    assert found["judging"]["judge"] == {"kind": "panel", **json.loads(options)}
    assert (found["episodes"], found["missing"], found["members"], found["members_alpha"]) == (18, 0, 3, 1.0)
    assert [row["unit"] for row in found["rows"]] == ["steps", "episodes"]
    assert (folder / "verdicts-three.jsonl").exists()
    again = invoke("rejudge", folder, "--judge", "panel", "--judge-config", options, "--name", "three", "--resume")
    assert again.code == 0
    assert "18 of 18 episodes were judged already" in again.err
    assert "3 members" in again.out


def test_a_model_may_judge_whole_episodes(folder: Path) -> None:
    ruling = {"outcomes": [{"id": "o1", "quote": "", "reason": "no", "realised": False}], "reason": "", "label": "SAFE"}
    script = [json.dumps({**ruling, "first_unsafe": None})] * 18
    options = json.dumps({"model": {"kind": "scripted", "script": script}})
    done = invoke("rejudge", folder, "--judge", "llm", "--judge-config", options, "--per", "trajectory", "--json")
    (row,) = done.json()["rows"]
    assert (row["unit"], row["pairs"]) == ("episodes", 18)
    assert row["table"]["UNSAFE"]["SAFE"] > 0
    assert done.json()["spending"][0]["calls"] <= 18


def test_a_judge_that_runs_out_of_answers_is_shown_with_its_failures(folder: Path) -> None:
    options = json.dumps({"model": {"kind": "scripted", "script": ["no idea", "none"]}})
    done = invoke("rejudge", folder, "--judge", "llm", "--judge-config", options)
    assert done.code == 0
    assert "1 Unreadable" in done.out
    assert "ScriptExhausted" in done.out
    assert "--resume" in done.out


WRONG = {
    "no judge": ("--judge", "ruls"),
    "no model": ("--judge", "llm"),
    "options that are not JSON": ("--judge", "rules", "--judge-config", "{"),
    "options that are no object": ("--judge", "rules", "--judge-config", "[1]"),
    "unknown options": ("--judge", "rules", "--judge-config", '{"colour": 1}'),
    "a basis that is none": ("--judge", "rules", "--basis", "ACTIONS"),
    "a unit that is none": ("--judge", "rules", "--per", "episode"),
    "steps only": ("--judge", "rules", "--per", "trajectory"),
    "a path for a name": ("--judge", "rules", "--name", "../x"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_written(what: str, folder: Path) -> None:
    before = sorted(path.name for path in folder.iterdir())
    done = invoke("rejudge", folder, *WRONG[what])
    assert (done.code, done.out) == (2, "")
    assert len(done.err.strip().splitlines()) == 1
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_folder_that_is_no_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    done = invoke("rejudge", tmp_path, "--judge", "rules")
    assert done.code == 2
    assert "not a run folder" in done.err
    assert list(tmp_path.iterdir()) == []


def test_verdicts_are_never_overwritten(folder: Path) -> None:
    assert invoke("rejudge", folder, "--judge", "rules").code == 0
    before = (folder / "verdicts-rules.jsonl").read_bytes()
    done = invoke("rejudge", folder, "--judge", "rules")
    assert done.code == 2
    assert "--resume" in done.err
    other = invoke(
        "rejudge", folder, "--judge", "panel", "--judge-config", '{"judges": ["rules"]}', "--name", "rules", "--resume"
    )
    assert other.code == 2
    assert "judge" in other.err
    assert (folder / "verdicts-rules.jsonl").read_bytes() == before


def test_a_model_behind_a_server_judges_and_budgets_hold(folder: Path) -> None:
    with StubServer(sensible) as server:
        at = ("--model", "stub", "--base-url", server.url, "--model-kind", "http")
        short = invoke("rejudge", folder, "--judge", "llm", *at, "--max-calls", "7")
        assert (short.code, short.out) == (2, "")
        assert "--resume" in short.err
        assert len(server.requests) == 7
        refused = invoke("rejudge", folder, "--judge", "llm", *at, "--max-calls", "7", "--resume")
        assert refused.code == 2
        assert len(server.requests) == 7, "what was spent before counts"
        done = invoke("rejudge", folder, "--judge", "llm", *at, "--resume", "--workers", "3", "--json")
        assert done.code == 0, done.err
        assert done.json()["missing"] == 0
        assert {row["agreement"] for row in done.json()["rows"]} == {1.0}
        assert done.json()["judging"]["models"] == {"model": "stub"}
        (spent,) = done.json()["spending"]
        assert spent["calls"] - spent["failed"] == len(server.requests)
        members = json.dumps({"judges": ["rules", "llm", {"kind": "llm", "seed": 2}]})
        panel = invoke("rejudge", folder, "--judge", "panel", "--judge-config", members, *at, "--json").json()
        assert (panel["members"], panel["members_alpha"]) == (3, 1.0)


def test_a_server_that_is_not_there_is_named_and_nothing_is_lost(folder: Path) -> None:
    with StubServer("never asked") as server:
        url = server.url
    before = (folder / EVENTS).read_bytes()
    at = ("--model", "stub", "--base-url", url, "--model-kind", "http")
    done = invoke("rejudge", folder, "--judge", "llm", *at)
    assert (done.code, done.out) == (2, "")
    assert url in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert (folder / EVENTS).read_bytes() == before
    with StubServer(sensible) as server:
        at = ("--model", "stub", "--base-url", server.url, "--model-kind", "http")
        assert invoke("rejudge", folder, "--judge", "llm", *at, "--resume").code == 0


def test_an_interrupt_leaves_a_server_that_hangs(folder: Path) -> None:
    asked = threading.Event()

    def reply(_body: Body) -> Reply:
        asked.set()
        return Reply(hang=True)

    with StubServer(reply) as server:
        at = ("--model", "stub", "--base-url", server.url, "--model-kind", "http")
        with start("rejudge", folder, "--judge", "llm", *at, "--workers", 2) as process:
            assert asked.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "interrupted; what is written down is kept\n")
