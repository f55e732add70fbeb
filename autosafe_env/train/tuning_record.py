"""What the folder of a fine-tuning holds: manifest, checkpoints, adapter. Nothing here needs torch."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from autosafe_env.errors import ConfigError
from autosafe_env.record.manifest import git_commit
from autosafe_env.train.tuning_config import Method, TuningConfig
from autosafe_env.types.base import SCHEMA_VERSION, Json, Value

MANIFEST, CHECKPOINTS, ADAPTER = "manifest.json", "checkpoints", "adapter"
LAST_WRITTEN = "trainer_state.json"
"""The file that transformers writes last into a checkpoint: one without it was cut off."""
LIBRARIES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate")


class DataRecord(Value):
    """What was trained or measured on."""

    name: str
    """File of a dataset, or suite and split."""
    digest: str
    """SHA-256 of the file, or of the scenarios."""
    judges: tuple[str, ...] = ()
    """Names of those whose verdicts chose the rows, or reward: none of them should measure the model."""
    rows: int
    used: int = 0
    """Rows that were no longer than allowed."""


class Losses(Value):
    """How it went. None where it was not measured."""

    eval_before: float | None = None
    eval_after: float | None = None
    first: float | None = None
    """Training loss, or with GRPO the mean reward, of the first step that was logged."""
    last: float | None = None
    history: tuple[dict[str, float], ...] = ()
    """Each step that was logged: `step`, and `loss`, `eval_loss` or `reward`, where they were finite."""


class TuningManifest(Value):
    """The first file of the folder, written anew when it is finished."""

    schema_version: int = SCHEMA_VERSION
    method: Method
    model: str
    config: TuningConfig
    data: tuple[DataRecord, ...]
    created: str
    """UTC, ISO 8601."""
    versions: dict[str, str]
    git_commit: str | None
    device: str = ""
    """`cpu`, or the GPU's name."""
    parameters: int = 0
    trained_parameters: int = 0
    losses: Losses = Losses()
    seconds: float = Field(default=0.0, ge=0.0)
    """Of training alone, all sessions together."""
    finished: bool = False


def begin(
    folder: Path, method: Method, model: str, config: TuningConfig, data: tuple[DataRecord, ...], resume: bool
) -> TuningManifest:
    """The manifest of a training that may start in this folder, or go on in it. Writes nothing.

    Raises:
        ConfigError: the folder holds a training and `resume` was not said, or it holds another one or a finished one.
    """
    new = TuningManifest(
        method=method,
        model=model,
        config=config,
        data=data,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={"python": platform.python_version(), **_versions()},
        git_commit=git_commit(),
    )
    old = read(folder)
    if old is None:
        if folder.is_dir() and any(folder.iterdir()):
            raise ConfigError(f"{folder} holds files and no training; choose a folder that is not there or empty")
        return new
    if not resume:
        raise ConfigError(f"{folder} holds a training already; say --resume to go on with it, or choose another folder")
    if old.finished:
        raise ConfigError(f"the training in {folder} is finished; its adapter is in {folder / ADAPTER}")
    for field in ("method", "model", "config", "data"):
        was, now = getattr(old, field), getattr(new, field)
        if field == "data":  # how many of the rows were used is not known yet
            was, now = ([(each.name, each.digest) for each in records] for records in (was, now))
        if was != now:
            raise ConfigError(f"{folder} was begun with {_difference(field, was, now)}; use another folder")
    return old


def _difference(field: str, was: Json, now: Json) -> str:
    if isinstance(was, TuningConfig) and isinstance(now, TuningConfig):
        name = next(name for name in TuningConfig.model_fields if getattr(was, name) != getattr(now, name))
        return f"{name} = {getattr(was, name)!s}, not {getattr(now, name)!s}"
    if field == "data":
        return "other data"
    return f"{field} = {was!s}, not {now!s}"


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in ("autosafe-env", *LIBRARIES)}


def read(folder: Path) -> TuningManifest | None:
    """The manifest in a folder; None where there is none. Raises ConfigError when it is another program's."""
    try:
        return TuningManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        raise ConfigError(f"{folder / MANIFEST} is no manifest of a training that this version reads") from error


def write(folder: Path, manifest: TuningManifest) -> None:
    """Write the manifest so that it is either whole on disk or as it was.

    Raises:
        ConfigError: the folder cannot be made or written to.
    """
    draft = folder / f"{MANIFEST}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        os.replace(draft, folder / MANIFEST)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written to: {error.strerror}") from error


def last_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint; None where there is none."""
    found = [path.parent for path in (folder / CHECKPOINTS).glob(f"checkpoint-*/{LAST_WRITTEN}")]
    return max(found, key=lambda path: int(path.name.removeprefix("checkpoint-")), default=None)
