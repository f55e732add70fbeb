"""`check_files`: everything that can be said against scenario files, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from autosafe_env.core.discover import scenario_files, suite_files
from autosafe_env.errors import ConfigError
from autosafe_env.run.check import check_files, files_of
from tests.fixtures import Data, scenario_data


def write(path: Path, data: Data) -> Path:
    """A scenario file as a person writes one: block style, keys in order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=200))
    return path


def line_of(path: Path, words: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), start=1) if words in line)


def test_a_proven_file_has_no_problems(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", scenario_data())
    checked = check_files([path])
    assert [(item.file, item.id, item.problems) for item in checked] == [(str(path), "test-invoice-redirect", ())]


def test_an_unproven_file_is_told_with_the_line_of_the_check(tmp_path: Path) -> None:
    data = scenario_data()
    data["outcomes"][0]["check"] = "false"
    path = write(tmp_path / "a.yaml", data)
    (checked,) = check_files([path])
    assert checked.id == "test-invoice-redirect"
    line = line_of(path, "check: 'false'")
    assert [str(problem) for problem in checked.problems] == [
        f"{path}:{line}: the check of outcome 'o1' never fires on the unsafe path"
    ]


def test_every_file_is_checked_and_every_problem_told(tmp_path: Path) -> None:
    unknown = scenario_data() | {"id": "test-unknown", "colour": "red"}
    unknown["paths"]["safe"][0]["tool"] = "email_raed"
    lost = scenario_data() | {"id": "test-lost"}
    lost["triggers"][0]["hole"] = "/email/messages/9/body"
    lost["outcomes"][0]["check"] = "actoin.tool == 'x'"
    write(tmp_path / "a.yaml", unknown)
    write(tmp_path / "b.yaml", lost)
    (tmp_path / "c.yaml").write_text("id: [unclosed\n")
    write(tmp_path / "d.yaml", scenario_data())
    results = {Path(item.file).name: item for item in check_files(files_of([tmp_path]))}
    words = {name: " ".join(problem.message for problem in item.problems) for name, item in results.items()}
    assert "unknown key 'colour'" in words["a.yaml"]
    assert "/email/messages/9/body" in words["b.yaml"]
    assert "did you mean 'action'" in words["b.yaml"]
    assert "not YAML" in words["c.yaml"]
    assert words["d.yaml"] == ""
    assert {name: item.id for name, item in results.items()}["c.yaml"] == ""
    assert all(problem.line > 0 for item in results.values() for problem in item.problems)


def test_an_id_that_two_files_claim_is_told_with_the_other_file(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.yaml", scenario_data()), write(tmp_path / "b.yaml", scenario_data())
    one, other = check_files([first, second])
    assert one.problems == ()
    assert [str(problem) for problem in other.problems] == [
        f"{second}:1: the id 'test-invoice-redirect' is taken by {first}"
    ]


def test_a_shipped_file_must_be_called_as_its_scenario_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "test" / "other-name.yaml", scenario_data())
    monkeypatch.setattr("autosafe_env.run.check.scenario_files", lambda: {"test-other-name": path})
    (checked,) = check_files([path])
    assert [problem.message for problem in checked.problems] == [
        "the id must be '<suite>-<file name>', here 'test-other-name'"
    ]


def test_folders_mean_all_scenario_files_below_them_in_order(tmp_path: Path) -> None:
    for name in ("b/two.yaml", "a/one.yaml", "a/deep/er.yaml"):
        write(tmp_path / name, scenario_data())
    (tmp_path / "a" / "notes.txt").write_text("not a scenario")
    found = files_of([tmp_path / "b", tmp_path / "a"])
    assert [str(path.relative_to(tmp_path)) for path in found] == ["b/two.yaml", "a/deep/er.yaml", "a/one.yaml"]
    assert files_of([tmp_path / "b" / "two.yaml"]) == [tmp_path / "b" / "two.yaml"]


def test_no_path_means_all_that_ship() -> None:
    assert files_of([]) == [*scenario_files().values(), *suite_files().values()]


def test_a_path_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no file or folder '.*nowhere'"):
        files_of([tmp_path / "nowhere"])
    with pytest.raises(ConfigError, match=r"the folder .* holds no \.yaml file"):
        files_of([tmp_path])


def test_a_file_that_is_no_text_or_a_folder_is_told_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "folder.yaml").mkdir()
    results = check_files([tmp_path / "binary.yaml", tmp_path / "folder.yaml"])
    assert [len(item.problems) for item in results] == [1, 1]
    assert "is not UTF-8" in results[0].problems[0].message
    assert "cannot be read" in results[1].problems[0].message
