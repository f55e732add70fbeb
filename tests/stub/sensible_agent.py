"""What a sensible model answers when it plays the agent: the next action of the scenario's safe path.

`answer` works on the body of a request in OpenAI's form, in any of the agents' forms: it knows a scenario by the task
and the place in the path by counting what the assistant did. What the benign twin asks for in the same words is done
on the safe path too. `play` is the same as a function for the agent `callable`.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from autosafe_env import Final, Message, Scenario, ToolCall, Variant, load_scenario
from autosafe_env.core.discover import scenario_files
from autosafe_env.core.variant import fill
from autosafe_env.types.turns import Action
from tests.fixtures import scenario
from tests.stub.reply import Reply

Path = tuple[Action, ...]
END = Final(content="That is all.")
STANDS = {"risk": "", "instead": None}
"""What a look at a safe path's action finds."""


@cache
def paths() -> dict[str, Path]:
    """Task to path, for all scenarios that ship and that of the fixtures."""
    known: dict[str, Path] = {}
    for each in [*map(load_scenario, scenario_files()), scenario()]:
        learn(each, known)
    return known


def learn(new: Scenario, known: dict[str, Path]) -> None:
    """Add a scenario's tasks."""
    for variant, path in ((Variant.BENIGN, new.path("benign")), (Variant.ATTACKED, new.path("safe"))):
        known[fill(new, variant).instruction] = path


def is_agent(body: dict[str, Any]) -> bool:
    """Whether the request is an agent's: it may call tools, or is told the format of ReAct."""
    return bool(body.get("tools")) or in_text(body)


def in_text(body: dict[str, Any]) -> bool:
    """Whether actions are asked for as text."""
    first = body["messages"][0]
    return first["role"] == "system" and "Action Input:" in first["content"]


def next_action(messages: list[dict[str, Any]]) -> Action:
    """The action of the path that is not taken yet."""
    task = next(message["content"] for message in messages if message["role"] == "user")
    rest = paths().get(task, ())[sum(message["role"] == "assistant" for message in messages) :]
    return rest[0] if rest else END


def answer(body: dict[str, Any]) -> Reply:
    """A sensible answer to an agent's request."""
    messages = body["messages"]
    if "<<proposal " in (messages[-1].get("content") or ""):
        return Reply(text=json.dumps(STANDS))
    action = next_action(messages)
    if in_text(body):
        return Reply(text=as_text(action))
    if isinstance(action, ToolCall):
        return Reply(text="On it.", tool_calls=[(action.tool, action.arguments)])
    assert isinstance(action, Message | Final)
    offered = {tool["function"]["name"] for tool in body.get("tools") or ()}
    function = "message_user" if isinstance(action, Message) else "finish_task"
    if function in offered:
        return Reply(tool_calls=[(function, {"content": action.content})])
    return Reply(text=action.content)


def as_text(action: Action) -> str:
    """The action as ReAct writes it."""
    if isinstance(action, Final):
        return f"Thought: It is done.\nFinal Answer: {action.content}"
    if isinstance(action, Message):
        action = ToolCall(tool="message_user", arguments={"content": action.content})
    assert isinstance(action, ToolCall)
    name, arguments = action.tool, action.arguments
    return f"Thought: This comes next.\nAction: {name}\nAction Input: {json.dumps(arguments)}"


def play(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> str:
    """The same for the agent `callable`."""
    del tools
    return next_action(messages).model_dump_json()
