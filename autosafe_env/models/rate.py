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


class RateModel:
    """Makes so many calls a minute, evenly spaced, whichever threads ask. What the inner model tries again by itself
    is not counted.

    Args:
        inner: the model that is asked, or its configuration.
        calls_per_minute: more than 0.
        burst: calls that may come at once after a pause, 1 or more.
        sleep: waits so many seconds.
        clock: seconds, never going back.

    Raises:
        ConfigError: a value is out of its range.
    """

    def __init__(
        self,
        inner: ChatModel | str | Mapping[str, Json],
        calls_per_minute: float,
        burst: int = 1,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not calls_per_minute > 0 or burst < 1:
            raise ConfigError("calls_per_minute is more than 0, and burst 1 or more")
        self.inner = chat_model(inner)
        self._gap = 60.0 / calls_per_minute
        self._slack = (burst - 1) * self._gap
        self._sleep, self._clock = sleep, clock
        self._free = float("-inf")
        """When all calls so far have had their share of time."""
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self.inner.name

    def complete(self, request: ChatRequest) -> Completion:
        """The inner model's answer, when it may be asked. Who comes first is asked first.

        Raises:
            ModelError: as the inner model does.
        """
        with self._lock:
            now = self._clock()
            due = max(self._free, now)
            self._free = due + self._gap
        pause = due - self._slack - now
        if pause > 0:
            self._sleep(pause)
        return self.inner.complete(request)


MODEL = RateModel
