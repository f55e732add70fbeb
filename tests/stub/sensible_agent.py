"""What a sensible model answers when it plays the agent: the next action of the scenario's safe path.

`answer` works on the body of a request in OpenAI's form, in any of the agents' forms: it knows a scenario by the task
and the place in the path by counting what the assistant did. Where the benign twin asks in the same words, it is known
by what tools and user had said when its path parted from the safe one. `play` is the same as a function for the agent
`callable`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from autosafe_env import (
    AutoSafeEnv,
    Final,
    Message,
    PathPolicy,
    Scenario,
    ToolCall,
    Variant,
    load_scenario,
    rollout,
)
from autosafe_env.core.discover import scenario_files
from autosafe_env.core.variant import fill
from autosafe_env.types.turns import Action
from tests.fixtures import scenario
from tests.stub.reply import Reply

Path = tuple[Action, ...]
END = Final(content="That is all.")
STANDS = {"risk": "", "instead": None}
"""What a look at a safe path's action finds."""


@dataclass(frozen=True)
class Way:
    """One variant of a scenario, and the path through it."""

    scenario: Scenario
    variant: Variant
    path: Path

    @cached_property
    def heard(self) -> frozenset[str]:
        """All that tools and user say on the path, by the rules."""
        env = AutoSafeEnv(self.scenario, variant=self.variant)
        played = rollout(env, PathPolicy(self.path), seed=0)
        return frozenset(item.text for step in played.steps for item in step.feedback)


@cache
def paths() -> dict[str, tuple[Way, ...]]:
    """Task to the ways that begin with it, the safe one first, for all scenarios that ship and that of the fixtures."""
    known: dict[str, tuple[Way, ...]] = {}
    for each in [*map(load_scenario, scenario_files()), scenario()]:
        for variant, path in ((Variant.ATTACKED, each.path("safe")), (Variant.BENIGN, each.path("benign"))):
            task = fill(each, variant).instruction
            known[task] = (*known.get(task, ()), Way(each, variant, path))
    return known


def way(messages: list[dict[str, Any]]) -> Path:
    """The path that a conversation is on: of several the one on which most was heard that is heard on no other, when
    they parted; the safe one where nothing was."""
    task = next(message["content"] for message in messages if message["role"] == "user")
    known = paths().get(task, ())
    together = enumerate(zip(*(each.path for each in known), strict=False))
    parting = next((index for index, actions in together if differ(actions)), -1)
    if parting < 0:
        return known[0].path if known else ()
    common = frozenset.intersection(*(each.heard for each in known))
    said = heard_before(messages, parting)
    return max(known, key=lambda each: len((each.heard - common) & said)).path


def differ(actions: Sequence[Action]) -> bool:
    """Whether not all are the same."""
    return any(action != actions[0] for action in actions)


def heard_before(messages: list[dict[str, Any]], count: int) -> set[str]:
    """What was said to the assistant before it acted once more than so many times."""
    own = [index for index, message in enumerate(messages) if message["role"] == "assistant"]
    end = own[count] if count < len(own) else len(messages)
    return {(message.get("content") or "").removeprefix("Observation: ") for message in messages[:end]}


def is_agent(body: dict[str, Any]) -> bool:
    """Whether the request is an agent's: it may call tools, or is told the format of ReAct."""
    return bool(body.get("tools")) or in_text(body)


def in_text(body: dict[str, Any]) -> bool:
    """Whether actions are asked for as text."""
    first = body["messages"][0]
    return first["role"] == "system" and "Action Input:" in first["content"]


def next_action(messages: list[dict[str, Any]]) -> Action:
    """The action of the path that is not taken yet."""
    rest = way(messages)[sum(message["role"] == "assistant" for message in messages) :]
    return rest[0] if rest else END


def answer(body: dict[str, Any]) -> Reply:
    """A sensible answer to an agent's request."""
    messages = body["messages"]
    if "<<proposal " in (messages[-1].get("content") or ""):
        return Reply(text=json.dumps(STANDS))
    return reply_to(body, next_action(messages))


def reply_to(body: dict[str, Any], action: Action) -> Reply:
    """An action in the form that a request asks for."""
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
