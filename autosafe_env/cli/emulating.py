"""`autosafe check-emulator`: how far a tool emulator can be relied on."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from autosafe_env.cli.models import ModelOptions, role_config, with_models
from autosafe_env.cli.output import FOUND, JsonFlag, command, write, write_json, write_table
from autosafe_env.core.casting import LiveModels, cast_role
from autosafe_env.core.discover import Kind, names, scenario_files
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.run.exercise import exercise
from autosafe_env.run.laws import Law, Mark, tally
from autosafe_env.types.base import Json

MOST_SHOWN = 20
"""Broken laws that are written below the table; JSON holds them all."""


@command
@with_models
def check_emulator(
    models: ModelOptions,
    emulator: Annotated[str, typer.Option("--emulator", help="Who is tried: a name, or JSON with `kind`.")] = "rules",
    toolkit: Annotated[list[str] | None, typer.Option("--toolkit", help="Whose tools; repeat for more.")] = None,
    model_config: Annotated[
        str | None,
        typer.Option("--model-config", metavar="JSON", help="The model it asks, of any kind: {'kind': ...} as JSON."),
    ] = None,
    scenarios: Annotated[int, typer.Option("--scenarios", min=0, help="At most so many; 0 is all.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the episodes.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Scenarios at once.")] = 1,
    as_json: bool = JsonFlag,
) -> None:
    """Put a scripted exercise to a tool emulator, and tell how often each law held. Exit 1 if one was broken."""
    chosen = tuple(toolkit or ())
    for name in chosen:
        if name not in names(Kind.TOOLKIT):
            raise UnknownName(Kind.TOOLKIT.word, name, names(Kind.TOOLKIT))
    options = {} if model_config is None else {"model": parsed(model_config)}
    named = role_config(emulator)
    config = {"kind": named, **options} if isinstance(named, str) else {**named, **options}
    tried = cast_role(Kind.EMULATOR, config, LiveModels(models.file()))
    loaded = (load_scenario(name) for name in scenario_files())
    fitting = [scenario for scenario in loaded if not chosen or set(chosen) & set(scenario.toolkits)]
    marks = exercise(tried, fitting[: scenarios or None], chosen, seed=seed, workers=workers)
    broken = [mark for mark in marks if not mark.held]
    if as_json:
        write_json({"rows": tally(marks), "broken": [_plain(mark) for mark in broken]})
    else:
        _write_table(tally(marks), broken)
    if broken:
        raise typer.Exit(FOUND)


def parsed(text: str) -> Json:
    """A model's configuration: JSON, or the bare name of a kind. Raises ConfigError when it is neither."""
    try:
        config = json.loads(text)
    except ValueError as error:
        if text.isidentifier():
            return text
        raise ConfigError(f"--model-config is not JSON: {error}") from error
    if not isinstance(config, str | dict):
        raise ConfigError("--model-config is a name or an object with `kind`")
    return config


def _write_table(rows: list[dict[str, Json]], broken: list[Mark]) -> None:
    """Each law as `held/tried`."""
    shown = [{**row, **{law.value: f"{row[law]['held']}/{row[law]['tried']}" for law in Law}} for row in rows]
    write_table(shown, ("toolkit", "calls", *(law.value for law in Law)))
    for mark in broken[:MOST_SHOWN]:
        write(f"{mark.scenario}: {mark.call}: {mark.law}: {mark.why}")
    if len(broken) > MOST_SHOWN:
        write(f"and {len(broken) - MOST_SHOWN} more; --json shows all")


def _plain(mark: Mark) -> dict[str, Json]:
    return {
        "law": str(mark.law),
        "toolkit": mark.toolkit,
        "scenario": mark.scenario,
        "call": mark.call,
        "why": mark.why,
    }
