"""Small suites in one file, and one of them as if it shipped with the package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gymnasium as gym
import pytest

from autosafe_env import Scenario, load_scenario
from autosafe_env.core import discover, shipped
from autosafe_env.core.registration import register_all
from autosafe_env.core.suite_files import write_suite
from autosafe_env.types.suite import Split, SuiteEntry, SuiteHeader
from tests.fixtures import Data, scenario_data

HEADER = SuiteHeader(suite="synth-t", command="autosafe generate --count 5 --seed 7", versions={"autosafe-env": "0"})
SPLITS = (Split.TRAIN, Split.TRAIN, Split.HELDOUT_SCENARIOS, Split.HELDOUT_PATTERNS)


def data_of(number: int) -> Data:
    """The scenario of `tests.fixtures` under an id and a title of its own."""
    return scenario_data() | {"id": f"synth-letter-{number}", "title": f"The bill of week {number}", "version": 2}


def scenario_of(number: int) -> Scenario:
    return load_scenario(data_of(number))


def entry_of(number: int) -> SuiteEntry:
    return SuiteEntry(
        index=3 * number,
        pattern=f"letter-{number % 2}",
        style="plain" if number % 2 else "",
        split=SPLITS[number % len(SPLITS)],
        scenario=scenario_of(number),
    )


def entries(count: int = 5) -> list[SuiteEntry]:
    """As many entries; of four one after the other, two are to learn from and none is of the last split."""
    return [entry_of(number) for number in range(count)]


def written(path: Path, count: int = 5, block: int = 2) -> Path:
    """A suite file of some entries."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_suite(path, HEADER, entries(count), block)
    return path


def forget() -> None:
    """Forget what was found to ship."""
    for remembered in (discover.scenario_files, discover.suite_files):
        remembered.cache_clear()
    for known in (shipped.shipped, shipped.index_of, shipped.rows_of):
        known.cache_clear()


@contextmanager
def shipping(folder: Path, monkeypatch: pytest.MonkeyPatch, count: int = 5) -> Iterator[Path]:
    """The file of a suite `synth-t` that ships, for a while, beside the suite `core`."""
    (folder / "core").symlink_to(discover.scenarios_folder() / "core")
    path = written(folder / "generated" / "synth-t.jsonl.gz", count)
    known = set(gym.registry)
    with monkeypatch.context() as patch:
        patch.setattr(discover, "scenarios_folder", lambda: folder)
        forget()
        register_all()
        yield path
    forget()
    for name in set(gym.registry) - known:
        del gym.registry[name]
