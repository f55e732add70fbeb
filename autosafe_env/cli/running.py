"""`autosafe check`, `run` and `play`: what makes episodes."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autosafe_env.bench.metrics import Row, summarise
from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json, write_table
from autosafe_env.core.discover import load_agent, scenario_files, suites
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.render import transcript
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import ConfigError, RoleError, UnknownName, nearest
from autosafe_env.record.manifest import RunConfig
from autosafe_env.record.read import read_episodes
from autosafe_env.run.check import Checked, check_files, files_of
from autosafe_env.run.pool import run as run_all
from autosafe_env.run.rollout import rollout
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.trajectory import Trajectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOTH = "both"
RATES = ("achievement_rate", "over_refusal_rate", "exposure_rate", "undecided_rate")
FIGURES = ("agent", "episodes", "safety_rate", "95%_interval", *RATES, "failed", "mean_first_unsafe")
SELDOM = {
    "failed_by_role": "failed_by_role",
    "user_fault_episodes": "user_fault_episodes",
    "safety_rate_without_user_faults": "user_fault_episodes",
}
"""Column to the figure that must not be zero in some row for the column to be shown."""
Judge = Annotated[str, typer.Option("--judge", help="Who judges.")]
Emulator = Annotated[str, typer.Option("--emulator", help="Who answers tool calls.")]
User = Annotated[str, typer.Option("--user", help="Who plays the user.")]


@command
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Scenario files or folders; none means all that ship.")
    ] = None,
    as_json: bool = JsonFlag,
) -> None:
    """Read, lint and prove scenarios; tell everything that is wrong, with file and line. Exit 1 if anything is."""
    results = check_files(files_of(paths or []))
    bad = [checked for checked in results if checked.problems]
    if as_json:
        write_json({"rows": [_check_row(checked) for checked in results]})
    else:
        for checked in bad:
            for problem in checked.problems:
                write(str(problem))
        write(f"{len(results) - len(bad)} of {len(results)} scenarios are proven")
    if bad:
        raise typer.Exit(FOUND)


def _check_row(checked: Checked) -> dict[str, Json]:
    problems = [{"line": problem.line, "message": problem.message} for problem in checked.problems]
    return {"id": checked.id, "file": checked.file, "ok": not problems, "problems": problems}


@command
def run(
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; made if it is not there.")],
    suite: Annotated[str, typer.Option("--suite", help="A suite's name, or a scenario file or folder.")] = "core",
    agent: Annotated[list[str] | None, typer.Option("--agent", help="An agent's name; repeat for more.")] = None,
    episodes: Annotated[int, typer.Option("--episodes", min=1, help="Per agent, scenario and variant.")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the run.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Episodes at once.")] = 1,
    variant: Annotated[str, typer.Option("--variant", help="attacked, benign or both.")] = BOTH,
    basis: Annotated[str, typer.Option("--basis", help="ACTION or OUTCOME.")] = "ACTION",
    emulator: Emulator = "rules",
    user: User = "scripted",
    judge: Judge = "rules",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that --out holds.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Play a suite with one or more agents, record every event, and print the figures."""
    scenarios = suite_scenarios(suite)
    if not agent:
        raise ConfigError("name at least one agent: --agent NAME; `autosafe list agents` shows them")
    repeated = [name for index, name in enumerate(agent) if name in agent[:index]]
    if repeated:
        raise ConfigError(f"the agent {repeated[0]!r} is named twice")
    env: dict[str, Json] = {"emulator": emulator, "user": user, "judge": judge, "basis": basis}
    config = RunConfig(
        suite=suite,
        scenarios=tuple(scenarios),
        agents=tuple(agent),
        variants=variants(variant),
        episodes=episodes,
        seed=seed,
        env=env,
    )
    total = len(scenarios) * len(agent) * len(config.variants) * episodes
    with progress(total, quiet=as_json) as report:
        played = run_all(config, scenarios, out, workers=workers, resume=resume, report=report)
    if played < total:
        say(f"{total - played} of {total} episodes were finished already")
    write_rows(summarise(recorded.trajectory() for recorded in read_episodes(out)), as_json)


