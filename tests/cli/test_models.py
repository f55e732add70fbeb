"""Language models on the command line: options over the roles file, dry runs, the bill, keys, and what may go wrong."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.record.read import finished
from autosafe_env.record.sink import EVENTS
from tests.cli.shell import Done, invoke, start, wait_until_larger
from tests.stub import Body, Reply, StubServer, refusing
from tests.stub.sensible import role_of, sensible

EVERYWHERE = ("--emulator", "llm", "--user", "llm", "--judge", "llm")
ALL = 3 * 2
KEY = "planted-key-0123456789abcdef"
OTHER_KEY = "another-planted-key-fedcba9876543210"


def at(url: str, *options: object) -> tuple[object, ...]:
    return ("--model", "stub", "--base-url", url, "--model-kind", "http", *options)


def run(suite: Path, out: Path, *options: object, agent: str = "openai_chat") -> Done:
    return invoke("run", "--suite", suite, "--out", out, "--agent", agent, *EVERYWHERE, *options)


def write_roles(folder: Path, url: str, **more: Any) -> Path:
    """A roles file; JSON is YAML."""
    data = {"defaults": {"kind": "http", "model": "stub", "base_url": url, "retries": 0}, **more}
    path = folder / "roles.yaml"
    path.write_text(json.dumps(data, indent=1))
    return path


def test_the_whole_system_is_one_command(suite: Path, tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        done = run(suite, tmp_path, *at(server.url, "--workers", 3))
        assert (done.code, done.err) == (0, "")
        asked = {role: sum(role_of(body) == role for body in server.bodies) for role in ("policy", "judge")}
    assert len(finished(tmp_path)) == ALL
    lines = [line.split() for line in done.out.splitlines()]
    assert ["openai_chat", "3", "100.0%"] in [line[:3] for line in lines]
    assert ["policy", "stub", str(asked["policy"]), "0"] in [line[:4] for line in lines]
    assert ["judge", "stub", str(asked["judge"]), "0"] in [line[:4] for line in lines]


def test_the_bill_is_in_the_json_and_has_money_where_there_are_prices(suite: Path, tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        roles = write_roles(tmp_path, server.url, judge={"price": {"prompt": 100.0, "completion": 1000.0}})
        document = run(suite, tmp_path / "run", "--roles", roles, "--json").json()
        bill = {row["role"]: row for row in document["spending"]}
        assert sum(row["calls"] for row in bill.values()) == len(server.requests)
    assert list(bill) == ["policy", "emulator", "user", "judge"]
    assert bill["judge"]["prompt_tokens"] == 7 * bill["judge"]["calls"]
    assert bill["judge"]["money"] == pytest.approx(bill["judge"]["calls"] * (7 * 100 + 3 * 1000) / 1_000_000)
    assert bill["policy"]["money"] is None


def test_failures_are_told_by_role_and_kind(suite: Path, tmp_path: Path) -> None:
    def reply(body: Body) -> Reply:
        return refusing(500, "The server had an error.") if role_of(body) == "emulator" else sensible(body)

    with StubServer(reply) as server:
        roles = write_roles(tmp_path, server.url)
        done = run(suite, tmp_path / "run", "--roles", roles)
    assert done.code == 0
    assert "failed by role" in done.out
    assert f"emulator {ALL}" in done.out
    assert f"ModelError {ALL}" in done.out


def test_options_win_over_the_roles_file_and_one_role_may_have_its_own_model(suite: Path, tmp_path: Path) -> None:
    options = ("--model", "large", "--model", "judge=small", "--temperature", 0.5, "--model-seed", 7)
    with StubServer(sensible) as server:
        roles = write_roles(tmp_path, server.url, user={"model": "tiny", "temperature": 0.0}, judge={"max_tokens": 99})
        assert run(suite, tmp_path / "run", "--roles", roles, *options).code == 0
        bodies = {role_of(body): body for body in server.bodies}
    assert {role: body["model"] for role, body in bodies.items()} == {
        "policy": "large",
        "emulator": "large",
        "user": "large",
        "judge": "small",
    }
    assert {(body["temperature"], body["seed"]) for body in bodies.values()} == {(0.5, 7)}
    assert bodies["judge"]["max_tokens"] == 99
    assert "max_tokens" not in bodies["policy"]


def test_a_role_may_be_given_with_its_options(suite: Path, tmp_path: Path) -> None:
    panel = '{"kind": "panel", "judges": ["llm", "rules", {"kind": "llm", "seed": 2}]}'
    with StubServer(sensible) as server:
        done = run(suite, tmp_path, *at(server.url, "--judge", panel, "--variant", "benign"))
        assert done.code == 0
        judged = [body for body in server.bodies if role_of(body) == "judge"]
        acted = [body for body in server.bodies if role_of(body) == "policy"]
    assert len(judged) == 2 * len(acted)
    broken = run(suite, tmp_path / "other", "--judge", "{kind: llm}")
    assert (broken.code, broken.out) == (2, "")
    assert "this is not JSON" in broken.err


def test_any_function_is_an_agent(suite: Path, tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        done = run(suite, tmp_path, *at(server.url), agent="tests.stub.sensible_agent:play")
        assert {role_of(body) for body in server.bodies} == {"emulator", "user", "judge"}
    assert done.code == 0
    assert "test-one/attacked/tests.stub.sensible_agent:play/0" in finished(tmp_path)


def test_a_dry_run_asks_nobody_and_writes_nothing(suite: Path, tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        roles = write_roles(tmp_path, server.url, defaults={"model": "m", "price": {"prompt": 1.0, "completion": 2.0}})
        done = run(suite, tmp_path / "run", "--roles", roles, "--dry-run", "--episodes", 10)
        document = run(suite, tmp_path / "run", "--roles", roles, "--dry-run", "--episodes", 10, "--json").json()
        assert server.requests == []
    assert not (tmp_path / "run").exists()
    assert (done.code, done.err) == (0, "")
    assert "No call was made." in done.out
    rows = {row["role"]: row for row in document["rows"]}
    assert list(rows) == ["policy", "emulator", "user", "judge"]
    for row in rows.values():
        assert row["model"] == "m"
        assert 0 < row["calls"] <= row["most_calls"]
        assert row["money"] == pytest.approx((row["prompt_tokens"] + 2 * row["completion_tokens"]) / 1e6)
    # by paths: attacked (4 + 2) / 2 steps, benign 3, on three scenarios, ten times; at most 8 steps an episode
    assert rows["policy"]["calls"] == rows["judge"]["calls"] == (3 + 3) * 3 * 10
    assert rows["policy"]["most_calls"] == 8 * 2 * 3 * 10


def test_an_estimate_bounds_what_a_run_then_costs(suite: Path, tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        rows = run(suite, tmp_path, *at(server.url, "--dry-run", "--json"), agent="react").json()["rows"]
        bill = run(suite, tmp_path, *at(server.url, "--json"), agent="react").json()["spending"]
    for row, spent in zip(rows, bill, strict=True):
        assert row["role"] == spent["role"]
        assert spent["calls"] <= row["most_calls"]


def test_a_dry_run_without_models_costs_nothing_and_one_without_a_name_is_told(suite: Path, tmp_path: Path) -> None:
    done = invoke("run", "--suite", suite, "--out", tmp_path, "--agent", "random", "--dry-run")
    assert (done.code, done.out) == (0, "No role asks a language model: the run costs no call.\n")
    for options in ((), ("--dry-run",)):
        nameless = run(suite, tmp_path / "run", *options)
        assert (nameless.code, nameless.out) == (2, "")
        assert "asks a language model and none is named: give --model" in nameless.err


def test_a_server_that_is_not_there_is_one_sentence(suite: Path, tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        nowhere = server.url
    done = run(suite, tmp_path, *at(nowhere))
    assert (done.code, done.out) == (2, "")
    assert nowhere in done.err
    assert done.err.count("\n") == 1
    with StubServer(sensible) as server:
        assert run(suite, tmp_path, *at(server.url), "--resume").code == 0
    assert len(finished(tmp_path)) == ALL


def test_a_spent_budget_exits_with_2_and_a_higher_one_goes_on(suite: Path, tmp_path: Path) -> None:
    with StubServer(sensible) as server:
        done = run(suite, tmp_path, *at(server.url, "--max-calls", 22))
        assert (done.code, done.out, len(server.requests)) == (2, "", 22)
        assert done.err.startswith("the run stopped: the run may spend 22 calls")
        more = run(suite, tmp_path, *at(server.url, "--max-calls", 2000, "--resume"))
        assert more.code == 0
        assert "more calls were made in episodes that were not kept" in more.out
    assert len(finished(tmp_path)) == ALL


def leaking(_body: Body) -> Reply:
    """A server that says the key that it was sent back in its errors."""
    return refusing(400, f"Incorrect API key provided: {KEY}.")


@pytest.mark.parametrize("reply", [sensible, leaking], ids=["served", "refused"])
@pytest.mark.parametrize("kind", ["http", "openai_compat"])
def test_a_key_is_sent_and_found_nowhere_else(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: Any, kind: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("JUDGE_KEY", OTHER_KEY)
    with StubServer(reply) as server:
        roles = write_roles(tmp_path, server.url, judge={"api_key_env": "JUDGE_KEY"}, cache=str(tmp_path / "answers"))
        done = run(suite, tmp_path / "run", "--roles", roles, "--model-kind", kind)
        sent = {request.headers.get("authorization") for request in server.requests}
    assert f"Bearer {KEY}" in sent
    assert (f"Bearer {OTHER_KEY}" in sent) == (reply is sensible)
    transcript = invoke("transcript", tmp_path / "run", "test-one/attacked/openai_chat/0")
    shown = [done.out, done.err, transcript.out, transcript.err]
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    for key in (KEY, OTHER_KEY):
        assert not [text for text in shown if key in text]
        assert not [data for data in files if key.encode() in data]


@pytest.mark.parametrize("place", ["api_key", "api_key_env", "model"])
def test_a_roles_file_with_a_key_is_refused_and_the_key_not_repeated(suite: Path, tmp_path: Path, place: str) -> None:
    key = "sk-proj-abcdefgh0123456789"
    roles = write_roles(tmp_path, "http://127.0.0.1:1/v1", judge={place: key})
    done = run(suite, tmp_path / "run", "--roles", roles)
    assert (done.code, done.out) == (2, "")
    assert "a key must not stand here; put it into an environment variable" in done.err
    assert f"{roles}:" in done.err
    assert key not in done.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--model", "a", "--model", "b"), "two models for every role: 'a' and 'b'"),
        (("--model", "jugde=a"), "no role is called 'jugde'; did you mean 'judge'"),
        (("--model", "a", "--model-kind", "htpp"), "no model is called 'htpp'; did you mean 'http'"),
        (("--model", "a", "--base-url", "127.0.0.1"), "an address begins with http:// or https://"),
        (("--model", "a", "--max-cost", 1.0), "max_cost needs the price of the"),
        (("--model", "sk-proj-abcdefgh0123456789"), "a key must not stand here"),
        (("--roles", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
        (("--model", "a", "--calls-per-minute", -1), "calls_per_minute"),
        (("--model", "a", "--cache", "/nowhere/at/all"), "the cache /nowhere/at/all cannot be opened"),
    ],
)
def test_wrong_options_are_told_in_a_sentence(
    suite: Path, tmp_path: Path, options: tuple[object, ...], sentence: str
) -> None:
    done = run(suite, tmp_path / "run", *options)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "run").exists()


def test_a_killed_run_goes_on_at_another_server(suite: Path, tmp_path: Path) -> None:
    more = ("--episodes", 4, "--workers", 4)
    total = 4 * ALL
    with StubServer(sensible) as server:
        command = ("run", "--suite", suite, "--out", tmp_path, "--agent", "openai_chat", *EVERYWHERE)
        with start(*command, *at(server.url, *more)) as process:
            wait_until_larger(tmp_path / EVENTS, 20_000, process)
            process.send_signal(signal.SIGKILL)
            process.communicate()
    with StubServer(sensible) as server:
        done = run(suite, tmp_path, *at(server.url, *more, "--resume", "--json"))
    assert done.code == 0
    assert len(finished(tmp_path)) == total
    kept = int(done.err.rsplit(f" of {total} episodes were finished already", 1)[0].split()[-1])
    assert 0 < kept < total


def test_a_second_interrupt_leaves_a_hanging_server_at_once(suite: Path, tmp_path: Path) -> None:
    roles = {"timeout": 3600.0, "kind": "http", "model": "stub"}
    asked = []

    def reply(body: Body) -> Reply:
        asked.append(body)
        return sensible(body) if len(asked) < 40 else Reply(hang=True)

    with StubServer(reply) as server:
        path = write_roles(tmp_path, server.url, defaults={**roles, "base_url": server.url})
        command = ("run", "--suite", suite, "--out", tmp_path / "run", "--agent", "openai_chat", *EVERYWHERE)
        with start(*command, "--roles", path, "--workers", 2) as process:
            wait_until_larger(tmp_path / "run" / EVENTS, 1000, process)
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate()
    # The second interrupt may come when all is said and the interpreter is on its way out.
    assert process.returncode in (130, -signal.SIGINT)
    assert (out, err) == ("", "interrupted; what is written down is kept\n")
    assert 0 < len(finished(tmp_path / "run")) < ALL


def test_play_asks_a_model_too(suite: Path) -> None:
    with StubServer(sensible) as server:
        done = invoke("play", suite / "test-one.yaml", "--agent", "react", *at(server.url))
    assert (done.code, done.err) == (0, "")
    assert "The episode was safe" in done.out


def test_check_emulator_takes_the_same_options() -> None:
    with StubServer(sensible) as server:
        options = ("--emulator", "llm", "--toolkit", "bank", "--scenarios", 1, "--max-calls", 10_000)
        done = invoke("check-emulator", *options, *at(server.url))
        assert (done.code, done.err) == (0, "")
        assert {role_of(body) for body in server.bodies} == {"emulator"}
