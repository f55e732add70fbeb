"""What `docs/write-a-pattern.md` shows of language models, tried against the stub server."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autosafe_env.core.suite_files import header_of
from autosafe_env.generate.writer_llm import NOT_TAKEN
from tests.cli.shell import invoke
from tests.stub import StubServer
from tests.stub.sensible import role_of, sensible

TEXT = (Path(__file__).parent.parent / "docs" / "write-a-pattern.md").read_text(encoding="utf-8")
SECTION = TEXT[TEXT.index("\n## With a language model\n") :]
COMMAND = ".venv/bin/autosafe "


def test_the_commands_work_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody-at-all")
    lines = [line for line in SECTION.splitlines() if line.startswith(COMMAND)]
    with StubServer(sensible) as server:
        for line in lines:
            words = shlex.split(line.removeprefix(COMMAND).replace("http://127.0.0.1:8000/v1", server.url))
            if words[0] == "generate":
                words[words.index("--count") + 1] = "3"
                words += ["--workers", "1"]
            done = invoke(*words)
            assert done.code == 0, (line, done)
        assert {role_of(body) for body in server.bodies} == {"generator"}
    assert {path.name for path in tmp_path.iterdir() if path.suffix in (".jsonl", ".yaml")} == {
        "worded.jsonl",
        "my-pattern.yaml",
        "from-my-pattern.jsonl",
    }
    assert "--llm" in header_of(tmp_path / "worded.jsonl").command
    assert "--llm" not in header_of(tmp_path / "from-my-pattern.jsonl").command


def test_the_page_says_how_a_fallback_is_counted() -> None:
    assert f"`{NOT_TAKEN}...`" in re.sub(r"\s+", " ", SECTION)
