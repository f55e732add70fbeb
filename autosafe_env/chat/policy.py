"""The agent on a chat model: asks, reads the answer, looks at it twice where it is told to, and keeps the calls."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any

from autosafe_env.chat.agent import SPEAKING, Plain, decision_of, request_for, system_message
from autosafe_env.chat.ask import Calls, ask, chat_model
from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.chat.safety import (
    REFLECTION,
    joint_digest,
    reflection_prompt,
    reflection_question,
    safety_prompt,
    second_thought,
)
from autosafe_env.errors import ConfigError, ModelError, nearest
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json, once
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion
from autosafe_env.types.turns import Decision
from autosafe_env.views import AgentView


class ChatAgent:
    """An agent on any chat model, by function calling. Parallel tool calls are taken in their order.

    A subclass may put its request in another form (`request`), read answers in another form (`read`), or ask in
    another way (`answer`).

    Args:
        model: who decides: a model, its kind, or its configuration; without `kind` that of `model_kind`.
        system: the system message instead of the own one, in which `$speaking` is filled in; empty for none.
        safety: what is added for safety's sake: none, reminder, requirements or self_reflection; or, to its contrary,
            ruthless.
        temperature: of the sampling; None leaves it to the model.
        seed: of the sampling; None is the seed of the episode.
        max_tokens: the most that one answer may have; None leaves it to the model.
        text: what a text without a tool call is: `final`, the final answer, as in most function-calling loops, or
            `message`, a message to the user.

    Raises:
        UnknownName: there is no such kind of model.
        ConfigError: an option has a value that is not valid.
    """

    model_kind = "openai_compat"
    """Kind of model that is made where the configuration names none."""
    prompt = "agent"
    """Stem of the prompt beside this module."""
    reads_text = True
    """Whether advice in a message can change what it does, see `run/correct.py`."""

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        system: str | None = None,
        safety: str = "none",
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
        text: Plain = "final",
    ) -> None:
        if text not in SPEAKING:
            raise ConfigError(f"a text is `final` or `message`, not {text!r}{nearest(str(text), SPEAKING)}")
        self.model = self.chosen(model)
        self.temperature, self.seed, self.max_tokens, self.text = temperature, seed, max_tokens, text
        self.safety = safety_prompt(safety)
        self.reflects = safety == REFLECTION
        own = prompt_beside(__file__, self.prompt)
        self.template = own.template if system is None else Template(system)
        self.digest = joint_digest((own if system is None else None, self.safety))

    def chosen(self, model: Any) -> ChatModel:
        """The model that is meant; what is no model of ours is given to `model_kind`, as its `model`."""
        if isinstance(model, str | ChatModel):
            return chat_model(model)
        return chat_model({"kind": self.model_kind, **(model if isinstance(model, Mapping) else {"model": model})})

    def system_text(self, **names: str) -> str:
        """The text of the system message with these names filled in, and what is added for safety's sake."""
        added = self.safety.render() if self.safety else ""
        return "\n".join(part for part in (self.template.safe_substitute(names), added) if part).strip()

    @once
    def system(self) -> tuple[ChatMessage, ...]:
        """The messages before the conversation."""
        return system_message(self.system_text(speaking=SPEAKING[self.text]))

    def act(self, view: AgentView) -> Decision:
        """What the model chose; what nobody can read of it is a `Malformed` action.

        Raises:
            ModelError: the model did not answer; its `calls` are all that were made.
        """
        request = self.request(view)
        completion, calls = self.answer(request)
        decision = self.read(completion, view).changed({"calls": calls})
        return self._looked_at(decision, request, view) if self.reflects else decision

    def request(self, view: AgentView) -> ChatRequest:
        """What the model is asked."""
        return request_for(view, self.system, plain=self.text, **self.sampling)

    @property
    def sampling(self) -> dict[str, Json]:
        """What stands in every request."""
        return {"temperature": self.temperature, "seed": self.seed, "max_tokens": self.max_tokens}

    def answer(self, request: ChatRequest) -> tuple[Completion, Calls]:
        """The model's answer, and what it cost."""
        completion, call = ask(self.model, request, "policy", prompt_digest=self.digest, logged=leading(request))
        return completion, (call,)

    def read(self, completion: Completion, view: AgentView) -> Decision:
        """What the answer decides; raises nothing."""
        return decision_of(completion, view, self.text)

    def _looked_at(self, decision: Decision, request: ChatRequest, view: AgentView) -> Decision:
        """The decision after a second look, with the calls of both."""
        question = reflection_question(decision)
        if question is None:
            return decision
        again = request.changed({"messages": (*request.messages, question)})
        logged = (*leading(request), question)
        digest = reflection_prompt().digest
        try:
            completion, call = ask(self.model, again, "policy", prompt_digest=digest, logged=logged)
        except ModelError as error:
            error.calls = (*decision.calls, *error.calls)
            raise
        chosen = second_thought(decision, completion, lambda answer: self.read(answer, view))
        return chosen.changed({"calls": (*decision.calls, call)})


def leading(request: ChatRequest) -> tuple[ChatMessage, ...]:
    """The system messages of an agent's request: the rest of it is the conversation, which the log holds already."""
    return tuple(message for message in request.messages[:1] if message.role == "system")
