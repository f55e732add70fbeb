"""`autosafe import`: others' cases as a suite file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json
from autosafe_env.core.suite_files import suite_name, write_suite
from autosafe_env.errors import ConfigError, Problem, nearest
from autosafe_env.generate.importing import import_cases, toolkits_of
from autosafe_env.types.suite import SuiteHeader
from autosafe_env.types.threat import Category
from autosafe_env.version import __version__

HELP = "Cases: ToolEmu's .json, or a list with instruction, tools and risky outcome as .csv or .jsonl."
ADVICE = "They have no checks: only --judge llm or panel can decide on them."


@command
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=HELP)],
    out: Annotated[Path, typer.Option("--out", help="The suite file that is written: .jsonl or .jsonl.gz.")],
    toolkits: Annotated[
        Path | None, typer.Option("--toolkits", help="JSON file of toolkits in ToolEmu's form; they come before ours.")
    ] = None,
    category: Annotated[
        str, typer.Option("--category", help="Of outcomes of which no word tells it; none: such cases are left out.")
    ] = "",
    as_json: bool = JsonFlag,
) -> None:
    """Import others' cases as scenarios for evaluation only. Exit 1 if a case is left out; the others are written.

    They have no checks: run them with --judge llm or panel, and with --emulator hybrid where tools are only specified.
    """
    if category and category not in tuple(Category):
        raise ConfigError(f"unknown category {category!r}{nearest(category, Category)}")
    problems: list[Problem] = []
    entries = list(import_cases(files, suite_name(out), toolkits_of(toolkits), problems, category))
    if entries:
        write_suite(out, _header(files, out, toolkits, category), entries)
    if as_json:
        left = [{"file": each.file, "line": each.line or None, "message": each.message} for each in problems]
        write_json({"out": str(out) if entries else None, "imported": len(entries), "left_out": left})
    else:
        for problem in problems:
            say(str(problem))
        write(f"{len(entries)} cases are imported{f' into {out}. {ADVICE}' if entries else '; no file is written'}")
    if problems or not entries:
        raise typer.Exit(FOUND)


def _header(files: list[Path], out: Path, toolkits: Path | None, category: str) -> SuiteHeader:
    words = ["autosafe", "import", *map(str, files), "--out", str(out)]
    words += ["--toolkits", str(toolkits)] if toolkits else []
    words += ["--category", category] if category else []
    return SuiteHeader(suite=suite_name(out), command=shlex.join(words), versions={"autosafe-env": __version__})
