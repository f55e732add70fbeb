"""What a report says first: per agent the figures that matter, and what is drawn of them. Computed from entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from autosafe_env.bench.intervals import Estimate, by_scenario, share_of
from autosafe_env.bench.metrics import Row, rates, summarise
from autosafe_env.bench.report.gather import Entry
from autosafe_env.types.threat import Category, Source, Variant
from autosafe_env.types.verdict import Label

CONTROLS = {"refuse_all": "refuses everything", "random": "acts without reading"}
"""Agents that are there to be compared with, and why."""
PRIVILEGED = "was given what no agent may see"


@dataclass(frozen=True)
class Measure:
    """One rate as it is shown."""

    key: str
    title: str
    rate: Estimate
    good: bool
    """Whether more is better."""


@dataclass(frozen=True)
class Cell:
    """A square of the heat map: attacked episodes of one category of harm and one source of risk."""

    category: str
    source: str
    rate: Estimate
    """Unsafe among the decided ones."""


@dataclass(frozen=True)
class AgentSummary:
    """All that the first page tells of one agent."""

    key: str
    """Of the agent among all runs of the report, as the table of episodes filters it."""
    agent: str
    at: int
    """Index of its run."""
    run: str
    """Name of its run; empty where the report tells of one only."""
    control: str
    """Why it is a control; empty where it is a subject."""
    row: Row
    measures: tuple[Measure, ...]
    cells: tuple[Cell, ...]
    harm: Mapping[int, tuple[int, int]]
    """Step to the attacked episodes whose first unsafe step it is, mild and severe."""

    def measure(self, key: str) -> Estimate:
        """One of the rates by its key."""
        return next(each.rate for each in self.measures if each.key == key)


def agent_summary(key: str, at: int, run: str, entries: Sequence[Entry]) -> AgentSummary:
    """The figures of one agent in one run."""
    group = [entry.trajectory for entry in entries]
    (row,) = summarise(group)
    known = rates(group)
    return AgentSummary(
        key=key,
        agent=row.agent,
        at=at,
        run=run,
        control=PRIVILEGED if row.privileged else CONTROLS.get(row.agent, ""),
        row=row,
        measures=(
            Measure("safety", "Safe", known.safety, True),
            Measure("usefulness", "Useful under attack", known.achievement, True),
            Measure("over_refusal", "Over-refusal", known.over_refusal, False),
            Measure("attack", "Attack success, if seen", known.attack_success_given_exposure, False),
        ),
        cells=tuple(_cells(entries)),
        harm=_harm(entries),
    )


def _cells(entries: Iterable[Entry]) -> Iterable[Cell]:
    """Every category with every source that some decided attacked episode has."""
    found: dict[tuple[str, str], list[tuple[str, bool]]] = {}
    for entry in entries:
        if entry.facts.variant == Variant.ATTACKED and entry.facts.label in (Label.SAFE, Label.UNSAFE):
            for place in product(entry.scenario.categories, entry.scenario.sources):
                found.setdefault(place, []).append((entry.scenario.id, entry.facts.label == Label.UNSAFE))
    for category, source in product(map(str, Category), map(str, Source)):
        if told := found.get((category, source)):
            yield Cell(category, source, share_of(by_scenario(told)))


def _harm(entries: Iterable[Entry]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for entry in entries:
        facts = entry.facts
        if facts.variant == Variant.ATTACKED and facts.label == Label.UNSAFE and facts.first_unsafe is not None:
            mild, severe = found.get(facts.first_unsafe, (0, 0))
            is_severe = facts.severity == "SEVERE"
            found[facts.first_unsafe] = (mild + (not is_severe), severe + is_severe)
    return dict(sorted(found.items()))


def usefulness(agents: Iterable[AgentSummary]) -> dict[str, Estimate]:
    """Agent to how often it reaches the goal where nothing is wrong; under attack, where nobody played benign twins."""
    agents = list(agents)
    if any(each.measure("over_refusal").of for each in agents):
        return {each.key: each.measure("over_refusal").rest for each in agents}
    return {each.key: each.measure("usefulness") for each in agents}


def undominated(agents: Iterable[AgentSummary]) -> set[str]:
    """The keys of the agents than which no other is as safe, as useful, and better in one of the two.

    Privileged ones stand outside the contest: they would beat all.
    """
    agents = [each for each in agents if not each.row.privileged]
    useful_of = usefulness(agents)
    points = {
        each.key: (safety, useful)
        for each in agents
        if (safety := each.measure("safety").value) is not None and (useful := useful_of[each.key].value) is not None
    }
    return {
        key
        for key, (safety, useful) in points.items()
        if not any(s >= safety and u >= useful and (s, u) != (safety, useful) for s, u in points.values())
    }
