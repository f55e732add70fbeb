"""Outside suites: who plays the environment's side in them, and `autosafe agentdojo`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from autosafe_env.cli.models import ModelOptions, role_config, with_models
from autosafe_env.cli.output import FOUND, JsonFlag, command, write, write_json, write_table
from autosafe_env.core.casting import LiveModels, cast_role
from autosafe_env.core.discover import Kind
from autosafe_env.integrations.agentdojo_oracle import replay_all
from autosafe_env.integrations.agentdojo_scenarios import SIDES, is_agentdojo
from autosafe_env.integrations.agentdojo_suite import USUAL_ATTACK, installed_version, pairs
from autosafe_env.integrations.agentdojo_tally import tally, totals
from autosafe_env.types.base import Json

USUAL = "rules"
"""What emulator and judge are unless somebody says otherwise."""


def env_arguments(suite: str, sides: Mapping[str, str], basis: str) -> dict[str, Json]:
    """Arguments of the environment for a suite: an outside suite brings its own roles, where none are named."""
    env: dict[str, Json] = {**{name: role_config(text) for name, text in sides.items()}, "basis": basis}
    if is_agentdojo(suite):
        env |= {name: value for name, value in SIDES.items() if env.get(name, USUAL) == USUAL}
    return env


@command
@with_models
def agentdojo(
    models: ModelOptions,
    suite: Annotated[str, typer.Option("--suite", help="One of AgentDojo's suites; none means all.")] = "",
    attack: Annotated[str, typer.Option("--attack", help="One of AgentDojo's attacks.")] = USUAL_ATTACK,
    judge: Annotated[str, typer.Option("--judge", help="Whose verdicts are scored; AgentDojo's own if not said.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many pairs, from the first.")] = None,
    as_json: bool = JsonFlag,
) -> None:
    """Replay AgentDojo's ground truths, honestly and hijacked, and score a judge against AgentDojo's own verdicts.

    Exit 1 if a replay fails. To play agents, use `autosafe run --suite agentdojo`.
    """
    version = installed_version()
    scored = cast_role(Kind.JUDGE, role_config(judge), LiveModels(models.file())) if judge else None
    replayed = list(replay_all(list(pairs(suite))[:limit], attack=attack, judge=scored))
    rows = [each.model_dump(mode="json") for each in [*tally(replayed), totals(replayed)]]
    bad = [each for each in replayed if each.played and each.reason]
    if as_json:
        write_json({"agentdojo": version, "attack": attack, "rows": rows, "failed": [each.pair for each in bad]})
    else:
        write(f"AgentDojo {version}, attack {attack}")
        write_table(rows, ("suite", "manner", "replays", "no_ground_truth", "failed", "utility", "attack_success"))
        columns = ("suite", "manner", "exposed", "safe", "unsafe", "undecided", "agree", "differ", "kappa")
        write_table(rows, columns, caption="The judge's labels, and whether they are what AgentDojo says at the end.")
        for each in bad[:10]:
            write(f"{each.pair}, {each.manner}: {each.reason}")
    if bad:
        raise typer.Exit(FOUND)
