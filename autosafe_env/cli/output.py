"""How the command line speaks: one JSON document, or a table; sentences about errors on stderr."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autosafe_env.core.render import printable
from autosafe_env.errors import AutoSafeError
from autosafe_env.types.base import Json

OK, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: all well; something was found (a scenario that is not proven, a replay that differs); the command or a
file is wrong; interrupted."""

PIPE_WIDTH = 200
"""Columns of a table that goes to a file or a pipe."""

P = ParamSpec("P")
JsonFlag = typer.Option(False, "--json", help="Print one JSON document and nothing else.")


def command(function: Callable[P, None]) -> Callable[P, None]:
    """A command whose expected errors end in one sentence on stderr and an exit code, never in a traceback."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with warnings.catch_warnings(record=True) as caught:
                try:
                    function(*args, **kwargs)
                finally:
                    with until_read():
                        sys.stdout.flush()
                    for warning in caught:
                        say(f"warning: {warning.message}")
        except AutoSafeError as error:
            say(str(error))
            raise typer.Exit(WRONG) from error
        except KeyboardInterrupt as error:
            say("interrupted; what is written down is kept")
            raise typer.Exit(INTERRUPTED) from error

    return run


@contextmanager
def until_read() -> Iterator[None]:
    """Write to a reader who may have seen enough: the rest goes nowhere, and the command ends as it would have."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Tell the person at the terminal something that is not the command's result."""
    sys.stderr.write(printable(text) + "\n")


def write(text: str) -> None:
    """Write a result that is text; what could steer a terminal is written out."""
    with until_read():
        sys.stdout.write(printable(text) + "\n")


def write_json(value: Json) -> None:
    """Write the one JSON document of a command, in ASCII, so that nothing in it can steer a terminal."""
    write(json.dumps(value, indent=2))


def write_table(rows: Sequence[dict[str, Any]], columns: Sequence[str], caption: str = "") -> None:
    """Write some fields of some rows as a table. Column titles are the field names with spaces."""
    table = Table(box=None, header_style="bold", caption=caption or None, caption_justify="left", pad_edge=False)
    for column in columns:
        numeric = all(isinstance(row.get(column), int | float | type(None)) for row in rows)
        table.add_column(column.replace("_", " "), justify="right" if numeric and rows else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(printable(cell(row.get(column)))) for column in columns))
    # A pipe has no width; a table folded at 80 columns would be hard on whatever reads it.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
    with console.capture() as printed:
        console.print(table)
    with until_read():
        sys.stdout.write(printed.get())


def cell(value: Any) -> str:
    """A value as the text of a table cell."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
