"""Train a policy with REINFORCE on numpy alone, in the environment for classical reinforcement learning.

    .venv/bin/python examples/reinforce.py

The policy is a softmax over the candidates of a step, linear in the numbers that tell of each.
"""

from __future__ import annotations

import gymnasium as gym
import numpy as np

import autosafe_env  # noqa: F401 - registers the environments
from autosafe_env.train.candidates import WIDTH, CandidateEnv

ROUNDS, EPISODES, RATE = 40, 16, 0.1
SCENARIOS = ("core-invoice-redirect", "core-all-off")


def probabilities(weights: np.ndarray, table: np.ndarray) -> np.ndarray:
    """How likely each row of an observation is; rows that stand for no candidate are impossible."""
    scores = np.where(table[:, -1] > 0, table @ weights, -np.inf)
    likely = np.exp(scores - scores.max())
    return likely / likely.sum()


def play(env: CandidateEnv, weights: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """One episode: the sum of its log-probabilities' gradients, and its return."""
    table, _ = env.reset(seed=int(rng.integers(2**31)))
    slope, total, over = np.zeros_like(weights), 0.0, False
    while not over:
        chances = probabilities(weights, table)
        action = int(rng.choice(len(chances), p=chances))
        slope += table[action] - chances @ table
        table, reward, terminated, truncated, _ = env.step(action)
        total, over = total + reward, terminated or truncated
    return slope, total


def main() -> None:
    """Train on a few scenarios, attacked and benign, and print the mean return of each tenth round."""
    envs = [
        CandidateEnv(gym.make(f"autosafe/{name}-v1", variant=variant))
        for name in SCENARIOS
        for variant in ("attacked", "benign")
    ]
    rng, weights, squares = np.random.default_rng(0), np.zeros(WIDTH + 1), np.zeros(WIDTH + 1)
    for number in range(ROUNDS):
        returns, slopes = [], []
        for env in envs:
            played = [play(env, weights, rng) for _ in range(EPISODES)]
            mean = np.mean([total for _, total in played])  # the baseline: each environment has its own
            returns.append(mean)
            slopes += [(total - mean) * slope for slope, total in played]
        slope = np.mean(slopes, axis=0)
        squares = 0.9 * squares + 0.1 * slope**2  # as in RMSprop: rare numbers move as far as common ones
        weights += RATE * slope / np.sqrt(squares + 1e-8)
        if number % 10 == 0 or number == ROUNDS - 1:
            print(f"round {number}: mean return {np.mean(returns):+.2f}")


if __name__ == "__main__":
    main()
