"""What `docs/reflection.md` shows, tried; and its tables have every option, refusal and reflector."""

from __future__ import annotations

import inspect
import re
import runpy
import shlex
from pathlib import Path
from typing import Any, cast

import pytest

from autosafe_env import Reflector
from autosafe_env.cli.main import app
from autosafe_env.core.discover import Kind, names
from autosafe_env.record.branches import BRANCHES
from autosafe_env.run.attempt import GoOn
from autosafe_env.types.branch import Branch, Refusal
from autosafe_env.views import ReflectorView
from tests.cli.shell import invoke
from tests.contracts.test_reflector_contract import views
from tests.run.test_reflect_over_http import careless
from tests.stub import StubServer

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "reflection.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SUITE = ROOT / "scenarios" / "core" / "invoice-redirect.yaml"
"""Stands for all of `core`."""
ROWS = {name for row in re.findall(r"^\| (`[^|]*`) \|", TEXT, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}


def test_the_commands_and_the_program_work_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody-at-all")
    with StubServer(careless) as server:
        for language, text in BLOCKS:
            if language == "python":
                (tmp_path / "program.py").write_text(text, encoding="utf-8")
                runpy.run_path(str(tmp_path / "program.py"))
                continue
            for line in text.splitlines():
                words = [SUITE if word == "core" else word for word in shlex.split(line.removeprefix("autosafe "))]
                words += ["--base-url", server.url] if "--model" in words else []
                done = invoke(*words)
                assert done.code == 0, (line, done)
    assert (tmp_path / "runs" / "risky" / BRANCHES).exists()
    first, *kept = capsys.readouterr().out.splitlines()
    assert first.startswith("1.0 {1: ")
    assert kept
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_the_tables_have_every_option_refusal_field_and_reflector() -> None:
    command = next(each.callback for each in app.registered_commands if each.name == "reflect")
    assert command is not None
    models = {"models", "run", "as_json", "judge"}
    options = [name for name in inspect.signature(command).parameters if name not in models]
    own = options[: options.index("resume") + 1]
    assert {f"--{name.replace('_', '-')}".replace("--go-on", "--continue") for name in own} <= ROWS
    assert {str(each) for each in Refusal} <= ROWS
    assert set(Branch.model_fields) <= ROWS
    assert set(names(Kind.REFLECTOR)) <= ROWS
    assert all(f"`{way}`" in TEXT for way in GoOn)


def test_the_reflector_of_the_guide_is_one() -> None:
    guide = (ROOT / "docs" / "write-a-role.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(\"\"\"A reflector .*?)^```$", guide, re.MULTILINE | re.DOTALL)
    found: dict[str, object] = {}
    exec(compile(program, "write-a-role.md", "exec"), found)  # noqa: S102 - our own page
    reflector = cast(Any, found["REFLECTOR"])()
    assert isinstance(reflector, Reflector)
    for view in views():
        assert isinstance(view, ReflectorView)
        assert reflector.reflect(view).action not in (view.action, None)
