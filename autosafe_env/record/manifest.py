"""What a run is: written once, before its first episode, and compared when the run is resumed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from autosafe_env.errors import RunError, describe
from autosafe_env.types.base import SCHEMA_VERSION, Json, Value
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Scenario, Variant

MANIFEST = "manifest.json"
PACKAGES = ("autosafe-env", "gymnasium", "numpy", "pydantic", "common-expression-language")


USUAL: dict[str, Json] = {"emulator": "rules", "user": "scripted", "judge": "rules", "basis": "ACTION"}
"""Argument of the environment to its value where a run names none."""


class RunConfig(Value):
    """All that decides what a run's episodes are. How many workers play them does not."""

    suite: str
    """Name of the suite, or the path it was read from."""
    split: Split | None = None
    """The part of the suite that is played; None for all."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many scenarios are played, drawn by the seed; None for all."""
    attack: str = ""
    """Attack style that payloads are put into; empty for as they are."""
    seed: int = Field(default=0, ge=0)
    scenarios: tuple[str, ...] = Field(min_length=1)
    """Ids, in order."""
    agents: tuple[str, ...] = Field(min_length=1)
    variants: tuple[Variant, ...] = (Variant.ATTACKED, Variant.BENIGN)
    episodes: int = Field(default=1, ge=1)
    """Episodes per agent, scenario and variant."""
    until_unsafe: bool = False
    """Whether those after the first unsafe one are left out."""
    env: dict[str, Json] = Field(default_factory=dict)
    """Arguments of the environment that differ from the default."""
    agent_options: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """Agent to its configuration, `{"kind": <plug-in>, ...}`, where its name is not that of a plug-in."""
    models: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """Role to what decides how its language model answers: `model`, `temperature`, `seed`, `max_tokens`. Only roles
    that ask one. Where a model is reached, and what it may cost, may change when a run is resumed."""

    def argument(self, name: str) -> Json:
        """What the environment is given for one of the arguments of `USUAL`."""
        return self.env.get(name, USUAL[name])


class Manifest(Value):
    """The first file of a run folder."""

    schema_version: int = SCHEMA_VERSION
    created: str
    """UTC, ISO 8601."""
    versions: dict[str, str]
    git_commit: str | None
    """Of the working folder; None where it is not a git checkout."""
    suite_digest: str
    """SHA-256 of the scenarios as loaded."""
    config: RunConfig
    roles: dict[str, Json] = Field(default_factory=dict)
    """The roles file as the run began with it, for the record; it holds no key."""


def make_manifest(
    config: RunConfig, scenarios: Sequence[Scenario], roles: Mapping[str, Json] | None = None
) -> Manifest:
    """The manifest of a run that starts now, here."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    return Manifest(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={"python": platform.python_version(), **versions},
        git_commit=git_commit(),
        suite_digest=digest(scenarios),
        config=config,
        roles=dict(roles or {}),
    )


def digest(scenarios: Sequence[Scenario]) -> str:
    """SHA-256 over the scenarios' canonical JSON, in order."""
    total = hashlib.sha256()
    for scenario in scenarios:
        total.update(scenario.model_dump_json().encode())
    return total.hexdigest()


def git_commit() -> str | None:
    """The commit of the working folder, with `+` where files differ from it; None outside a checkout."""
    try:
        head = _git("rev-parse", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    command = ("git", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603 - fixed words
    return done.stdout.strip()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest so that it is either whole on disk or not there."""
    text = manifest.model_dump_json(indent=2) + "\n"
    draft = folder / f"{MANIFEST}.new"
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run folder.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_bytes())
        version = data.get("schema_version") if isinstance(data, dict) else None
        if version is not None and version != SCHEMA_VERSION:
            raise RunError(f"{path} has schema version {version}; this package reads {SCHEMA_VERSION}")
        return Manifest.model_validate(data)
    except FileNotFoundError as error:
        raise RunError(f"{folder} is not a run folder: it has no {MANIFEST}{_runs_in(folder)}") from error
    except ValidationError as error:
        raise RunError(f"{path} cannot be read: {describe(error, Manifest.model_fields)}") from error
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error


def _runs_in(folder: Path) -> str:
    """The end of a sentence that names runs inside a folder, such as those of a loop; empty where there are none."""
    inside = sorted(path.parent for depth in ("*", "*/*") for path in folder.glob(f"{depth}/{MANIFEST}"))
    return f"; runs in it: {', '.join(map(str, inside[:4]))}{', ...' if len(inside) > 4 else ''}" if inside else ""


def must_match(old: Manifest, new: Manifest, folder: Path) -> None:
    """Refuse to resume a run as another one. Raises RunError naming the first difference."""
    for field in RunConfig.model_fields:
        was, now = getattr(old.config, field), getattr(new.config, field)
        if was != now:
            raise RunError(f"{folder} was begun with {field} = {_short(was)}, not {_short(now)}; use another folder")
    if old.suite_digest != new.suite_digest:
        raise RunError(f"the scenarios have changed since {folder} was begun; use another folder")


def _short(value: object) -> str:
    plain = [str(item) for item in value] if isinstance(value, tuple) else value
    text = repr(str(plain) if isinstance(plain, str) else plain)  # an enum's own repr is not for people
    return text if len(text) <= 80 else text[:77] + "..."
