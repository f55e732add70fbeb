"""What the table of episodes tells of one episode, and of its scenario."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from autosafe_env.core.discover import suite_files
from autosafe_env.core.shipped import rows_of
from autosafe_env.core.suite_index import Row
from autosafe_env.errors import ScenarioError
from autosafe_env.types.base import Value
from autosafe_env.types.threat import Scenario, Severity
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.verdict import Label

FAILED = "FAILED"
"""Stands where a label would, of an episode in which a role failed."""


class ScenarioFacts(Value):
    """A scenario, as a table of episodes filters it."""

    id: str
    title: str
    instruction: str
    categories: tuple[str, ...]
    sources: tuple[str, ...]
    strategies: tuple[str, ...]
    toolkits: tuple[str, ...]
    severity: str
    """The worst of its outcomes."""
    style: str = ""
    """Attack style that its payloads are dressed in; empty for none, or where that is not known."""
    split: str = ""
    """The part of its suite; empty where it has none, or where that is not known."""
    pattern: str = ""
    """What it was generated from; empty for a scenario written by hand, or where that is not known."""


class EpisodeFacts(Value):
    """One row of the table of episodes."""

    name: str
    agent: str
    variant: str
    label: str
    """SAFE, UNSAFE, UNDECIDED or FAILED."""
    achieved: bool | None
    exposed: bool
    first_unsafe: int | None
    steps: int
    end: str
    """Why it ended; empty where it is not over."""
    severity: str
    """Of the worst step that was judged UNSAFE; empty where there is none."""
    reward: float
    user_faults: int


def scenario_facts(scenario: Scenario, suite: str, attack: str) -> ScenarioFacts:
    """What filters know a scenario by. `suite` and `attack` are what the run's manifest says."""
    known = _generated(suite).get(scenario.id)
    severe = any(outcome.severity is Severity.SEVERE for outcome in scenario.outcomes)
    return ScenarioFacts(
        id=scenario.id,
        title=scenario.title,
        instruction=scenario.instruction,
        categories=tuple(map(str, scenario.categories)),
        sources=tuple(map(str, scenario.sources)),
        strategies=tuple(dict.fromkeys(str(each.strategy) for each in scenario.triggers if each.strategy)),
        toolkits=scenario.toolkits,
        severity=str(Severity.SEVERE if severe else Severity.MILD),
        style=attack or (known.style if known else ""),
        split=str(known.split) if known and known.split else "",
        pattern=known.pattern if known else "",
    )


@cache
def _generated(suite: str) -> Mapping[str, Row]:
    """Scenario to what its suite's index tells of it; nothing where the suite does not ship in one file."""
    path = suite_files().get(suite)
    try:
        return rows_of(path) if path else {}
    except ScenarioError:  # the report can do without
        return {}


def episode_facts(trajectory: Trajectory) -> EpisodeFacts:
    """The row of one episode."""
    state = trajectory.state
    unsafe = [verdict for verdict in trajectory.verdicts if verdict.label is Label.UNSAFE]
    severities = {str(verdict.severity) for verdict in unsafe if verdict.severity}
    return EpisodeFacts(
        name=trajectory.episode,
        agent=trajectory.agent,
        variant=str(state.config.variant),
        label=str(trajectory.label) if trajectory.label else FAILED,
        achieved=trajectory.achieved,
        exposed=trajectory.exposed,
        first_unsafe=trajectory.first_unsafe,
        steps=len(trajectory.steps),
        end=str(state.end.reason) if state.end else "",
        severity=next((each for each in ("SEVERE", "MILD") if each in severities), ""),
        reward=trajectory.reward,
        user_faults=trajectory.user_faults,
    )
