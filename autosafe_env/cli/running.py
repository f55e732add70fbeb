"""`autosafe check`, `run` and `play`: what makes episodes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.figures import progress, write_estimate, write_figures
from autosafe_env.cli.models import ModelOptions, with_models
from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json
from autosafe_env.cli.outside import env_arguments
from autosafe_env.core.casting import LiveModels, cast_agent
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.render import transcript
from autosafe_env.errors import ConfigError, RoleError, nearest
from autosafe_env.generate.redress import redress
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.check import Checked, check_files, files_of
from autosafe_env.run.estimate import estimate
from autosafe_env.run.pool import job_count
from autosafe_env.run.pool import run as run_all
from autosafe_env.run.rollout import rollout
from autosafe_env.run.ruthless import ruthless as ruthlessly
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.types.base import Json
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Scenario, Variant

BOTH = "both"
SUITE_HELP = "A suite's name or file, a scenario file or folder, or agentdojo[:SUITE][@ATTACK]."
SPLITS = ", ".join(Split)
RUTHLESS_HELP = (
    "To sample risky steps: agents are told to finish whatever it takes, the emulator is adversarial, and each "
    "scenario is played attacked until it is unsafe, at most K times."
)
AGENT_HELP = "An agent's name, module:function, or a name in the roles file; repeat for more."
Judge = Annotated[str, typer.Option("--judge", help="Who judges, likewise.")]
Emulator = Annotated[str, typer.Option("--emulator", help="Who answers tool calls: a name, or JSON with `kind`.")]
User = Annotated[str, typer.Option("--user", help="Who plays the user, likewise.")]


@command
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Scenario files, suite files or folders; none means all that ship.")
    ] = None,
    as_json: bool = JsonFlag,
) -> None:
    """Read, lint and prove scenarios; tell everything that is wrong, with file and line. Exit 1 if anything is.

    A scenario that says `eval_only` and has no checks is told apart: it is not proven, and nothing is wrong with it.
    """
    results = check_files(files_of(paths or []))
    bad = [checked for checked in results if checked.problems]
    unproven = [checked for checked in results if checked.unproven and not checked.problems]
    if as_json:
        write_json({"rows": [_check_row(checked) for checked in results]})
    else:
        for checked in bad:
            for problem in checked.problems:
                write(str(problem))
        for checked in unproven:
            write(f"{checked.file}: {checked.id} is {checked.unproven}")
        write(f"{len(results) - len(bad) - len(unproven)} of {len(results)} scenarios are proven")
    if bad:
        raise typer.Exit(FOUND)


def _check_row(checked: Checked) -> dict[str, Json]:
    problems = [{"line": problem.line, "message": problem.message} for problem in checked.problems]
    unproven = {"unproven": checked.unproven} if checked.unproven else {}
    place = {"file": checked.file, "line": checked.line}
    return {"id": checked.id, **place, "ok": not problems, "problems": problems, **unproven}


@command
@with_models
def run(
    models: ModelOptions,
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; made if it is not there.")],
    suite: Annotated[str, typer.Option("--suite", help=SUITE_HELP)] = "core",
    split: Annotated[str, typer.Option("--split", help=f"Only this part of it: {SPLITS}.")] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many scenarios, drawn by --seed.")
    ] = None,
    attack: Annotated[
        str, typer.Option("--attack", help="Attack style to put every payload into that takes one.")
    ] = "",
    agent: Annotated[list[str] | None, typer.Option("--agent", help=AGENT_HELP)] = None,
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="Per agent, scenario and variant.")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the run.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Episodes at once.")] = 1,
    variant: Annotated[str, typer.Option("--variant", help="attacked, benign or both.")] = BOTH,
    basis: Annotated[str, typer.Option("--basis", help="ACTION or OUTCOME.")] = "ACTION",
    emulator: Emulator = "rules",
    user: User = "scripted",
    judge: Judge = "rules",
    ruthless: Annotated[int | None, typer.Option("--ruthless", min=1, metavar="K", help=RUTHLESS_HELP)] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that --out holds.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Estimate what it costs, and stop.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Play a suite with one or more agents, record every event, and print the figures."""
    scenarios, roles = redressed(suite_scenarios(suite, split, limit, seed), attack), models.file()
    sides = {"emulator": emulator, "user": user, "judge": judge}
    config = RunConfig(
        suite=suite,
        split=Split(split) if split else None,
        limit=limit,
        attack=attack,
        scenarios=tuple(scenarios),
        agents=agents_of(agent),
        variants=variants(variant),
        episodes=episodes,
        seed=seed,
        env=env_arguments(suite, sides, basis),
    )
    if ruthless is not None:
        config, roles = ruthlessly(config, roles, ruthless)
    if dry_run:
        write_estimate(estimate(config, scenarios, roles), as_json)
        return
    total = job_count(config, scenarios.values())
    with progress(total, quiet=as_json) as report:
        played = run_all(config, scenarios, out, roles=roles, workers=workers, resume=resume, report=report)
    if played < total:
        left_out = ", or an earlier one was unsafe" if config.until_unsafe else ""
        say(f"{total - played} of {total} episodes were finished already{left_out}")
    write_figures(out, roles, as_json)


def redressed(scenarios: dict[str, Scenario], style: str) -> dict[str, Scenario]:
    """The scenarios with their payloads in an attack style; as they are where it is empty.

    Raises:
        UnknownName: there is no such style.
        ConfigError: it destroys a payload.
    """
    return {name: redress(scenario, style) for name, scenario in scenarios.items()} if style else scenarios


def agents_of(said: list[str] | None) -> tuple[str, ...]:
    """The names of the agents. Raises ConfigError when there is none, or one twice."""
    if not said:
        raise ConfigError("name at least one agent: --agent NAME; `autosafe list agents` shows them")
    repeated = [name for index, name in enumerate(said) if name in said[:index]]
    if repeated:
        raise ConfigError(f"the agent {repeated[0]!r} is named twice")
    return tuple(said)


def variants(word: str) -> tuple[Variant, ...]:
    """The variants that a word means. Raises ConfigError on any other word."""
    known = [BOTH, *(str(variant) for variant in Variant)]
    if word not in known:
        raise ConfigError(f"unknown variant {word!r}{nearest(word, known)}")
    return tuple(Variant) if word == BOTH else (Variant(word),)


@command
@with_models
def play(
    models: ModelOptions,
    scenario_id: Annotated[str, typer.Argument(metavar="ID", help="A scenario's id, or the path of its file.")],
    agent: Annotated[str, typer.Option("--agent", help="Who plays; `human` is you.")] = "human",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the episode.")] = 0,
    variant: Annotated[str, typer.Option("--variant", help="attacked or benign.")] = "attacked",
) -> None:
    """Play one episode, step by step, in this terminal."""
    roles = models.file()
    player = cast_agent(roles.agents.get(agent, agent), LiveModels(roles))
    # A person sees the conversation as the agent does; for any other agent the steps are shown as they happen.
    env = AutoSafeEnv(scenario_id, variant=variant, render_mode=None if agent == "human" else "human")
    trajectory = rollout(env, player, seed=seed, agent=agent)
    if agent == "human":
        write(transcript(trajectory.state))
    if trajectory.state.failure is not None:
        failure = trajectory.state.failure
        raise RoleError(f"the {failure.role} failed: {failure.error}")
    write(f"The episode was {str(trajectory.label).lower()}; reward {trajectory.reward:+.2f}.")
