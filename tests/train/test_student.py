"""A student's file, and the student as an agent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from autosafe_env import StudentAgent, Variant, load_agent, rollout
from autosafe_env.errors import ConfigError
from autosafe_env.train.features import DIMENSIONS, FEATURE_VERSION
from autosafe_env.train.fitting import Settings, fit_sft
from autosafe_env.train.student import Student
from autosafe_env.types.verdict import Label
from tests.fixtures import make_env, scenario
from tests.train.students import careless, lessons


@pytest.fixture(scope="module")
def trained() -> Student:
    return fit_sft(list(lessons(4)), None, Settings(epochs=3))


def test_a_student_comes_back_from_its_file(trained: Student, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "student.npz"
    trained.save(path)
    back = Student.load(path)
    assert np.array_equal(back.weights, trained.weights)
    assert back.lineage == trained.lineage
    first = path.read_bytes()
    trained.save(path)
    assert path.read_bytes() == first
    assert [each.name for each in path.parent.iterdir()] == ["student.npz"]


def rewritten(path: Path, **changes: object) -> None:
    with np.load(path) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    manifest = json.loads(parts["manifest"].tobytes()) | changes
    parts["manifest"] = np.frombuffer(json.dumps(manifest).encode(), np.uint8)
    np.savez(path, **parts)


def test_what_cannot_be_loaded_is_said(trained: Student, tmp_path: Path) -> None:
    path = tmp_path / "student.npz"
    with pytest.raises(ConfigError, match=r"there is no student at .*student\.npz; `autosafe train student` makes one"):
        Student.load(path)
    for text in (b"", b"not a student", b"PK\x03\x04broken"):
        path.write_bytes(text)
        with pytest.raises(ConfigError, match="is not a student's file"):
            Student.load(path)
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(ConfigError, match="is not a student's file"):
        Student.load(path)
    trained.save(path)
    rewritten(path, feature_version=FEATURE_VERSION + 1)
    with pytest.raises(ConfigError, match=rf"features of version {FEATURE_VERSION + 1} .*: train it again"):
        Student.load(path)
    rewritten(path, feature_version=FEATURE_VERSION)
    with np.load(path) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    np.savez(path, **(parts | {"places": parts["places"] + DIMENSIONS}))
    with pytest.raises(ConfigError, match="is damaged"):
        Student.load(path)
    with pytest.raises(ConfigError, match="cannot be written"):
        trained.save(path / "below" / "a-file.npz")


def test_the_agent_plays_safely_what_it_learnt(trained: Student, tmp_path: Path) -> None:
    path = tmp_path / "student.npz"
    trained.save(path)
    agent = load_agent({"kind": "student", "file": str(path)})
    for variant in Variant:
        played = rollout(make_env(), agent, seed=77, variant=variant.value)
        assert played.label is Label.SAFE
        assert played.achieved
        assert played.privileged
    base = StudentAgent(fit_sft(careless()))
    assert rollout(make_env(), base, seed=77).label is Label.UNSAFE


def test_with_a_temperature_actions_are_drawn_by_seed_and_step(trained: Student) -> None:
    hot = StudentAgent(trained, temperature=50.0)

    def played(seed: int) -> list[str]:
        return [step.action.model_dump_json() for step in rollout(make_env(), hot, seed=seed).steps]

    assert played(5) == played(5)
    assert len({tuple(played(seed)) for seed in range(6)}) > 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({}, "name the file of a trained student"), ({"file": "x.npz", "temperature": -1.0}, "temperature: 0 to 100")],
)
def test_a_wrong_agent_is_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        load_agent({"kind": "student", **options})
    assert scenario().id
