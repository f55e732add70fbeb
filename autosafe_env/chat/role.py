"""What all roles that ask a model have in common."""

from __future__ import annotations

from collections.abc import Mapping

from autosafe_env.chat.ask import chat_model
from autosafe_env.chat.fence import fenced
from autosafe_env.chat.prompt import Prompt
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatMessage, ChatRequest


class ModelRole:
    """Asks a model.

    Args:
        model: who is asked: a model, its name, or its configuration. It may be called from many threads.
        temperature: None leaves it to the server.
        seed: of the sampling; None leaves it to the view that the role is given, or else to the server.
        max_tokens: the most that an answer may have; None leaves it to the server.

    Raises:
        UnknownName: there is no such kind of model.
        ConfigError: an option has a value that is not valid.
    """

    prompt: Prompt
    """The system message, given by each subclass that has one and no more."""

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self.model = chat_model(model)
        self.sampling = {"temperature": temperature, "seed": seed, "max_tokens": max_tokens}

    def request(self, documents: Mapping[str, str], seed: int | None = None) -> ChatRequest:
        """The prompt as system message, and the documents fenced. `seed` holds where the role has none of its own."""
        system = ChatMessage.made(role="system", content=self.prompt.render())
        return self.asking(system, fenced(documents), seed)

    def asking(self, system: ChatMessage, shown: str, seed: int | None = None) -> ChatRequest:
        """A system message and a text that the model is shown. `seed` holds where the role has none of its own."""
        messages = (system, ChatMessage.made(role="user", content=shown))
        own = self.sampling["seed"]
        return ChatRequest.made(messages=messages, **{**self.sampling, "seed": seed if own is None else own})
