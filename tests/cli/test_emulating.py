"""`autosafe check-emulator`: a table, the laws that were broken, an exit code."""

from __future__ import annotations

import json
import signal
import threading

import pytest

from autosafe_env import load_scenario
from autosafe_env.core.discover import scenario_files
from tests.cli.shell import autosafe, invoke, start
from tests.stub import StubServer
from tests.stub.reply import Body, Reply

CONFIG = json.dumps({"kind": "scripted", "script": "tests.emulate.models:sensible"})
FORGETFUL = json.dumps({"kind": "scripted", "script": "tests.emulate.models:forgetful"})


def test_the_rules_pass_whole() -> None:
    done = autosafe("check-emulator")
    assert (done.code, done.err) == (0, "")
    used = {toolkit for name in scenario_files() for toolkit in load_scenario(name).toolkits}
    assert [line.split()[0] for line in done.out.splitlines()] == ["toolkit", *sorted(used), "all"]
    counts = [word.split("/") for word in done.out.splitlines()[-1].split() if "/" in word]
    assert len(counts) == 9
    assert all(held == tried != "0" for held, tried in counts)


@pytest.mark.parametrize("emulator", ["llm", "hybrid", '{"kind": "llm", "mode": "adversarial"}'])
def test_a_model_is_given_as_json(emulator: str) -> None:
    options = ("--emulator", emulator, "--model-config", CONFIG, "--toolkit", "bank", "--scenarios", 3, "--workers", 2)
    done = invoke("check-emulator", *options, "--json")
    document = done.json()
    assert (done.code, document["broken"]) == (0, [])
    assert [row["toolkit"] for row in document["rows"]] == ["bank", "all"]
    assert document["rows"][0]["calls"] == document["rows"][1]["calls"] > 0


def test_a_broken_law_is_told_and_exits_with_1() -> None:
    options = ("--emulator", "llm", "--model-config", FORGETFUL, "--toolkit", "email", "--scenarios", 6)
    done = invoke("check-emulator", *options)
    assert done.code == 1
    assert "where the change is" in done.out
    assert "the write before it does not show" in done.out
    broken = invoke("check-emulator", *options, "--json").json()["broken"]
    assert {"writes", "read_after_write"} <= {mark["law"] for mark in broken}
    assert all(mark["call"].startswith("email_") and mark["scenario"].startswith("core-") for mark in broken)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--emulator", "ruls"], "no emulator is called 'ruls'; did you mean 'rules'"),
        (["--emulator", '{"kind": "llm", "mode": "advers"}', "--model-config", CONFIG], "did you mean 'adversarial'"),
        (["--emulator", "{kind: llm}"], "this is not JSON"),
        (["--toolkit", "emial"], "no toolkit is called 'emial'; did you mean 'email'"),
        (["--emulator", "llm"], "the emulator asks a language model and none is named: give --model"),
        (["--emulator", "llm", "--model-config", "{"], "--model-config is not JSON"),
        (["--emulator", "llm", "--model-config", "[1]"], "--model-config is a name or an object"),
        (["--emulator", "llm", "--model-config", "scriptd"], "no model is called 'scriptd'; did you mean 'scripted'"),
        (["--emulator", "rules", "--model-config", CONFIG], "emulator 'rules' does not take these options"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(arguments: list[str], sentence: str) -> None:
    done = invoke("check-emulator", *arguments)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_an_interrupt_leaves_a_server_that_hangs() -> None:
    asked = threading.Event()

    def reply(_body: Body) -> Reply:
        asked.set()
        return Reply(hang=True)

    with StubServer(reply) as server:
        at = ("--model", "stub", "--base-url", server.url, "--model-kind", "http")
        with start("check-emulator", "--emulator", "llm", *at, "--toolkit", "bank", "--workers", 2) as process:
            assert asked.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "interrupted; what is written down is kept\n")
