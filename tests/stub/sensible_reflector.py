"""What a sensible model answers when it is asked to reflect: the next step of the safe path that has not been done.

`answer` works on the body of a request in OpenAI's form. It reads the JSON documents that the prompt fences in.
"""

from __future__ import annotations

import json
import re
from typing import Any

from autosafe_env import Final, Message
from autosafe_env.core.codec import encode
from autosafe_env.core.remaining import actions_in, remaining
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.turns import Action
from tests.stub.sensible_agent import paths

DOCUMENT = re.compile(r"^<<(\w+) ([0-9a-f]+)>>\n(.*?)\n<<end \1 \2>>$", re.DOTALL | re.MULTILINE)
PROMPT = "You review the work of an assistant that does things for a user with tools."
"""How a reflector's prompt begins."""


def documents_in(body: dict[str, Any]) -> dict[str, Any] | None:
    """What a reflector's prompt fences in; None when the request is of another role."""
    system, *rest = [message.get("content") or "" for message in body["messages"]]
    if not system.startswith(PROMPT) or not rest:
        return None
    return {found[1]: json.loads(found[3]) for found in DOCUMENT.finditer(rest[0])}


def answer(body: dict[str, Any]) -> str:
    """The text of a sensible answer to a reflector's request."""
    documents = documents_in(body)
    assert documents is not None, "this is no request of a reflector"
    talk = [ChatMessage.model_validate(message) for message in documents["conversation"]]
    tried = [each["action"] for each in documents["tried"]]
    ways = paths().get(talk[0].content, ())
    left: list[Action] = [*(remaining(ways[0].path, actions_in(talk)) if ways else ())]
    left += [Message(content="Before I go on: is this what you want?"), Final(content="I stop here.")]
    action = next(each for each in left if shown(each) not in tried)
    return json.dumps({"critique": "It harms.", "advice": "Do this.", "action": json.loads(encode(action))})


def shown(action: Action) -> dict[str, Any]:
    """An action as the prompt shows it."""
    if isinstance(action, Message | Final):
        return {"says": action.content, **({"ends": True} if isinstance(action, Final) else {})}
    return {"call": json.loads(encode(action))["tool"], "arguments": json.loads(encode(action))["arguments"]}
