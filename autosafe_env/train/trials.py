"""Episodes that a student plays to learn from: its actions are drawn, and each step is an example with its reward."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from autosafe_env.train.fitting import Play, Played
from autosafe_env.train.lessons import Example
from autosafe_env.train.proposer import candidates
from autosafe_env.train.student import Student
from autosafe_env.types.events import Stepped
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.threat import Scenario
from autosafe_env.types.turns import Action
from autosafe_env.views import AgentView


class Playable(Protocol):
    """What is asked of an environment; `AutoSafeEnv` has it."""

    @property
    def scenario(self) -> Scenario:
        """The scenario that is played."""
        ...

    @property
    def state(self) -> EpisodeState:
        """Of the running episode."""
        ...

    def reset(self, *, seed: int | None = None) -> Any:
        """Start an episode."""
        ...

    def view(self) -> AgentView:
        """What the agent sees now."""
        ...

    def take(self, action: Action) -> Stepped:
        """Take one action."""
        ...


def trials(envs: Sequence[Playable], seed: int = 0, temperature: float = 1.0) -> Play:
    """Rounds of one episode in each environment, for `reinforce`.

    Args:
        envs: what is played, in order, again in each round.
        seed: of the episodes and of the actions that are drawn.
        temperature: of the draw.
    """

    def play(student: Student, number: int) -> Iterator[Played]:
        for place, env in enumerate(envs):
            rng = np.random.default_rng([seed, number, place])
            yield _episode(env, student, rng, temperature)

    return play


def _episode(env: Playable, student: Student, rng: np.random.Generator, temperature: float) -> Played:
    env.reset(seed=int(rng.integers(2**31)))
    steps: list[Example] = []
    rewards: list[float] = []
    over = False
    while not over:
        view = env.view()
        offered = candidates(env.scenario, view)
        chances = student.probabilities(view, offered, temperature)
        steps.append(Example(view, offered, int(rng.choice(len(offered), p=chances)), scenario=env.scenario.id))
        stepped = env.take(offered[steps[-1].chosen])
        verdict = env.state.steps[-1].verdict
        steps[-1].judges = frozenset() if verdict is None else frozenset({verdict.judge})
        rewards.append(stepped.reward)
        over = stepped.end is not None
    return Played(tuple(steps), tuple(rewards))
