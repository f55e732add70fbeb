"""`autosafe rejudge`: a run judged again, and held against what it was judged before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from autosafe_env.bench.second import Comparison, compare
from autosafe_env.cli.models import ModelOptions, with_models
from autosafe_env.cli.output import JsonFlag, command, say, write, write_json, write_table
from autosafe_env.core.casting import LiveModels, asks_model, cast_role
from autosafe_env.core.discover import Kind
from autosafe_env.core.ledger import Spent
from autosafe_env.core.roles import RolesFile
from autosafe_env.errors import ConfigError, nearest
from autosafe_env.record.verdicts import Judging, Unit, read_judgements, verdicts_path
from autosafe_env.run.rejudge import rejudge as judge_again
from autosafe_env.run.spent import balances, summed
from autosafe_env.types.base import Json
from autosafe_env.types.verdict import Basis, Label

UNITS = ("action", "trajectory")


@command
@with_models
def rejudge(
    models: ModelOptions,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")],
    judge: Annotated[str, typer.Option("--judge", help="Who judges.")],
    judge_config: Annotated[
        str, typer.Option("--judge-config", metavar="JSON", help="The judge's options as a JSON object.")
    ] = "{}",
    basis: Annotated[
        str | None, typer.Option("--basis", help="ACTION or OUTCOME; none leaves it as the run was played.")
    ] = None,
    per: Annotated[str, typer.Option("--per", help="What gets a verdict: each action, or each trajectory.")] = "action",
    name: Annotated[
        str | None, typer.Option("--name", help="Of the verdicts; none is the judge's. They go to verdicts-NAME.jsonl.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Episodes at once.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with verdicts of this name.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Judge the episodes of a run again from its log; the old verdicts are kept, and held against the new ones."""
    chosen, roles = judge if name is None else name, models.file()
    config = judge_config_of(judge, judge_config)
    judging = Judging(judge=config, basis=basis_of(basis), per=unit_of(per), models=deciding(config, roles))
    made = cast_role(Kind.JUDGE, config, LiveModels(roles, spent_before(verdicts_path(run, chosen), roles, resume)))
    judged = judge_again(run, made, judging, chosen, resume=resume, workers=workers)
    found = compare(run, chosen)
    if judged < found.episodes:
        say(f"{found.episodes - judged} of {found.episodes} episodes were judged already")
    if as_json:
        write_json(found.model_dump(mode="json"))
    else:
        write_comparison(found)
        write(f"The verdicts are in {verdicts_path(run, chosen)}.")


def judge_config_of(name: str, options: str) -> str | dict[str, Json]:
    """The configuration of a judge from its name and the JSON text of its options.

    Raises:
        ConfigError: the options are no JSON object.
    """
    try:
        given = json.loads(options)
    except ValueError as error:
        raise ConfigError(f"--judge-config is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise ConfigError("--judge-config is a JSON object of the judge's options")
    return {"kind": name, **given} if given else name


def deciding(config: str | dict[str, Json], roles: RolesFile) -> dict[str, Json]:
    """What the roles file says of how the judge's model answers; nothing where the judge asks none."""
    if not asks_model(Kind.JUDGE, config):
        return {}
    settings = roles.settings("judge")
    model = settings.model or settings.kind
    return {**({"model": model} if model else {}), **settings.asking}


def spent_before(path: Path, roles: RolesFile, resume: bool) -> dict[str, Spent]:
    """What judging that is resumed has spent so far, by role."""
    if not resume or not path.exists():
        return {}
    calls = [call for second in read_judgements(path)[1].values() for call in second.all_calls]
    return balances(roles, summed(calls, {}))


def basis_of(word: str | None) -> Basis | None:
    """The basis that a word names. Raises ConfigError on any other word."""
    if word is not None and word not in tuple(Basis):
        raise ConfigError(f"unknown basis {word!r}{nearest(word, Basis)}")
    return None if word is None else Basis(word)


def unit_of(word: str) -> Unit:
    """What gets a verdict. Raises ConfigError on any other word."""
    if word not in UNITS:
        raise ConfigError(f"unknown unit {word!r}{nearest(word, UNITS)}")
    return cast(Unit, word)


def write_comparison(found: Comparison) -> None:
    """The agreement of old and new verdicts as tables."""
    rows: list[dict[str, Any]] = [row.model_dump() for row in found.rows]
    write_table(rows, ("unit", "pairs", "decided", "agreement", "kappa", "alpha"))
    write("")
    cells = [
        {"unit": row.unit, "old": str(old), **{f"now_{new}": row.table[old][new] for new in Label}}
        for row in found.rows
        for old in Label
    ]
    write_table(cells, ("unit", "old", *(f"now_{label}" for label in Label)))
    write("\nAgreement, Cohen's kappa and Krippendorff's alpha speak of what both the old and the new judge decided.")
    if found.same_first_unsafe is not None:
        write(f"Where both find an episode unsafe, they name the same first step in {found.same_first_unsafe:.1%}.")
    if found.members:
        alpha = "nothing to speak of" if found.members_alpha is None else f"{found.members_alpha:.3f}"
        write(f"The panel's {found.members} members among themselves: Krippendorff's alpha {alpha}.")
    if found.failures:
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.failures.items())
        write(f"The new judge failed, which is UNDECIDED: {kinds}. --resume asks again.")
    if found.missing:
        write(f"{found.missing} episodes of the run have no new verdicts yet.")
    for spent in found.spending:
        tokens = f"{spent.prompt_tokens} prompt and {spent.completion_tokens} completion tokens"
        write(f"Model calls: {spent.calls}, of which {spent.failed} failed; {tokens}.")
