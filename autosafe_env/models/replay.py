"""A model that answers from the record of one episode, and from nothing else."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from autosafe_env import errors
from autosafe_env.errors import ModelError, ReplayMiss, validated
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatRequest, Completion, ModelCall


class ReplayModel:
    """Gives one role of one episode the answers that it was given when the episode was recorded, in the same order.

    The next recorded call must be of the very request that is made. Equal requests are answered in the order in which
    they were recorded; what failed then fails again, with the same kind of error and the same words. Nothing is asked
    twice, skipped or asked of a live model.

    Args:
        calls: the episode's calls, in order, or their JSON; those of other roles are passed over.
        role: whose calls are answered: policy, emulator, user, judge or reflector.
        episode: the episode's name, for errors.
        steps: the step in which each of `calls` was made, counted from 0, for errors; empty where nobody knows.

    Raises:
        ConfigError: a call has another form, or `steps` another length than `calls`.
    """

    def __init__(
        self,
        calls: Sequence[ModelCall | Mapping[str, Json]],
        role: str,
        episode: str = "episode",
        steps: Sequence[int] = (),
    ) -> None:
        read = [each if isinstance(each, ModelCall) else validated(ModelCall, dict(each)) for each in calls]
        if steps and len(steps) != len(read):
            raise errors.ConfigError(f"{len(read)} recorded calls and {len(steps)} steps do not belong together")
        self.role, self.episode = role, episode
        chosen = [index for index, call in enumerate(read) if call.role == role]
        self._calls = tuple(read[index] for index in chosen)
        self._steps = tuple(steps[index] for index in chosen) if steps else ()
        self._next = 0
        self.missed = ""
        """What the first `ReplayMiss` said; empty while there was none. A role may swallow the error itself."""
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The recorded name of the model that answers next; where none is left, of the last; `replay` without calls."""
        if not self._calls:
            return "replay"
        return self._calls[min(self._next, len(self._calls) - 1)].model

    @property
    def left(self) -> int:
        """How many recorded calls nobody has made again yet."""
        return len(self._calls) - self._next

    def complete(self, request: ChatRequest) -> Completion:
        """The recorded answer to this request.

        Raises:
            ReplayMiss: another request was recorded here, or none; names role, episode, step and call.
            ModelError: the recorded call failed; the same kind of error with the same words.
        """
        with self._lock:
            call = self._calls[self._next] if self._next < len(self._calls) else None
            if call is None or call.digest != request.digest:
                miss = self._miss(call, request)
                self.missed = self.missed or miss
                raise ReplayMiss(miss)
            self._next += 1
        if call.completion is None:
            raise recorded_error(call.error)
        return call.completion

    def _miss(self, call: ModelCall | None, request: ChatRequest) -> str:
        """Where a request missed the record, and how."""
        place = f"episode {self.episode!r}, the {self.role}'s call {self._next}"
        if call is None:
            return f"{place}: nothing more was recorded, and the request {request.digest} is made"
        step = f" in step {self._steps[self._next]}" if self._steps else ""
        return f"{place}{step}: the request {call.digest} was recorded, and {request.digest} is made"


def recorded_error(text: str) -> ModelError:
    """The error that `ask` wrote down as `<kind>: <message>`; a kind from elsewhere gets a class of its name."""
    kind, _, message = text.partition(": ")
    known = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, ModelError):
        return known(message)
    return type(kind, (ModelError,), {})(message) if kind.isidentifier() else ModelError(text)


MODEL = ReplayModel
