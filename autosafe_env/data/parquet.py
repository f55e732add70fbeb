"""Rows as Parquet. Needs pyarrow, which comes with the extra `data`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from autosafe_env.data.rows import Table
from autosafe_env.types.base import Json

CALL = pa.struct(
    [
        ("id", pa.string()),
        ("type", pa.string()),
        ("function", pa.struct([("name", pa.string()), ("arguments", pa.string())])),
    ]
)
MESSAGES = pa.list_(
    pa.struct(
        [("role", pa.string()), ("content", pa.string()), ("tool_calls", pa.list_(CALL)), ("tool_call_id", pa.string())]
    )
)
TEXTS = ("suite", "scenario", "scenario_digest", "variant", "split", "pattern", "run", "agent", "episode", "branch")
PROVENANCE = pa.struct(
    [
        *((name, pa.string()) for name in (*TEXTS, "form", "action", "rejected", "kind", "judge")),
        *((name, pa.int64()) for name in ("version", "seed", "step")),
        *((name, pa.list_(pa.string())) for name in ("toolkits", "prefix", "thoughts")),
        ("achieved", pa.bool_()),
    ]
)
"""The fields of `rows.Provenance`."""
COLUMNS: dict[Table, dict[str, Any]] = {
    Table.SFT: {"prompt": MESSAGES, "completion": MESSAGES},
    Table.DPO: {"prompt": MESSAGES, "chosen": MESSAGES, "rejected": MESSAGES},
    Table.KTO: {"prompt": MESSAGES, "completion": MESSAGES, "label": pa.bool_()},
    Table.JUDGE: {"context": MESSAGES, "action": pa.string(), "label": pa.string()},
}


def schema_of(table: Table) -> Any:
    """The columns of a table. They are named, not guessed from the first rows: what is null there is a text later."""
    tools = {} if table is Table.JUDGE else {"tools": pa.string()}
    return pa.schema({**COLUMNS[table], **tools, "provenance": PROVENANCE})


def write_parquet(path: Path, table: Table, rows: Sequence[dict[str, Json]]) -> None:
    """Write rows, whose arguments of tool calls are text. Raises OSError when they cannot be written."""
    parquet.write_table(pa.Table.from_pylist(list(rows), schema=schema_of(table)), path, compression="zstd")
