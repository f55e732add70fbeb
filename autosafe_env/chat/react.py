"""Agents that think and act in plain text: the format of ReAct (arXiv 2210.03629), the paper's and ToolEmu's.

Observations stand in messages of their own and are not fenced, as in `chat/agent.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from autosafe_env.chat.agent import arguments_of, sized, spoken_or_call, system_message, unthought, was_said
from autosafe_env.chat.policy import ChatAgent
from autosafe_env.core.codec import MAX_ACTION
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json, compact
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion
from autosafe_env.types.turns import Action, Decision, Final, Malformed
from autosafe_env.views import AgentView

LABEL = re.compile(
    r"^[ \t>*_#`-]*(Thought|Action Input|Action|Observation|Final Answer)[*_`]*[ \t]*:[*_`]*[ \t]*", re.I | re.M
)
"""A label and what models put around it: quotes, headings, bold type."""
FENCED = re.compile(r"```[\w-]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
NOTHING = {"", "none", "null", "n/a", "{}"}
"""What models write where there are no arguments."""
FORM = "write `Action:` with the name of a tool and `Action Input:` with a JSON object, or `Final Answer:`."


class ReactAgent(ChatAgent):
    """Plays in rounds of thought and action; options as in `ChatAgent`, but that a text without a label cannot be read.

    Args:
        model: who decides: a model, its kind, or its configuration; without `kind` of `openai_compat`.
        system: the system message instead of the own one, in which `$tools` is filled in; empty for none.
        safety: what is added for safety's sake: none, reminder, requirements or self_reflection.
        temperature: of the sampling; None leaves it to the model.
        seed: of the sampling; None is the seed of the episode.
        max_tokens: the most that one answer may have; None leaves it to the model.
    """

    prompt = "react"

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        system: str | None = None,
        safety: str = "none",
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
    ) -> None:
        super().__init__(model, system, safety, temperature, seed, max_tokens)
        self.leading = lru_cache(maxsize=64)(self._leading)

    def request(self, view: AgentView) -> ChatRequest:
        """The format and the tools as a system message, then the rounds so far."""
        seed = view.seed if self.seed is None else self.seed
        system = self.leading(tuple(spec.wire for spec in view.tools))
        return ChatRequest.made(messages=(*system, *rounds(view.messages)), **{**self.sampling, "seed": seed})

    def read(self, completion: Completion, view: AgentView) -> Decision:
        """The first action or final answer of the text; a model that calls tools all the same is understood."""
        if completion.tool_calls:
            return super().read(completion, view)
        return read_round(completion.text, {spec.name for spec in view.tools}, completion.cut)

    def _leading(self, tools: tuple[bytes, ...]) -> tuple[ChatMessage, ...]:
        lines = [compact(json.loads(tool)["function"]) for tool in tools]
        return system_message(self.system_text(tools="\n".join(lines) or "(none)"))


def rounds(messages: tuple[ChatMessage, ...]) -> list[ChatMessage]:
    """The conversation in the words of the format; each message is made once, however often it is shown."""
    return [_shown(message, was_said(messages, index)) for index, message in enumerate(messages)]


def _shown(message: ChatMessage, said: bool) -> ChatMessage:
    if message.role == "assistant" and message.tool_calls:
        function = message.tool_calls[0]["function"]
        return _round(message.content, function["name"], function["arguments"])
    if said:
        return _round("", "message_user", compact({"content": message.content}))
    return _observation(message.content) if message.role == "tool" else message


@lru_cache(maxsize=8192)
def _round(thought: str, action: str, arguments: str) -> ChatMessage:
    head = f"Thought: {thought}\n" if thought else ""
    return ChatMessage.made(role="assistant", content=f"{head}Action: {action}\nAction Input: {arguments}")


@lru_cache(maxsize=8192)
def _observation(text: str) -> ChatMessage:
    return ChatMessage.made(role="user", content=f"Observation: {text}")


def read_round(text: str, own: set[str], cut: bool = False) -> Decision:
    """What a text in the format decides. What follows a made-up observation is dropped, and so is a second action.

    Args:
        text: what the model wrote.
        own: names of the environment's tools.
        cut: whether the server stopped it at its limit.
    """
    silent, said = unthought(text)
    parts = _parts(said)
    thought = "\n".join(filter(None, (silent, *(body for label, body in parts if label == "thought"))))[:MAX_ACTION]
    for index, (label, body) in enumerate(parts):
        if label == "final answer":
            return Decision.made(action=sized(Final.made(content=body)), thought=thought)
        if label == "action":
            following = parts[index + 1] if index + 1 < len(parts) else ("", "")
            written = following[1] if following[0] == "action input" else ""
            return Decision.made(action=_action(body, written, own, said, cut), thought=thought)
    end = "The text was cut off" if cut else "There is neither an action nor a final answer in the text"
    return Decision.made(action=Malformed.made(text=said[:MAX_ACTION], error=f"{end}; {FORM}"))


def _parts(text: str) -> list[tuple[str, str]]:
    """The labelled parts of a text up to its first observation, labels in lower case. A final answer takes the rest."""
    found: list[tuple[str, str]] = []
    labels = list(LABEL.finditer(text))
    if head := text[: labels[0].start()].strip() if labels else "":
        found.append(("thought", head))
    for index, label in enumerate(labels):
        name = label[1].lower()
        if name == "observation":
            break
        if name == "final answer":
            return [*found, (name, text[label.end() :].strip())]
        end = labels[index + 1].start() if index + 1 < len(labels) else len(text)
        found.append((name, text[label.end() : end].strip()))
    return found


def _action(name: str, written: str, own: set[str], said: str, cut: bool) -> Action:
    """The action of a round, or why it cannot be read."""
    name = name.partition("\n")[0].strip().strip("`*_\"'.")
    if not name:
        return Malformed.made(text=said[:MAX_ACTION], error=f"The action has no name; {FORM}")
    if (fenced := FENCED.search(written)) and not written.lstrip().startswith("{"):
        written = fenced[1]
    bare = written.strip().strip("`").strip()
    arguments = arguments_of("" if bare.lower() in NOTHING else _first_value(bare))
    if isinstance(arguments, str):
        end = ", and the text was cut off" if cut else ""
        error = f"{name[:200]} was not called: its action input is no JSON object ({arguments}{end})."
        return Malformed.made(text=said[:MAX_ACTION], error=error)
    return spoken_or_call(name, arguments, own)


def _first_value(text: str) -> str:
    """The JSON object with which the text begins, without what is written after it; else the whole text."""
    if not text.startswith("{"):
        return text
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return text
    return text[:end]
