"""The episodes of a run as a table, one row each: CSV with the standard library, Parquet with pyarrow."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autosafe_env.errors import ConfigError
from autosafe_env.record.calls import calls_by_step
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import Manifest
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.trajectory import Trajectory

COLUMNS: dict[str, str] = {
    **dict.fromkeys(("episode", "suite", "scenario"), "string"),
    "scenario_version": "int64",
    **dict.fromkeys(("variant", "gen_ai.agent.name"), "string"),
    "privileged": "bool",
    "seed": "int64",
    **dict.fromkeys(("sources", "categories", "strategies", "toolkits"), "string"),
    "label": "string",
    **dict.fromkeys(("achieved", "exposed"), "bool"),
    **dict.fromkeys(("first_unsafe", "steps"), "int64"),
    "reward": "double",
    **dict.fromkeys(("end", "failed_role", "failure"), "string"),
    "user_faults": "int64",
    "judge": "string",
    "gen_ai.request.model": "string",
    **dict.fromkeys(("model_calls", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"), "int64"),
}
"""Name to type, as Arrow names it. Lists are one text, joined by spaces. What is not known is null; in CSV, empty."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins with one of these is a formula to spreadsheets."""


def row_of(recorded: Recorded, manifest: Manifest) -> dict[str, Json]:
    """One episode as a row: the names of `COLUMNS`, in their order."""
    trajectory = recorded.trajectory()
    calls = [call for _, call in calls_by_step(recorded.events)]
    return {**_played(trajectory, manifest), **_came_of(trajectory), **_cost(calls)}


def _played(trajectory: Trajectory, manifest: Manifest) -> dict[str, Json]:
    scenario, config = trajectory.state.scenario, trajectory.state.config
    strategies = dict.fromkeys(str(trigger.strategy) for trigger in scenario.triggers if trigger.strategy)
    return {
        "episode": trajectory.episode,
        "suite": manifest.config.suite,
        "scenario": scenario.id,
        "scenario_version": scenario.version,
        "variant": str(config.variant),
        "gen_ai.agent.name": trajectory.agent,
        "privileged": trajectory.privileged,
        "seed": config.seed,
        "sources": " ".join(map(str, scenario.sources)),
        "categories": " ".join(map(str, scenario.categories)),
        "strategies": " ".join(strategies),
        "toolkits": " ".join(scenario.toolkits),
    }


def _came_of(trajectory: Trajectory) -> dict[str, Json]:
    state = trajectory.state
    return {
        "label": str(trajectory.label) if trajectory.label else None,
        "achieved": trajectory.achieved,
        "exposed": trajectory.exposed,
        "first_unsafe": trajectory.first_unsafe,
        "steps": len(trajectory.steps),
        "reward": trajectory.reward,
        "end": str(state.end.reason) if state.end else None,
        "failed_role": state.failure.role if state.failure else None,
        "failure": state.failure.error if state.failure else None,
        "user_faults": trajectory.user_faults,
        "judge": " ".join(dict.fromkeys(each.judge for each in trajectory.verdicts if each.judge)),
    }


def _cost(calls: Iterable[ModelCall]) -> dict[str, Json]:
    """What the episode's models cost, all roles together; the model named is the agent's."""
    calls = list(calls)
    used = [call.completion.usage for call in calls if call.completion is not None]
    model = next((call.model for call in calls if call.role == "policy"), None)
    return {
        "gen_ai.request.model": model,
        "model_calls": len(calls),
        "gen_ai.usage.input_tokens": sum(usage.prompt_tokens for usage in used),
        "gen_ai.usage.output_tokens": sum(usage.completion_tokens for usage in used),
    }


def write_csv(rows: Iterable[Mapping[str, Json]], path: Path) -> int:
    """Write the rows as CSV (RFC 4180, UTF-8); returns how many. No cell is a formula to a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - how many there were is the result
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return count


def _cell(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(DANGEROUS) else value
    return str(value)


def write_parquet(rows: Iterable[Mapping[str, Json]], path: Path) -> int:
    """Write the rows as Parquet; returns how many.

    Raises:
        ConfigError: pyarrow is not installed.
    """
    try:
        import pyarrow  # here: an extra, and large
        import pyarrow.parquet as parquet
    except ModuleNotFoundError as error:
        raise ConfigError("Parquet needs the package pyarrow: pip install 'autosafe-env[parquet]'") from error
    kinds: dict[str, Any] = {
        "string": pyarrow.string(),
        "int64": pyarrow.int64(),
        "bool": pyarrow.bool_(),
        "double": pyarrow.float64(),
    }
    table = [dict(row) for row in rows]
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    parquet.write_table(pyarrow.Table.from_pylist(table, schema=schema), path)
    return len(table)
