"""What is left to do of a given list of actions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.turns import Action, Final, Message, ToolCall


def remaining(path: Sequence[Action], done: Iterable[Action]) -> tuple[Action, ...]:
    """The actions of a path that have not been done, in its order. Each one done counts once; a final answer and a
    message with the same words are the same."""
    did = [_plain(action) for action in done]
    left = []
    for action in path:
        plain = _plain(action)
        if plain in did:
            did.remove(plain)
        else:
            left.append(action)
    return tuple(left)


def actions_in(messages: Iterable[ChatMessage]) -> Iterator[Action]:
    """What an agent did, read out of its conversation: calls of tools, and what it said."""
    for message in messages:
        if message.role != "assistant":
            continue
        for call in message.tool_calls:
            function = call["function"]
            yield ToolCall(tool=function["name"], arguments=json.loads(function["arguments"]))
        if not message.tool_calls:
            yield Message(content=message.content)


def _plain(action: Action) -> object:
    """What tells an action from others."""
    if isinstance(action, ToolCall):
        return action.tool, action.arguments
    return action.content if isinstance(action, Message | Final) else action.text
