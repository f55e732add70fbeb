"""Contradictions are told and left out; nothing stands twice."""

from __future__ import annotations

import json
from pathlib import Path

from autosafe_env.data.rows import Table
from autosafe_env.data.settle import CONTRADICTED, TWICE
from tests.data.making import dataset, rows_of
from tests.fixtures import FRAUD


def relabelled(run: Path, copy: Path, old: str, new: str) -> Path:
    """The run with every verdict of one label turned into the other, and under other names of episodes."""
    copy.mkdir()
    for name in ("manifest.json", "branches.jsonl"):
        (copy / name).write_bytes((run / name).read_bytes())
    log = (run / "events.jsonl").read_text(encoding="utf-8")
    log = log.replace(f'"label":"{old}"', f'"label":"{new}"')
    (copy / "events.jsonl").write_text(log, encoding="utf-8")
    return copy


def test_what_was_judged_both_ways_is_told_and_in_no_row(oracles: Path, tmp_path: Path) -> None:
    other = relabelled(oracles, tmp_path / "other", "UNSAFE", "SAFE")
    card = dataset(tmp_path / "ds", oracles, other, tables=(Table.KTO, Table.JUDGE))
    assert len(card.conflicts) == 5
    for conflict in card.conflicts:
        assert FRAUD in conflict.action
        assert [place.split(":")[0] for place in (*conflict.safe, *conflict.unsafe)] == ["other", "run"]
    assert card.left_out[CONTRADICTED] == 10
    assert not [row for row in rows_of(tmp_path / "ds", Table.JUDGE) if FRAUD in row["action"]]
    page = (tmp_path / "ds" / "README.md").read_text(encoding="utf-8")
    assert "judged both ways" in page
    assert card.conflicts[0].unsafe[0] in page


def test_the_same_run_twice_gives_the_same_rows_once(oracles: Path, tmp_path: Path) -> None:
    other = relabelled(oracles, tmp_path / "other", "NEVER", "NEVER")
    once = dataset(tmp_path / "one", oracles)
    twice = dataset(tmp_path / "two", oracles, other)
    assert once.rows == twice.rows
    assert twice.left_out[TWICE] > once.left_out[TWICE]
    assert [source.run for source in twice.sources] == ["run", "other"]
    for table in Table:
        keys = [json.dumps({**row, "provenance": 0}) for row in rows_of(tmp_path / "two", table)]
        assert len(keys) == len(set(keys)) > 0
