"""`autosafe judge-card`: how far a judge can be trusted."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.bench.card_files import shipped_sets, write_card
from autosafe_env.bench.card_rows import (
    PAIR_COLUMNS,
    SCORE_COLUMNS,
    TABLE_COLUMNS,
    card_heading,
    card_notes,
    card_rows,
    pair_rows,
    table_rows,
)
from autosafe_env.bench.judge_card import JudgeCard, card_of
from autosafe_env.cli.judging import basis_of, deciding, judge_config_of, unit_of
from autosafe_env.cli.models import ModelOptions, with_models
from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json, write_table
from autosafe_env.core.casting import LiveModels, cast_role
from autosafe_env.core.discover import Kind
from autosafe_env.errors import ConfigError, Problem, RunError, UnknownName
from autosafe_env.record.label_files import read_label_file
from autosafe_env.record.labels import Case, Reading, Scored, labels_header, lines_of
from autosafe_env.record.verdicts import Judging
from autosafe_env.run.labelled import Scoring, read_set
from autosafe_env.run.suite import sample

PACKAGE = "autosafe-env"
MOST_TOLD = 20
"""Labels left out that are told one by one."""


@command
@with_models
def judge_card(
    models: ModelOptions,
    judge: Annotated[str, typer.Option("--judge", help="Whose card.")],
    judge_config: Annotated[
        str, typer.Option("--judge-config", metavar="JSON", help="The judge's options as a JSON object.")
    ] = "{}",
    labels: Annotated[
        list[str] | None,
        typer.Option("--labels", metavar="SET|FILE", help="A set that ships, or a file; repeat. None: all that ship."),
    ] = None,
    basis: Annotated[str | None, typer.Option("--basis", help="ACTION or OUTCOME; none is that of the record.")] = None,
    per: Annotated[str, typer.Option("--per", help="What gets a verdict: each action, or each trajectory.")] = "action",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many trajectories and pairs, drawn by the seed.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the sample.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Trajectories at once.")] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the card goes: a .json or .md file, or the folder of a run.")
    ] = None,
    as_json: bool = JsonFlag,
) -> None:
    """Hold a judge against labelled trajectories and near-miss pairs: accuracy, precision, recall, F1, kappa."""
    roles = models.file()
    config = judge_config_of(judge, judge_config)
    judging = Judging(judge=config, basis=basis_of(basis), per=unit_of(per), models=deciding(config, roles))
    scoring = Scoring(cast_role(Kind.JUDGE, config, LiveModels(roles)), judging)
    reading, digests = read_all(labels or list(shipped_sets()))
    scored, problems = _ask(scoring, drawn(reading.cases, limit, seed), workers)
    problems = [*reading.problems, *problems]
    found = card_of(
        scored,
        judging,
        version=importlib.metadata.version(PACKAGE),
        digests=digests,
        limit=limit,
        seed=seed,
        left_out=len(problems),
        stopped=scoring.stopped,
        lost=scoring.lost,
    )
    _tell(found, out, as_json)
    _tell_problems(problems)
    if scoring.stopped:
        raise RunError(f"the judging stopped: {scoring.stopped}; the card speaks of what was judged by then")
    if problems:
        raise typer.Exit(FOUND)


def read_all(names: Iterable[str]) -> tuple[Reading, dict[str, str]]:
    """The cases of sets that ship and of files, and the digest of each file by the name that its labels bear.

    Raises:
        UnknownName: neither a set that ships nor a file.
        ConfigError: a file cannot be read, two have one name, or none of the labels can be used.
    """
    whole, digests, known = Reading(), dict[str, str](), shipped_sets()
    for name in dict.fromkeys(names):
        path = known.get(name, Path(name))
        if not path.is_file():
            raise UnknownName("set of labels or file", name, known)
        lines = lines_of(path)
        header = labels_header(lines[0], path)
        reading = read_label_file(path) if header is None else read_set(path)
        whole.cases += reading.cases
        whole.problems += reading.problems
        corpus = path.name if header is None else header.name
        if corpus in digests:
            raise ConfigError(f"{path}: two sets or files of labels are called {corpus!r}; rename one of them")
        digests[corpus] = hashlib.sha256(path.read_bytes()).hexdigest()
    if not whole.cases:
        _tell_problems(whole.problems)
        raise ConfigError("there is no label that can be used")
    return whole, digests


def drawn(cases: list[Case], limit: int | None, seed: int) -> list[Case]:
    """All cases, or so many trajectories and pairs; a pair stays together."""
    if limit is None:
        return cases
    units = {(case.truth.corpus, case.truth.pair or case.truth.id): case for case in cases}
    kept = set(sample(units, limit, seed, "/".join))
    return [case for case in cases if (case.truth.corpus, case.truth.pair or case.truth.id) in kept]


def _ask(scoring: Scoring, cases: list[Case], workers: int) -> tuple[list[Scored], list[Problem]]:
    scored: list[Scored] = []
    problems: list[Problem] = []
    for found in scoring.results(cases, workers):
        if isinstance(found, Scored):
            scored.append(found)
        else:
            problems.append(found)
    return scored, sorted(problems, key=lambda problem: (problem.file, problem.line))


def _tell_problems(problems: list[Problem]) -> None:
    for problem in problems[:MOST_TOLD]:
        say(f"left out: {problem}")
    if len(problems) > MOST_TOLD:
        say(f"and {len(problems) - MOST_TOLD} more were left out")


def _tell(found: JudgeCard, out: Path | None, as_json: bool) -> None:
    path = None if out is None else write_card(found, out)
    if as_json:
        write_json(found.model_dump(mode="json"))
        return
    write("\n".join(card_heading(found)))
    if found.pairs:
        write("\nNear-miss pairs")
        write_table(pair_rows(found), PAIR_COLUMNS)
    write("")
    write_table(card_rows(found), SCORE_COLUMNS)
    write("")
    write_table(table_rows(found), TABLE_COLUMNS)
    write("\n" + "\n".join(card_notes(found)))
    if path is not None:
        write(f"The card is in {path}.")
