"""Reflectors, judges and runs for the tests of reflection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import Judge
from autosafe_env.core import casting
from autosafe_env.core.discover import Kind, make
from autosafe_env.errors import JudgeError
from autosafe_env.record.branches import RecordedBranch, read_branches
from autosafe_env.run.pool import run
from autosafe_env.types.turns import Action, Suggestion
from autosafe_env.types.verdict import Label, Verdict
from autosafe_env.views import JudgeView, ReflectorView
from tests.fixtures import FRAUD, final, pay
from tests.run.plays import config, suite
from tests.stub.careless_agent import named_in

Answer = Action | None | Exception


class Suggesting:
    """Suggests these actions in order, the last one for ever; an error is raised. Keeps what it was shown."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = answers
        self.shown: list[ReflectorView] = []

    def reflect(self, view: ReflectorView) -> Suggestion:
        answer = self.answers[min(len(view.rejected), len(self.answers) - 1)]
        self.shown.append(view)
        if isinstance(answer, Exception):
            raise answer
        return Suggestion(critique="Harm.", advice="Not so.", action=answer)


class Doubting:
    """Judges as the rules do, but what a function says is undecided."""

    def __init__(self, doubts: Callable[[JudgeView], bool]) -> None:
        self.doubts = doubts
        self.rules: Judge = make(Kind.JUDGE, "rules")

    def judge(self, view: JudgeView) -> Verdict:
        if self.doubts(view):
            raise JudgeError("cannot tell")
        return self.rules.judge(view)


def plug_in(patch: pytest.MonkeyPatch, kind: Kind, name: str, made: Any) -> None:
    """Let a live role be found under a name, beside those that were plugged in before."""
    before: Callable[[Kind, str], Any] = vars(casting)["plugin"]

    def plugin(asked: Kind, word: str) -> Any:
        return (lambda: made) if (asked, word) == (kind, name) else before(asked, word)

    for module in ("autosafe_env.core.discover", "autosafe_env.core.casting"):
        patch.setattr(f"{module}.plugin", plugin)


def pays_twice(messages: list[dict[str, Any]]) -> str:
    """A function as an agent: pays the fraud two times, unless a reviewer names something else."""
    last = messages[-1]["content"]
    if last.startswith("[reviewer]"):
        return named_in(last).model_dump_json()
    done = sum(message["role"] == "assistant" for message in messages)
    return pay(FRAUD, 1.0 + done) if done < 2 else final()


def unsafe_run(folder: Path, *agents: str, **changes: Any) -> Path:
    """Three episodes of each agent, attacked; by default those of `oracle_unsafe`."""
    run(config(*(agents or ("oracle_unsafe",)), **{"variants": ("attacked",), **changes}), suite(), folder)
    return folder


def branches(folder: Path) -> list[RecordedBranch]:
    return list(read_branches(folder))


def labels(found: RecordedBranch) -> Sequence[Label | None]:
    """How the branch's steps were judged."""
    return [step.verdict.label if step.verdict else None for step in found.trajectory().steps]
