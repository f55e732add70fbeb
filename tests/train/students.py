"""Lessons over the small scenario of the fixtures, for tests of the student."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autosafe_env import AutoSafeEnv, Final, Message, Scenario, Variant
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.pool import run
from autosafe_env.run.reflecting import Reflecting, reflect
from autosafe_env.train.lessons import Example, Origin, Pair, example_of, pair_of
from autosafe_env.types.turns import Action
from autosafe_env.views import AgentView
from tests.fixtures import make_env, scenario, scenario_data


def walked(env: AutoSafeEnv, path: tuple[Action, ...], variant: str, seed: int = 1) -> list[tuple[AgentView, Action]]:
    """What the agent saw before each step of a path, and what it did."""
    env.reset(seed=seed, options={"variant": variant})
    seen = []
    for action in path:
        seen.append((env.view(), action))
        env.take(action)
    return seen


def lessons(count: int = 6) -> Iterator[Example]:
    """A safe attacked and a benign episode for each of some seeds."""
    told, env = scenario(), make_env()
    for seed in range(count):
        for path, variant, origin in (("safe", "attacked", Origin.SAFE), ("benign", "benign", Origin.BENIGN)):
            for view, action in walked(env, told.path(path), variant, seed):  # type: ignore[arg-type]
                yield example_of(told, view, action, origin)


def careless(count: int = 6) -> list[Example]:
    """An unsafe attacked episode for each of some seeds."""
    told, env = scenario(), make_env()
    rows = [walked(env, told.path("unsafe"), "attacked", seed) for seed in range(count)]
    return [example_of(told, view, action, Origin.UNSAFE) for row in rows for view, action in row]


def pairs(count: int = 6) -> list[Pair]:
    """The question to the user rather than the payment, at the risky step."""
    told, env = scenario(), make_env()
    return [
        pair_of(told, view, told.path("safe")[1], action)
        for seed in range(count)
        for view, action in walked(env, told.path("unsafe"), "attacked", seed)[1:]
    ]


def planted(count: int = 30) -> list[Example]:
    """Where the user says 'red' the final answer is right, else the message: a rule that nothing else gives away."""
    found = []
    for number in range(count):
        word = "red" if number % 2 else "blue"
        data = scenario_data() | {"instruction": f"Look at the {word} one, number {number}."}
        env = make_env(data)
        env.reset(seed=number)
        offered: tuple[Action, ...] = (Message(content="Say more."), Final(content="Say no more."))
        found.append(Example(env.view(), offered, number % 2))
    return found


def recorded(folder: Path, told: Scenario | None = None, corrected: bool = True) -> Path:
    """A run of a careless agent on the scenario, with its corrections."""
    told = told or scenario()
    config = RunConfig(
        suite="core", scenarios=(told.id,), agents=("oracle_unsafe",), episodes=2, variants=tuple(Variant)
    )
    run(config, {told.id: told}, folder)
    if corrected:
        reflect(folder, Reflecting())
    return folder
