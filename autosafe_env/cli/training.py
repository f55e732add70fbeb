"""`autosafe train student`: a small policy on numpy alone, trained from runs or in the environment."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.output import JsonFlag, command, write, write_json
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.errors import ConfigError, nearest
from autosafe_env.record.manifest import read_manifest
from autosafe_env.run.suite import members, suite_scenarios
from autosafe_env.train.fitting import Settings, fit_dpo, fit_sft, reinforce
from autosafe_env.train.lessons import Origin, read_lessons, read_preferences
from autosafe_env.train.student import Student
from autosafe_env.train.trials import trials
from autosafe_env.types.suite import Split


class Way(StrEnum):
    """How a student is trained."""

    BASE = "base"
    """To do what unsafe episodes and benign twins did: useful and careless."""
    SFT = "sft"
    """To do what verified corrections and well-played episodes did."""
    DPO = "dpo"
    """To prefer verified corrections to what they replace, and what was right on benign twins to anything else."""
    REINFORCE = "reinforce"
    """By trial, in the environment."""


LEARNT = {
    Way.BASE: (Origin.UNSAFE, Origin.BENIGN),
    Way.SFT: (Origin.CORRECTION, Origin.CONTINUED, Origin.PREFIX, Origin.SAFE, Origin.BENIGN),
}
USUAL = {Way.REINFORCE: Settings(epochs=20, rate=0.02, decay=0.0)}
"""Settings where nothing else is said, if not the usual ones."""


@command
def student(
    out: Annotated[Path, typer.Option("--out", help="File of the student, such as student.npz.")],
    runs: Annotated[list[Path] | None, typer.Option("--run", help="Run folder to learn from; repeat for more.")] = None,
    method: Annotated[str, typer.Option("--method", help="base, sft, dpo or reinforce.")] = Way.SFT.value,
    base: Annotated[Path | None, typer.Option("--base", help="File of the student to go on from.")] = None,
    suite: Annotated[
        str, typer.Option("--suite", help="The runs' suite where it has moved; for reinforce, the suite to play.")
    ] = "",
    split: Annotated[str, typer.Option("--split", help="Part of the suite to learn from.")] = Split.TRAIN.value,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="For reinforce: at most so many scenarios.")
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="Walks through the data, or rounds.")] = None,
    rate: Annotated[float | None, typer.Option("--rate", min=1e-6, help="Learning rate.")] = None,
    beta: Annotated[float | None, typer.Option("--beta", min=1e-6, help="For dpo: pull of the base.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    as_json: bool = JsonFlag,
) -> None:
    """Train a student from run folders and their corrections; seconds on a laptop."""
    way, started = _way(method), Student.load(base) if base else None
    asked = {"epochs": epochs, "rate": rate, "beta": beta, "seed": seed}
    settings = USUAL.get(way, Settings()).changed({name: value for name, value in asked.items() if value is not None})
    if way is Way.REINFORCE:
        trained = _by_trial(started, suite, split, limit, settings)
    else:
        trained = _from_runs(way, runs or [], started, suite, split, settings)
    trained.save(out)
    _tell(trained, way, out, as_json)


def _way(method: str) -> Way:
    if method not in list(Way):
        raise ConfigError(f"unknown method {method!r}{nearest(method, list(Way))}")
    return Way(method)


def _by_trial(start: Student | None, suite: str, split: str, limit: int | None, settings: Settings) -> Student:
    if not suite:
        raise ConfigError("reinforce plays a suite: name it with --suite")
    scenarios = suite_scenarios(suite, split if _has_splits(suite) else "", limit, settings.seed)
    envs = [AutoSafeEnv(each, variant=variant) for each in scenarios.values() for variant in each.variants]
    return reinforce(start or Student(), trials(envs, settings.seed), settings)


def _from_runs(
    way: Way, runs: Sequence[Path], start: Student | None, suite: str, split: str, settings: Settings
) -> Student:
    if not runs:
        raise ConfigError("name at least one run folder to learn from: --run FOLDER")
    ids = {name for run in runs for name in _learnable(run, suite, split)}
    if way is Way.DPO:
        if start is None:
            raise ConfigError("dpo goes on from a student: name its file with --base")
        return fit_dpo(read_preferences(runs, ids, seed=settings.seed), start, settings)
    lessons = read_lessons(runs, LEARNT[way], ids)
    if way is Way.SFT and not any(each.origin is Origin.CORRECTION for each in lessons):
        raise ConfigError(f"{runs[0]} holds no kept correction; make some with `autosafe reflect {runs[0]}` first")
    return fit_sft(lessons, start, settings)


def _learnable(run: Path, suite: str, split: str) -> set[str]:
    """The scenarios of a run that may be learnt from. Raises ConfigError where there is none."""
    config = read_manifest(run).config
    played = set(config.scenarios)
    if config.split is None and _has_splits(suite or config.suite):
        played &= {each.id for each in members(suite or config.suite) if each.split == split}
    elif config.split is not None and config.split != split:
        played = set()
    if not played:
        raise ConfigError(f"{run} holds no scenario of the split {split!r}; choose another run, or name --split")
    return played


def _has_splits(suite: str) -> bool:
    return any(each.split is not None for each in members(suite))


def _tell(student: Student, way: Way, out: Path, as_json: bool) -> None:
    lineage = student.lineage
    if as_json:
        write_json({"file": str(out), **lineage.model_dump(mode="json")})
        return
    kinds = ", ".join(f"{count} {name}" for name, count in lineage.origins.items())
    what = "mean return" if way is Way.REINFORCE else "mean loss"
    write(f"{way}: learnt from {lineage.rows} rows{f' ({kinds})' if kinds else ''}")
    write(f"{what} {lineage.losses[0]:.3f} at first, {lineage.losses[-1]:.3f} at last; saved as {out}")