def suite_scenarios(suite: str) -> dict[str, Scenario]:
    """The scenarios of a suite by id: a shipped one by name, or those of a file or folder.

    Raises:
        UnknownName: neither a suite nor a path.
        ScenarioError: a scenario does not load.
    """
    if suite in suites():
        return {name: load_scenario(name) for name, path in scenario_files().items() if path.parent.name == suite}
    if not Path(suite).exists():
        raise UnknownName("suite", suite, suites())
    loaded: dict[str, Scenario] = {}
    for path in files_of([Path(suite)]):
        scenario = load_scenario(path)
        if loaded.setdefault(scenario.id, scenario) is not scenario:
            raise ConfigError(f"{path}: the id {scenario.id!r} is taken by another file of the suite")
    return loaded


def variants(word: str) -> tuple[Variant, ...]:
    """The variants that a word means. Raises ConfigError on any other word."""
    known = [BOTH, *(str(variant) for variant in Variant)]
    if word not in known:
        raise ConfigError(f"unknown variant {word!r}{nearest(word, known)}")
    return tuple(Variant) if word == BOTH else (Variant(word),)


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[Trajectory], None]]:
    """A bar on stderr with the counts of safe, unsafe and undecided episodes; yields what to call with each."""
    counts = dict.fromkeys(("safe", "unsafe", "undecided", "failed"), 0)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("starting", total=total)

        def report(trajectory: Trajectory) -> None:
            label = trajectory.label
            counts["failed" if label is None else label.lower()] += 1
            words = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
            bar.update(task, advance=1, description=words)

        yield report


def write_rows(rows: list[Row], as_json: bool) -> None:
    """The figures of a run, as JSON or as a table."""
    if as_json:
        write_json({"rows": [row.model_dump(mode="json") for row in rows]})
        return
    seldom = (column for column, figure in SELDOM.items() if any(getattr(row, figure) for row in rows))
    columns = (*FIGURES, *seldom)
    write_table([_figures(row) for row in rows], columns)
    write(
        "\nSafety with its 95% Wilson interval, over safe and unsafe episodes. Over-refusal: benign twins not achieved."
    )
    if any(row.privileged for row in rows):
        write("* privileged: given what no agent may see; a control, not a subject.")
    for row in rows:
        if row.safety_rate == 1.0 and row.achievement_rate == 0.0:
            write(f"{row.agent} is safe because it is useless: it achieves nothing.")


def _figures(row: Row) -> dict[str, Json]:
    """A row as a person reads it: rates in per cent, privileged agents starred."""
    plain = row.model_dump(mode="json")
    rates = {name: _percent(plain[name]) for name in ("safety_rate", "safety_rate_without_user_faults", *RATES)}
    interval = f"{_percent(row.safety_low)} to {_percent(row.safety_high)}"
    rates["failed_by_role"] = ", ".join(f"{role} {count}" for role, count in row.failed_by_role.items()) or "-"
    return {**plain, **rates, "agent": row.agent + (" *" if row.privileged else ""), "95%_interval": interval}


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f}%"


@command
def play(
    scenario_id: Annotated[str, typer.Argument(metavar="ID", help="A scenario's id, or the path of its file.")],
    agent: Annotated[str, typer.Option("--agent", help="Who plays; `human` is you.")] = "human",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the episode.")] = 0,
    variant: Annotated[str, typer.Option("--variant", help="attacked or benign.")] = "attacked",
) -> None:
    """Play one episode, step by step, in this terminal."""
    # A person sees the conversation as the agent does; for any other agent the steps are shown as they happen.
    env = AutoSafeEnv(scenario_id, variant=variant, render_mode=None if agent == "human" else "human")
    trajectory = rollout(env, load_agent(agent), seed=seed, agent=agent)
    if agent == "human":
        write(transcript(trajectory.state))
    if trajectory.state.failure is not None:
        failure = trajectory.state.failure
        raise RoleError(f"the {failure.role} failed: {failure.error}")
    write(f"The episode was {str(trajectory.label).lower()}; reward {trajectory.reward:+.2f}.")
