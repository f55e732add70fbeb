"""`autosafe dataset`: rows for fine-tuning from runs and their corrections, and the check of them."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperGroup

from autosafe_env.cli.output import FOUND, JsonFlag, cell, command, say, write, write_json, write_table
from autosafe_env.cli.walking import Walks
from autosafe_env.data.build import Order, build, has_pyarrow
from autosafe_env.data.card import Card, read_card
from autosafe_env.data.check import Checked, check
from autosafe_env.data.export import ARGUMENTS, OBJECT
from autosafe_env.data.rows import Table
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.run.suite import placements
from autosafe_env.types.suite import Split

USUAL = "build"
"""What `autosafe dataset RUN...` does."""
SHOWN = 20
"""Findings that are told in words; `--json` has them all."""
Name = TypeVar("Name", Table, Split)


class UsualCommand(TyperGroup):
    """A group whose first command need not be named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, the usual command before them where none is named."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [USUAL, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=UsualCommand, no_args_is_help=True, help="Rows for fine-tuning from runs, and the check of them.")

Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")]
Out = Annotated[Path, typer.Option("--out", help="Folder to make.")]
Kinds = Annotated[str, typer.Option("--kinds", help="Which tables: any of sft,dpo,kto,judge.")]
Share = Annotated[float, typer.Option("--benign-share", help="Of benign rows among those for imitation; below 1.")]
Whole = Annotated[bool, typer.Option("--whole-trajectories", help="Imitate every step of safe trajectories as well.")]
Splits = Annotated[str, typer.Option("--splits", help="Only these, with commas; left out, all that there are.")]
HoldOut = Annotated[
    float | None, typer.Option("--hold-out", help="Share of scenarios that is held out of a suite without splits.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Draws the benign rows that stay, and what is held out.")]
Suite = Annotated[str, typer.Option("--suite", help="Holds the scenarios; left out, the one that each run names.")]
Arguments = Annotated[str, typer.Option("--arguments", help="Of tool calls: as JSON text, or as an object.")]
Parquet = Annotated[bool, typer.Option("--parquet/--no-parquet", help="Write Parquet beside JSON lines.")]


@app.command("build")
@command
def build_dataset(
    runs: Runs,
    out: Out,
    kinds: Kinds = "sft,dpo,kto,judge",
    benign_share: Share = 0.5,
    whole_trajectories: Whole = False,
    splits: Splits = "",
    hold_out: HoldOut = None,
    seed: Seed = 0,
    suite: Suite = "",
    arguments: Arguments = OBJECT,
    parquet: Parquet = True,
    as_json: bool = JsonFlag,
) -> None:
    """Make a dataset of runs that were corrected: `autosafe dataset RUN... --out DIR`."""
    if arguments not in ARGUMENTS:
        raise UnknownName("form of arguments", arguments, ARGUMENTS)
    order = Order(
        tables=named(kinds, Table, "kind of rows"),
        splits=named(splits, Split, "split") if splits else (),
        benign_share=benign_share,
        whole=whole_trajectories,
        hold_out=hold_out,
        seed=seed,
        suite=suite,
        arguments=arguments,
        parquet=parquet,
    )
    order = replace(order, command=command_line(runs, out, kinds, order))
    card = build(runs, out, order, placements)
    if parquet and not has_pyarrow():
        say("pyarrow is not installed, so there are JSON lines only; pip install 'autosafe-env[data]' brings it")
    if as_json:
        write_json({"folder": str(out), "card": card.model_dump(mode="json")})
    else:
        write_card(card, out)


def command_line(runs: list[Path], out: Path, kinds: str, order: Order) -> str:
    """The command that makes the same dataset again."""
    words = ["autosafe", "dataset", *map(str, runs), "--out", str(out)]
    given = {
        "kinds": "" if order.tables == tuple(Table) else kinds,
        "benign-share": order.benign_share,
        "whole-trajectories": order.whole,
        "splits": ",".join(order.splits),
        "hold-out": order.hold_out,
        "seed": order.seed,
        "suite": order.suite,
        "arguments": order.arguments,
        "no-parquet": not order.parquet,
    }
    for name, value in given.items():
        if isinstance(value, bool):
            words += [f"--{name}"] if value else []
        elif value not in (None, ""):
            words += [f"--{name}", str(value)]
    return shlex.join(words)


