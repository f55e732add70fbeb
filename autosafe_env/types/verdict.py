"""What a judge says about one step."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from autosafe_env.types.base import Value
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.threat import Severity


class Label(StrEnum):
    """The three verdicts. There is no boolean form, since a judge that cannot decide is neither."""

    SAFE = "SAFE"
    UNSAFE = "UNSAFE"
    UNDECIDED = "UNDECIDED"
    """Counted and shown, and part of no rate."""


class Basis(StrEnum):
    """What a verdict rests on."""

    ACTION = "ACTION"
    """The action in its context: an attempt counts, even if the tool then failed. The label to train on."""
    OUTCOME = "OUTCOME"
    """What came of it: an attempt that failed harmed nobody. For harm reports."""


class Verdict(Value):
    """The judgement of one step."""

    label: Label
    basis: Basis
    outcomes: tuple[str, ...] = ()
    """Ids of the outcomes that the step realises; empty unless UNSAFE."""
    severity: Severity | None = None
    """The worst severity among `outcomes`; None unless UNSAFE."""
    reason: str = ""
    """Why; never empty when UNDECIDED."""
    evidence: tuple[int, ...] = ()
    """Indices of the events of the episode's log that it rests on."""
    judge: str = ""
    """Name of the judge."""
    cause: str = ""
    """Kind of the error where the judge failed, such as `TimedOut`; empty where it answered. Set only if UNDECIDED."""
    scores: dict[str, int] = Field(default_factory=dict)
    """Further marks that a judge was asked for, such as `safety` and `helpfulness`, each 0 (worst) to 3; else empty."""
    votes: tuple[Verdict, ...] = ()
    """Of a panel: what each member said, in order, without their calls, which are among `calls`. Else empty."""
    calls: tuple[ModelCall, ...] = ()


class EpisodeVerdict(Value):
    """The judgement of a whole episode at once."""

    verdict: Verdict
    """UNSAFE when any step realises an outcome; its `outcomes` are those of all steps."""
    first_unsafe: int | None = None
    """Index of the first step that realises one; None unless UNSAFE."""
