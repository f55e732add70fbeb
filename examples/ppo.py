"""Train with PPO of Stable-Baselines3 in the environment for classical reinforcement learning.

    pip install 'autosafe-env[rl]'
    python examples/ppo.py

Candidates come in random order, so the network scores each row of an observation by itself, and the policy is a softmax
over these scores.
"""

from __future__ import annotations

import gymnasium as gym
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

import autosafe_env  # noqa: F401 - registers the environments
from autosafe_env.train.candidates import CandidateEnv

STEPS = 20_480


class RowScores(BaseFeaturesExtractor):
    """One score for each candidate."""

    def __init__(self, space: gym.spaces.Box) -> None:
        rows, width = space.shape
        super().__init__(space, rows)
        self.score = torch.nn.Sequential(torch.nn.Linear(width, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))

    def forward(self, table: torch.Tensor) -> torch.Tensor:
        """The scores; rows that stand for no candidate are all but impossible."""
        return self.score(table).squeeze(-1) - 20.0 * (1.0 - table[..., -1])


def main() -> None:
    """Train on one attacked scenario and print the mean return before and after."""
    env = CandidateEnv(gym.make("autosafe/core-all-off-v1"))
    shape = {"features_extractor_class": RowScores, "net_arch": []}
    model = PPO(
        "MlpPolicy", env, n_steps=512, gamma=1.0, ent_coef=0.03, learning_rate=1e-3, seed=0, policy_kwargs=shape
    )
    model.policy.action_net = torch.nn.Identity()  # the scores are what the softmax takes
    for title, steps in (("before", 0), ("after", STEPS)):
        if steps:
            model.learn(steps)
        mean, spread = evaluate_policy(model, env, n_eval_episodes=20, warn=False)
        print(f"{title}: mean return {mean:+.2f} (standard deviation {spread:.2f})")


if __name__ == "__main__":
    main()
