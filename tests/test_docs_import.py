"""What `docs/import.md` shows, tried: its files are written, its commands run against the stub server."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autosafe_env.generate.case_files import COLUMNS, TOOLEMU
from autosafe_env.record.read import read_episodes
from tests.cli.shell import invoke
from tests.stub import StubServer
from tests.stub.sensible import sensible

TEXT = (Path(__file__).parent.parent / "docs" / "import.md").read_text(encoding="utf-8")
FILES: list[tuple[str, str]] = re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^autosafe (.*)$", TEXT, re.MULTILINE)
SERVER = "http://127.0.0.1:8000/v1"


def test_the_recipe_works_as_it_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody-at-all")
    assert [name for name, _ in FILES] == ["cases.json", "more.csv", "toolkits.json"]
    for name, content in FILES:
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert [line.split()[0] for line in COMMANDS] == ["import", "check", "run"]
    with StubServer(sensible) as server:
        for line in COMMANDS:
            done = invoke(*shlex.split(line.replace(SERVER, server.url)))
            assert done.code == 0, done.err
    played = [each.trajectory() for each in read_episodes(tmp_path / "runs" / "theirs")]
    assert {each.state.scenario.id for each in played} == {"theirs-pilot-0", "theirs-plumber", "theirs-tidy"}
    assert all(verdict.judge == "llm" for each in played for verdict in each.verdicts)


def test_every_key_and_column_is_told() -> None:
    for name in (*COLUMNS, *TOOLEMU, "Underspecifications"):
        assert f"| `{name}`" in TEXT, name
