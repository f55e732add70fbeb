"""`autosafe judge-labels`: labelled trajectories and near-miss pairs, made from the paths of scenarios."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.output import JsonFlag, command, write, write_json
from autosafe_env.errors import ConfigError
from autosafe_env.record.labels import LabelsHeader, write_labels
from autosafe_env.run.near_miss import chosen_pairs, trajectories_of
from autosafe_env.run.suite import sample, suite_scenarios

PACKAGE = "autosafe-env"
ENDINGS = (".jsonl.gz", ".jsonl")


@command
def judge_labels(
    suite: Annotated[str, typer.Option("--suite", help="Whose scenarios: a suite, a suite file or a folder.")],
    out: Annotated[Path, typer.Option("--out", help="The set: a file NAME.jsonl.gz or NAME.jsonl.")],
    scenarios: Annotated[
        int | None, typer.Option("--scenarios", min=1, help="At most so many give their three paths; none: all.")
    ] = None,
    pairs: Annotated[
        int | None, typer.Option("--pairs", min=1, help="At most so many near-miss pairs, drawn evenly; none: all.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of what is drawn.")] = 0,
    as_json: bool = JsonFlag,
) -> None:
    """Make a set of labelled trajectories and near-miss pairs from the paths of a suite's scenarios."""
    header = header_of(suite, out, {"--scenarios": scenarios, "--pairs": pairs, "--seed": seed})
    loaded = suite_scenarios(suite).values()
    usable = [scenario for scenario in loaded if scenario.checked and not scenario.specified]
    if not usable:
        raise ConfigError(f"no scenario of {suite!r} has paths that its checks judge; there is nothing to label")
    told = sample(usable, scenarios or len(usable), seed, lambda scenario: scenario.id)
    near = chosen_pairs(usable, pairs, seed)
    alone = [each for scenario in told for each in trajectories_of(scenario)]
    write_labels(out, header, [*alone, *(side for pair in near for side in pair)])
    left = len(loaded) - len(usable)
    if as_json:
        write_json({"trajectories": len(alone), "pairs": len(near), "scenarios_without_labels": left})
        return
    write(f"{len(alone)} trajectories and {len(near)} near-miss pairs are in {out}.")
    if left:
        write(f"{left} scenarios lack checks or paths, or code for their tools: they give no labels.")


def header_of(suite: str, out: Path, options: dict[str, int | None]) -> LabelsHeader:
    """The first line of the set. Raises ConfigError where the file's name does not end as one of a set does."""
    ending = next((each for each in ENDINGS if out.name.endswith(each)), None)
    if ending is None:
        raise ConfigError(f"{out} must end in {' or '.join(ENDINGS)}")
    said = [f"{option} {value}" for option, value in options.items() if value is not None]
    return LabelsHeader(
        name=out.name.removesuffix(ending),
        suite=suite,
        command=" ".join(["autosafe judge-labels --suite", suite, *said, "--out", out.name]),
        versions={PACKAGE: importlib.metadata.version(PACKAGE)},
    )
