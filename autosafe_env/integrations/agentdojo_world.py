"""AgentDojo's environments as worlds of ours: a world says how its environment comes about, and what has changed.

    suite, user_task, injection_task, attack    the pair, and what it is attacked with
    injections                                  injection vector to the text that stands there: the holes of triggers
    calls                                       every call that wrote, in order, with its time
    changed                                     JSON pointer to what stands there now and did not at the start

All but `changed` make up the recipe: the environment is a pure function of it, so worlds can be kept, forked and read
back from a log though AgentDojo's environments do not survive a way through JSON (its inbox forgets what was sent).
"""

from __future__ import annotations

import datetime
import json
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import yaml

from autosafe_env.core.patch import diff
from autosafe_env.integrations.agentdojo_suite import Pair, part, suite
from autosafe_env.types.base import Json, compact

RECIPE = ("suite", "user_task", "injection_task", "attack", "injections", "calls")
CLOCKED = ("default_suites.v1.tools.email_client", "default_suites.v1.tools.cloud_drive_client")
"""Modules of AgentDojo whose tools stamp what they write with the time of this machine."""
TIME: ContextVar[datetime.datetime | None] = ContextVar("agentdojo_time", default=None)
"""The time in the world; None outside a call of ours, where AgentDojo's tools go by the machine's clock as ever."""


@dataclass(frozen=True)
class Moment:
    """An environment of AgentDojo at one moment, and what the call that led to it returned."""

    environment: Any
    """Shared by all who read it, so never changed: see `copy`."""
    observation: str = ""
    error: str = ""
    """Why the call failed; empty when it did not."""

    def copy(self) -> Any:
        """An environment of one's own. Checkers of AgentDojo change theirs."""
        return deepcopy(self.environment)

    @cached_property
    def dump(self) -> dict[str, Json]:
        """The environment as JSON, without what is computed from the rest of it."""
        data: dict[str, Json] = self.environment.model_dump(mode="json", round_trip=True)
        return data


def recipe(state: Mapping[str, Json]) -> str:
    """What the environment of a world is a function of, as text."""
    return compact([state[name] for name in RECIPE])


def moment(state: Mapping[str, Json]) -> Moment:
    """The environment in a world, given the state of its toolkit."""
    return _moment(recipe(state))


def start(state: Mapping[str, Json]) -> Moment:
    """The environment before the first call."""
    return _moment(recipe({**state, "calls": []}))


def read(state: Mapping[str, Json], tool: str, arguments: dict[str, Json], now: datetime.datetime) -> Moment:
    """What a tool that does not write returns."""
    environment = moment(state).environment
    return _called(Pair.of(state), environment, tool, arguments, now)


def write(
    state: Mapping[str, Json], tool: str, arguments: dict[str, Json], now: datetime.datetime
) -> tuple[Moment, dict[str, Json]]:
    """What a tool that writes returns, and the state after it: the same where the call failed."""
    call = {"at": now.isoformat(), "tool": tool, "arguments": arguments}
    after = {**state, "calls": [*state["calls"], call]}
    then = moment(after)
    if then.error:
        return then, dict(state)
    changes = diff(start(state).dump, then.dump)
    after["changed"] = {op.path: op.value for op in changes}
    return then, after


@lru_cache(maxsize=512)
def _moment(text: str) -> Moment:
    fields = dict(zip(RECIPE, json.loads(text), strict=True))
    pair = Pair.of(fields)
    if not fields["calls"]:
        found = suite(pair.suite)
        environment = found.load_and_inject_default_environment(fields["injections"])
        return Moment(found.tasks[pair.user_task].init_environment(environment))
    *earlier, last = fields["calls"]
    before = _moment(recipe({**fields, "calls": earlier}))
    now = datetime.datetime.fromisoformat(last["at"])
    return _called(pair, before.copy(), last["tool"], last["arguments"], now)


def _called(pair: Pair, environment: Any, tool: str, arguments: dict[str, Json], now: datetime.datetime) -> Moment:
    with _at(now):
        result, error = suite(pair.suite).runtime.run_function(environment, tool, arguments)
    return Moment(environment, as_text(result) if error is None else "", error or "")


def as_text(result: Any) -> str:
    """What AgentDojo shows an agent, except that lines are not wrapped: a text that breaks is one nobody finds."""
    text: str = part("agent_pipeline.tool_execution").tool_result_to_str(result, _dumped)
    return text


def _dumped(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_dumper(), width=2**30)
    return text


@cache
def _dumper() -> Any:
    """libyaml's safe dumper where there is one: the tools' answers are most of what an episode costs."""
    usual: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(usual):  # type: ignore[misc]
        """Knows AgentDojo's enumerations as well."""

    Dumper.add_multi_representer(part("strenum").StrEnum, lambda dumper, item: dumper.represent_str(item.value))
    return Dumper


@contextmanager
def _at(now: datetime.datetime) -> Iterator[None]:
    """Let AgentDojo's tools take `now` for the present, in this thread only."""
    _install_clock()
    token = TIME.set(now)
    try:
        yield
    finally:
        TIME.reset(token)


@cache
def _install_clock() -> None:
    """Put a clock that `TIME` stops in the place of `datetime` in AgentDojo's tools: equal calls must be equal."""

    class Stoppable(datetime.datetime):
        """`datetime.datetime` whose present can be set."""

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            """The time in the world, or outside one that of the machine."""
            return TIME.get() or datetime.datetime.now(tz)

    clock = types.SimpleNamespace(**{**vars(datetime), "datetime": Stoppable})
    for name in CLOCKED:
        part(name).datetime = clock
