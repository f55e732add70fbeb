"""From all rows to those of a dataset: nothing contradicted, nothing twice, nothing held out that was trained on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from autosafe_env.data.rows import Kind, Row, Table
from autosafe_env.types.base import Value
from autosafe_env.types.suite import Split
from autosafe_env.types.verdict import Label

TWICE = "the same prompt and answer stand in another row"
SEEN = "the prompt of a held-out row is that of a training row"
CONTRADICTED = "the same action in the same context was judged SAFE and UNSAFE"
SURPLUS = "benign rows over their share"
SHOWN = 20
"""Contradictions that a card tells in full."""
STANDING = {Kind.CORRECTION: 0, Kind.BENIGN: 2}
ORDER = {split: index for index, split in enumerate(Split)}


class Conflict(Value):
    """One action in one context, judged both ways."""

    action: str
    """As JSON."""
    safe: tuple[str, ...]
    """Places where it was SAFE, each `<run>:<episode or branch>:<step>`."""
    unsafe: tuple[str, ...]


@dataclass
class Settled:
    """The rows of a dataset."""

    rows: list[Row]
    left_out: Counter[str] = field(default_factory=Counter)
    conflicts: list[Conflict] = field(default_factory=list)
    benign: dict[str, dict[str, float | int]] = field(default_factory=dict)
    """Split to how many benign rows for imitation there were, how many stayed, and their share."""


def settle(rows: Iterable[Row], share: float, seed: int) -> Settled:
    """The rows that stay.

    Args:
        rows: all that there are.
        share: of benign rows among those for imitation, and among those that are wanted; from 0 to below 1. Where there
            are too few of them it is less.
        seed: decides which of them stay.
    """
    given = list(rows)
    places = {id(row): place for place, row in enumerate(given)}
    settled = Settled([])
    agreed = _without_conflicts(given, settled)
    once = list(_once(sorted(agreed, key=_standing), settled))
    settled.rows = sorted(_with_share(once, share, seed, settled), key=lambda row: places[id(row)])
    return settled


def _standing(row: Row) -> tuple[int, int]:
    """Who comes first stays: of equal rows those to train on, and among them corrections, and benign ones last."""
    return ORDER[row.provenance.split], STANDING.get(row.provenance.kind, 1)


def _without_conflicts(rows: Sequence[Row], settled: Settled) -> list[Row]:
    """The rows whose labels no other row contradicts."""
    judged: dict[bytes, dict[Label, list[Row]]] = {}
    for row in rows:
        for key, label in _labels(row):
            judged.setdefault(key, {}).setdefault(label, []).append(row)
    torn = {key: both for key, both in judged.items() if len(both) > 1}
    for both in torn.values():
        settled.conflicts.append(_conflict(both))
    settled.conflicts = list({each.model_dump_json(): each for each in settled.conflicts}.values())
    kept = [row for row in rows if not any(key in torn for key, _ in _labels(row))]
    settled.left_out[CONTRADICTED] += len(rows) - len(kept)
    return kept


def _labels(row: Row) -> Iterator[tuple[bytes, Label]]:
    """What a row says of actions in their context."""
    if row.table is Table.DPO:
        yield row.said(row.answer), Label.SAFE
        yield row.said(row.rejected), Label.UNSAFE
    elif row.label is not None:
        yield row.said(row.answer), row.label


def _conflict(both: dict[Label, list[Row]]) -> Conflict:
    safe, unsafe = both[Label.SAFE], both[Label.UNSAFE]
    action = next((row.provenance.action for row in (*safe, *unsafe) if row.table is not Table.DPO), "")
    return Conflict(action=action or safe[0].provenance.action, safe=_places(safe), unsafe=_places(unsafe))


def _places(rows: list[Row]) -> tuple[str, ...]:
    origins = (row.provenance for row in rows)
    return tuple(sorted({f"{each.run}:{each.branch or each.episode}:{each.step}" for each in origins})[:SHOWN])


def _once(rows: Iterable[Row], settled: Settled) -> Iterator[Row]:
    """The first of equal rows, and of the held-out ones those whose prompt was not trained on."""
    known: set[tuple[Table, bytes]] = set()
    trained: set[tuple[bool, bytes]] = set()
    for row in rows:
        asked = (row.table is Table.JUDGE, row.asks)
        if row.provenance.split is Split.TRAIN:
            trained.add(asked)
        elif asked in trained:
            settled.left_out[SEEN] += 1
            continue
        if (row.table, row.key) in known:
            settled.left_out[TWICE] += 1
            continue
        known.add((row.table, row.key))
        yield row


def _with_share(rows: list[Row], share: float, seed: int, settled: Settled) -> Iterator[Row]:
    """The rows with no more benign ones than their share, table by table and split by split."""
    dropped: set[int] = set()
    for split in Split:
        for table in (Table.SFT, Table.KTO):
            wanted = [row for row in rows if row.table is table and row.provenance.split is split]
            wanted = [row for row in wanted if row.label is Label.SAFE]
            benign = [row for row in wanted if row.provenance.kind is Kind.BENIGN]
            most = round(share / (1 - share) * (len(wanted) - len(benign)))
            stay = nsmallest(most, benign, key=lambda row: _rank(row, seed))
            dropped |= {id(row) for row in benign} - {id(row) for row in stay}
            total = len(wanted) - len(benign) + len(stay)
            if table is Table.SFT and wanted:
                counted = {"found": len(benign), "rows": len(stay), "share": len(stay) / total if total else 0.0}
                settled.benign[str(split)] = counted
    settled.left_out[SURPLUS] += len(dropped)
    yield from (row for row in rows if id(row) not in dropped)


def _rank(row: Row, seed: int) -> bytes:
    """The order in which benign rows stay: by the seed and their place, and nothing else."""
    origin = row.provenance
    return hashlib.sha256(f"{seed}/{origin.run}/{origin.episode}/{origin.step}".encode()).digest()
