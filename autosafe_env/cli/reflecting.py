"""`autosafe reflect`: the risky steps of a run corrected, each correction stepped and judged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from autosafe_env.cli.models import ModelOptions, role_config, with_models
from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json, write_table
from autosafe_env.errors import ConfigError, nearest
from autosafe_env.record.branches import BRANCHES
from autosafe_env.record.manifest import read_manifest
from autosafe_env.run.attempt import GoOn
from autosafe_env.run.correct import Corrected
from autosafe_env.run.harvest import Harvest
from autosafe_env.run.reflecting import Reflecting
from autosafe_env.run.reflecting import reflect as reflect_on
from autosafe_env.types.branch import Mode

Word = TypeVar("Word", Mode, GoOn)
NOTHING_KEPT = (
    "no correction was kept; `autosafe transcript RUN EPISODE` shows what was tried and why it will not do: raise "
    "--rounds, let another --reflector or --judge try, or see with `autosafe check` whether the scenarios can be solved"
)


@command
@with_models
def reflect(
    models: ModelOptions,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    reflector: Annotated[str, typer.Option("--reflector", help="Who suggests: a name, or JSON with `kind`.")] = "rules",
    mode: Annotated[
        str, typer.Option("--mode", help="What it sees: teacher (the verdict too) or student.")
    ] = "teacher",
    judge: Annotated[str | None, typer.Option("--judge", help="Who verifies, likewise; none: the run's.")] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Tries for one correction, at most.")] = 4,
    samples: Annotated[int, typer.Option("--samples", min=1, help="Corrections for one risky step, at most.")] = 1,
    go_on: Annotated[
        str, typer.Option("--continue", help="How a branch goes on: auto, policy, safe-path or none.")
    ] = "auto",
    all_steps: Annotated[bool, typer.Option("--all-steps", help="Unsafe steps after the first one, too.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many risky steps.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Risky steps at once.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the branches that RUN holds.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Correct the risky steps of a run: suggest, act again, step, judge, go on to the end. Exit 1 if nothing is kept.

    Every try goes to RUN/branches.jsonl. Models are those of the run, unless options say otherwise.
    """
    how = Reflecting(
        reflector=role_config(reflector),
        mode=_word(Mode, mode, "mode"),
        judge=None if judge is None else role_config(judge),
        rounds=rounds,
        samples=samples,
        go_on=_word(GoOn, go_on, "way to continue"),
        all_steps=all_steps,
        limit=limit,
    )
    roles = models.file(read_manifest(run).roles)
    silent: Counter[str] = Counter()

    def report(done: Corrected) -> None:
        silent.update(done.silent)

    harvest = reflect_on(run, how, roles=roles, workers=workers, resume=resume, report=report)
    if as_json:
        write_json(document(harvest))
    else:
        write_harvest(harvest)
        write(f"The branches are in {run / BRANCHES}.")
    for sentence, times in silent.most_common(3):
        say(f"{times} x {sentence}")
    if not harvest.kept:
        say(NOTHING_KEPT)
        raise typer.Exit(FOUND)


def _word(words: type[Word], said: str, what: str) -> Word:
    if said not in list(words):
        raise ConfigError(f"unknown {what} {said!r}{nearest(said, words)}")
    return words(said)


def document(harvest: Harvest) -> dict[str, object]:
    """The figures as plain data."""
    plain: dict[str, object] = harvest.model_dump(mode="json")
    return {**plain, "yield": harvest.share, "calls": harvest.calls, "calls_per_kept": harvest.calls_per_kept}


def write_harvest(harvest: Harvest) -> None:
    """The figures as a table, and sentences about the rest."""
    row = {
        "risky_steps": harvest.snapshots,
        "tries": harvest.tries,
        "kept": harvest.kept,
        "of_these_achieving": harvest.achieving,
        "yield": "-" if harvest.share is None else f"{harvest.share:.1%}",
        "model_calls": harvest.calls,
        "calls_per_kept": harvest.calls_per_kept,
    }
    write_table([row], tuple(row))
    write("")
    if harvest.rounds:
        found = ", ".join(f"{count} in round {number}" for number, count in harvest.rounds.items())
        write(f"Kept: {found}.")
    if harvest.reasons:
        write("Not kept: " + ", ".join(f"{count} {reason}" for reason, count in harvest.reasons.items()) + ".")
    for role, bill in harvest.spent.items():
        write(f"The {role}: {bill.calls} calls, {bill.prompt_tokens} + {bill.completion_tokens} tokens.")
