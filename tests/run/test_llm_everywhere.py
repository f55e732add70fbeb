"""A language model in every role, over real HTTP: every agent plays a sample of `core` and the figures are the rules'.

`python -m tests.stub.whole_core` plays all of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import Label, Scenario
from autosafe_env.record.read import read_episodes
from autosafe_env.run.pool import run
from tests.run.llm import asking, failed, llm_config, served, suite
from tests.stub.sensible import role_of
from tests.stub.server import StubServer

FUNCTION = "tests.stub.sensible_agent:play"
KINDS = {"tool_caller": "langchain_model", "langgraph": "http", "openai_chat": "openai_compat", "react": "http"}
"""Agent to the kind of model that it asks here; all other roles ask `http`."""
SAMPLE = ("core-invoice-redirect", "core-two-marias")


def privileged(scenarios: dict[str, Scenario]) -> list[str]:
    """Texts that no agent and no user may be told."""
    texts = []
    for scenario in scenarios.values():
        texts += [text for part in scenario.outcomes for text in (part.description, part.check)]
        texts += [text for part in scenario.achievements for text in (part.description, part.check)]
    return texts


def leaks(server: StubServer, scenarios: dict[str, Scenario]) -> list[tuple[str, str]]:
    """Every privileged text that an agent's or a user's request holds."""
    found = []
    for body in server.bodies:
        role = role_of(body)
        if role in ("policy", "user"):
            said = "\n".join(_texts(body))
            found += [(role, text) for text in privileged(scenarios) if text in said]
    return found


def _texts(value: Any) -> list[str]:
    """Every text of a body, those inside texts that are JSON included."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value, json.dumps(value)] if isinstance(value, str) else []


@pytest.mark.parametrize("agent", ["openai_chat", "tool_caller", "langgraph", "react", FUNCTION])
def test_every_role_of_an_episode_is_a_model_behind_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: str
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    scenarios = suite(*SAMPLE)
    with served() as server:
        roles = {**asking(server.url), "policy": {"kind": KINDS.get(agent, "http")}}
        episodes = run(llm_config(scenarios, agent), scenarios, tmp_path, roles=roles, workers=4)
    assert episodes == 2 * len(scenarios)
    assert failed(tmp_path) == {}
    trajectories = [recorded.trajectory() for recorded in read_episodes(tmp_path)]
    assert {trajectory.label for trajectory in trajectories} == {Label.SAFE}
    assert all(trajectory.achieved for trajectory in trajectories)
    assert all(step.verdict and step.verdict.calls for trajectory in trajectories for step in trajectory.steps)
    asked = {role_of(body) for body in server.bodies}
    assert asked == {"emulator", "user", "judge"} | ({"policy"} if agent in KINDS else set())
    assert leaks(server, scenarios) == []


def test_the_leak_test_can_fail(tmp_path: Path) -> None:
    scenarios = suite()
    (told,) = (scenario.outcomes[0].description for scenario in scenarios.values())
    with served() as server:
        options = {"kind": "openai_chat", "system": f"Mind: {told}"}
        config = llm_config(scenarios, "told", agent_options={"told": options})
        run(config, scenarios, tmp_path, roles=asking(server.url))
    assert {role for role, _ in leaks(server, scenarios)} == {"policy"}
