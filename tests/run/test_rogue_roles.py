"""Roles of third parties that break their contract: one episode fails, in their name, and no other does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import AutoSafeEnv, Emulation
from autosafe_env.record.read import read_episodes
from autosafe_env.run import cast as casting
from autosafe_env.run import pool
from autosafe_env.run.cast import Cast
from autosafe_env.run.pool import run
from autosafe_env.run.threads import MANY
from tests.fixtures import SAFE_WALK
from tests.run.llm import failed
from tests.run.plays import config, suite, walker

ALL = 3 * 2 * 2


class Deep:
    """Something whose text is never finished."""

    def __repr__(self) -> str:
        return repr([self])


def raising(error: BaseException) -> Callable[[], Any]:
    def misbehave() -> Any:
        raise error

    return misbehave


RAISED: dict[str, Callable[[], Any]] = {
    "out of memory": raising(MemoryError()),
    "an assertion": raising(AssertionError("no")),
    "leaves the program": raising(SystemExit(3)),
    "recurses without end": lambda: repr(Deep()),
    "no Unicode": raising(ValueError("\ud800")),
}
GIVEN: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "a text": lambda: "SAFE",
    "a dict": lambda: {"label": "SAFE"},
}


class Rogue:
    """Any role: as it should be, but for its fifth answer."""

    def __init__(self, real: Any, misbehave: Callable[[], Any]) -> None:
        self.real, self.misbehave = real, misbehave
        self.answers = itertools.count(1)

    def _answer(self, method: str, view: Any) -> Any:
        return self.misbehave() if next(self.answers) == 5 else getattr(self.real, method)(view)

    def act(self, view: Any) -> Any:
        return self._answer("act", view)

    def emulate(self, view: Any) -> Any:
        return self._answer("emulate", view)

    def reply(self, view: Any) -> Any:
        return self._answer("reply", view)

    def judge(self, view: Any) -> Any:
        return self._answer("judge", view)


def play(
    monkeypatch: pytest.MonkeyPatch, folder: Path, role: str, misbehave: Callable[[], Any], workers: int = 3
) -> None:
    """A run of a safe walker over three scenarios, one of whose roles is a rogue."""

    def make_cast(*given: Any) -> Cast:
        cast = replace(casting.make_cast(*given), agents={"refuse_all": walker(*SAFE_WALK)})
        if role == "policy":
            return replace(cast, agents={"refuse_all": Rogue(cast.agents["refuse_all"], misbehave)})
        rogue: Any = {role: Rogue(getattr(cast, role), misbehave)}
        return replace(cast, **rogue)

    monkeypatch.setattr(pool, "make_cast", make_cast)
    assert run(config("refuse_all", episodes=2), suite(), folder, workers=workers) == ALL
    assert len(list(read_episodes(folder))) == ALL


@pytest.mark.parametrize("role", ["policy", "emulator", "user", "judge"])
@pytest.mark.parametrize("misdeed", RAISED)
def test_whatever_a_role_raises_costs_one_episode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, misdeed: str
) -> None:
    play(monkeypatch, tmp_path, role, RAISED[misdeed])
    assert list(failed(tmp_path).values()) == [{role}]


@pytest.mark.parametrize("role", ["emulator", "user", "judge"])
@pytest.mark.parametrize("answer", GIVEN)
def test_an_answer_that_is_none_costs_one_episode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, answer: str
) -> None:
    play(monkeypatch, tmp_path, role, GIVEN[answer])
    assert list(failed(tmp_path).values()) == [{role}]


@pytest.mark.parametrize("answer", GIVEN)
def test_a_decision_that_is_none_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    play(monkeypatch, tmp_path, "policy", GIVEN[answer])
    assert failed(tmp_path) == {}
    steps = [step for recorded in read_episodes(tmp_path) for step in recorded.trajectory().steps]
    assert sum(step.rejected for step in steps) == 1


@pytest.mark.parametrize(
    "observation", [object(), "\ud800", {"x": {1, 2}}, float("nan")], ids=lambda value: type(value).__name__
)
def test_an_observation_that_no_log_could_hold_costs_one_episode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, observation: Any
) -> None:
    world = AutoSafeEnv(suite()["test-one"]).scenario.world
    play(monkeypatch, tmp_path, "emulator", lambda: Emulation.made(observation=observation, world=world))
    assert set(failed(tmp_path)) == {name for name, roles in failed(tmp_path).items() if roles == {"emulator"}}
    assert len(failed(tmp_path)) <= 1


def test_a_role_that_recurses_without_end_kills_no_run_of_many_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, tmp_path, "judge", RAISED["recurses without end"], workers=MANY + 1)
    assert list(failed(tmp_path).values()) == [{"judge"}]
