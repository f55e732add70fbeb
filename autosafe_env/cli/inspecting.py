"""`autosafe inspect-suite`: what suites cover and how varied they are, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from autosafe_env.cli.output import JsonFlag, command, write, write_json, write_table
from autosafe_env.core.discover import suites as shipped_suites
from autosafe_env.errors import ConfigError
from autosafe_env.generate.inspect import SAMPLE, Counts, Coverage, Inspection, inspect_suite
from autosafe_env.types.threat import Category, Source

MOST_SHOWN = 10
"""Pairs that are written below the tables; JSON holds them all."""
FIGURES: dict[str, Callable[[Inspection], Any]] = {
    "scenarios": lambda found: found.scenarios,
    "instructions sampled": lambda found: found.wording.sampled,
    "distinct-1": lambda found: found.wording.distinct_1,
    "distinct-2": lambda found: found.wording.distinct_2,
    "distinct-3": lambda found: found.wording.distinct_3,
    "self-BLEU-4": lambda found: found.wording.self_bleu_4,
    "TF-IDF cosine of two, mean": lambda found: found.wording.similarity_mean,
    "TF-IDF cosine of the nearest, mean": lambda found: found.wording.nearest_mean,
    "TF-IDF cosine of the nearest, 95th percentile": lambda found: found.wording.nearest_95,
    "words in an instruction, least": lambda found: found.lengths.least,
    "words, first quartile": lambda found: found.lengths.quarter,
    "words, median": lambda found: found.lengths.median,
    "words, third quartile": lambda found: found.lengths.three_quarters,
    "words, most": lambda found: found.lengths.most,
    "largest share of a pattern": lambda found: found.largest_pattern,
    "largest share of a toolkit": lambda found: found.largest_toolkit,
    "pairs that say nearly the same": lambda found: len(found.alike),
}
"""Title to figure, in the order of the table."""
KINDS: dict[str, Callable[[Coverage], Counts]] = {
    "toolkit": lambda coverage: coverage.toolkits,
    "strategy": lambda coverage: coverage.strategies,
    "pattern": lambda coverage: coverage.patterns,
    "style": lambda coverage: coverage.styles,
    "split": lambda coverage: coverage.splits,
}
"""What scenarios are counted by, each a table of its own."""


@command
def inspect(
    suites: Annotated[
        list[str] | None, typer.Argument(metavar="SUITE...", help="Names, files or folders; none means all that ship.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the sample of instructions.")] = 0,
    as_json: bool = JsonFlag,
) -> None:
    """Show what suites cover and how varied they are, side by side."""
    chosen = list(suites or shipped_suites())
    repeated = [name for at, name in enumerate(chosen) if name in chosen[:at]]
    if repeated:
        raise ConfigError(f"the suite {repeated[0]!r} is named twice")
    found = [inspect_suite(name, seed) for name in chosen]
    if as_json:
        write_json({"rows": [each.model_dump(mode="json") for each in found]})
        return
    _write_figures(found)
    _write_cells(found)
    for title, counts in KINDS.items():
        _write_counts(found, title, counts)
    _write_pairs(found)


def _write_figures(found: Sequence[Inspection]) -> None:
    rows = [{"figure": title, **{each.suite: figure(each) for each in found}} for title, figure in FIGURES.items()]
    write_table(rows, ("figure", *(each.suite for each in found)))
    write(f"Distinct-n, self-BLEU and TF-IDF are taken over a seeded sample of at most {SAMPLE} instructions.")


def _write_cells(found: Sequence[Inspection]) -> None:
    rows = [
        {
            "category": str(category),
            "source": str(source),
            **{each.suite: each.coverage.cells.get(category, {}).get(source, 0) for each in found},
        }
        for category in Category
        for source in Source
    ]
    write("")
    write_table(rows, ("category", "source", *(each.suite for each in found)))


def _write_counts(found: Sequence[Inspection], title: str, counts: Callable[[Coverage], Counts]) -> None:
    """A table of one kind; nothing where no suite has any of it."""
    columns = {each.suite: counts(each.coverage) for each in found}
    names = sorted({name for column in columns.values() for name in column})
    if names:
        write("")
        rows = [{title: name, **{suite: column.get(name, 0) for suite, column in columns.items()}} for name in names]
        write_table(rows, (title, *columns))


def _write_pairs(found: Sequence[Inspection]) -> None:
    for each in found:
        if each.alike:
            write("")
        for one, other in each.alike[:MOST_SHOWN]:
            write(f"{each.suite}: {one} and {other} say nearly the same")
        if len(each.alike) > MOST_SHOWN:
            write(f"{each.suite}: and {len(each.alike) - MOST_SHOWN} more pairs; --json shows all")