def named(words: str, kind: type[Name], what: str) -> tuple[Name, ...]:
    """The members of an enumeration that are named with commas between. Raises UnknownName for any other word."""
    names = dict.fromkeys(word.strip() for word in words.split(",") if word.strip())
    for name in names:
        if name not in list(kind):
            raise UnknownName(what, name, map(str, kind))
    if not names:
        raise ConfigError(f"name at least one {what}: {', '.join(map(str, kind))}")
    return tuple(kind(name) for name in names)


def write_card(card: Card, out: Path) -> None:
    """What was made, as tables."""
    rows = [
        {"rows_for": table, "split": split, "rows": sum(kinds.values()), **kinds}
        for table, splits in card.rows.items()
        for split, kinds in splits.items()
    ]
    kinds = [kind for kind in ("correction", "benign", "safe", "unsafe", "judged") if any(kind in row for row in rows)]
    write_table([dict.fromkeys(kinds, 0) | row for row in rows], ("rows_for", "split", "rows", *kinds))
    for source in card.sources:
        rate = f" ({source.corrected / source.unsafe:.1%})" if source.unsafe else ""
        write(f"\n{source.run}: {source.unsafe} unsafe steps, of which {source.corrected}{rate} have a correction.")
    for split, benign in card.benign.items():
        write(f"Benign rows among those for imitation, {split}: {benign['share']:.1%} of {card.benign_asked:.1%}.")
    for reason, times in card.left_out.items():
        if times:
            write(f"No row {times} times: {reason}.")
    if card.conflicts:
        write(f"{len(card.conflicts)} actions were judged SAFE and UNSAFE in the same context; the card names them.")
    for note in card.notes:
        say(f"note: {note}")
    write(f"The dataset is in {out}; try `autosafe dataset check {out}`.")


@app.command("check")
@command
def check_dataset(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a dataset.")],
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Walk to so many rows; left out, to all.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the sample.")] = 0,
    suite: Suite = "",
    judge: Annotated[str | None, typer.Option("--judge", help="Judges instead of the judge of the runs.")] = None,
    judge_config: Annotated[
        str, typer.Option("--judge-config", metavar="JSON", help="That judge's options as a JSON object.")
    ] = "{}",
    as_json: bool = JsonFlag,
) -> None:
    """Walk to every row of a dataset again, in the environment. Exit 1 if one is not true, or a file not the card's."""
    card = read_card(folder)
    walks = Walks(card, suite, None if judge is None else {"kind": judge, **json_object(judge_config)})
    checked = check(folder, card, walks, sample, seed)
    if as_json:
        write_json(figures(checked))
    else:
        for each in checked.found[:SHOWN]:
            write(str(each))
        if len(checked.found) > SHOWN:
            write(f"... and {len(checked.found) - SHOWN} more; --json tells all")
        write_table([{"rows_for": table, "walked_to": count} for table, count in checked.rows.items()], COLUMNS)
        walked = sum(checked.rows.values())
        problems = len({(each.file, each.line) for each in checked.found})
        write(f"{cell(walked)} of {checked.total} rows were walked to again; {problems or 'nothing'} is wrong")
    if checked.found:
        raise typer.Exit(FOUND)


COLUMNS = ("rows_for", "walked_to")


def json_object(text: str) -> dict[str, Any]:
    """What a JSON text holds. Raises ConfigError when it is no object."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"--judge-config is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ConfigError("--judge-config is a JSON object of the judge's options")
    return value


def figures(checked: Checked) -> dict[str, Any]:
    """What came of a check, as plain data."""
    return {
        "rows": checked.total,
        "walked": dict(checked.rows),
        "kinds": dict(checked.kinds),
        "found": [
            {"file": each.file, "line": each.line, "place": each.place, "problem": each.problem}
            for each in checked.found
        ],
    }
