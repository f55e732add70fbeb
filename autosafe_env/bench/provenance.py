"""Whether the judge that scores an agent also chose what the agent was trained on: then it would measure itself.

The rules judge may do both: it decides by the checks of each scenario, and those of the scenarios that are measured on
have chosen nothing. Dataset cards name the judges whose verdicts decided what became a row. A model is traced to them
by its manifest, where that names judges or a dataset that is still there, or by what the caller says it learnt from.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from autosafe_env.errors import ConfigError
from autosafe_env.record.manifest import MANIFEST, USUAL, RunConfig
from autosafe_env.types.base import Json

CARD = "card.json"
"""The card in a dataset folder."""


def must_differ(config: RunConfig, data: Iterable[Path] = ()) -> None:
    """Refuse a judge that chose an agent's training data.

    Args:
        config: of the run that is to be scored.
        data: folders of datasets, runs or models that its agents were trained on, as far as the caller knows.

    Raises:
        ConfigError: the judge is the same, or one of `data` tells nothing of judges.
    """
    scoring = judge_names(config.argument("judge"))
    for path in data:
        _must_differ(scoring, _told_by(path), f"the training data in {path}")
    for agent in config.agents:
        options = config.agent_options.get(agent, {})
        for path in filter(Path.exists, _paths([options, config.models.get("policy", {})])):
            _must_differ(scoring, judges_of_model(path), f"the training data of {agent} ({path})")


def _must_differ(scoring: set[str], chose: set[str], what: str) -> None:
    if same := sorted((scoring & chose) - {USUAL["judge"]}):
        raise ConfigError(
            f"the judge {same[0]!r} chose {what}, so that it would measure itself; score with another --judge, or say "
            "--same-judge to do it nonetheless"
        )


def judge_names(config: Json) -> set[str]:
    """The names that a judge has in its verdicts, and those of its members."""
    if isinstance(config, str):
        return {config}
    if not isinstance(config, Mapping):
        return set()
    own = {str(config[key]) for key in ("kind", "name") if key in config}
    members = config.get("judges")
    return own.union(*map(judge_names, members)) if isinstance(members, list | tuple) else own


def _told_by(path: Path) -> set[str]:
    """The judges behind what the caller says was trained on. Raises ConfigError when it tells of none."""
    if found := judges_of_run(path) | judges_of_model(path):
        return found
    raise ConfigError(
        f"{path} names no judge: give the folder of a dataset with its {CARD}, of a run, or the model's file or folder"
    )


def judges_of_run(folder: Path) -> set[str]:
    """The judges of a run that was learnt from directly; none where the folder holds no run."""
    config = _json(folder / MANIFEST).get("config")
    if not isinstance(config, dict) or "scenarios" not in config:
        return set()
    return judge_names(config.get("env", {}).get("judge", USUAL["judge"]))


def judges_of_model(path: Path) -> set[str]:
    """The judges that a model's manifest, its dataset's card or a dataset's own card names; none where nothing does."""
    folder = path if path.is_dir() else path.parent
    files = [folder / MANIFEST, folder / CARD] if path.is_dir() else [path.with_suffix(".json"), folder / MANIFEST]
    manifests = [_packed(path), *map(_json, files)]
    return {judge for manifest in manifests for judge in (*_named(manifest), *_behind(manifest, folder))}


def _behind(manifest: Json, folder: Path) -> Iterator[str]:
    """The judges on the cards of the datasets whose files a manifest names, relative to it or to the working folder."""
    for path in _paths(manifest):
        for place in (folder / path, path):
            if place.exists():
                for parent in (place, *list(place.parents)[:2]):
                    yield from _named(_json(parent / CARD))


def _named(value: Json) -> Iterator[str]:
    """Every name in a list called `judges`, however deep."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "judges" and isinstance(item, list) and all(isinstance(each, str) for each in item):
                yield from item
            else:
                yield from _named(item)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)


def _paths(value: Json) -> Iterator[Path]:
    """Every text in it that looks like a path."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _paths(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _paths(item)
    elif isinstance(value, str) and "\0" not in value and 0 < len(value) < 1000 and ("/" in value or "." in value):
        yield Path(value)


def _json(path: Path) -> dict[str, Json]:
    """A JSON object from a file; an empty one where there is none, since nobody promised that there is."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _packed(path: Path) -> dict[str, Json]:
    """The manifest inside a file of weights, as a student keeps it."""
    if path.suffix != ".npz":
        return {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = json.loads(arrays["manifest"].tobytes())
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return {}
    return found if isinstance(found, dict) else {}
