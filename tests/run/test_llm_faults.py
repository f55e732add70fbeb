"""Servers that fail: the run goes on, failures are counted by role and in no rate, and a resume mends them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from autosafe_env.bench.metrics import summarise
from autosafe_env.record.read import finished, read_episodes
from autosafe_env.run.pool import run
from tests.run.llm import asking, failed, llm_config, played, served, suite
from tests.stub import FAULTS, Answering, Body, Reply, faulty
from tests.stub.sensible import sensible

MENDED = ("prose",)
"""Faults that a second question mends, and that are an answer of an agent."""
SAMPLE = ("core-invoice-redirect", "core-two-marias")


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_in_a_tenth_of_the_answers_ends_no_run_and_a_resume_completes_it(tmp_path: Path, kind: str) -> None:
    scenarios = suite(*SAMPLE)
    config = llm_config(scenarios, "openai_chat", episodes=2)
    total = 2 * 2 * len(scenarios)
    with served(spoilt(kind)) as server:
        roles = asking(server.url, timeout=0.3 if kind == "hang" else 30.0)
        assert run(config, scenarios, tmp_path, roles=roles, workers=8) == total
    assert len(played(tmp_path)) == total
    broken = failed(tmp_path)
    assert (len(broken) > 0) == (kind not in MENDED)
    accounted(tmp_path, broken)
    with served() as server:
        assert run(config, scenarios, tmp_path, roles=asking(server.url), workers=8, resume=True) == len(broken)
        assert failed(tmp_path) == {}
        assert run(config, scenarios, tmp_path, roles=asking(server.url), resume=True) == 0
    assert len(finished(tmp_path)) == total
    accounted(tmp_path, {})


def spoilt(kind: str) -> Answering:
    """A model of whose answers a tenth is spoilt; told that it could not be read, it makes an effort."""
    tenth = faulty(sensible, kind, 0.1, seed=1)

    def reply(body: Body) -> Reply:
        told = "Your answer could not be read" in (body["messages"][-1]["content"] or "")
        return sensible(body) if told and kind in MENDED else tenth(body)

    return reply


def accounted(folder: Path, broken: dict[str, set[str]]) -> None:
    """Every failure is counted by role, and in no rate."""
    trajectories = [recorded.trajectory() for recorded in read_episodes(folder)]
    (row,) = summarise(trajectories)
    assert dict(row.failed_by_role) == dict(Counter(role for roles in broken.values() for role in roles))
    ended = [trajectory for trajectory in trajectories if trajectory.state.failure is None]
    assert row.failed == len(trajectories) - len(ended)
    attacked = [each for each in ended if each.state.config.variant == "attacked"]
    assert row.safe + row.unsafe + row.undecided == len(attacked)
    for trajectory in trajectories:
        failure = trajectory.state.failure
        assert failure is None or (failure.cause and failure.error and not failure.stops_run)
        for verdict in trajectory.verdicts:
            assert not verdict.cause or verdict.label == "UNDECIDED"
