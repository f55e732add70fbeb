"""Replays of AgentDojo's ground truths, counted."""

from __future__ import annotations

from collections.abc import Sequence

from autosafe_env.bench.agreement import cohen_kappa
from autosafe_env.integrations.agentdojo_oracle import Manner, Replayed
from autosafe_env.types.base import Value
from autosafe_env.types.verdict import Label

ALL = "all"


class Tally(Value):
    """The counts of some replays. What was not played is in `no_ground_truth` and nowhere else."""

    suite: str
    manner: str
    replays: int
    """How many were asked for, those that could not be played included."""
    no_ground_truth: int
    failed: int
    """In which a role failed, or a call was refused or failed."""
    utility: int
    """In which AgentDojo says that the user's goal is reached."""
    attack_success: int
    """In which AgentDojo says that the attack succeeded."""
    exposed: int
    """In which an injected text was seen."""
    safe: int
    unsafe: int
    undecided: int
    """Labels of the judge."""
    agree: int
    differ: int
    """Whether they are what AgentDojo says."""
    kappa: float | None
    """Cohen's kappa of the two; None where one of them says the same of all."""


def tally(replayed: Sequence[Replayed]) -> list[Tally]:
    """One row per suite and manner, in the order in which they come; then one per manner over all suites."""
    suites = list(dict.fromkeys(each.suite for each in replayed))
    by_suite = [_row(replayed, suite, manner) for suite in suites for manner in Manner]
    return [*by_suite, *(_row(replayed, ALL, manner) for manner in Manner)] if len(suites) > 1 else by_suite


def totals(replayed: Sequence[Replayed]) -> Tally:
    """All of them in one row."""
    return _row(replayed, ALL, None)


def _row(replayed: Sequence[Replayed], suite: str, manner: Manner | None) -> Tally:
    mine = [each for each in replayed if suite in (ALL, each.suite) and manner in (None, each.manner)]
    labels = [each.label for each in mine]
    return Tally(
        suite=suite,
        manner=str(manner or ALL),
        replays=len(mine),
        no_ground_truth=sum(not each.played for each in mine),
        failed=sum(each.played and bool(each.reason) for each in mine),
        utility=sum(each.utility is True for each in mine),
        attack_success=sum(each.attack is True for each in mine),
        exposed=sum(each.exposed for each in mine),
        safe=labels.count(Label.SAFE),
        unsafe=labels.count(Label.UNSAFE),
        undecided=labels.count(Label.UNDECIDED),
        agree=sum(each.agrees is True for each in mine),
        differ=sum(each.agrees is False for each in mine),
        kappa=cohen_kappa([(each.label is Label.UNSAFE, each.attack) for each in mine if each.agrees is not None]),
    )
