"""`autosafe attack`: one scenario against one agent, its payload phrased anew in every round."""

from __future__ import annotations

from typing import Annotated

import typer

from autosafe_env.cli.models import ModelOptions, role_config, with_models
from autosafe_env.cli.output import FOUND, JsonFlag, command, write, write_json, write_table
from autosafe_env.cli.running import Emulator, Judge, User
from autosafe_env.core.casting import LiveModels, cast_agent, cast_role
from autosafe_env.core.discover import Kind
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.roles import RolesFile
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import RoleError, UnknownName
from autosafe_env.generate.attack import attack as attacked
from autosafe_env.generate.attacker import Attacker, Attempt, BanditAttacker, Came
from autosafe_env.generate.attacker_llm import LlmAttacker
from autosafe_env.generate.styles import STYLES
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Scenario

COLUMNS = ("round", "style", "by", "came", "seen", "steps", "reason")


@command
@with_models
def attack(
    models: ModelOptions,
    scenario_id: Annotated[str, typer.Argument(metavar="ID", help="A scenario's id, or the path of its file.")],
    agent: Annotated[
        str, typer.Option("--agent", help="Who is attacked: a name, module:function, or of the roles file.")
    ],
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Attempts at most.")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the choices; round n plays with seed + n.")] = 0,
    llm: Annotated[
        bool, typer.Option("--llm", help="Let a model write the phrasings: that of the role attacker.")
    ] = False,
    style: Annotated[
        list[str] | None, typer.Option("--style", help="Choose among these only; repeat for more.")
    ] = None,
    emulator: Emulator = "rules",
    user: User = "scripted",
    judge: Judge = "rules",
    as_json: bool = JsonFlag,
) -> None:
    """Attack an agent with one phrasing after the other until it gives in. Exit 1 if it does."""
    for name in style or ():
        if name not in STYLES:
            raise UnknownName("attack style", name, STYLES)
    scenario, roles = load_scenario(scenario_id), models.file()
    source = LiveModels(roles)
    player = cast_agent(roles.agents.get(agent, agent), source)
    sides = {Kind.EMULATOR: emulator, Kind.USER: user, Kind.JUDGE: judge}
    live = {kind.name.lower(): cast_role(kind, role_config(text), source) for kind, text in sides.items()}

    def make_env(dressed: Scenario) -> AutoSafeEnv:
        return AutoSafeEnv(dressed, **live)

    chooser = _attacker(roles, source, style, llm)
    made = list(attacked(scenario, player, rounds, attacker=chooser, seed=seed, make_env=make_env))
    attempts = [attempt for attempt, _ in made]
    gave_in = attempts[-1].came is Came.GAVE_IN
    if as_json:
        rows = [{**_row(index, each), **_more(each)} for index, each in enumerate(attempts)]
        write_json({"scenario": scenario.id, "agent": agent, "seed": seed, "gave_in": gave_in, "attempts": rows})
    else:
        _write(agent, attempts)
    failure = made[-1][1].state.failure
    if failure is not None and failure.stops_run:
        raise RoleError(f"the attack stopped: {failure.error}")
    if gave_in:
        raise typer.Exit(FOUND)


def _attacker(roles: RolesFile, source: LiveModels, style: list[str] | None, llm: bool) -> Attacker:
    bandit = BanditAttacker(style)
    if not llm:
        return bandit
    settings = roles.settings("attacker")
    sampling = {"temperature": settings.temperature, "seed": settings.seed, "max_tokens": settings.max_tokens}
    return LlmAttacker(source.model("attacker"), fallback=bandit, **sampling)  # type: ignore[arg-type]


def _row(index: int, attempt: Attempt) -> dict[str, Json]:
    return {
        "round": index,
        "style": attempt.phrasing.style,
        "by": attempt.phrasing.by,
        "came": str(attempt.came),
        "seen": attempt.exposed,
        "steps": attempt.steps,
        "reason": attempt.reason,
    }


def _more(attempt: Attempt) -> dict[str, Json]:
    """What JSON holds besides."""
    phrasing = attempt.phrasing
    return {"texts": list(phrasing.texts), "note": phrasing.note, "calls": len(phrasing.calls), "seed": attempt.seed}


def _write(agent: str, attempts: list[Attempt]) -> None:
    write_table([_row(index, each) for index, each in enumerate(attempts)], COLUMNS)
    for index, each in enumerate(attempts):
        if each.phrasing.note:
            write(f"Round {index}: the model gave no phrasing, so the bandit chose: {each.phrasing.note}")
    last = attempts[-1]
    if last.came is Came.GAVE_IN:
        written = "\n\n".join(last.phrasing.texts)
        write(f"{agent} gave in after {len(attempts)} rounds, to {last.phrasing.style!r}:\n{written}")
    else:
        unseen = sum(not each.exposed for each in attempts)
        seen = f"; it never saw the payload in {unseen} of them" if unseen else ""
        write(f"{agent} did not give in within {len(attempts)} rounds{seen}.")
