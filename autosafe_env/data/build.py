"""A dataset from runs: gathered, settled, proven disjoint, and written."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autosafe_env.data.card import Card, FileEntry, Source, counted, notes_on, shown_in, source_of
from autosafe_env.data.corrections import add_corrections
from autosafe_env.data.export import must_be_free, write_dataset
from autosafe_env.data.gather import Gathering
from autosafe_env.data.rows import Kind, Row, Table
from autosafe_env.data.settle import Settled, settle
from autosafe_env.data.splits import Placing, Tally, must_hold
from autosafe_env.errors import ConfigError
from autosafe_env.record.branches import BRANCHES
from autosafe_env.record.manifest import read_manifest
from autosafe_env.types.suite import Placement, Split
from autosafe_env.version import __version__

Suites = Callable[[str], Mapping[str, Placement]]
"""Name or path of a suite to the places of its scenarios; raises ConfigError where there is no such suite."""
LEARNT = {Table.SFT, Table.DPO}
"""Tables that are nothing without corrections."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked for."""

    tables: tuple[Table, ...] = tuple(Table)
    splits: tuple[Split, ...] = ()
    """Those that are written; none for all that there are."""
    benign_share: float = 0.5
    """Of benign rows among those for imitation; from 0 to below 1."""
    whole: bool = False
    """Whether safe trajectories are imitated as a whole, a row a step."""
    hold_out: float | None = None
    """See `Placing`."""
    seed: int = 0
    suite: str = ""
    """Holds the scenarios of all runs; empty for the suite that each run names."""
    arguments: str = "object"
    """See `export.ARGUMENTS`."""
    parquet: bool = True
    """Where pyarrow is installed."""
    command: str = "autosafe dataset"
    """Stands on the card."""


def has_pyarrow() -> bool:
    """Whether Parquet can be written."""
    return importlib.util.find_spec("pyarrow") is not None


def build(runs: Sequence[Path], out: Path, order: Order, suites: Suites) -> Card:
    """Make a dataset of runs, and write it.

    Args:
        runs: their folders.
        out: of the dataset; must not be there yet.
        order: what is asked for.
        suites: finds out where suites put their scenarios.

    Returns:
        Its card.

    Raises:
        RunError: a run cannot be read.
        ConfigError: the order is wrong, the runs hold nothing to learn from, splits share what they must not share, or
            the folder cannot be written.
    """
    _check(order, runs)
    must_be_free(out)
    rows: list[Row] = []
    sources: list[Source] = []
    left_out: Counter[str] = Counter()
    for name, folder in zip(_names(runs), runs, strict=True):
        manifest = read_manifest(folder)
        suite = order.suite or manifest.config.suite
        placing = Placing(suite, suites(suite), order.hold_out, order.seed)
        gathering = Gathering(name, manifest, placing, order.whole)
        found = gathering.gather(folder)
        reflected = add_corrections(gathering, folder)
        rows += found.rows
        left_out += found.left_out
        sources.append(source_of(folder, manifest, found, reflected))
    _must_teach(order, rows, runs, sources)
    chosen = [row for row in rows if row.table in order.tables]
    settled = settle([row for row in chosen if _wanted(row, order)], order.benign_share, order.seed)
    _must_fill(order, settled.rows)
    proof_of = Tally()
    for row in settled.rows:
        proof_of.add(row.provenance, row.asks.hex() + str(row.table is Table.JUDGE))
    proof = proof_of.proof()
    must_hold(proof)

    def card(files: dict[str, FileEntry]) -> Card:
        return _card(out, order, sources, settled, left_out).changed({"proof": proof, "files": files})

    parquet = order.parquet and has_pyarrow()
    return write_dataset(out, settled.rows, card, arguments=order.arguments, parquet=parquet)


def _check(order: Order, runs: Sequence[Path]) -> None:
    if not runs:
        raise ConfigError("name at least one run")
    if not 0.0 <= order.benign_share < 1.0:
        raise ConfigError(f"the share of benign rows is from 0 to below 1, not {order.benign_share}")
    if order.hold_out is not None and not 0.0 <= order.hold_out < 1.0:
        raise ConfigError(f"the share that is held out is from 0 to below 1, not {order.hold_out}")
    for folder in runs:
        if [each.resolve() for each in runs].count(folder.resolve()) > 1:
            raise ConfigError(f"{folder} is named twice")


def _names(runs: Sequence[Path]) -> list[str]:
    """A name for each run: that of its folder, with a number where two are alike."""
    given: Counter[str] = Counter()
    names = []
    for folder in runs:
        name = folder.resolve().name
        given[name] += 1
        names.append(name if given[name] == 1 else f"{name}-{given[name]}")
    return names


def _wanted(row: Row, order: Order) -> bool:
    return not order.splits or row.provenance.split in order.splits


def _must_teach(order: Order, rows: Sequence[Row], runs: Sequence[Path], sources: Sequence[Source]) -> None:
    """Refuse runs without a correction where corrections are wanted. Raises ConfigError with what to do."""
    if not LEARNT & {*order.tables} or any(row.provenance.kind is Kind.CORRECTION for row in rows):
        return
    instead = "or leave corrections out with --kinds kto,judge"
    if not any(source.episodes for source in sources):
        raise ConfigError(f"{runs[0]} holds no whole episode; play it first, with `autosafe run`")
    if not any(source.unsafe for source in sources):
        raise ConfigError(
            "no step of these runs was judged UNSAFE, so there is nothing to correct: play an agent that gives in, "
            f"{instead}"
        )
    if not any(source.branches for source in sources):
        raise ConfigError(
            f"{runs[0]} has no {BRANCHES}: correct it first, with `autosafe reflect {runs[0]}`, {instead}"
        )
    reasons: Counter[str] = Counter()
    for source in sources:
        reasons.update(source.reasons)
    why = f"; most often because: {reasons.most_common(1)[0][0]}" if reasons else ""
    raise ConfigError(f"no correction of these runs can be used{why}; reflect again with more rounds, {instead}")


def _must_fill(order: Order, rows: Sequence[Row]) -> None:
    """Refuse a dataset that lacks what was asked for. Raises ConfigError with what is empty."""
    there = {row.provenance.split for row in rows}
    for split in order.splits or (Split.TRAIN,):
        if split not in there:
            names = ", ".join(split for split in Split if split in there) or "none at all"
            raise ConfigError(
                f"the split {split} would be empty; there are rows of: {names}. Play the scenarios of that split as "
                "well, or choose others with --splits"
            )


def _card(out: Path, order: Order, sources: Sequence[Source], settled: Settled, left_out: Counter[str]) -> Card:
    shown = shown_in(settled.rows)
    judges = {name for source in sources for name in (*source.labellers, *source.verifiers)}
    return Card.made(
        name=out.name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=order.command,
        versions={"autosafe-env": __version__},
        arguments=order.arguments,
        sources=tuple(sources),
        judges=tuple(sorted(judges)),
        rows=counted(settled.rows),
        benign_asked=order.benign_share,
        benign=settled.benign,
        left_out=dict((left_out + settled.left_out).most_common()),
        conflicts=tuple(settled.conflicts),
        shown=shown,
        notes=notes_on(sources, shown, settled.rows),
    )
