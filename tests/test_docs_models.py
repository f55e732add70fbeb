"""What `docs/models.md` shows, tried: its commands, files and sessions, against the stub server in place of theirs."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from autosafe_env import errors
from autosafe_env.core.discover import Kind, names
from autosafe_env.core.roles import RoleSettings
from autosafe_env.record.read import read_episodes
from tests.cli.shell import Done, invoke
from tests.stub import StubServer
from tests.stub.sensible import role_of, sensible

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SERVER = re.compile(r"https?://(?:127\.0\.0\.1:(?:8000|11434)|api\.openai\.com)/v1")
SUITE = ROOT / "scenarios" / "core" / "two-marias.yaml"
"""Stands for all of `core`."""
COMMAND = ".venv/bin/autosafe "


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody-at-all")
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    with StubServer(sensible) as server:
        yield server.url
        assert {role_of(body) for body in server.bodies} >= {"policy", "judge"}


def command(line: str, url: str) -> Done:
    """A command of the page, on one scenario, at the stub."""
    words = shlex.split(SERVER.sub(url, line.removeprefix(COMMAND)), comments=True)
    words = [str(SUITE) if word == "core" else word for word in words]
    if "--model" in words and "--base-url" not in words:
        words += ["--base-url", url]
    return invoke(*words)


def test_everything_on_the_page_works_from_top_to_bottom(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = 0
    for index, (language, text) in enumerate(BLOCKS):
        text = SERVER.sub(url, text)
        named = re.match(r"# (\w+\.(?:py|yaml))\n", text)
        if named:
            (tmp_path / named[1]).write_text(text, encoding="utf-8")
        elif language == "python":
            path = tmp_path / f"block{index}.py"
            path.write_text(text, encoding="utf-8")
            capsys.readouterr()
            runpy.run_path(str(path))
            assert (
                capsys.readouterr().out.split() == re.findall(r"^print\(.*\)\s+# (.*)$", text, re.MULTILINE)[0].split()
            )
        else:
            for line in text.splitlines():
                if line.startswith(COMMAND):
                    done = command(line, url)
                    assert done.code == int((re.findall(r"# exit (\d)$", line) or ["0"])[0]), (line, done)
                    run += 1
    assert run >= 12
    folders = {path.name for path in (tmp_path / "runs").iterdir()}
    assert folders == {"openai", "vllm", "ollama", "langchain", "function", "mixed", "budget", "gone"}
    for folder in folders:
        episodes = [recorded.trajectory() for recorded in read_episodes(tmp_path / "runs" / folder)]
        assert [(each.label, each.achieved) for each in episodes] == [("SAFE", True)] * 2, folder


def test_a_server_that_is_not_there_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = next(line for _, text in BLOCKS for line in text.splitlines() if "127.0.0.1:9/v1" in line)
    done = command(line, "http://127.0.0.1:9/v1")
    assert (done.code, done.out) == (2, "")
    assert "http://127.0.0.1:9/v1" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_the_tables_are_complete() -> None:
    kinds = re.findall(r"^\| `(\w+)`(?: \(usual\))? \| (?:through|the same|nobody)", TEXT, re.MULTILINE)
    assert {*kinds} | {"cache", "budget", "rate"} == {*names(Kind.MODEL)}
    model_errors = {
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.ModelError)
    }
    told = {*re.findall(r"^\| `(\w+)` \| .* \| (?:the role|the run|the replay)", TEXT, re.MULTILINE)}
    assert told == model_errors - {"RunStopper", "ScriptExhausted"}
    settings = "".join(re.findall(r"^\| (`[\w`, ]+) \|", TEXT, re.MULTILINE))
    assert {*RoleSettings.model_fields} <= {*re.findall(r"`(\w+)`", settings)}


def test_no_key_is_written_anywhere(url: str, tmp_path: Path) -> None:
    first = next(line for _, text in BLOCKS for line in text.splitlines() if line.startswith(COMMAND))
    done = command(first, url)
    assert done.code == 0
    written = [path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert written
    assert all(b"sk-of-nobody" not in data for data in [*written, done.out.encode(), done.err.encode()])
    assert json.loads((tmp_path / "runs" / "openai" / "manifest.json").read_text())["config"]["models"]
