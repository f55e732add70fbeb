"""A model that is asked no more often than agreed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import ConfigError
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatRequest, Completion


class Pace:
    """So many calls a minute, evenly spaced, whoever makes them: to be shared by all models behind one account.

    Args:
        calls_per_minute: more than 0.
        burst: calls that may come at once after a pause, 1 or more.
        sleep: waits so many seconds.
        clock: seconds, never going back.

    Raises:
        ConfigError: a value is out of its range.
    """

    def __init__(
        self,
        calls_per_minute: float,
        burst: int = 1,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not calls_per_minute > 0 or burst < 1:
            raise ConfigError("calls_per_minute is more than 0, and burst 1 or more")
        self._gap, self._burst = 60.0 / calls_per_minute, burst
        self._sleep, self._clock = sleep, clock
        self._full = float("-inf")
        """When the bucket is full again, if nobody takes from it."""
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next call may be made. Who comes first goes first."""
        with self._lock:
            now = self._clock()
            start = max(self._full, now)
            self._full = start + self._gap
            pause = start - (self._burst - 1) * self._gap - now
        if pause > 0:
            self._sleep(pause)


class RateModel:
    """Waits before each call until it is due.

    Args:
        inner: the model that is asked, or its configuration.
        calls_per_minute: more than 0; None where a `pace` is given.
        burst: calls that may come at once after a pause.
        pace: one that other models share.

    Raises:
        ConfigError: neither or both of `calls_per_minute` and `pace` are given, or a value is out of its range.
    """

    def __init__(
        self,
        inner: ChatModel | str | Mapping[str, Json],
        calls_per_minute: float | None = None,
        burst: int = 1,
        *,
        pace: Pace | None = None,
    ) -> None:
        if (calls_per_minute is None) == (pace is None):
            raise ConfigError("give either calls_per_minute or a pace")
        self.inner = chat_model(inner)
        self.pace = Pace(calls_per_minute, burst) if calls_per_minute is not None else pace

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self.inner.name

    def complete(self, request: ChatRequest) -> Completion:
        """The inner model's answer, when it may be asked.

        Raises:
            ModelError: as the inner model does.
        """
        if self.pace is not None:
            self.pace.wait()
        return self.inner.complete(request)


MODEL = RateModel
