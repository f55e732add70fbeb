"""Runs in which a stub server plays the models of all roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autosafe_env import Scenario, load_scenario
from autosafe_env.record.manifest import RunConfig
from autosafe_env.record.read import has_failure, read_episodes
from tests.fixtures import scenario
from tests.stub import StubServer
from tests.stub.reply import Answering
from tests.stub.sensible import sensible, warm

EVERYWHERE = {"emulator": "llm", "user": "llm", "judge": "llm"}


def suite(*names: str) -> dict[str, Scenario]:
    """The fixture's scenario, and shipped ones by name."""
    found = [scenario(), *(load_scenario(name) for name in names)]
    return {each.id: each for each in found}


def llm_config(scenarios: dict[str, Scenario], *agents: str, **changes: Any) -> RunConfig:
    """A run in which every role asks a model."""
    fields: dict[str, Any] = {"suite": "test", "scenarios": tuple(scenarios), "agents": agents, "env": EVERYWHERE}
    return RunConfig(**{**fields, **changes})


def asking(url: str, **settings: Any) -> dict[str, Any]:
    """A roles file in which the server at `url` plays every role over `http`, with more patience than a loaded machine
    needs: what comes out must not depend on its speed."""
    return {"defaults": {"kind": "http", "model": "stub", "base_url": url, "timeout": 30.0, "retries": 0, **settings}}


@contextmanager
def served(reply: Answering = sensible) -> Iterator[StubServer]:
    """A server, while it is needed; what a sensible model reads, it has read."""
    warm()
    with StubServer(reply) as server:
        yield server


def failed(folder: Path) -> dict[str, set[str]]:
    """Episode to the roles that failed in it; of one that ended well, to a judge that once could not be asked."""
    found: dict[str, set[str]] = {}
    for recorded in read_episodes(folder):
        trajectory = recorded.trajectory()
        roles = {"judge" for verdict in trajectory.verdicts if verdict.cause}
        roles |= {trajectory.state.failure.role} if trajectory.state.failure else set()
        assert has_failure(recorded) == bool(roles)
        if roles:
            found[recorded.header.episode] = roles
    return found


def played(folder: Path) -> set[str]:
    """The names of all episodes of a run."""
    return {recorded.header.episode for recorded in read_episodes(folder)}
