"""The environment for classical reinforcement learning: numbered actions, and observations of numbers.

env = CandidateEnv(gym.make("autosafe/core-invoice-redirect-v1"))
observation, info = env.reset(seed=7)
observation, reward, terminated, truncated, info = env.step(0)
"""

from __future__ import annotations

from typing import Any, cast

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from autosafe_env.train.features import features_of
from autosafe_env.train.proposer import candidates
from autosafe_env.train.trials import Playable
from autosafe_env.types.turns import Action

MOST, WIDTH, BOUND = 10, 256, 8.0
"""Candidates of a step, numbers that tell of each, and how large one gets."""
Observation = npt.NDArray[np.float32]


class CandidateEnv(gym.Env[Observation, np.int64]):
    """Around one environment: action `n` takes the n-th candidate of the step, counted round where there are fewer.

    An observation has a row for each candidate: its features, hashed into `width` numbers, and a last one that is 1
    where there is such a candidate. Rows that stand for none are zeros. `info` holds `candidates`, how many there are.

    It is an environment of its own and no `gym.Wrapper`: its observations and actions are all that there is.
    To watch, render the environment inside.

    Args:
        env: one of this package, wrapped or not.
        most: candidates that can be told apart; those beyond it are left out.
        width: numbers for the features of a candidate.
    """

    def __init__(self, env: gym.Env[Any, Any], most: int = MOST, width: int = WIDTH) -> None:
        self.env, self.spec = env, env.spec
        self.most, self.width = most, width
        self.action_space = spaces.Discrete(most)
        self.observation_space = spaces.Box(-BOUND, BOUND, (most, width + 1), np.float32)
        self._offered: tuple[Action, ...] = ()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; see the environment inside."""
        super().reset(seed=seed)
        _, info = self.env.reset(seed=seed, options=options)
        return self._observed(info)

    def step(self, action: np.int64 | int) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Take the candidate of this number."""
        chosen = self._offered[int(action) % len(self._offered)]
        _, reward, terminated, truncated, info = self.env.step(chosen)
        observation, info = self._observed(info)
        return observation, float(reward), terminated, truncated, info

    def close(self) -> None:
        """Close the environment inside."""
        self.env.close()

    @property
    def offered(self) -> tuple[Action, ...]:
        """The candidates of this step."""
        return self._offered

    def _observed(self, info: dict[str, Any]) -> tuple[Observation, dict[str, Any]]:
        inner = cast(Playable, self.env.unwrapped)
        view = inner.view()
        self._offered = candidates(inner.scenario, view)[: self.most]
        return self._numbers(view), {**info, "candidates": len(self._offered)}

    def _numbers(self, view: Any) -> Observation:
        found = features_of(view, self._offered)
        table = np.zeros((self.most, self.width + 1), np.float32)
        starts = np.concatenate([[0], found.ends[:-1]])
        for row, (start, end) in enumerate(zip(starts, found.ends, strict=True)):
            group = int(found.groups[row])
            places = np.concatenate([found.places[start:end], found.shared * 31 + 7 * group + 1])
            values = np.concatenate([found.values[start:end], found.shared_values])
            signs = np.where((places >> 9) & 1, -1.0, 1.0)
            numbers = np.bincount(places % self.width, values * signs, minlength=self.width)
            table[row, :-1] = np.clip(numbers, -BOUND, BOUND)
            table[row, -1] = 1.0
        return table
