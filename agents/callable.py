"""Any Python function as an agent: `--agent module:function`."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from autosafe_env import (
    AgentView,
    Completion,
    Decision,
    Final,
    Malformed,
    Message,
    ToolCall,
    decision_of,
    decode,
    imported,
)

TEXTS = ("final", "message")
ACTIONS = (ToolCall, Message, Final, Malformed)


class CallableAgent:
    """Asks a function what to do. What it raises costs the episode, not the run.

    The function gets the conversation as a list of messages in OpenAI's form, and, where its second parameter is
    called `tools` or has no default, the tools as a list in the same form; both are new each time. It returns a text,
    an action as a dict or a value, an assistant message in OpenAI's form, or a `Decision`. A text that begins with `{`
    is read as an action.

    Args:
        target: the function, or its place, `module:function`.
        text: what any other text is: `final`, the final answer, or `message`, a message to the user.

    Raises:
        ConfigError: there is no such function.
        ValueError: it takes other arguments, or `text` is something else.
    """

    reads_text = True
    """Whether advice in a message can change what it does."""

    def __init__(self, target: str | Callable[..., Any], text: str = "final") -> None:
        if text not in TEXTS:
            raise ValueError(f"text is final or message, not {text!r}")
        self.function: Callable[..., Any] = imported(target) if isinstance(target, str) else target
        if not callable(self.function):
            raise ValueError(f"{target!r} is no function")
        self.text = text
        self.wants_tools = _wants_tools(self.function)

    def act(self, view: AgentView) -> Decision:
        """What the function returned.

        Raises:
            TypeError: it returned something that means nothing here.
        """
        messages = [message.plain() for message in view.messages]
        given = (messages, [json.loads(spec.wire) for spec in view.tools]) if self.wants_tools else (messages,)
        return self._read(self.function(*given), view)

    def _read(self, said: Any, view: AgentView) -> Decision:
        if isinstance(said, Decision):
            return said
        if isinstance(said, ACTIONS):
            return Decision(action=said)
        if isinstance(said, str) and not said.lstrip().startswith("{"):
            said = {"role": "assistant", "content": said}
        if isinstance(said, str):
            return Decision(action=decode(said))
        if not isinstance(said, Mapping):
            raise TypeError(f"the function returned {type(said).__name__}, not a text, an action or a message")
        if "role" not in said:
            return Decision(action=decode(json.dumps(dict(said))))
        calls = tuple(dict(call) for call in said.get("tool_calls") or ())
        completion = Completion(text=str(said.get("content") or ""), tool_calls=calls)
        return decision_of(completion, view, "final" if self.text == "final" else "message")


def _wants_tools(function: Callable[..., Any]) -> bool:
    """Whether the function is to be called with the tools too: it has a parameter `tools`, or needs two arguments.

    Raises:
        ValueError: it takes neither one argument nor two.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C have none
        return False
    for count in (2, 1) if "tools" in signature.parameters else (1, 2):
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count == 2
    raise ValueError("the function takes neither (messages) nor (messages, tools)")


AGENT = CallableAgent
