"""`autosafe propose-pattern`: a new pattern from a language model, tried before it is written down."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.models import ModelOptions, with_models
from autosafe_env.cli.output import JsonFlag, command, write, write_json
from autosafe_env.cli.writing import ROLE, bill, sampling, say_bill
from autosafe_env.core.casting import LiveModels
from autosafe_env.core.discover import Kind, names
from autosafe_env.core.roles import RolesFile
from autosafe_env.errors import ConfigError, ModelError, UnknownName
from autosafe_env.generate.library import read_pattern
from autosafe_env.generate.proposer_llm import LlmProposer, Proposal, Wish, as_yaml
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Category, Source

IDS = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@command
@with_models
def propose_pattern(
    models: ModelOptions,
    toolkit: Annotated[list[str], typer.Option("--toolkit", help="It must work with; repeat for more.")],
    category: Annotated[str, typer.Option("--category", help="Of harm.")],
    out: Annotated[Path, typer.Option("--out", help="File to write: ID.yaml, by the pattern's id.")],
    source: Annotated[str, typer.Option("--source", help="INSTRUCTION, CONTEXT or ACTION; left out, any.")] = "",
    outcome: Annotated[str, typer.Option("--outcome", help="What must not happen, in your words.")] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the scenarios that are tried.")] = 0,
    as_json: bool = JsonFlag,
) -> None:
    """Let the model of the role generator write a pattern. Nothing is written that makes no proven scenarios."""
    wish = _wish(out, toolkit, category, source, outcome, seed)
    roles = models.file()
    proposal = _proposed(roles, wish)
    comment = f"Proposed by the model {_model(roles)!a} for {', '.join(wish.toolkits)}. Read it before you use it."
    try:
        out.write_text(as_yaml(proposal.pattern, comment), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}") from error
    read_pattern(out)
    if as_json:
        rows: list[Json] = [each.model_dump(mode="json") for each in bill(roles, proposal.calls)]
        told: dict[str, Json] = {"proven": proposal.proven, "tried": proposal.tried, "spending": rows}
        write_json({"file": str(out), "pattern": proposal.pattern.id, **told})
    else:
        figures = f"{proposal.proven} of {proposal.tried} scenarios that were tried are proven"
        write(f"{out}: {proposal.pattern.title}; {figures}")


def _wish(out: Path, toolkits: list[str], category: str, source: str, outcome: str, seed: int) -> Wish:
    for kind, name, known in (
        *(("toolkit", each, names(Kind.TOOLKIT)) for each in toolkits),
        ("category", category, list(Category)),
        ("source", source, ["", *Source]),
    ):
        if name not in known:
            raise UnknownName(kind, name, [each for each in known if each])
    if out.suffix != ".yaml" or not IDS.fullmatch(out.stem):
        raise ConfigError(f"{out}: a pattern's file is called ID.yaml, its id in small letters, digits and dashes")
    if out.exists():
        raise ConfigError(f"{out} is there already; name another file")
    chosen = Source(source) if source else None
    return Wish(out.stem, tuple(dict.fromkeys(toolkits)), Category(category), chosen, outcome, str(seed))


def _proposed(roles: RolesFile, wish: Wish) -> Proposal:
    """A proposal, billed on stderr whatever comes of it."""
    proposer = LlmProposer(LiveModels(roles).model(ROLE), **sampling(roles))
    try:
        proposal = proposer.propose(wish)
    except ModelError as error:
        say_bill(roles, error.calls)
        raise ConfigError(f"no pattern was written: {type(error).__name__}: {error}") from error
    say_bill(roles, proposal.calls)
    return proposal


def _model(roles: RolesFile) -> str:
    settings = roles.settings(ROLE)
    return str(settings.model or settings.kind)
