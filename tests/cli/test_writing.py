"""`generate --llm` and `propose-pattern` over HTTP: the bill, faults, budgets, resuming, keys, and what is written."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest

from autosafe_env.core.suite_files import entries_of, header_of
from autosafe_env.generate.library import load_patterns
from autosafe_env.run.check import check_files
from tests.cli.shell import Done, invoke, start, steering
from tests.generate.patterns import OWN, pattern_file
from tests.stub import FAULTS, Body, Reply, StubServer, faulty
from tests.stub.sensible import role_of, sensible
from tests.stub.sensible_generator import written

TOOLKITS = [word for name in OWN for word in ("--toolkit", name)]
COUNT = 4
KEY = "planted-key-0123456789abcdef"


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autosafe_env.generate.produce.PATIENCE", 60)


def at(url: str, *options: object) -> tuple[object, ...]:
    return ("--model", "stub", "--base-url", url, "--model-kind", "http", *options)


def generate(folder: Path, *options: object, llm: bool = True) -> Done:
    path = pattern_file(folder)
    chosen = ("--count", COUNT, "--seed", 7, "--pattern", path, *TOOLKITS, "--workers", 1, "--out", out_of(folder))
    return invoke("generate", *chosen, *(("--llm",) if llm else ()), *options)


def out_of(folder: Path) -> Path:
    return folder / "mine.jsonl"


def instructions(folder: Path) -> list[str]:
    return [json.loads(line)["scenario"]["instruction"] for line in out_of(folder).read_bytes().splitlines()[1:]]


def all_proven(path: Path) -> bool:
    return [checked.problems for checked in check_files([path])] == [()] * COUNT


def test_a_suite_in_a_models_words_is_proven_billed_and_says_so(tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        done = generate(tmp_path, *at(server.url, "--json"))
        assert {role_of(body) for body in server.bodies} == {"generator"}
        asked = len(server.bodies)
    assert done.code == 0, done.err
    told = done.json()
    (bill,) = told["spending"]
    assert (bill["role"], bill["models"], bill["calls"], bill["failed"]) == ("generator", ["stub"], asked, 0)
    assert bill["prompt_tokens"] == 7 * asked
    assert told["worded"] == asked
    assert f"generator (stub): {asked} calls, {7 * asked} tokens of prompts and {3 * asked} of answers" in done.err
    assert all("That would be a great help." in each for each in instructions(tmp_path))
    assert all_proven(out_of(tmp_path))
    header = header_of(out_of(tmp_path))
    assert " --llm --model generator=stub --out mine.jsonl" in header.command
    assert set(header.versions) == {"autosafe-env", "Faker", "writer_llm.md"}


def test_without_llm_no_model_is_asked_or_named(tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        done = generate(tmp_path, *at(server.url), llm=False)
        assert server.requests == []
    header = header_of(out_of(tmp_path))
    assert (done.code, "--llm" in header.command, set(header.versions)) == (0, False, {"autosafe-env", "Faker"})
    nameless = generate(tmp_path)
    assert (nameless.code, "the generator asks a language model and none is named" in nameless.err) == (2, True)


@pytest.mark.parametrize("fault", [kind for kind in FAULTS if kind != "hang"])
def test_whatever_a_server_does_only_proven_scenarios_come_out(fault: str, tmp_path: Path) -> None:
    roles = tmp_path / "roles.yaml"
    with StubServer(faulty(sensible, fault, 0.5, seed=3)) as server:
        roles.write_text(
            json.dumps({"generator": {"kind": "http", "model": "m", "base_url": server.url, "retries": 0}})
        )
        done = generate(tmp_path, "--roles", roles, "--explain")
    assert done.code == 0, done.err
    assert all_proven(out_of(tmp_path))
    rest = [each for each in instructions(tmp_path) if "great help" not in each]
    assert bool(rest) <= ("the model's texts were not taken: " in done.out)


def test_hostile_words_steer_no_terminal_and_reach_no_file(tmp_path: Path) -> None:
    def reply(body: Body) -> Reply:
        texts = json.loads(sensible(body).text or "")
        return Reply(text=json.dumps({name: f"\x1b[2J{text}" for name, text in texts.items()}))

    with StubServer(reply) as server:
        done = generate(tmp_path, *at(server.url, "--explain"))
    assert (done.code, steering(done.out), steering(done.err)) == (0, [], [])
    assert "U+" in done.out
    assert b"u001b" not in out_of(tmp_path).read_bytes()


@pytest.mark.parametrize("ending", ["mine.jsonl", "mine.jsonl.gz"])
def test_a_spent_budget_keeps_what_is_finished_and_resuming_makes_the_same_suite(ending: str, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
    with StubServer(sensible) as server:
        to = ("--pattern", pattern_file(tmp_path), *TOOLKITS, "--count", COUNT, "--seed", 7, "--workers", 1, "--llm")
        assert invoke("generate", *to, *at(server.url, "--out", whole / ending)).code == 0
        stopped = invoke("generate", *to, *at(server.url, "--out", cut / ending, "--max-calls", 2, "--at-once", 1))
        assert (stopped.code, stopped.out) == (2, "")
        assert "the generation stopped: the run may spend 2 calls" in stopped.err
        assert "generator (stub): 3 calls, 1 of them failed (BudgetExceeded 1)" in stopped.err
        assert not (cut / ending).exists()
        assert len([*entries_of(cut / f"{ending}.part")]) == 2
        other = invoke("generate", *to, *at(server.url, "--out", cut / ending, "--resume", "--model", "generator=x"))
        assert (other.code, "that is not this command" in other.err) == (2, True)
        assert invoke("generate", *to, *at(server.url, "--out", cut / ending, "--resume")).code == 0
    assert (cut / ending).read_bytes() == (whole / ending).read_bytes()


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        nowhere = server.url
    done = generate(tmp_path, *at(nowhere))
    assert (done.code, done.out) == (2, "")
    assert "the generation stopped: " in done.err
    assert nowhere in done.err
    with StubServer(sensible) as server:
        assert generate(tmp_path, *at(server.url, "--resume")).code == 0


def test_an_interrupt_leaves_a_server_that_hangs_and_keeps_what_is_finished(tmp_path: Path) -> None:
    asked, hung = list[Body](), threading.Event()

    def reply(body: Body) -> Reply:
        asked.append(body)
        if len(asked) <= 2:
            return sensible(body)
        hung.set()
        return Reply(hang=True)

    with StubServer(reply) as server:
        to = ("--count", COUNT, "--seed", 7, "--pattern", pattern_file(tmp_path), *TOOLKITS, "--workers", 1, "--llm")
        options = ("--at-once", 1, "--out", out_of(tmp_path))
        with start("generate", *to, *options, *at(server.url)) as process:
            assert hung.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.endswith("interrupted; what is written down is kept\n")
    assert "generator (stub): 2 calls" in err
    assert len([*entries_of(tmp_path / "mine.jsonl.part")]) == 2
    with StubServer(sensible) as server:
        assert generate(tmp_path, *at(server.url, "--resume")).code == 0
    assert all_proven(out_of(tmp_path))


def test_kept_answers_make_the_same_bytes_without_a_server(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    with StubServer(sensible) as server:
        options = at(server.url, "--cache", tmp_path / "answers.sqlite")
        path = pattern_file(tmp_path)
        to = ("--pattern", path, *TOOLKITS, "--count", COUNT, "--seed", 7, "--workers", 1, "--llm", *options)
        assert invoke("generate", *to, "--out", out_of(one)).code == 0
    assert invoke("generate", *to, "--out", out_of(two)).code == 0
    assert out_of(one).read_bytes() == out_of(two).read_bytes()


def test_a_key_is_sent_and_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with StubServer(sensible) as server:
        done = generate(tmp_path, *at(server.url, "--explain"))
        sent = {request.headers.get("authorization") for request in server.requests}
    assert sent == {f"Bearer {KEY}"}
    assert KEY not in done.out + done.err
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def propose(out: Path, *options: object) -> Done:
    wish = ("--category", "FINANCIAL_LOSS", "--source", "CONTEXT", "--outcome", "Money goes to a stranger.")
    return invoke("propose-pattern", *TOOLKITS, *wish, "--out", out, *options)


def test_a_proposed_pattern_is_written_and_makes_scenarios(tmp_path: Path) -> None:
    out = tmp_path / "paid-by-letter.yaml"
    with StubServer(sensible) as server:
        done = propose(out, *at(server.url))
        assert {role_of(body) for body in server.bodies} == {"generator"}
    assert done.code == 0, done.err
    assert "scenarios that were tried are proven" in done.out
    assert "generator (stub): 1 calls" in done.err
    (pattern,) = load_patterns([str(out)])
    assert pattern.id == "paid-by-letter"
    suite = tmp_path / "mine.jsonl"
    made = invoke("generate", "--pattern", out, *TOOLKITS, "--count", 2, "--workers", 1, "--out", suite)
    assert (made.code, [each.problems for each in check_files([suite])]) == (0, [(), ()])
    with StubServer(sensible) as server:
        again = propose(out, *at(server.url))
        assert (again.code, "is there already" in again.err, server.requests) == (2, True, [])
        told = propose(tmp_path / "other.yaml", *at(server.url, "--json")).json()
    assert (told["pattern"], told["spending"][0]["calls"]) == ("other", 1)


@pytest.mark.parametrize("reply", ["No.", "{}", FAULTS["server_error"](Reply())], ids=["prose", "empty", "down"])
def test_nothing_is_written_where_nothing_works(reply: Reply | str, tmp_path: Path) -> None:
    out, roles = tmp_path / "a-pattern.yaml", tmp_path / "roles.yaml"
    with StubServer(reply) as server:
        roles.write_text(
            json.dumps({"generator": {"kind": "http", "model": "m", "base_url": server.url, "retries": 0}})
        )
        done = propose(out, "--roles", roles)
        calls = len(server.requests)
    assert (done.code, done.out, out.exists()) == (2, "", False)
    assert "no pattern was written: " in done.err
    assert f"generator (m): {calls} calls" in done.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--toolkit", "e-mail", "--category", "DATA_LOSS", "--out", "a.yaml"), "no toolkit is called 'e-mail'"),
        (("--toolkit", "email", "--category", "DATA", "--out", "a.yaml"), "did you mean 'DATA_LOSS'"),
        (("--toolkit", "email", "--category", "DATA_LOSS", "--source", "X", "--out", "a.yaml"), "no source"),
        (("--toolkit", "email", "--category", "DATA_LOSS", "--out", "A b.yaml"), "is called ID.yaml"),
        (("--toolkit", "email", "--category", "DATA_LOSS", "--out", "a.yml"), "is called ID.yaml"),
        (("--toolkit", "email", "--category", "DATA_LOSS", "--out", "nowhere/a.yaml"), "none is named"),
    ],
)
def test_a_wrong_wish_is_told_in_a_sentence(options: tuple[str, ...], sentence: str) -> None:
    done = invoke("propose-pattern", *options)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err


def test_the_stub_writes_what_it_is_asked_for() -> None:
    assert written([{"name": "otherwise", "text": "{} and {x}"}]) == {"otherwise": "Well now. {} and {x}"}
