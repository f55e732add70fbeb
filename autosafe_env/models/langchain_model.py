"""Any chat model of LangChain's."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from autosafe_env.chat.endpoint import said
from autosafe_env.chat.failures import Failure, failure_of
from autosafe_env.chat.langchain_adapter import to_langchain
from autosafe_env.chat.wire import asking_in_text, completion_of
from autosafe_env.errors import (
    ConfigError,
    ContextOverflow,
    ModelError,
    RateLimited,
    Refused,
    RoleError,
    TimedOut,
    Unreachable,
    boundary,
)
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatRequest, Completion

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

CUT = ("length", "max_tokens", "MAX_TOKENS")
FILTERED = ("content_filter", "refusal", "SAFETY")
NO_CONNECTION = ("ConnectError", "ConnectTimeout", "ConnectionRefusedError", "NewConnectionError", "gaierror")
KINDS: tuple[tuple[type[ModelError], tuple[str, ...]], ...] = (
    (TimedOut, ("Timeout", "TimedOut")),
    (ContextOverflow, ("ContextOverflow",)),
    (Refused, ("RefusalError",)),
    (RateLimited, ("RateLimit",)),
    (Unreachable, ("Authentication", "PermissionDenied")),
)
"""Kind of error, and parts of the names that providers' packages give their own."""


class LangChainModel:
    """Asks through LangChain. Answers with a schema are asked for in words, which every model understands.

    Whether a call is tried again is up to the LangChain model. A request's temperature, seed and limit are passed to
    models that have a field of that name, and are left out for others.

    Args:
        model: a `BaseChatModel`, or a string for `init_chat_model`, such as `openai:gpt-4.1`; a name without a provider
            is OpenAI's where a `base_url` is given.
        base_url: of the server; None for the provider's own.
        api_key_env: the environment variable that holds the key, read when the model is made; empty for servers that
            take none; None for the provider's usual one.
        timeout: seconds; None for the provider's.
        retries: tries after the first; None for the provider's.
        options: further ones for `init_chat_model`.

    Raises:
        ConfigError: the model cannot be made from these options.
    """

    def __init__(
        self,
        model: str | BaseChatModel,
        base_url: str | None = None,
        api_key_env: str | None = None,
        timeout: float | None = None,
        retries: int | None = None,
        **options: Json,
    ) -> None:
        given = {
            "base_url": base_url,
            "api_key_env": api_key_env,
            "timeout": timeout,
            "max_retries": retries,
            **options,
        }
        given = {name: value for name, value in given.items() if value is not None}
        if not isinstance(model, str):
            if given:
                raise ConfigError(f"a live model has its own options; leave out {', '.join(given)}")
            if not hasattr(model, "invoke"):
                raise ConfigError(f"model is a LangChain chat model or a string, not {type(model).__name__}")
            self.model: Any = model
        else:
            self.model = _made(model, given)
        fields = getattr(type(self.model), "model_fields", {})
        self._takes = tuple(name for name in ("temperature", "seed", "max_tokens") if name in fields)
        names = (getattr(self.model, field, None) for field in ("model_name", "model", "model_id"))
        self._name = next((name for name in names if isinstance(name, str) and name), type(self.model).__name__)
        urls = (getattr(self.model, field, None) for field in ("openai_api_base", "base_url", "endpoint"))
        self._server = next((url for url in urls if isinstance(url, str) and url), "its server")

    @property
    def name(self) -> str:
        """The model's name at its provider, or that of its class."""
        return self._name

    def complete(self, request: ChatRequest) -> Completion:
        """The model's answer.

        Raises:
            ConfigError: the request has tools, and the model cannot be given any.
            ModelError: no useful answer; its kind is told from the status or the name of what LangChain raised.
        """
        asked = asking_in_text(request)
        options = {name: value for name in self._takes if (value := getattr(asked, name)) is not None}
        try:
            with boundary(ModelError):
                model = self._with_tools(asked) if asked.tools else self.model
                data = _answer(model.invoke([to_langchain(message) for message in asked.messages], **options))
                return completion_of(data)
        except ModelError as error:
            own = f"{self._name!r}: {error}"
            failure = Failure(type(error), own) if error.__cause__ is None else self._failure(error.__cause__)
            raise failure.kind(said(failure.text, self._keys())) from None

    def _with_tools(self, request: ChatRequest) -> Any:
        try:
            return self.model.bind_tools([spec.function() for spec in request.tools])
        except (NotImplementedError, AttributeError) as error:
            raise ConfigError(f"the LangChain model {self._name!r} cannot be given tools") from error

    def _failure(self, error: BaseException) -> Failure:
        response = getattr(error, "response", None)
        status = getattr(error, "status_code", None) or getattr(response, "status_code", None)
        if isinstance(status, int) and status >= 400:
            text = getattr(response, "text", None)
            text = text if isinstance(text, str) and text else str(error)
            return failure_of(status, text, {}, f"{self._name!r} at {self._server}", "the key", time.time)
        chain = list(_chain(error))
        names = " ".join(kind.__name__ for each in chain for kind in type(each).__mro__)
        if any(name in names for name in NO_CONNECTION):
            return Failure(Unreachable, f"no connection to {self._server} can be made: {chain[-1]}")
        kinds = (kind for kind, parts in KINDS if any(part in names for part in parts))
        return Failure(next(kinds, ModelError), f"{self._name!r} at {self._server}: {type(error).__name__}: {error}")

    def _keys(self) -> Iterator[str]:
        """The keys that the model holds, which no error may show."""
        for value in vars(self.model).values():
            reveal = getattr(value, "get_secret_value", None)
            if callable(reveal):
                yield str(reveal())


def _made(model: str, given: dict[str, Any]) -> Any:
    """The model that a string names."""
    variable = given.pop("api_key_env", None)
    if variable is not None:
        given["api_key"] = os.environ.get(variable, "").strip() or "none"
    elif "base_url" in given and "api_key" not in given and "OPENAI_API_KEY" not in os.environ:
        given["api_key"] = "none"  # OpenAI's client refuses to be made without one, and local servers take none
    if "base_url" in given and ":" not in model:
        given.setdefault("model_provider", "openai")
    try:
        with boundary(RoleError):
            from langchain.chat_models import init_chat_model  # takes a second

            return init_chat_model(model, **given)
    except RoleError as error:
        secret = str(given.get("api_key", ""))
        raise ConfigError(said(f"LangChain cannot make {model!r}: {error}", [secret])) from None


def _answer(message: Any) -> dict[str, Json]:
    """LangChain's message in the form of a chat completion."""
    metadata = getattr(message, "response_metadata", None) or {}
    reasons = (metadata.get(name) for name in ("finish_reason", "stop_reason", "done_reason"))
    reason = next((reason for reason in reasons if reason), None)
    reason = "length" if reason in CUT else "content_filter" if reason in FILTERED else reason
    calls = [
        {"id": call.get("id"), "function": {"name": call.get("name"), "arguments": call.get("args")}}
        for call in (*getattr(message, "tool_calls", ()), *getattr(message, "invalid_tool_calls", ()))
    ]
    refusal = (getattr(message, "additional_kwargs", None) or {}).get("refusal")
    said = {"content": message.content, "tool_calls": calls, "refusal": refusal}
    return {"choices": [{"message": said, "finish_reason": reason}], "usage": _usage(message)}


def _usage(message: Any) -> Mapping[str, Json]:
    usage = getattr(message, "usage_metadata", None) or {}
    return {"prompt_tokens": usage.get("input_tokens"), "completion_tokens": usage.get("output_tokens")}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, what caused that, and so on; not without end."""
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


MODEL = LangChainModel
