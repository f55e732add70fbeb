"""Models over a stub server, for tests: requests, and one maker for each kind of model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from autosafe_env.chat.wire import completion_of, request_body
from autosafe_env.core.discover import toolkit
from autosafe_env.models.budget import BudgetModel
from autosafe_env.models.cache import CachedModel
from autosafe_env.models.http import HttpModel
from autosafe_env.models.langchain_model import LangChainModel
from autosafe_env.models.openai_compat import OpenAIModel
from autosafe_env.models.rate import RateModel
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.protocols import ChatModel
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion
from tests.stub import StubServer

KEY_ENV = "AUTOSAFE_TEST_KEY"
KEY = "sk-planted-4242424242424242"
"""The key that must be seen nowhere but in the Authorization header."""
TOOLS = tuple(tool.spec for tool in toolkit("email").values())[:3]
SCHEMA = {
    "title": "Number",
    "type": "object",
    "properties": {"number": {"type": "integer"}},
    "required": ["number"],
    "additionalProperties": False,
}
Maker: TypeAlias = Callable[..., ChatModel]
"""From an entered stub server, and options for the client, to a model that asks it."""


def asking(text: str = "Hello.", **fields: Any) -> ChatRequest:
    """A request with one message of the user."""
    return ChatRequest(messages=(ChatMessage(role="user", content=text),), **fields)


def never(seconds: float) -> None:
    """In place of `time.sleep`, where nobody waits."""


def http(server: StubServer, **options: Any) -> ChatModel:
    return HttpModel("stub", server.url, KEY_ENV, **{"sleep": never, "retries": 0, **options})


def openai_compat(server: StubServer, **options: Any) -> ChatModel:
    return OpenAIModel("stub", server.url, KEY_ENV, **{"sleep": never, "retries": 0, **options})


def langchain(server: StubServer, **options: Any) -> ChatModel:
    return LangChainModel("openai:stub", server.url, KEY_ENV, **{"retries": 0, **options})


def scripted(server: StubServer) -> ChatModel:
    """No server is asked: the script says what the server would."""

    def script(request: ChatRequest) -> Completion:
        body = json.loads(request_body("stub", request, structured=True))
        return completion_of(server.reply(body).completion())

    return ScriptedModel(script, name="stub")


REMOTE: dict[str, Maker] = {"http": http, "openai_compat": openai_compat}
CLIENTS: dict[str, Maker] = {**REMOTE, "langchain_model": langchain}
MODELS: dict[str, Maker] = {
    "scripted": scripted,
    **CLIENTS,
    "cache": lambda server: CachedModel(http(server), ":memory:"),
    "budget": lambda server: BudgetModel(http(server), max_calls=10_000),
    "rate": lambda server: RateModel(http(server), 1e9, sleep=never),
}
