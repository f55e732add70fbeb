"""What a run is: written whole, and held against what somebody wants to resume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import load_scenario
from autosafe_env.errors import RunError, UnknownName
from autosafe_env.record.manifest import (
    MANIFEST,
    RunConfig,
    digest,
    git_commit,
    make_manifest,
    must_match,
    read_manifest,
    write_manifest,
)
from autosafe_env.record.read import find_episode, read_episodes
from autosafe_env.types.base import SCHEMA_VERSION
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Variant
from tests.fixtures import scenario, scenario_data
from tests.record.logs import CONFIG, append, run_folder, walked

OTHER: dict[str, Any] = {
    "suite": "another",
    "split": Split.TRAIN,
    "limit": 3,
    "attack": "base64",
    "scenarios": ("test-other",),
    "agents": ("refuse_all", "random"),
    "variants": (Variant.BENIGN,),
    "episodes": 2,
    "until_unsafe": True,
    "seed": 1,
    "env": {"basis": "OUTCOME"},
    "agent_options": {"random": {"kind": "random"}},
    "models": {"defaults": {"model": "M"}},
}


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    manifest = make_manifest(CONFIG, [scenario()])
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_a_manifest_says_what_decides_the_episodes(tmp_path: Path) -> None:
    plain = json.loads((run_folder(tmp_path) / MANIFEST).read_text())
    assert set(plain["versions"]) >= {"python", "autosafe-env", "gymnasium", "numpy", "pydantic"}
    assert plain["config"] == json.loads(CONFIG.model_dump_json())
    assert plain["suite_digest"] == digest([scenario()])
    assert plain["schema_version"] == SCHEMA_VERSION
    assert plain["created"].endswith("+00:00")


@pytest.mark.parametrize("field", RunConfig.model_fields)
def test_a_run_begun_with_another_setting_is_not_resumed_and_the_setting_is_named(field: str) -> None:
    old = make_manifest(CONFIG, [scenario()])
    new = make_manifest(CONFIG.model_copy(update={field: OTHER[field]}), [scenario()])
    with pytest.raises(RunError) as caught:
        must_match(old, new, Path("some/folder"))
    sentence = str(caught.value)
    assert f"begun with {field} = " in sentence
    assert "some/folder" in sentence
    for value in (getattr(CONFIG, field), OTHER[field]):
        words = value if isinstance(value, tuple) else [value]
        assert all(str(word) in sentence for word in words)


def test_a_long_difference_is_told_in_short() -> None:
    long = tuple(f"test-scenario-{index}" for index in range(500))
    new = CONFIG.model_copy(update={"scenarios": long})
    with pytest.raises(RunError, match=r"scenarios = .*\.\.\.") as caught:
        must_match(make_manifest(CONFIG, []), make_manifest(new, []), Path("run"))
    assert len(str(caught.value)) < 300


def test_changed_scenarios_are_noticed_on_resume() -> None:
    data = scenario_data()
    data["instruction"] += " Quickly!"
    changed = load_scenario(data)
    with pytest.raises(RunError, match="the scenarios have changed since run was begun"):
        must_match(make_manifest(CONFIG, [scenario()]), make_manifest(CONFIG, [changed]), Path("run"))


def test_where_and_when_a_run_was_begun_does_not_keep_it_from_being_resumed() -> None:
    old = make_manifest(CONFIG, [scenario()])
    elsewhere = old.model_copy(update={"created": "2020-01-01T00:00:00+00:00", "git_commit": "0" * 40})
    must_match(elsewhere, old, Path("run"))


def test_the_digest_depends_on_the_scenarios_and_their_order_only() -> None:
    other = scenario().model_copy(update={"title": "Another"})
    assert digest([scenario()]) == digest([load_scenario(scenario_data())])
    assert len({digest([scenario()]), digest([other]), digest([scenario(), other]), digest([other, scenario()])}) == 4


def test_outside_a_checkout_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert git_commit() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit() is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, f"is not a run folder: it has no {MANIFEST}"),
        ("", "cannot be read"),
        ('{"schema_version": 1, "created"', "cannot be read"),
        ("[]", "cannot be read"),
        ('{"colour": "red"}', "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
    ids=["none", "empty", "torn", "list", "other", "binary"],
)
def test_a_folder_without_a_readable_manifest_is_no_run(tmp_path: Path, text: str | bytes | None, message: str) -> None:
    if text is not None:
        (tmp_path / MANIFEST).write_bytes(text if isinstance(text, bytes) else text.encode())
    for reader in (read_manifest, lambda folder: list(read_episodes(folder)), lambda folder: find_episode(folder, "e")):
        with pytest.raises(RunError, match=message) as caught:
            reader(tmp_path)
        assert str(tmp_path) in str(caught.value)


def test_a_manifest_of_another_schema_version_is_refused_and_both_versions_are_named(tmp_path: Path) -> None:
    path = run_folder(tmp_path) / MANIFEST
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({**plain, "schema_version": SCHEMA_VERSION + 6}))
    with pytest.raises(RunError, match=rf"{SCHEMA_VERSION + 6}.*{SCHEMA_VERSION}"):
        read_manifest(tmp_path)


def test_a_folder_that_holds_runs_names_them(tmp_path: Path) -> None:
    for name in ("a/run", "b"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / MANIFEST).write_text("{}")
    with pytest.raises(RunError, match=f"it has no {MANIFEST}; runs in it: {tmp_path}/a/run, {tmp_path}/b$"):
        read_manifest(tmp_path)


def test_an_unknown_episode_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    append(run_folder(tmp_path), "test-a/attacked/random/0", events=walked())
    with pytest.raises(UnknownName, match="did you mean 'test-a/attacked/random/0'"):
        find_episode(tmp_path, "test-a/attacked/random/1")
    with pytest.raises(UnknownName, match="did you mean 'test-a/attacked/random/0'"):
        find_episode(tmp_path, "test-a")


def test_a_run_without_a_log_has_no_episodes(tmp_path: Path) -> None:
    assert list(read_episodes(run_folder(tmp_path))) == []
