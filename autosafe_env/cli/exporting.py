"""`autosafe export`: a run in the forms that other tools read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.output import JsonFlag, command, say, write_json
from autosafe_env.errors import ConfigError, RunError, UnknownName
from autosafe_env.integrations.episode_table import row_of, write_csv, write_parquet
from autosafe_env.integrations.inspect_log import write_inspect
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import Manifest, read_manifest
from autosafe_env.record.read import read_episodes


class Form(StrEnum):
    """What a run is exported to."""

    INSPECT = "inspect"
    CSV = "csv"
    PARQUET = "parquet"


ENDINGS = {Form.INSPECT: ".eval"}
"""Endings without which the tool that reads the form does not know it."""


@command
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; it must not be there.")],
    to: Annotated[str, typer.Option("--to", help=f"One of {', '.join(Form)}.")] = str(Form.INSPECT),
    agent: Annotated[str, typer.Option("--agent", help="Only the episodes of this agent.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over --out.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Write a run as a log of Inspect, or its table of episodes as CSV or Parquet."""
    if to not in list(Form):
        raise UnknownName("form of export", to, map(str, Form))
    form, manifest = Form(to), read_manifest(run)
    if agent and agent not in manifest.config.agents:
        raise UnknownName("agent of the run", agent, manifest.config.agents)
    ending = ENDINGS.get(form, "")
    if not out.name.endswith(ending):
        raise ConfigError(f"--out {out}: a log of Inspect is known by its ending; call it {out.stem}{ending}")
    if out.exists() and not force:
        raise ConfigError(f"--out {out} is there already; use another name, or --force")
    chosen = (each for each in read_episodes(run) if agent in ("", each.header.agent))
    written = _written(form, chosen, manifest, out)
    if not written:
        raise RunError(f"{run} holds no whole episode")
    if as_json:
        write_json({"form": str(form), "out": str(out), "episodes": written})
    else:
        say(f"{written} episodes are in {out}")


def _written(form: Form, chosen: Iterable[Recorded], manifest: Manifest, out: Path) -> int:
    """Write beside `out` first, so that what stands there is whole; returns how many episodes."""
    draft = out.with_name(f".{out.name}.{os.getpid()}.new")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        count = _write(form, chosen, manifest, draft)
        if count:
            draft.replace(out)
        return count
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def _write(form: Form, chosen: Iterable[Recorded], manifest: Manifest, draft: Path) -> int:
    if form is Form.INSPECT:
        return write_inspect(chosen, manifest, draft)
    rows: Iterator[dict[str, object]] = (row_of(each, manifest) for each in chosen)
    return write_csv(rows, draft) if form is Form.CSV else write_parquet(rows, draft)
