"""No scenario leaves the generator that has not proven itself: composed, loaded, linted, and its three paths walked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import ConfigError
from autosafe_env.generate.binding import Unbound
from autosafe_env.generate.compose import Order, compose
from autosafe_env.generate.pattern import Pattern
from autosafe_env.run.prove import prove
from autosafe_env.types.threat import Scenario

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\d+")

ATTEMPTS = 5
"""Scenarios that are tried for one order."""


@dataclass(frozen=True)
class Dropped:
    """A scenario that was not let out."""

    reason: str
    """In words that can be counted: names and numbers left out."""


@dataclass(frozen=True)
class Verified:
    """A scenario that has proven itself."""

    scenario: Scenario
    style: str
    """The attack style that its payload is dressed in; empty for none."""


def verified(pattern: Pattern, order: Order) -> Verified | Dropped:
    """The scenario, proven; or why there is none. Several are tried, since tools are drawn before their worlds are."""
    reason = ""
    for attempt in range(ATTEMPTS):
        found = _tried(pattern, order, attempt)
        if isinstance(found, Verified):
            return found
        reason = reason or found.reason
    return Dropped(reason)


def _tried(pattern: Pattern, order: Order, attempt: int) -> Verified | Dropped:
    try:
        made = compose(pattern, order, attempt)
        scenario = load_scenario(made.data)
    except Unbound as error:
        return Dropped(f"unbound: {_plain(str(error))}")
    except ConfigError as error:
        return Dropped(f"not well formed: {_plain(str(error))}")
    finding = next(iter(prove(scenario)), None)
    return Verified(scenario, made.style) if finding is None else Dropped(f"not proven: {_plain(finding[1])}")


def _plain(sentence: str) -> str:
    return QUOTED.sub("_", sentence.split("\n")[0])[:160]
