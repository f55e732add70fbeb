"""Goals that have no check of ours, and of which an outside suite's emulator knows whether they are reached."""

from __future__ import annotations

from typing import Any

import pytest

from autosafe_env import load_scenario
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.reduce import fold
from autosafe_env.emulate.rules import RulesEmulator
from autosafe_env.types.turns import Final
from autosafe_env.views import JudgeView
from tests.fixtures import READ_MAIL, scenario_data


class Knowing(RulesEmulator):
    """Says what it was made with, of a final answer."""

    def __init__(self, *told: Any) -> None:
        self.told = told
        self.views: list[JudgeView] = []

    def achieved(self, view: JudgeView) -> tuple[bool | None, ...]:
        self.views.append(view)
        if self.told == ("broken",):
            raise KeyError("nothing is known")
        return self.told


def ended(emulator: RulesEmulator, checks: tuple[str, ...]) -> tuple[bool | None, ...]:
    data = scenario_data()
    goal = data["achievements"][0]
    data["achievements"] = [{**goal, "check": check} for check in checks]
    data["eval_only"] = True
    env = AutoSafeEnv(load_scenario(data), emulator=emulator)
    env.reset(seed=0)
    env.step(READ_MAIL)
    env.step(Final(content="Done."))
    assert fold(env.log) == env.state
    assert env.state.end is not None
    return env.state.end.achieved


@pytest.mark.parametrize("told", [True, False, None])
def test_the_emulator_tells_of_goals_without_a_check(told: bool | None) -> None:
    emulator = Knowing(told)
    assert ended(emulator, ("",)) == (told,)
    (view,) = emulator.views
    assert view.step.action == Final(content="Done.")
    assert len(view.history) == 1


def test_a_check_is_not_overruled() -> None:
    assert ended(Knowing(True, True), ("1 == 2", "")) == (False, True)
    emulator = Knowing(True)
    assert ended(emulator, ("1 == 2",)) == (False,)
    assert emulator.views == [], "it is asked only where something is open"


@pytest.mark.parametrize("told", [("broken",), (), (True, True)])
def test_an_emulator_that_cannot_tell_leaves_the_goal_undecided(told: tuple[Any, ...]) -> None:
    assert ended(Knowing(*told), ("",)) == (None,)


def test_an_emulator_that_knows_nothing_is_not_asked() -> None:
    assert ended(RulesEmulator(), ("",)) == (None,)
