"""`suite_scenarios`: a suite by whatever names it, whole, a split or a sample of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosafe_env.core.shipped import suite_members
from autosafe_env.core.suite_files import write_suite
from autosafe_env.errors import ConfigError, ScenarioError, UnknownName
from autosafe_env.run import suite as suite_module
from autosafe_env.run.suite import Member, suite_scenarios
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Scenario
from tests.cli.shell import NAMES
from tests.cli.shell import write_suite as write_folder
from tests.suites import HEADER, entries, entry_of, scenario_of, shipping, written

SYNTH = [f"synth-letter-{number}" for number in range(5)]


@pytest.fixture
def shipped_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with shipping(tmp_path, monkeypatch) as path:
        yield path


def test_a_suite_is_the_same_by_its_name_and_by_either_form_of_its_file(shipped_file: Path, tmp_path: Path) -> None:
    plain = written(tmp_path / "plain.jsonl")
    by_name = suite_scenarios("synth-t")
    assert list(by_name) == SYNTH
    assert by_name == suite_scenarios(str(shipped_file)) == suite_scenarios(str(plain))
    assert by_name["synth-letter-2"] == scenario_of(2)


def test_folders_and_scenario_files_are_suites_as_well(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    assert set(suite_scenarios(str(folder))) == set(NAMES)
    assert list(suite_scenarios(str(folder / "test-two.yaml"))) == ["test-two"]
    assert list(suite_scenarios("core", limit=3)) == sorted(suite_scenarios("core", limit=3))


def test_a_split_is_what_the_file_says(shipped_file: Path) -> None:
    parts = {split: list(suite_scenarios("synth-t", split)) for split in list(Split)[:3]}
    assert parts == {
        Split.TRAIN: ["synth-letter-0", "synth-letter-1", "synth-letter-4"],
        Split.HELDOUT_SCENARIOS: ["synth-letter-2"],
        Split.HELDOUT_PATTERNS: ["synth-letter-3"],
    }
    assert len(suite_scenarios("synth-t", "train", limit=2)) == 2


def test_a_split_that_is_not_there_is_told(shipped_file: Path) -> None:
    with pytest.raises(UnknownName, match="no split is called 'trian'; did you mean 'train'"):
        suite_scenarios("synth-t", "trian")
    with pytest.raises(ConfigError) as caught:
        suite_scenarios("synth-t", "heldout_toolkits")
    assert str(caught.value) == (
        "the suite 'synth-t' has no scenario in the split 'heldout_toolkits'; "
        "it has train (3), heldout_scenarios (1), heldout_patterns (1)"
    )
    with pytest.raises(ConfigError, match="the suite 'core' has no splits"):
        suite_scenarios("core", "train", limit=1)


@given(size=st.integers(1, 40), limit=st.integers(1, 45), seed=st.integers(0, 5))
def test_a_sample_is_a_part_of_a_larger_one_and_in_the_order_of_the_suite(size: int, limit: int, seed: int) -> None:
    lone, loaded = scenario_of(0), list[str]()

    def loading(name: str) -> Scenario:
        loaded.append(name)
        return lone.model_copy(update={"id": name})

    def some(_: str) -> Iterator[Member]:
        for number in range(size):
            name = f"test-{number:02}"
            yield Member(name, partial(loading, name))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite_module, "members", some)
        sample = list(suite_scenarios("any", limit=limit, seed=seed))
        assert loaded == sample, "what is not chosen is not loaded"
        larger = list(suite_scenarios("any", limit=limit + 1, seed=seed))
    assert len(sample) == min(size, limit)
    assert sample == sorted(sample)
    assert set(sample) <= set(larger)


def test_another_seed_draws_another_sample() -> None:
    samples = {tuple(suite_scenarios("core", limit=3, seed=seed)) for seed in range(4)}
    assert len(samples) == 4
    assert all(set(sample) <= set(suite_members("core")) for sample in samples)


def test_what_is_no_suite_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no suite is called 'croe'; did you mean 'core'"):
        suite_scenarios("croe")
    write_suite(tmp_path / "none.jsonl", HEADER, [])
    with pytest.raises(ConfigError, match=r"none\.jsonl' holds no scenario"):
        suite_scenarios(str(tmp_path / "none.jsonl"))
    write_suite(tmp_path / "two.jsonl", HEADER, [entry_of(1), entry_of(1)])
    with pytest.raises(ConfigError, match=r"two\.jsonl: two scenarios have the id 'synth-letter-1'"):
        suite_scenarios(str(tmp_path / "two.jsonl"))


def test_a_scenario_that_does_not_load_is_told_with_its_line_unless_it_is_not_chosen(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    bad = entry_of(1).model_copy(update={"scenario": scenario_of(1).model_copy(update={"toolkits": ("bnak",)})})
    write_suite(path, HEADER, [entries()[0], bad, entries()[2]])
    with pytest.raises(ScenarioError, match=r"bad\.jsonl:3: unknown toolkit 'bnak'"):
        suite_scenarios(str(path))
    assert list(suite_scenarios(str(path), "heldout_scenarios")) == ["synth-letter-2"]
