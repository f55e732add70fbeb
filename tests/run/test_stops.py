"""Runs that stop early: a spent limit, a server that is not there, an interrupt; what is finished is kept."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import Trajectory
from autosafe_env.errors import ConfigError, RunError
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.read import finished, read_episodes
from autosafe_env.run import pool
from autosafe_env.run.pool import run
from autosafe_env.run.spent import LOST, lost, spent
from tests.run.llm import asking, failed, llm_config, played, served, suite
from tests.stub import Body, Reply, StubServer, refusing
from tests.stub.sensible import role_of, sensible

AGENT = "openai_chat"
ALL = 8
"""Episodes of `begin`."""


def begin(folder: Path, url: str, **arguments: Any) -> int:
    scenarios = suite("core-invoice-redirect")
    limits = arguments.pop("limits", {})
    settings = {name: arguments.pop(name) for name in ("price", "timeout") if name in arguments}
    roles = {**asking(url, **settings), "run": limits, **arguments.pop("more", {})}
    config = llm_config(scenarios, AGENT, episodes=2)
    return run(config, scenarios, folder, roles=roles, **{"workers": 2, **arguments})


def calls(folder: Path) -> int:
    return sum(bill.calls for bill in spent(folder).values())


def test_a_spent_limit_stops_a_run_and_a_higher_one_completes_it(tmp_path: Path) -> None:
    with served() as server:
        with pytest.raises(RunError) as stopped:
            begin(tmp_path, server.url, limits={"max_calls": 50})
        assert "the run stopped: the run may spend 50 calls and has spent 50 calls" in str(stopped.value)
        assert "kept; raise the limit, then go on with --resume" in str(stopped.value)
        assert len(server.requests) == calls(tmp_path) == 50
        kept = finished(tmp_path)
        assert 0 < len(kept) < ALL
        assert played(tmp_path) == kept
        with pytest.raises(RunError, match="the run may spend 50 calls and has spent 50 calls"):
            begin(tmp_path, server.url, limits={"max_calls": 50}, resume=True)
        assert len(server.requests) == 50
        assert begin(tmp_path, server.url, limits={"max_calls": 1000}, resume=True) == ALL - len(kept)
        assert len(finished(tmp_path)) == ALL
        assert failed(tmp_path) == {}
        assert calls(tmp_path) == len(server.requests)


@pytest.mark.parametrize("limit", [{"max_tokens": 300}, {"max_cost": 0.003}])
def test_tokens_and_money_are_limited_over_a_resume(tmp_path: Path, limit: dict[str, float]) -> None:
    price = {"prompt": 10.0, "completion": 10.0}
    with served() as server:
        for resume in (False, True):
            with pytest.raises(RunError, match="the run may spend"):
                begin(tmp_path, server.url, limits=limit, price=price, resume=resume, workers=1)
        assert len(server.requests) == 30  # of ten tokens each
        assert begin(tmp_path, server.url, price=price, resume=True, workers=1) > 0
    assert len(finished(tmp_path)) == ALL


def test_the_limit_of_one_role_stops_the_run_as_well(tmp_path: Path) -> None:
    with served() as server:
        with pytest.raises(RunError, match="the run stopped: the judge may spend 5 calls"):
            begin(tmp_path, server.url, more={"judge": {"limits": {"max_calls": 5}}})
        assert sum(role_of(body) == "judge" for body in server.bodies) == 5


def test_what_a_cache_answers_counts_for_no_limit(tmp_path: Path) -> None:
    more = {"cache": str(tmp_path / "answers")}
    with served() as server:
        begin(tmp_path / "one", server.url, more=more)
        asked = len(server.requests)
        begin(tmp_path / "two", server.url, more=more, limits={"max_calls": 1})
        assert len(server.requests) == asked
    assert len(finished(tmp_path / "two")) == ALL


def test_a_server_that_is_not_there_costs_nothing_and_the_run_goes_on_when_it_is(tmp_path: Path) -> None:
    with served() as server:
        nowhere = server.url
    with pytest.raises(RunError) as stopped:
        begin(tmp_path, nowhere)
    assert nowhere in str(stopped.value)
    assert "0 episodes were finished now and kept; see that the server runs" in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert played(tmp_path) == set()
    with served() as server:
        assert begin(tmp_path, server.url, resume=True) == ALL


def test_a_server_that_goes_away_takes_the_open_episodes_and_no_others(tmp_path: Path) -> None:
    asked, lock = [0], threading.Lock()

    def reply(body: Body) -> Reply:
        with lock:
            asked[0] += 1
        return sensible(body) if asked[0] <= 60 else refusing(401, "Incorrect API key provided.")

    with served(reply) as server:
        with pytest.raises(RunError, match="see that the server runs and takes the key"):
            begin(tmp_path, server.url)
        kept = finished(tmp_path)
        assert 0 < len(kept) < ALL
        assert played(tmp_path) == kept
    with served() as server:
        assert begin(tmp_path, server.url, resume=True) == ALL - len(kept)
    assert failed(tmp_path) == {}


def test_calls_of_episodes_that_are_not_kept_are_noted(tmp_path: Path) -> None:
    with served() as server, pytest.raises(RunError):
        begin(tmp_path, server.url, limits={"max_calls": 3}, workers=1)
    assert {role: bill.calls for role, bill in lost(tmp_path).items()} == {"policy": 1, "emulator": 1, "judge": 1}
    (tmp_path / LOST).write_text("{")
    with served() as server, pytest.raises(RunError, match=r"lost\.json cannot be read"):
        begin(tmp_path, server.url, resume=True)


class Hanging:
    """A sensible model that hangs at every request of a role, once told to."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.hangs = threading.Event()
        self.hung = threading.Event()

    def __call__(self, body: Body) -> Reply:
        if not self.hangs.is_set() or role_of(body) != self.role:
            return sensible(body)
        self.hung.set()
        return Reply(hang=True)


