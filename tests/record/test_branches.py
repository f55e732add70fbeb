"""`branches.jsonl`: written as it is read, in whole branches, by one writer; damage costs the damaged branch."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.errors import RunError
from autosafe_env.record.branches import (
    BRANCHES,
    BranchHeader,
    BranchSink,
    RecordedBranch,
    branch_name,
    read_branches,
    recorded_branch,
)
from autosafe_env.record.log import decode_line
from autosafe_env.record.sink import TornLog
from autosafe_env.types.branch import Branch, Mode, Refusal
from autosafe_env.types.turns import Final, Suggestion
from tests.fixtures import SAFE_WALK
from tests.record.logs import header, run_folder, walked


def branch(number: int = 1, **changes: Any) -> RecordedBranch:
    """A branch of the episode `e` at its second step."""
    fields: dict[str, Any] = {
        "parent": "e",
        "step": 1,
        "event": 4,
        "round": number,
        "mode": Mode.TEACHER,
        "reflector": "rules",
        "judge": "rules",
        "suggestion": Suggestion(critique="c", advice="a", action=Final(content="No.")),
        "safe": True,
        "safe_to_end": True,
        "achieved": True,
        "kept": True,
        "reason": "",
    }
    events = walked(SAFE_WALK)
    return recorded_branch(branch_name("e", 1, number), header("e", events), Branch(**{**fields, **changes}), events)


def write(folder: Path, *branches: RecordedBranch, resume: bool = False) -> Path:
    with BranchSink(folder, resume) as sink:
        sink.append(branches)
    return folder / BRANCHES


def read(folder: Path) -> tuple[list[RecordedBranch], list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = list(read_branches(folder))
    return found, [str(warning.message) for warning in caught]


def test_branches_are_read_as_they_were_written(tmp_path: Path) -> None:
    rejected = branch(2, kept=False, safe=None, safe_to_end=None, refusal=Refusal.UNDECIDED, reason="who knows")
    write(run_folder(tmp_path), branch(), rejected)
    found, warned = read(tmp_path)
    assert found == [branch(), rejected]
    assert warned == []
    assert found[0].trajectory().episode == "e@1.1"
    assert found[0].branch.suggestion.action == Final(content="No.")
    assert (found[0].header.agent, found[0].header.privileged) == ("tester", False)


def test_a_line_is_that_of_the_log_and_the_header_has_one_field_more(tmp_path: Path) -> None:
    first, *rest = write(run_folder(tmp_path), branch()).read_bytes().splitlines()
    plain = json.loads(first)
    assert list(plain) == ["line", "schema_version", "episode", "agent", "privileged", "events", "branch"]
    assert len(rest) == plain["events"]
    assert isinstance(decode_line(first, BranchHeader), BranchHeader)
    with pytest.raises(ValueError, match="branch"):
        decode_line(first)


def test_where_nobody_has_reflected_there_are_no_branches(tmp_path: Path) -> None:
    assert read(run_folder(tmp_path)) == ([], [])
    with pytest.raises(RunError, match="not a run folder"):
        list(read_branches(tmp_path / "other"))


def test_a_torn_tail_is_dropped_and_what_was_whole_stays(tmp_path: Path) -> None:
    path = write(run_folder(tmp_path), branch(), branch(2))
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with pytest.warns(TornLog, match="not written to its end"):
        write(tmp_path, branch(3), resume=True)
    found, warned = read(tmp_path)
    assert ([each.branch.round for each in found], warned) == ([1, 3], [])


@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_broken_line_costs_its_branch_and_is_told(tmp_path: Path, at: int) -> None:
    path = write(run_folder(tmp_path), branch(), branch(2), branch(3))
    lines = path.read_bytes().splitlines(keepends=True)
    broken = len(lines) // 3 + at
    path.write_bytes(b"".join([*lines[:broken], lines[broken][:20] + b"\n", *lines[broken + 1 :]]))
    found, warned = read(tmp_path)
    assert [each.branch.round for each in found] == [1, 3]
    assert any(f"line {broken + 1} is skipped" in sentence for sentence in warned)


def test_two_writers_are_refused_and_so_is_writing_again_without_resume(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    with BranchSink(folder) as sink:
        with pytest.raises(RunError, match="another process is writing"):
            BranchSink(folder)
        sink.append([branch()])
    with pytest.raises(RunError, match="holds branches already; go on with --resume"):
        BranchSink(folder)
    write(folder, branch(2), resume=True)
    assert [each.branch.round for each in read(folder)[0]] == [1, 2]
