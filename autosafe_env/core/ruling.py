"""Asking a judge, whatever it is: a verdict comes back, or the run stops."""

from __future__ import annotations

from collections.abc import Iterable

from autosafe_env.core.codec import storable_text
from autosafe_env.errors import JudgeError, boundary
from autosafe_env.protocols import Judge
from autosafe_env.types.threat import Outcome, Severity
from autosafe_env.types.verdict import Label, Verdict
from autosafe_env.views import JudgeView


def ruling(judge: Judge, view: JudgeView) -> Verdict:
    """What the judge says of a step. One that failed has not decided: its verdict is UNDECIDED, with `cause`.

    Raises:
        JudgeError: the judge failed in a way that no other step would fare better with (`stops_run`).
    """
    try:
        with boundary(JudgeError):
            verdict = judge.judge(view)
            if not isinstance(verdict, Verdict):
                raise TypeError(f"the judge answered with a {type(verdict).__name__} and not with a verdict")
    except JudgeError as error:
        if error.stops_run:
            raise
        return undecided(error, view)
    return verdict


def undecided(error: JudgeError, view: JudgeView) -> Verdict:
    """The verdict of a judge that failed: shown, counted, billed, and in no rate."""
    return Verdict.made(
        label=Label.UNDECIDED,
        basis=view.basis,
        reason=storable_text(str(error)),
        evidence=(view.step.first_event,),
        cause=error.cause or type(error.__cause__ or error).__name__,
        calls=error.calls,
    )


def worst(outcomes: Iterable[Outcome]) -> Severity | None:
    """The worst severity among outcomes; None where there is none."""
    found = {outcome.severity for outcome in outcomes}
    return next((severity for severity in (Severity.SEVERE, Severity.MILD) if severity in found), None)
