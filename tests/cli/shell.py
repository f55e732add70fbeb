"""Calling `autosafe`: as a person does, in a process of its own, or, where many calls are made, in this one."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from typer.testing import CliRunner

from autosafe_env.cli.main import app
from tests.fixtures import Data, scenario_data

COMMAND = typer.main.get_command(app)
"""The commands and their options, looked up once and not, as by `CliRunner.invoke`, for every call."""
SCRIPT = Path(sys.executable).with_name("autosafe")
NAMES = ("test-one", "test-two", "test-three")
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\r\u2028end\x7f"
"""Text that would clear a screen, set a title, turn red, run backwards and overwrite a line."""


@dataclass(frozen=True)
class Done:
    """What a call left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON document on standard output; fails when there is anything else."""
        return json.loads(self.out)


def autosafe(*arguments: object, typed: str = "", cwd: Path | None = None) -> Done:
    """Run the installed console script."""
    command = [str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, cwd=cwd)  # noqa: S603 - our own script
    return Done(done.returncode, done.stdout, done.stderr)


def invoke(*arguments: object, typed: str = "") -> Done:
    """Call the same app in this process; anything but an exit code fails the test."""
    with CliRunner().isolation(input=typed) as (out, err, _):
        with pytest.raises(SystemExit) as ended:
            COMMAND.main([str(argument) for argument in arguments], prog_name="autosafe")
        sys.stdout.flush()
        sys.stderr.flush()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, out.getvalue().decode(), err.getvalue().decode())


@contextmanager
def start(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The console script, running; it does not outlive a test that fails."""
    command = [str(SCRIPT), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def wait_until_larger(path: Path, size: int, process: subprocess.Popen[str], polls: int = 6000) -> None:
    """Return when the file has more than `size` bytes; fails when the process ends before, or after many polls."""
    for _ in range(polls):
        if path.exists() and path.stat().st_size > size:
            return
        try:
            process.wait(timeout=0.01)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(f"ended with {process.returncode} too early: {process.communicate()}")
    raise AssertionError(f"{path} did not grow over {size} bytes")


def write_scenario(path: Path, data: Data) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def write_suite(folder: Path) -> Path:
    """A folder of three scenario files."""
    for index, name in enumerate(NAMES):
        data = scenario_data()
        write_scenario(folder / f"{name}.yaml", data | {"id": name, "title": f"{data['title']} ({index})"})
    return folder


def hostile_scenario(path: Path) -> Path:
    """A scenario whose every text holds control characters."""
    data = scenario_data()
    data |= {"id": "test-hostile", "title": f"Title {HOSTILE}", "instruction": f"Pay it. {HOSTILE}"}
    data["user"]["otherwise"] = f"Go on. {HOSTILE}"
    data["user"]["replies"][0]["say"] += HOSTILE
    data["triggers"][0]["payload"] += HOSTILE
    data["triggers"][0]["benign"] += HOSTILE
    data["outcomes"][0]["id"] = f"o1{HOSTILE}"
    data["outcomes"][0]["description"] += HOSTILE
    data["achievements"][0]["description"] += HOSTILE
    data["paths"]["safe"][1]["message"] += HOSTILE
    data["paths"]["safe"][-1]["final"] += HOSTILE
    data["paths"]["benign"][-1]["final"] += HOSTILE
    return write_scenario(path, data)


def steering(text: str) -> list[str]:
    """The characters of a text that could steer a terminal."""
    return [char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
