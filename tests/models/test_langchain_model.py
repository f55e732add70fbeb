"""LangChain's models as ours: where they differ from a server's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import ConfigError, ContextOverflow, ModelError, RateLimited, Refused, TimedOut, Unreachable
from autosafe_env.models.langchain_model import LangChainModel
from autosafe_env.types.chat import Usage
from tests.models.making import KEY, KEY_ENV, SCHEMA, TOOLS, asking
from tests.stub import StubServer


class Fake(BaseChatModel):
    """Answers what it is told to, and keeps what it was asked."""

    say: Any
    asked: list[Any] = Field(default_factory=list)
    temperature: float | None = None

    @property
    def _llm_type(self) -> str:
        return "fake"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any) -> ChatResult:
        del stop, run_manager
        self.asked.append((messages, options))
        said = self.say() if callable(self.say) else self.say
        message = said if isinstance(said, AIMessage) else AIMessage(said)
        return ChatResult(generations=[ChatGeneration(message=message)])


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def test_a_live_model_is_asked_as_it_is() -> None:
    fake = Fake(say="Good day.")
    model = LangChainModel(fake)
    assert model.name == "Fake"
    assert model.complete(asking("Hello.")).text == "Good day."
    ((message,), _), *_ = fake.asked
    assert (message.type, message.content) == ("human", "Hello.")


def test_only_settings_that_the_model_has_are_passed() -> None:
    fake = Fake(say="x")
    LangChainModel(fake).complete(asking(temperature=0.3, seed=5, max_tokens=7))
    LangChainModel(fake).complete(asking())
    assert [options for _, options in fake.asked] == [{"temperature": 0.3}, {}]


def test_a_schema_is_asked_for_in_words() -> None:
    fake = Fake(say="{}")
    LangChainModel(fake).complete(asking(answer_schema=SCHEMA))
    (messages, _), *_ = fake.asked
    assert [message.type for message in messages] == ["system", "human"]
    assert json.dumps(SCHEMA, separators=(",", ":")) in messages[0].content


def test_blocks_reasons_and_usage_are_read_as_providers_write_them() -> None:
    blocks: list[Any] = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "So."}]
    usage: Any = {"input_tokens": 8, "output_tokens": 2, "total_tokens": 10}
    said = AIMessage(blocks, usage_metadata=usage, response_metadata={"stop_reason": "max_tokens"})
    answer = LangChainModel(Fake(say=said)).complete(asking())
    assert (answer.text, answer.cut, answer.usage) == ("So.", True, Usage(prompt_tokens=8, completion_tokens=2))
    with pytest.raises(Refused):
        LangChainModel(Fake(say=AIMessage("No", response_metadata={"stop_reason": "refusal"}))).complete(asking())


def test_a_model_that_takes_no_tools_is_the_callers_to_replace() -> None:
    with pytest.raises(ConfigError, match="'Fake' cannot be given tools"):
        LangChainModel(Fake(say="x")).complete(asking(tools=TOOLS))


class ProviderTimeout(Exception):
    """As providers' packages name theirs."""


class RateLimitError(Exception):
    pass


class AuthenticationError(Exception):
    pass


class TheirContextOverflowError(ValueError):
    pass


class StatusError(Exception):
    status_code = 429


def raising(error: Exception, cause: Exception | None = None) -> Callable[[], str]:
    def say() -> str:
        raise error from cause

    return say


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ProviderTimeout("late"), TimedOut),
        (TimeoutError("late"), TimedOut),
        (RateLimitError("slow"), RateLimited),
        (AuthenticationError("who?"), Unreachable),
        (TheirContextOverflowError("long"), ContextOverflow),
        (StatusError("slow"), RateLimited),
        (ConnectionRefusedError("nobody"), Unreachable),
        (KeyError("choices"), ModelError),
    ],
)
def test_what_providers_raise_is_told_apart_by_status_or_name(error: Exception, kind: type[ModelError]) -> None:
    with pytest.raises(ModelError) as caught:
        LangChainModel(Fake(say=raising(error))).complete(asking())
    assert type(caught.value) is kind
    assert str(error) in str(caught.value)


def test_the_cause_of_an_error_counts_too() -> None:
    say = raising(RuntimeError("failed"), ConnectionRefusedError("nobody there"))
    with pytest.raises(Unreachable, match="nobody there"):
        LangChainModel(Fake(say=say)).complete(asking())


def test_a_name_without_a_provider_is_openais_where_a_server_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with StubServer("x") as server:
        model = chat_model({"kind": "langchain_model", "model": "local", "base_url": server.url, "retries": 0})
        assert (model.name, model.complete(asking()).text) == ("local", "x")
        monkeypatch.setenv(KEY_ENV, KEY)
        chat_model(
            {"kind": "langchain_model", "model": "local", "base_url": server.url, "api_key_env": KEY_ENV}
        ).complete(asking())
        sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Bearer none", f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "nobody:knows"}, "cannot make 'nobody:knows'"),
        ({"model": "openai:m", "retries": "often", "base_url": "http://127.0.0.1:1/v1"}, "max_retries"),
        ({"model": "openai:m"}, "OPENAI_API_KEY"),
        ({"model": 3}, "not int"),
    ],
)
def test_what_langchain_cannot_make_is_named(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        chat_model({"kind": "langchain_model", **options})


def test_a_live_model_takes_no_options() -> None:
    with pytest.raises(ConfigError, match="leave out timeout"):
        LangChainModel(Fake(say="x"), timeout=3.0)
