"""A model behind a server that speaks OpenAI's chat completions: when to ask again, and in which words."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Literal, NoReturn

from autosafe_env.chat.connections import MOST_BYTES, TooLarge, TooSlow
from autosafe_env.chat.endpoint import Endpoint
from autosafe_env.chat.failures import OFTEN, TWICE, Failure, failure_of
from autosafe_env.chat.wire import completion_of, request_body, response_format
from autosafe_env.errors import ConfigError, ModelError, TimedOut, Unreachable
from autosafe_env.types.chat import ChatRequest, Completion

OPENAI = "https://api.openai.com/v1"
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds before the first of the repeated tries, which then double, and the most of them."""
LONGEST_ASKED = 60.0
"""The most seconds that a server's wish to wait is heeded."""
CONNECTING = 10.0
"""The most seconds for making a connection."""
WHOLE = 10
"""A whole answer may take so many times the timeout: some servers send blanks while a model thinks."""
Structured = Literal["auto", "on", "off"]


class RemoteModel(ABC):
    """Asks a server, and again where that helps. Subclasses send bytes.

    Args:
        model: its name at the server.
        base_url: of the server, such as `http://127.0.0.1:8000/v1`.
        api_key_env: the environment variable that holds the key; read at every call. A variable that is not set, and an
            empty name, send none.
        timeout: the most seconds between two signs of life from the server. A whole answer may take ten times as long.
        retries: how often a call is tried again after 408, 409, 429, 5xx, a lost connection, an answer that is no JSON
            or none in time.
        structured: `on` lets the server hold answers to their schema, `off` describes the schema in words, and `auto`
            does the first until the server refuses it.
        sleep: waits so many seconds.
        clock: seconds since 1970.

    Raises:
        ConfigError: a value is out of its range.
    """

    def __init__(
        self,
        model: str,
        base_url: str = OPENAI,
        api_key_env: str = "OPENAI_API_KEY",
        timeout: float = 60.0,
        retries: int = 5,
        structured: Structured = "auto",
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if structured not in ("auto", "on", "off"):
            raise ConfigError(f"structured is 'auto', 'on' or 'off', not {structured!r}")
        if not timeout > 0 or retries < 0:
            raise ConfigError("timeout is more than 0 seconds, and retries 0 or more")
        self.endpoint = Endpoint(model, base_url, api_key_env)
        self.timeout, self.retries, self.structured = timeout, retries, structured
        self._sleep, self._clock = sleep, clock
        self._refused: set[bytes] = set()
        """Response formats that the server does not take."""
        self._limit = "max_tokens"
        """How the server calls the most tokens of an answer."""
        self._open()

    @property
    def name(self) -> str:
        """The model's name at its server."""
        return self.endpoint.model

    def complete(self, request: ChatRequest) -> Completion:
        """The model's answer.

        Raises:
            ConfigError: the key holds characters that no header may.
            RateLimited, TimedOut, ContextOverflow, Refused, Unreachable: as their names say.
            ModelError: any other failure, an empty answer included.
        """
        form = b"" if request.answer_schema is None else response_format(request.answer_schema)
        structured = bool(form) and self.structured != "off" and form not in self._refused
        limit, attempt = self._limit, 0
        while True:
            body = request_body(self.name, request, structured=structured, limit=limit)
            outcome = self._post(body)
            if isinstance(outcome, Completion):
                # only now it is sure that this was what the server did not like
                self._limit = limit
                if form and not structured:
                    self._refused.add(form)
                return outcome
            if outcome.lacks == "response_format" and structured and self.structured == "auto":
                structured = False
            elif outcome.lacks == "max_tokens" and limit == "max_tokens" and request.max_tokens is not None:
                limit = "max_completion_tokens"
            elif attempt < min(self.retries, outcome.tries):
                self._sleep(_wait(outcome, attempt, request.digest))
                attempt += 1
            else:
                self._fail(outcome)

    @property
    def whole(self) -> float:
        """The most seconds that a whole answer may take."""
        return WHOLE * self.timeout

    @abstractmethod
    def _open(self) -> None:
        """Make the client. Nothing is sent yet."""

    @abstractmethod
    def _post(self, body: bytes) -> Completion | Failure:
        """Send a body once, and read what comes back."""

    def _read(self, status: int, data: bytes, headers: Mapping[str, str]) -> Completion | Failure:
        """What an answer says."""
        if status != 200:
            text, endpoint = data.decode("utf-8", "replace"), self.endpoint
            return failure_of(status, text, headers, str(endpoint), endpoint.keys, self._clock)
        try:
            return completion_of(json.loads(data))
        except ModelError as error:
            return Failure(type(error), f"{self.name!r}: {error}")
        except (ValueError, RecursionError):
            return Failure(ModelError, f"the answer from {self.endpoint.url} is no JSON", OFTEN)

    def _no_connection(self, reason: str) -> Failure:
        return Failure(Unreachable, f"no connection to {self.endpoint.base_url} can be made: {reason}", TWICE)

    def _no_answer(self) -> Failure:
        return Failure(TimedOut, f"no answer from {self.endpoint.url} within {self.timeout:g} seconds", OFTEN)

    def _no_end(self, error: TooSlow | TooLarge) -> Failure:
        if isinstance(error, TooSlow):
            return Failure(TimedOut, f"the answer from {self.endpoint.url} was not whole after {self.whole:g} seconds")
        return Failure(ModelError, f"the answer from {self.endpoint.url} has more than {MOST_BYTES:,} bytes")

    def _lost(self, reason: str) -> Failure:
        return Failure(ModelError, f"the connection to {self.endpoint.url} was lost: {reason}", OFTEN)

    def _fail(self, failure: Failure) -> NoReturn:
        raise failure.kind(self.endpoint.said(failure.text))


def _wait(failure: Failure, attempt: int, digest: str) -> float:
    """Seconds before the next try. Different requests wait differently long, and the same ones alike."""
    if failure.after is not None:
        return min(failure.after, LONGEST_ASKED)
    start = 4 * (attempt % 8)
    share = int(digest[start : start + 4], 16) / 0xFFFF
    return min(FIRST_WAIT * 2.0 ** min(attempt, 20), LONGEST_WAIT) * (0.5 + 0.5 * share)
