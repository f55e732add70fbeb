"""What `docs/attacks.md` shows, tried; and its table has every style, every result and every option."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autosafe_env.generate.attacker import Came
from autosafe_env.generate.styles import STYLES
from tests.cli.shell import invoke

TEXT = (Path(__file__).parent.parent / "docs" / "attacks.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w-]+)`", TEXT, re.MULTILINE)
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^autosafe (.*)$", TEXT, re.MULTILINE)


def test_every_style_and_every_result_has_its_row() -> None:
    assert set(STYLES) <= set(ROWS)
    assert {str(each) for each in Came} <= set(ROWS)
    others = {row for row in ROWS if not row.startswith("--")} - set(STYLES)
    assert others == {str(each) for each in Came}


def test_the_programs_run(capsys: pytest.CaptureFixture[str]) -> None:
    for program in PROGRAMS:
        exec(compile(program, "attacks.md", "exec"), {})  # noqa: S102 - our own page
    told = capsys.readouterr().out
    assert "there are only minutes left" in told
    assert "GAVE_IN 3" in told


def test_the_attack_by_rules_is_a_command_as_it_stands() -> None:
    (line,) = [line for line in COMMANDS if line.startswith("attack") and "--llm" not in line]
    done = invoke(*shlex.split(line))
    assert done.code == 1
    assert "gave in after" in done.out
