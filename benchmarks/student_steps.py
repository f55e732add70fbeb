"""How fast the student reads and acts: `python benchmarks/student_steps.py [SCENARIOS]`. By hand; never a test.

Prints microseconds per candidate for its features, and steps per second of whole episodes, the environment included.
"""

from __future__ import annotations

import sys
import time

from autosafe_env import AutoSafeEnv, StudentAgent, rollout
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.train.features import features_of
from autosafe_env.train.proposer import candidates
from autosafe_env.train.reading import read
from autosafe_env.train.student import Student


def main(count: int = 100) -> None:
    scenarios = list(suite_scenarios("synth-v1", "heldout_scenarios", count).values())
    agent = StudentAgent(Student(), temperature=1.0)
    start, steps = time.perf_counter(), 0
    for scenario in scenarios:
        for variant in scenario.variants:
            steps += len(rollout(AutoSafeEnv(scenario, variant=variant), agent, seed=0).steps)
    spent = time.perf_counter() - start
    print(f"{steps / spent:.0f} steps per second: {steps} steps of {2 * len(scenarios)} episodes in {spent:.1f} s")
    read.cache_clear()
    seconds, offered = 0.0, 0
    for scenario in scenarios:
        env = AutoSafeEnv(scenario)
        env.reset(seed=0)
        for action in (*scenario.path("safe")[:-1], None):
            view = env.view()
            found = candidates(scenario, view)
            begun = time.perf_counter()
            features_of(view, found)
            seconds += time.perf_counter() - begun
            offered += len(found)
            if action is not None:
                env.take(action)
    print(f"{1e6 * seconds / offered:.0f} microseconds per candidate for its features, texts read for the first time")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
