"""What `docs/datasets.md` says of options, tables and columns."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from autosafe_env.cli import dataset
from autosafe_env.data.rows import Kind, Table
from tests.cli.shell import invoke
from tests.data.making import rows_of, suite_file

TEXT = (Path(__file__).parent.parent / "docs" / "datasets.md").read_text(encoding="utf-8")
COMMAND = ".venv/bin/autosafe "


def test_the_commands_work_in_their_order_and_the_columns_are_those_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    suite = suite_file(tmp_path / "synth-d.jsonl")
    lines = [line.removeprefix(COMMAND) for line in TEXT.splitlines() if line.startswith(COMMAND)]
    assert len(lines) == 4
    for line in lines:
        words = [str(suite) if word == "synth-v1" else word for word in shlex.split(line)]
        assert invoke(*words, *(["--no-parquet"] if "dataset runs" in line else [])).code == 0, line
    told = dict(re.findall(r"^\| `(sft|dpo|kto|judge)` \| (.*) \|$", TEXT, re.MULTILINE))
    for table in Table:
        columns = re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", told[table]))
        assert list(rows_of(tmp_path / "data" / "train", table)[0]) == columns


def test_the_tables_are_complete() -> None:
    options = {*re.findall(r"^\| `(--[\w-]+)", TEXT, re.MULTILINE)}
    build = get_command(dataset.app).commands["build"]  # type: ignore[attr-defined]
    taken = {name for parameter in build.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert options <= taken
    assert taken - options == {"runs", "--out", "--seed", "--json", "--parquet"}
    assert {*re.findall(r"^\| `(correction|benign|safe|unsafe|judged)` \|", TEXT, re.MULTILINE)} == {*Kind}
