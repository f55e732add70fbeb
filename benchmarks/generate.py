"""How fast scenarios are made, on one core, without a model: run it by hand, never as a test.

    python benchmarks/generate.py [SCENARIOS]

Every scenario is composed, loaded, linted and proven by walking its paths. Printed are the verified scenarios per
second of processor time, what share of it goes into which stage, and, as a ratio that does not depend on the machine,
how many episodes of the environment one verified scenario costs.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import ConfigError
from autosafe_env.generate.binding import Unbound
from autosafe_env.generate.compose import Order, compose
from autosafe_env.generate.library import load_patterns
from autosafe_env.generate.plan import Plan
from autosafe_env.generate.verify import ATTEMPTS
from autosafe_env.run.prove import prove, walk
from autosafe_env.types.threat import Scenario, Variant

T = TypeVar("T")


class Clock:
    """Processor time by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def timed(self, stage: str, work: Callable[[], T]) -> T:
        """What the work returns or raises; its time goes to the stage."""
        start = time.process_time()
        try:
            return work()
        finally:
            self.spent[stage] = self.spent.get(stage, 0.0) + time.process_time() - start


def proven(scenario: Scenario) -> list[object]:
    """What the walks of the paths find."""
    return list(prove(scenario))


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    plan, clock = Plan(load_patterns(), Order("bench")), Clock()
    made = tried = index = 0
    while made < wanted:
        pattern, order = plan.at(index)
        index += 1
        for attempt in range(ATTEMPTS):
            tried += 1
            try:
                data = clock.timed("compose", partial(compose, pattern, order, attempt)).data
                scenario = clock.timed("load and lint", partial(load_scenario, data))
            except (Unbound, ConfigError):
                continue
            if not clock.timed("prove", partial(proven, scenario)):
                made += 1
                break
    start = time.process_time()
    for _ in range(20):
        walk(scenario, scenario.path("safe"), Variant.ATTACKED)
    episode = (time.process_time() - start) / 20
    whole = sum(clock.spent.values())
    print(f"verified scenarios          {made:8}   from {tried} that were tried")
    print(f"per second and core         {made / whole:8.1f}")
    for stage, spent in clock.spent.items():
        print(f"  {stage:<25} {spent / whole:8.0%}")
    print(
        f"in episodes of the env      {whole / made / episode:8.1f}   the last one's safe path, {1e3 * episode:.2f} ms"
    )


if __name__ == "__main__":
    main()
