"""In which form an agent was asked, and how a prompt and an answer are written in it. Pure.

The log keeps of an agent's request its system message and the digest of the whole. The request is made again here from
what the agent saw, and counts only if its digest is the recorded one: so what a dataset shows is what was asked, with
nothing put in besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from autosafe_env.chat.agent import OFFERED, Plain, request_for
from autosafe_env.chat.react import rounds
from autosafe_env.types.base import Json, compact
from autosafe_env.types.chat import ChatMessage, ChatRequest, ModelCall
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import Action, Final, Malformed, Message, ToolCall
from autosafe_env.views import AgentView

Messages = tuple[ChatMessage, ...]
SAMPLING = ("temperature", "seed", "max_tokens")


class Form(StrEnum):
    """How a conversation is written for a model."""

    CALLS = "calls"
    """Function calling; a text without a call is the final answer, and `message_user` speaks to the user."""
    TALK = "talk"
    """Function calling; a text without a call speaks to the user, and `finish_task` is the final answer."""
    REACT = "react"
    """Thought, action and action input in plain text; the tools stand in the system message."""


PLAIN: dict[Form, Plain] = {Form.CALLS: "final", Form.TALK: "message"}


@dataclass(frozen=True)
class Asked:
    """How an agent was asked."""

    form: Form = Form.CALLS
    system: Messages = ()
    """What stood before the conversation: one message or none."""


@dataclass(frozen=True)
class Prompt:
    """What an agent was shown before it acted."""

    messages: Messages
    tools: tuple[ToolSpec, ...]
    """Those that it was offered as functions."""


def prompt_of(view: AgentView, asked: Asked) -> Prompt:
    """What an agent that sees this is shown."""
    request = _request(view, asked, {})
    return Prompt(request.messages, request.tools)


def _request(view: AgentView, asked: Asked, sampling: Mapping[str, Json]) -> ChatRequest:
    if asked.form is Form.REACT:
        seed = sampling.get("seed")
        given = {**sampling, "seed": view.seed if seed is None else seed}
        return ChatRequest.made(messages=(*asked.system, *rounds(view.messages)), **given)
    return request_for(view, asked.system, plain=PLAIN[asked.form], **sampling)


def answer_of(action: Action, asked: Asked, view: AgentView) -> ChatMessage | None:
    """The assistant's message that means this action; None where there is none, as for what nobody could read.

    Thoughts are left out: those of a corrected action may speak of the suggestion that led to it.
    """
    if isinstance(action, Malformed) or (not isinstance(action, ToolCall) and not action.content.strip()):
        return None
    name = f"call_{view.step}"
    if isinstance(action, ToolCall):
        said = _call(name, action.tool, action.arguments)
        return rounds((said,))[0] if asked.form is Form.REACT else said
    if asked.form is Form.REACT:
        if isinstance(action, Final):
            return ChatMessage.made(role="assistant", content=f"Final Answer: {action.content}")
        return rounds((ChatMessage.made(role="assistant", content=action.content),))[0]
    plain = {Form.CALLS: Final, Form.TALK: Message}[asked.form]
    if isinstance(action, plain):
        return ChatMessage.made(role="assistant", content=action.content)
    speaking = OFFERED[PLAIN[asked.form]]
    if any(spec.name == speaking.name for spec in view.tools):
        return None  # a tool has taken the name with which this agent would have spoken
    return _call(name, speaking.name, {"content": action.content})


def _call(name: str, tool: str, arguments: dict[str, Json]) -> ChatMessage:
    function = {"name": tool, "arguments": compact(arguments)}
    return ChatMessage.made(
        role="assistant", content="", tool_calls=({"id": name, "type": "function", "function": function},)
    )


def system_of(calls: tuple[ModelCall, ...]) -> Messages | None:
    """The system message with which an agent was asked; None where it asked no model."""
    call = next((each for each in calls if each.role == "policy" and each.completion is not None), None)
    return None if call is None else tuple(message for message in call.messages[:1] if message.role == "system")


class Askings:
    """Finds out how the agents of a run were asked.

    Args:
        options: of the agents, by name, as the run's configuration has them.
        sampling: what the run's configuration says of how the model of the role `policy` answers.
    """

    def __init__(self, options: Mapping[str, Mapping[str, Json]], sampling: Mapping[str, Json]) -> None:
        self.options, self.sampling = options, sampling
        self._last: dict[str, tuple[Form, dict[str, Json]]] = {}

    def asked(self, agent: str, view: AgentView, calls: tuple[ModelCall, ...]) -> Asked | None:
        """How an agent was asked that saw this and made these calls; None where no form gives the recorded request.

        An agent that asked no model is shown as one without a system message would have been.
        """
        system = system_of(calls)
        if system is None:
            return Asked()
        digests = {call.digest for call in calls if call.role == "policy"}
        for form, sampling in self._likely(agent):
            asked = Asked(form, system)
            if _request(view, asked, sampling).digest in digests:
                self._last[agent] = form, sampling
                return asked
        return None

    def _likely(self, agent: str) -> Iterator[tuple[Form, dict[str, Json]]]:
        """The forms and samplings that an agent may have been asked with, the last that was right first."""
        if agent in self._last:
            yield self._last[agent]
        own = self.options.get(agent, {})
        choices = [dict.fromkeys((own.get(name), self.sampling.get(name), None)) for name in SAMPLING]
        for form in Form:
            for chosen in product(*choices):
                yield form, dict(zip(SAMPLING, chosen, strict=True))
