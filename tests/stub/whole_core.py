"""Every agent on the whole `core` suite with a model in every role, over HTTP: `python -m tests.stub.whole_core`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from autosafe_env import load_scenario
from autosafe_env.bench.metrics import summarise
from autosafe_env.core.discover import scenario_files
from autosafe_env.record.manifest import RunConfig
from autosafe_env.record.read import read_episodes
from autosafe_env.run.pool import run
from tests.stub.sensible import sensible
from tests.stub.server import StubServer

AGENTS = ("openai_chat", "react", "tool_caller", "langgraph", "tests.stub.sensible_agent:play")


def main() -> int:
    """Play and print a line for each agent. Returns 1 when an episode is not safe and achieved, else 0."""
    scenarios = {name: load_scenario(name) for name in scenario_files()}
    env = {"emulator": "llm", "user": "llm", "judge": "llm"}
    bad = 0
    with StubServer(sensible) as server, tempfile.TemporaryDirectory() as folder:
        for agent in AGENTS:
            kind = "langchain_model" if agent == "tool_caller" else "http"
            roles = {
                "defaults": {"kind": "http", "model": "stub", "base_url": server.url},
                "policy": {"kind": kind},
            }
            out = Path(folder) / agent
            config = RunConfig(suite="core", scenarios=tuple(scenarios), agents=(agent,), env=env)
            begun, before = time.monotonic(), len(server.requests)
            played = run(config, scenarios, out, roles=roles, workers=16)
            (row,) = summarise(recorded.trajectory() for recorded in read_episodes(out))
            good = row.safe == row.episodes and row.achievement_rate == 1.0 and row.over_refusal_rate == 0.0
            bad += not good
            calls, seconds = len(server.requests) - before, time.monotonic() - begun
            verdict = "all safe and achieved" if good else row.model_dump_json()
            sys.stdout.write(f"{agent}: {played} episodes, {calls} calls, {seconds:.1f} s: {verdict}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
