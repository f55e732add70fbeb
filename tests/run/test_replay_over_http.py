"""Record over HTTP, take the server away, replay: every agent, every fault, in every role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autosafe_env import Scenario
from autosafe_env.models import http
from autosafe_env.record.manifest import RunConfig, read_manifest
from autosafe_env.record.read import has_failure, read_lines
from autosafe_env.run.pool import run
from autosafe_env.run.replay import replay, replay_strictly
from tests.run.llm import asking, llm_config, served, suite
from tests.stub import FAULTS, faulty
from tests.stub.sensible import sensible

AGENTS: dict[str, dict[str, Any]] = {
    "openai_chat": {"kind": "openai_chat"},
    "reflecting": {"kind": "openai_chat", "safety": "self_reflection"},
    "tool_caller": {"kind": "tool_caller"},
    "langgraph": {"kind": "langgraph"},
    "react": {"kind": "react", "safety": "reminder"},
}


def recorded(folder: Path, scenarios: dict[str, Scenario], config: RunConfig, **settings: Any) -> RunConfig:
    """Play a run against a server that is gone afterwards; returns what its manifest says."""
    kind, share = settings.pop("fault", ("prose", 0.0))
    with served(faulty(sensible, kind, share, seed=3)) as server:
        roles = {**asking(server.url, **settings), "agents": AGENTS}
        run(config, scenarios, folder, roles=roles, workers=4)
    return read_manifest(folder).config


def differences(folder: Path, config: RunConfig) -> list[str]:
    """What does not come out again, by the strict replay and by that of the actions."""
    found = []
    for episode, lines in read_lines(folder):
        found += [str(each) for each in (replay_strictly(episode, lines, config), replay(episode, config)) if each]
    return found


@pytest.fixture(autouse=True)
def no_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")


@pytest.mark.parametrize("agent", AGENTS)
def test_every_agent_replays_with_the_server_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: str) -> None:
    scenarios = suite()
    config = recorded(tmp_path, scenarios, llm_config(scenarios, agent))
    monkeypatch.setattr(http.HttpModel, "__init__", lambda *_, **__: pytest.fail("a live model"))
    assert differences(tmp_path, config) == []
    assert len(list(read_lines(tmp_path))) == 2


@pytest.mark.parametrize("kind", FAULTS)
def test_what_went_wrong_goes_wrong_again(tmp_path: Path, kind: str) -> None:
    scenarios = suite()
    timeout = 0.3 if kind == "hang" else 5.0
    share = 0.4 if kind == "prose" else 0.1  # a second question mends prose, unless that is answered in prose too
    run_config = llm_config(scenarios, "reflecting", "react", episodes=2)
    config = recorded(tmp_path, scenarios, run_config, fault=(kind, share), timeout=timeout)
    assert differences(tmp_path, config) == []
    episodes = [episode for episode, _ in read_lines(tmp_path)]
    assert len(episodes) == 8
    assert any(has_failure(episode) for episode in episodes)


def test_a_panel_and_settings_of_the_roles_file_replay(tmp_path: Path) -> None:
    scenarios = suite()
    panel = {"kind": "panel", "judges": ["llm", {"kind": "llm", "seed": 5, "scores": True}, "rules"]}
    env = {"emulator": {"kind": "llm", "mode": "adversarial"}, "user": "llm", "judge": panel, "basis": "OUTCOME"}
    config = llm_config(scenarios, "react", env=env)
    config = recorded(tmp_path, scenarios, config, temperature=0.7, max_tokens=500, seed=9)
    assert differences(tmp_path, config) == []
    other = config.changed({"models": {role: {**own, "seed": 10} for role, own in config.models.items()}})
    missed = differences(tmp_path, other)
    assert len(missed) == 2 * 2
    assert all("ReplayMiss: episode " in each for each in missed)
