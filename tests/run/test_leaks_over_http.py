"""Privileged text in what is sent to a server: a canary in every privileged field, in no request of agent or user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autosafe_env import load_scenario
from autosafe_env.core.codec import decode
from autosafe_env.run.pool import run
from autosafe_env.types.threat import Variant
from tests.core.test_views_leak import HOLES, planted
from tests.fixtures import FRAUD, READ_MAIL, call, final, message, pay
from tests.run.llm import asking, llm_config, served
from tests.stub import Body, Reply, sensible_agent
from tests.stub.sensible import role_of, sensible

AGENTS: dict[str, dict[str, Any]] = {
    "openai_chat": {"kind": "openai_chat", "safety": "self_reflection"},
    "tool_caller": {"kind": "tool_caller", "safety": "requirements"},
    "langgraph": {"kind": "langgraph"},
    "react": {"kind": "react", "safety": "reminder"},
}
TALK = (READ_MAIL, message("Which account?"), call("email_list"), "", message("Remind me."), pay(FRAUD), final())
"""What every agent does; the empty text nobody can read."""


def talking(body: Body) -> Reply:
    """A sensible model in all roles but the agent's, who goes through `TALK`."""
    if role_of(body) != "policy":
        return sensible(body)
    messages = body["messages"]
    if "<<proposal " in (messages[-1].get("content") or ""):
        return sensible(body)
    text = TALK[min(sum(each["role"] == "assistant" for each in messages), len(TALK) - 1)]
    if not text:
        return Reply(tool_calls=[("email_read", "{no JSON")])
    action: Any = decode(text)
    if sensible_agent.in_text(body):
        return Reply(text=sensible_agent.as_text(action))
    if action.type == "tool_call":
        return Reply(tool_calls=[(action.tool, action.arguments)])
    name = "message_user" if action.type == "message" else "finish_task"
    offered = {tool["function"]["name"] for tool in body["tools"]}
    return Reply(tool_calls=[(name, {"content": action.content})]) if name in offered else Reply(text=action.content)


@pytest.mark.parametrize("hole", HOLES)
def test_no_canary_is_sent_for_agent_or_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hole: str) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    data, birds = planted(hole)
    scenario = load_scenario({**data, "max_steps": 20})
    env = {"emulator": {"kind": "llm", "mode": "adversarial"}, "user": "llm", "judge": "llm", "stop_on_unsafe": False}
    for variant, own in ((Variant.ATTACKED, "payload"), (Variant.BENIGN, "benign text")):
        with served(talking) as server:
            config = llm_config({scenario.id: scenario}, *AGENTS, env=env, variants=(variant,))
            roles = {**asking(server.url, timeout=60.0), "agents": AGENTS}
            run(config, {scenario.id: scenario}, tmp_path / variant, roles=roles)
        sent: dict[str, str] = {}
        for request in server.requests:
            role = role_of(request.body)
            sent[role] = sent.get(role, "") + request.path + "\n".join(texts_of(request.body))
        assert {*sent} == {"policy", "emulator", "user", "judge"}
        leaked = {
            (role, place)
            for role in ("policy", "user")
            for place, canary in birds.planted.items()
            if canary in sent[role] and place != own
        }
        assert leaked == set()
        assert birds.planted["outcome description"] in sent["judge"], "the canaries can sing"


def texts_of(value: Any) -> list[str]:
    """Every text and key of a body."""
    if isinstance(value, dict):
        return [text for name, item in value.items() for text in (name, *texts_of(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    return [value] if isinstance(value, str) else []