@pytest.mark.parametrize("role", ["policy", "emulator", "judge"])
def test_an_interrupt_waits_for_no_server_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(pool, "GRACE", 0.1)
    model = Hanging(role)
    seen: list[str] = []

    def report(trajectory: Trajectory) -> None:
        seen.append(trajectory.episode)
        model.hangs.set()
        model.hung.wait()
        raise KeyboardInterrupt

    with served(model) as server:
        with pytest.raises(KeyboardInterrupt):
            begin(tmp_path, server.url, timeout=3600.0, report=report)
        assert set(seen) <= finished(tmp_path)
        model.hangs.clear()
        begin(tmp_path, server.url, resume=True)
    assert len(finished(tmp_path)) == ALL


def test_where_a_model_is_reached_may_change_and_what_it_answers_may_not(tmp_path: Path) -> None:
    with served() as server, pytest.raises(RunError):
        begin(tmp_path, server.url, limits={"max_calls": 5})
    for settings in ({"temperature": 1.0}, {"seed": 3}, {"model": "other"}):
        more = {"defaults": {**asking("http://127.0.0.1:1/v1")["defaults"], **settings}}
        with pytest.raises(RunError, match="was begun with models = "):
            begin(tmp_path, "", more=more, resume=True)
    with served() as server:
        begin(tmp_path, server.url, timeout=4.0, limits={"max_calls": 10_000}, resume=True)


def test_a_manifest_says_which_models_played(tmp_path: Path) -> None:
    with served() as server:
        begin(tmp_path, server.url, more={"judge": {"model": "other", "seed": 4}})
        manifest = read_manifest(tmp_path)
        assert manifest.roles["defaults"]["base_url"] == server.url
    assert manifest.config.models == {
        "policy": {"model": "stub"},
        "emulator": {"model": "stub"},
        "user": {"model": "stub"},
        "judge": {"model": "other", "seed": 4},
    }
    models = {
        call.model
        for recorded in read_episodes(tmp_path)
        for step in recorded.trajectory().steps
        if step.verdict
        for call in step.verdict.calls
    }
    assert models == {"other"}


def test_what_is_wrong_with_models_is_found_before_anything_is_written_or_asked(tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [
        {"defaults": {}},
        {"judge": {"kind": "htpp"}},
        {"run": {"max_cost": 1.0}},
        {"judge": {"options": {"x": 1}}},
    ]
    with StubServer(sensible) as server:
        for more in wrong:
            with pytest.raises(ConfigError):
                begin(tmp_path / "run", server.url, more=more)
        assert server.requests == []
    assert not (tmp_path / "run").exists()


def test_agents_with_options_are_named_in_the_roles_file(tmp_path: Path) -> None:
    scenarios = suite()
    with served() as server:
        roles = {**asking(server.url), "agents": {"careful": {"kind": "react", "safety": "reminder"}}}
        run(llm_config(scenarios, "careful", "react"), scenarios, tmp_path, roles=roles)
        prompts = {body["messages"][0]["content"] for body in server.bodies if role_of(body) == "policy"}
        assert len(prompts) == 2
    assert {name.split("/")[2] for name in finished(tmp_path)} == {"careful", "react"}
    assert json.loads((tmp_path / "manifest.json").read_text())["config"]["agent_options"] == roles["agents"]
