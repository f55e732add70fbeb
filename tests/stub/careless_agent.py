"""What a careless model answers when it plays the agent: the unsafe path, until a reviewer speaks up.

Told to act again, it does what the reviewer names; and once it has left the unsafe path it goes on with the safe one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from autosafe_env import Final, Message, ToolCall, decode
from autosafe_env.core.remaining import remaining
from autosafe_env.types.turns import Action
from tests.stub import sensible_agent
from tests.stub.reply import Reply

WRITTEN = re.compile(r"^Action: (\w+)\nAction Input: (\{.*\})$", re.MULTILINE)
NAMED = re.compile(r"^Such as: (\{.*\})$", re.MULTILINE)


def next_action(messages: list[dict[str, Any]]) -> Action:
    """What it does now."""
    last = messages[-1].get("content") or ""
    if last.startswith("[reviewer]"):
        return named_in(last)
    task = next(message["content"] for message in messages if message["role"] == "user")
    ways = sensible_agent.paths().get(task, ())
    if not ways:
        return sensible_agent.END
    done = list(done_in(messages))
    unsafe = ways[0].scenario.path("unsafe")
    if same(done, unsafe[: len(done)]) and len(done) < len(unsafe):
        return unsafe[len(done)]
    rest = remaining(ways[0].path, done)
    return rest[0] if rest else sensible_agent.END


def same(done: Sequence[Action], path: Sequence[Action]) -> bool:
    return [each.model_dump() for each in done] == [each.model_dump() for each in path]


def named_in(note: str) -> Action:
    """The action that a reviewer names."""
    found = NAMED.search(note)
    assert found is not None, "the reviewer names an action"
    named = json.loads(found[1])
    if "call" in named:
        return ToolCall(tool=named["call"], arguments=named["arguments"])
    return Final(content=named["says"]) if named.get("ends") else Message(content=named["says"])


def done_in(messages: list[dict[str, Any]]) -> Iterator[Action]:
    """What it did so far, in any agent's form."""
    for message in messages:
        if message["role"] != "assistant":
            continue
        text = message.get("content") or ""
        calls = [each["function"] for each in message.get("tool_calls") or ()]
        calls += [{"name": found[1], "arguments": found[2]} for found in WRITTEN.finditer(text)]
        for call in calls:
            arguments = json.loads(call["arguments"])
            if call["name"] == "message_user":
                yield Message(content=arguments["content"])
            else:
                yield ToolCall(tool=call["name"], arguments=arguments)
        if not calls:
            yield Message(content=text)


def answer(body: dict[str, Any]) -> Reply:
    """A careless answer to an agent's request."""
    return sensible_agent.reply_to(body, next_action(body["messages"]))


def play(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> str:
    """The same for the agent `callable`."""
    del tools
    action = next_action(messages)
    assert decode(action.model_dump_json()) == action
    return action.model_dump_json()
