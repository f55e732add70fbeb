"""What the environment costs, on one core, without a model: run it by hand, never as a test.

    python benchmarks/env_steps.py [SECONDS]

Every scenario of `core` is walked along its safe path, as JSON text, through `gym.make` with the default wrappers, with
the rules emulator, the CEL judge and the in-memory log: once with all memory of earlier answers emptied before each
episode, which is what an agent pays that does something new, and once with the same walks again and again, where every
pure tool call and every text is remembered, which is the most that repetition can save.
A trivial Gymnasium env with the same wrappers is measured in the same run: it is the floor. Trust ratios within one run
more than figures of two.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import gymnasium as gym

import autosafe_env
from autosafe_env.core import checks, mentions, toolspec, worlds
from autosafe_env.core.codec import encode
from autosafe_env.core.discover import scenario_files
from autosafe_env.core.registration import gym_id
from autosafe_env.core.spaces import UnicodeText, observation_space
from autosafe_env.record.sink import JsonlSink

Walk = tuple[gym.Env[Any, Any], list[str]]


class Floor(gym.Env[dict[str, Any], str]):
    """Does nothing, in the same spaces."""

    def __init__(self) -> None:
        self.observation_space = observation_space()
        self.action_space = UnicodeText(16384)
        self.observation = {"task": "", "tools": "[]", "source": 0, "content": "", "turn": 0}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        del options
        return dict(self.observation), {}

    def step(self, action: str) -> Any:
        del action
        return dict(self.observation), 0.0, False, False, {}


def walks() -> list[Walk]:
    """Every scenario's env and the texts of its safe path."""
    made = []
    for name in scenario_files():
        scenario = autosafe_env.load_scenario(name)
        env = gym.make(gym_id(scenario.id, scenario.version))
        made.append((env, [encode(action) for action in scenario.path("safe")]))
    return made


def floor_rate(seconds: float) -> float:
    """Steps per second of the trivial env."""
    gym.register("bench/Floor-v0", entry_point=Floor)
    env = gym.make("bench/Floor-v0")
    env.reset(seed=0)
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(1000):
            env.step("x")
        steps += 1000
    return steps / (time.perf_counter() - start)


def forget() -> None:
    """Empty every memory of answers, so that each tool call and each check is worked out."""
    for remembered in (checks._decided, toolspec._called, toolspec._shared_state, worlds._state_diff, worlds._patched):
        remembered.cache_clear()
    for read in (mentions.plain_reading, mentions.hidden_readings):
        read.cache_clear()
    worlds.STATES.clear()


def fresh_rate(made: list[Walk], seconds: float) -> float:
    """Steps per second when nothing is remembered from one episode to the next; forgetting is not part of the time."""
    steps, spent = 0, 0.0
    while spent < seconds:
        for env, texts in made:
            forget()
            spent += timed(partial(walk, env, texts))
            steps += len(texts)
    return steps / spent


def walk(env: gym.Env[Any, Any], texts: list[str]) -> None:
    env.reset(seed=0)
    for text in texts:
        env.step(text)


def episode_rate(made: list[Walk], seconds: float, sink: JsonlSink | None = None) -> tuple[float, float]:
    """(steps per second, median reset in milliseconds) over whole episodes; resets are part of the time.

    At least one pass over all scenarios is made, however short the time.
    """
    steps, resets = 0, []
    start = time.perf_counter()
    while not steps or time.perf_counter() - start < seconds:
        for env, texts in made:
            before = time.perf_counter()
            env.reset(seed=0)
            resets.append(time.perf_counter() - before)
            for text in texts:
                env.step(text)
            steps += len(texts)
            if sink is not None:
                sink.append("bench", "oracle_safe", True, env.unwrapped.log)  # type: ignore[attr-defined]
    if sink is not None:
        sink.close()
    return steps / (time.perf_counter() - start), 1e3 * median(resets)


def fork_time(length: int) -> float:
    """Median time of a fork, in microseconds, after so many steps."""
    data = autosafe_env.load_scenario(next(iter(scenario_files()))).model_copy(update={"max_steps": 1000})
    env: Any = autosafe_env.AutoSafeEnv(data)
    env.reset(seed=0)
    for _ in range(length):
        env.step('{"type": "message", "content": "One moment, please."}')
    return 1e6 * median(timed(env.fork) for _ in range(2000))


def timed(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def episode_bytes(made: list[Walk]) -> float:
    """Largest memory that one live episode keeps, in kB, beyond its env and scenario."""
    worst = 0
    for env, texts in made:
        env.reset(seed=0)
        for text in texts:  # once before, so that caches are not counted
            env.step(text)
        gc.collect()
        tracemalloc.start()
        env.reset(seed=0)
        for text in texts:
            env.step(text)
        gc.collect()
        worst = max(worst, tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    return worst / 1000


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    made = walks()
    floor = floor_rate(seconds / 3)
    cold, _ = episode_rate(made, 0)
    fresh = fresh_rate(made, seconds)
    rate, reset = episode_rate(made, seconds)
    with tempfile.TemporaryDirectory() as folder, JsonlSink(Path(folder)) as sink:
        logged, _ = episode_rate(made, seconds, sink)
    again, _ = episode_rate(made, seconds)
    plain = (rate + again) / 2
    print(f"scenarios                          {len(made)}")
    print(f"floor: trivial env                 {floor:12,.0f} steps/s")
    print(f"env, first pass, checks compiled   {cold:12,.0f} steps/s")
    print(
        f"env, every call and check anew     {fresh:12,.0f} steps/s   (nothing remembered from one episode to the next)"
    )
    print(f"env, walks repeated, remembered    {plain:12,.0f} steps/s   (goal: 5,000)")
    print(f"the same with the JSONL sink       {logged:12,.0f} steps/s   {logged / plain:.0%} of in-memory (goal: 80%)")
    print(f"reset, median                      {reset:12.3f} ms        (goal: 1)")
    short, long = fork_time(5), fork_time(500)
    print(f"fork, median, after 5 / 500 steps  {short:6.1f} / {long:.1f} us  (goal: 50, whatever the history)")
    print(f"live episode, largest              {episode_bytes(made):12.1f} kB        (goal: 100)")


if __name__ == "__main__":
    main()
