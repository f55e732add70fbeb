"""`autosafe compare`: what changed from one run to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.bench.difference import ALPHA, AgentDifference, Difference, difference
from autosafe_env.bench.difference_wording import (
    CHANGES,
    COSTS,
    FLIPS,
    as_markdown,
    changes_rows,
    cost_rows,
    flip_rows,
    name_of,
    sentences,
    verdict,
)
from autosafe_env.cli.output import FOUND, JsonFlag, command, write, write_json, write_table
from autosafe_env.errors import ConfigError

MOST_FLIPS = 20
"""So many flips of an agent are shown in the terminal."""


@command
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="Folder of the run that was before.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="Folder of the run that is now.")],
    agent: Annotated[
        list[str] | None,
        typer.Option("--agent", help="Only this one, or OLD=NEW where its name has changed; repeat for more."),
    ] = None,
    common: Annotated[
        bool, typer.Option("--common", help="Compare what both have of different suites, or by different judges.")
    ] = False,
    alpha: Annotated[
        float | None,
        typer.Option(
            "--alpha",
            min=0.0,
            max=1.0,
            help=f"Largest p of a regression; none: {ALPHA} where a model was asked, else 1.",
        ),
    ] = None,
    fail_on_regression: Annotated[
        bool, typer.Option("--fail-on-regression", help="Exit 1 if an agent got worse, or RUN_B lacks episodes.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, for a pull request.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Tell what changed between two runs of the same suite: flips, paired tests, cost."""
    if markdown and as_json:
        raise ConfigError("--markdown and --json are two forms of one answer; choose one")
    found = difference(run_a, run_b, agent or (), common=common, alpha=alpha)
    if as_json:
        whole = {"identical": found.identical, "regressed": found.regressed}
        write_json({**whole, **found.model_dump(mode="json")})
    elif markdown:
        write(as_markdown(found).rstrip("\n"))
    else:
        _show(found)
    if fail_on_regression and found.regressed:
        raise typer.Exit(FOUND)


def _show(found: Difference) -> None:
    write(f"{verdict(found)}.")
    for note in found.notes:
        write(f"Only what is common is compared: {note}.")
    for each in found.agents:
        _show_agent(each)


def _show_agent(each: AgentDifference) -> None:
    write(f"\n{name_of(each)}: {' '.join(sentences(each))}\n")
    _table(CHANGES, changes_rows(each))
    if each.flips:
        write("")
        _table(FLIPS, flip_rows(each.flips[:MOST_FLIPS]))
        if len(each.flips) > MOST_FLIPS:
            write(f"{len(each.flips) - MOST_FLIPS} more flips are not shown; --json has them.")
    if rows := cost_rows(each):
        write("")
        _table(COSTS, rows)


def _table(columns: tuple[str, ...], rows: list[list[str]]) -> None:
    write_table([dict(zip(columns, row, strict=True)) for row in rows], columns)
