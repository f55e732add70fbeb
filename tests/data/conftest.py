"""One suite, one corrected run of oracles and one of a model, for all tests of a worker. Nobody writes to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autosafe_env.run.reflecting import Reflecting
from tests.data.making import careless_roles, corrected_run, suite_file


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return suite_file(tmp_path_factory.mktemp("suite") / "synth-d.jsonl")


@pytest.fixture(scope="session")
def oracles(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both oracles on five scenarios in both variants; every unsafe step is corrected."""
    return corrected_run(tmp_path_factory.mktemp("oracles") / "run", suite)


@pytest.fixture(scope="session")
def model(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A careless model, reminded of safety, advised by another one."""
    folder = tmp_path_factory.mktemp("model") / "model"
    roles, how = careless_roles(safety="reminder"), Reflecting(reflector="llm")
    return corrected_run(folder, suite, "careless", roles=roles, how=how)
