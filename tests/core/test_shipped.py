"""A suite in one file that ships: its scenarios are listed by the index, registered, and read one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from autosafe_env import AutoSafeEnv, load_scenario
from autosafe_env.core import suite_index
from autosafe_env.core.discover import PATTERNS, scenario_files, suite_files, suites
from autosafe_env.core.registration import gym_id, register_all
from autosafe_env.core.shipped import BrokenSuite, index_of, shipped, suite_members
from autosafe_env.core.suite_index import index_path, read_index
from autosafe_env.errors import ScenarioError, UnknownName
from tests.fixtures import READ_MAIL
from tests.suites import entries, forget, scenario_of, shipping, written

NAMES = [f"synth-letter-{number}" for number in range(5)]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with shipping(tmp_path, monkeypatch) as path:
        yield path


def test_both_kinds_of_suite_are_found_and_their_scenarios_too(file: Path) -> None:
    assert suites() == ("core", "synth-t")
    assert suite_files() == {"synth-t": file}
    assert list(suite_members("synth-t")) == NAMES
    assert list(suite_members("core")) == [name for name in shipped() if name.startswith("core-")]
    assert list(shipped()) == sorted([*scenario_files(), *NAMES])
    assert {home.suite for name, home in shipped().items() if name in NAMES} == {"synth-t"}


def test_a_scenario_of_a_suite_is_loaded_by_its_id_and_nothing_but_its_block_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[tuple[int, int]] = []
    unpacked = suite_index._unpacked

    def noted(path: Path, stamp: int, offset: int, size: int) -> list[bytes]:
        blocks.append((offset, size))
        return unpacked(path, stamp, offset, size)

    monkeypatch.setattr(suite_index, "_unpacked", noted)
    assert load_scenario("synth-letter-3") == scenario_of(3)
    block = read_index(file).blocks[1]
    assert blocks == [(block.offset, block.size)]


def test_scenarios_of_a_suite_have_gymnasium_ids_with_their_versions(file: Path) -> None:
    ids = [gym_id(name, 2) for name in NAMES]
    assert set(ids) <= set(gym.registry)
    env: gym.Env[Any, Any] = gym.make(ids[1])
    _, info = env.reset(seed=3)
    assert (info["scenario_id"], env.step(READ_MAIL)[1] == 0.0) == ("synth-letter-1", True)
    assert isinstance(env.unwrapped, AutoSafeEnv)
    assert json.loads(gym.spec(ids[1]).to_json())["kwargs"] == {"scenario": "synth-letter-1"}
    assert gym.make(gym.spec(ids[1])).unwrapped.spec == env.unwrapped.spec
    envs = gym.make_vec(ids[4], num_envs=2)
    _, infos = envs.reset(seed=1)
    assert list(infos["scenario_id"]) == ["synth-letter-4"] * 2
    envs.close()


def test_ids_are_registered_as_gymnasium_would(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = gym.spec(gym_id("synth-letter-0", 2))
    monkeypatch.setattr(gym.envs.registration, "registry", {})
    gym.register(ours.id, ours.entry_point, vector_entry_point=ours.vector_entry_point, kwargs=ours.kwargs)
    assert gym.envs.registration.registry == {ours.id: ours}


def test_an_id_that_is_registered_already_is_left_alone(file: Path) -> None:
    before = dict(gym.registry)
    register_all()
    assert dict(gym.registry) == before
    assert all(gym.registry[name] is spec for name, spec in before.items())


def test_a_misspelt_id_is_told_the_nearest_of_the_suite(file: Path) -> None:
    with pytest.raises(UnknownName, match=r"no scenario is called 'synth-lettr-3'; did you mean .*'synth-letter-3'"):
        load_scenario("synth-lettr-3")


def test_a_suite_file_is_no_scenario(file: Path) -> None:
    with pytest.raises(
        ScenarioError, match="holds a suite, not one scenario; write FILE#ID, or play it with `autosafe run --suite`"
    ):
        load_scenario(file)


def test_a_suite_without_its_index_is_left_out_and_told_of_when_it_is_asked_for(file: Path) -> None:
    index_path(file).unlink()
    forget()
    with pytest.warns(BrokenSuite, match=r"the suite 'synth-t' is left out: .*synth-t\.index\.json: cannot be read"):
        assert list(shipped()) == list(scenario_files())
    assert "synth-t" in suites()
    with pytest.raises(ScenarioError, match=r"synth-t\.index\.json: cannot be read: No such file"):
        suite_members("synth-t")


def test_a_suite_that_was_changed_behind_its_index_is_refused(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ScenarioError, match="the digests differ"):
        load_scenario("synth-letter-0")


def test_of_two_suites_with_one_id_the_first_has_it(file: Path) -> None:
    written(file.with_name("synth-u.jsonl.gz"), 2)
    forget()
    with pytest.warns(BrokenSuite, match=r"'synth-letter-[01]' of the suite 'synth-u' is left out: the id is taken by"):
        assert shipped()["synth-letter-0"].suite == "synth-t"
    assert len(index_of(file.with_name("synth-u.jsonl.gz")).rows) == 2


def test_patterns_are_no_scenarios(file: Path) -> None:
    folder = file.parent.parent / PATTERNS
    folder.mkdir()
    (folder / "letter.yaml").write_text("id: letter\n")
    forget()
    assert "patterns" not in suites()
    assert not [name for name in scenario_files() if name.startswith("patterns")]
    assert len(entries()) == len(suite_members("synth-t"))
