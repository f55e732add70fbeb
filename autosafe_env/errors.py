"""Every error that the package raises.

    AutoSafeError
    ├── ConfigError            a file, option or name is wrong; the caller mends it
    │   ├── ScenarioError      a scenario does not load, or does not prove itself
    │   ├── ToolSpecError      a toolkit breaks the toolkit contract
    │   ├── RunError           a run folder cannot be read, written or resumed
    │   └── UnknownName        no such scenario, toolkit, agent, judge ... (with the nearest known names)
    ├── UsageError             the calls come in the wrong order
    │   ├── ResetNeeded        step, render or fork before reset
    │   └── EpisodeOver        step after the end
    ├── ModelError             a language model did not answer usefully
    │   ├── RateLimited, TimedOut, ContextOverflow, Refused, Unreadable, ReplayMiss, ScriptExhausted
    │   └── RunStopper         no other call will do better, so the run stops, keeps what is finished and can resume
    │       └── BudgetExceeded, Unreachable
    └── RoleError              a role of the episode failed; inside an episode it becomes a `Failed` event
        └── PolicyError, EmulatorError, UserError, JudgeError, ReflectorError

`ConfigError` and `UsageError` reach the caller. `ModelError` and `RoleError`, inside an episode, end it truncated:
a failed rollout is data, not a crash, and counts neither as safe nor as unsafe.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from autosafe_env.types.chat import ModelCall

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file, in words a person can act on."""

    message: str
    file: str = ""
    line: int = 0
    """Counted from 1; 0 when the problem has no line."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return place + self.message


class AutoSafeError(Exception):
    """The root: `except AutoSafeError` catches all that this package raises on purpose."""


class ConfigError(AutoSafeError):
    """Something the caller wrote is wrong: the message names it and what would be valid."""


class ScenarioError(ConfigError):
    """A scenario is wrong. `problems` lists all that was found, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ToolSpecError(ConfigError):
    """A toolkit breaks the toolkit contract."""


class RunError(ConfigError):
    """A run folder cannot be read, written or resumed."""


class UnknownName(ConfigError):
    """No `kind` is called `name`."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(f"no {kind} is called {name!r}{nearest(name, self.known)}")


class UsageError(AutoSafeError):
    """The calls come in the wrong order."""


class ResetNeeded(UsageError):
    """Raised by step, render, snapshot and fork before the first reset."""


class EpisodeOver(UsageError):
    """Raised by step when the episode has ended."""


class CostlyError(AutoSafeError):
    """An error that may have cost model calls; `calls` lists them."""

    def __init__(self, message: str, calls: tuple[ModelCall, ...] = ()) -> None:
        super().__init__(message)
        self.calls = calls


class ModelError(CostlyError):
    """A language model did not answer usefully."""


class RateLimited(ModelError):
    """The server asked to slow down, more often than the client is willing to wait."""


class TimedOut(ModelError):
    """No answer came in time."""


class ContextOverflow(ModelError):
    """The request is longer than the model reads."""


class Refused(ModelError):
    """The provider declined to answer."""


class Unreadable(ModelError):
    """The model answered, and again when it was told what was wrong, but not in the form that was asked for."""


class RunStopper(ModelError):
    """No other call will do better: the run stops cleanly, and can be resumed."""


class BudgetExceeded(RunStopper):
    """A limit on calls, tokens or money is spent."""


class Unreachable(RunStopper):
    """No connection to the server can be made, or it does not accept the key."""


class ReplayMiss(ModelError):
    """A strict replay met a request that was not recorded."""


class ScriptExhausted(ModelError):
    """A scripted model was asked more often than its script answers."""


class RoleError(CostlyError):
    """A role of the episode failed. `role` is its name."""

    role = "role"

    @property
    def cause(self) -> str:
        """Kind of the model error behind it; empty when a model was not the cause."""
        return type(self.__cause__).__name__ if isinstance(self.__cause__, ModelError) else ""

    @property
    def stops_run(self) -> bool:
        """Whether no other episode of the run would fare better."""
        return isinstance(self.__cause__, RunStopper)


class PolicyError(RoleError):
    """The agent under test could not act."""

    role = "policy"


class EmulatorError(RoleError):
    """The tool emulator could not answer a valid call."""

    role = "emulator"


class UserError(RoleError):
    """The simulated user could not answer."""

    role = "user"


class JudgeError(RoleError):
    """The judge could not be asked. A judge that was asked and cannot decide answers UNDECIDED instead."""

    role = "judge"


class ReflectorError(RoleError):
    """The reflector could not suggest anything."""

    role = "reflector"


class boundary:  # noqa: N801 - used like a function: `with boundary(JudgeError): ...`
    """Turn whatever escapes from a role into that role's error, once, with the model calls that it cost; likewise
    whatever escapes from foreign code behind a model into `ModelError`.

    `ConfigError` and `UsageError` pass: they are the caller's to mend. An interrupt passes too; a role that calls
    `sys.exit` has failed like any other.
    """

    def __init__(self, error: type[CostlyError]) -> None:
        self.error = error

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, cause: BaseException | None, _trace: object) -> None:
        passing = (self.error, RoleError, ConfigError, UsageError)
        if isinstance(cause, Exception | SystemExit) and not isinstance(cause, passing):
            calls = cause.calls if isinstance(cause, CostlyError) else ()
            raise self.error(f"{type(cause).__name__}: {cause}", calls) from cause


def nearest(name: str, known: Iterable[str], most: int = 3) -> str:
    """The end of an error sentence: the known names nearest to `name`, or else all or some of them."""
    known = list(map(str, known))  # a member of an enumeration would be shown as one
    close = difflib.get_close_matches(name, known, n=most, cutoff=0.5)
    close = close or [word for word in known if name and name in word][:most]
    if close:
        return f"; did you mean {' or '.join(repr(word) for word in close)}?"
    if not known:
        return "; none is known"
    shown = ", ".join(known[:12])
    return f"; known: {shown}{', ...' if len(known) > 12 else ''}"


def describe(error: ValidationError, known: Iterable[str]) -> str:
    """One sentence for all that pydantic found wrong; `known` are the names that would have been valid."""
    parts = []
    for item in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            parts.append(f"unknown argument {place!r}{nearest(place, known)}")
        elif item["type"] == "missing":
            parts.append(f"missing argument {place!r}")
        else:
            parts.append(f"argument {place!r}: {item['msg']}")
    return "; ".join(parts)


def validated(model: type[Model], fields: dict[str, object]) -> Model:
    """The model with these fields. Raises ConfigError, in one sentence, when they do not fit."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise ConfigError(describe(error, model.model_fields)) from error
