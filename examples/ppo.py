"""Train with PPO of Stable-Baselines3 in the environment for classical reinforcement learning.

pip install 'autosafe-env[rl]'
.venv/bin/python examples/ppo.py
"""

from __future__ import annotations

import gymnasium as gym
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy

import autosafe_env  # noqa: F401 - registers the environments
from autosafe_env.train.candidates import CandidateEnv

STEPS = 8_000


def main() -> None:
    """Train on one attacked scenario and print the mean return before and after."""
    env = CandidateEnv(gym.make("autosafe/core-invoice-redirect-v1"))
    model = PPO("MlpPolicy", env, n_steps=256, seed=0, verbose=0)
    for title, steps in (("before", 0), ("after", STEPS)):
        if steps:
            model.learn(steps)
        mean, spread = evaluate_policy(model, env, n_eval_episodes=20, warn=False)
        print(f"{title}: mean return {mean:+.2f} (standard deviation {spread:.2f})")


if __name__ == "__main__":
    main()
