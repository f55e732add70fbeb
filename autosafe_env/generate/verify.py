"""No scenario leaves the generator that has not proven itself: composed, loaded, linted, and its three paths walked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import ScenarioError, ToolSpecError
from autosafe_env.generate.compose import Order, compose
from autosafe_env.generate.pattern import Pattern
from autosafe_env.generate.scene import Unbound
from autosafe_env.run.prove import prove
from autosafe_env.types.threat import Scenario

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\d+")


@dataclass(frozen=True)
class Dropped:
    """A scenario that was not let out."""

    reason: str
    """In words that can be counted: names and numbers left out."""


def verified(pattern: Pattern, order: Order) -> Scenario | Dropped:
    """The scenario, proven; or why there is none."""
    try:
        scenario = load_scenario(compose(pattern, order))
    except Unbound as error:
        return Dropped(f"unbound: {error}")
    except (ScenarioError, ToolSpecError) as error:
        return Dropped(f"not well formed: {_plain(str(error))}")
    finding = next(iter(prove(scenario)), None)
    return scenario if finding is None else Dropped(f"not proven: {_plain(finding[1])}")


def _plain(sentence: str) -> str:
    return QUOTED.sub("_", sentence.split("\n")[0])[:160]
