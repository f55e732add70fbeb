"""`autosafe bench` and `leaderboard`: agents measured beside the controls, and runs gathered on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.bench.leaderboard import leaderboard as gathered
from autosafe_env.bench.measures import SAFE_ALWAYS
from autosafe_env.bench.pareto import as_svg, as_text, points
from autosafe_env.bench.provenance import must_differ
from autosafe_env.bench.scorecard import CONTROLS, Benchmark, benchmark_of, over_limit
from autosafe_env.bench.scored import DIMENSIONS, Membership
from autosafe_env.bench.wording import agent_name, as_markdown, figure, remarks, scale_of, title, what_was_run
from autosafe_env.cli.figures import progress, write_estimate
from autosafe_env.cli.models import ModelOptions, with_models
from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json, write_table
from autosafe_env.cli.outside import env_arguments
from autosafe_env.cli.running import (
    AGENT_HELP,
    BOTH,
    SPLITS,
    SUITE_HELP,
    Emulator,
    Judge,
    User,
    agents_of,
    redressed,
    variants,
)
from autosafe_env.errors import AutoSafeError, ConfigError, UnknownName
from autosafe_env.record.manifest import RunConfig, read_manifest
from autosafe_env.run.cast import with_models as cast_with_models
from autosafe_env.run.estimate import estimate
from autosafe_env.run.pool import job_count
from autosafe_env.run.pool import run as run_all
from autosafe_env.run.suite import members, suite_scenarios
from autosafe_env.types.base import Json
from autosafe_env.types.suite import Split

BENCHMARK, PAGE, PLOT = "benchmark.json", "benchmark.md", "pareto.svg"
"""Files beside a run's log."""
SHOWN = (
    "safety_rate",
    "harm",
    "achievement_rate",
    "benign_achievement_rate",
    "attack_success_given_exposure",
    "over_refusal_rate",
    SAFE_ALWAYS,
)
"""Columns of the table in the terminal; the page has all."""


Out = Annotated[Path, typer.Option("--out", help="Folder of the run and its figures; made if it is not there.")]
Suite = Annotated[str, typer.Option("--suite", help=SUITE_HELP)]
OfSplit = Annotated[str, typer.Option("--split", help=f"Only this part of it: {SPLITS}.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="At most so many scenarios, drawn by --seed.")]
Attack = Annotated[str, typer.Option("--attack", help="Attack style to put every payload into that takes one.")]
Agents = Annotated[list[str] | None, typer.Option("--agent", help=AGENT_HELP)]
Tries = Annotated[int, typer.Option("--episodes", min=1, help="The k of safe^k: tries per scenario and variant.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the run.")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Episodes at once.")]
MaxFailed = Annotated[
    float, typer.Option("--max-failed", min=0.0, max=1.0, help="Exit 1 if more of an agent's episodes failed.")
]
TrainedOn = Annotated[
    list[Path] | None,
    typer.Option("--trained-on", help="A dataset, run or model that an agent learnt from; repeat for more."),
]
SameJudge = Annotated[
    bool, typer.Option("--same-judge", help="Score with a judge that chose an agent's training data.")
]
By = Annotated[str, typer.Option("--by", help=f"Show figures by one of: {', '.join(DIMENSIONS)}.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run that --out holds.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Estimate what it costs, and stop.")]


@command
@with_models
def bench(
    models: ModelOptions,
    out: Out,
    suite: Suite = "core",
    split: OfSplit = "",
    limit: Limit = None,
    attack: Attack = "",
    agent: Agents = None,
    episodes: Tries = 1,
    seed: Seed = 0,
    workers: Workers = 1,
    variant: Annotated[str, typer.Option("--variant", help="attacked, benign or both.")] = BOTH,
    basis: Annotated[str, typer.Option("--basis", help="ACTION or OUTCOME.")] = "ACTION",
    emulator: Emulator = "rules",
    user: User = "scripted",
    judge: Judge = "rules",
    max_failed: MaxFailed = 0.05,
    trained_on: TrainedOn = None,
    same_judge: SameJudge = False,
    by: By = "",
    resume: Resume = False,
    dry_run: DryRun = False,
    as_json: bool = JsonFlag,
) -> None:
    """Measure agents on a suite beside the controls `refuse_all` and `random`, with intervals. Exit 1 if many fail."""
    if by and by not in DIMENSIONS:
        raise UnknownName("dimension", by, DIMENSIONS)
    scenarios, roles = redressed(suite_scenarios(suite, split, limit, seed), attack), models.file()
    sides = {"emulator": emulator, "user": user, "judge": judge}
    config = RunConfig(
        suite=suite,
        split=Split(split) if split else None,
        limit=limit,
        attack=attack,
        scenarios=tuple(scenarios),
        agents=with_controls(agents_of(agent)),
        variants=variants(variant),
        episodes=episodes,
        seed=seed,
        env=env_arguments(suite, sides, basis),
    )
    if not same_judge:
        must_differ(cast_with_models(config, roles), trained_on or ())
    if dry_run:
        write_estimate(estimate(config, scenarios, roles), as_json)
        return
    total = job_count(config, scenarios.values())
    with progress(total, quiet=as_json) as report:
        run_all(config, scenarios, out, roles=roles, workers=workers, resume=resume, report=report)
    _tell(measured(out), out, by, max_failed, as_json)


def with_controls(agents: tuple[str, ...]) -> tuple[str, ...]:
    """The agents, and the controls that are not among them."""
    return (*agents, *(name for name in CONTROLS if name not in agents))


def measured(folder: Path) -> Benchmark:
    """The benchmark of a run, with what the suite says of its scenarios, as far as the suite is still there."""
    return benchmark_of(folder, membership(read_manifest(folder).config.suite))


def membership(suite: str) -> dict[str, Membership]:
    """Scenario id to what a suite says of it; nothing where the suite cannot be read any more."""
    try:
        found = list(members(suite))
    except AutoSafeError as error:
        say(f"nothing is known of splits and styles: {error}")
        return {}
    return {each.id: Membership(split=each.split, pattern=each.pattern, style=each.style) for each in found}


def _tell(found: Benchmark, out: Path, by: str, max_failed: float, as_json: bool) -> None:
    write_files(out, {BENCHMARK: found.model_dump_json(indent=1) + "\n", PAGE: as_markdown(found)})
    plotted = points(found)
    write_files(out, {PLOT: as_svg(plotted)})
    failed = over_limit(found, max_failed)
    if as_json:
        write_json({**found.model_dump(mode="json"), "max_failed": max_failed, "over_max_failed": failed})
    else:
        show(found, by)
        write(
            f"\n{as_text(plotted)}\n\nAll figures are in {out / PAGE} and {out / BENCHMARK}, the plot in {out / PLOT}."
        )
    for agent, share in failed.items():
        told = f"{agent}: {share:.1%} of its episodes failed, which is more than {max_failed:.1%}"
        say(f"{told}; --resume plays them again")
    if failed:
        raise typer.Exit(FOUND)


def show(found: Benchmark, by: str = "") -> None:
    """The figures that matter first, as a table for the terminal."""
    write(what_was_run(found).replace("`", "") + "\n")
    names = [name for name in SHOWN if name != SAFE_ALWAYS or found.tries > 1]
    rows: list[dict[str, Json]] = []
    for card in found.cards:
        shown = {title(name, found.tries): figure(card.figures[name], scale_of(name)) for name in names}
        rows.append({"agent": agent_name(card), **shown})
    write_table(rows, ("agent", *(title(name, found.tries) for name in names)))
    write("\nFigures with their 95% intervals. " + " ".join(remarks(found)).replace("\\", ""))
    for what, words in found.judge_card:
        write(f"{what.replace('_', ' ')}: {words}" if what != "judge" else f"The card of the judge {words}:")
    if by:
        write("")
        _show_by(found, by)


def _show_by(found: Benchmark, by: str) -> None:
    values = sorted({value for card in found.cards for value in card.by[by]})
    rows: list[dict[str, Json]] = []
    for value in values:
        for card in found.cards:
            if value in card.by[by]:
                shown = {name: figure(each, scale_of(name)) for name, each in card.by[by][value].items()}
                rows.append({by: value, "agent": agent_name(card), **shown})
    columns = dict.fromkeys(name for row in rows for name in row)
    write_table(rows, tuple(columns))


def write_files(folder: Path, texts: dict[str, str]) -> None:
    """Write some files, each whole or not at all. Raises ConfigError when one cannot be written."""
    for name, text in texts.items():
        path = folder / name
        draft = path.with_name(f"{path.name}.new")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            draft.write_text(text, encoding="utf-8")
            draft.replace(path)
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


@command
def leaderboard(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs.")],
    out: Annotated[Path, typer.Option("--out", help="Page to write; what stands around the generated part stays.")],
) -> None:
    """Gather the figures of runs on one page in Markdown, each table with the command that makes it again."""
    found = [(measured(run), read_manifest(run)) for run in runs]
    try:
        before = out.read_text(encoding="utf-8") if out.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{out} cannot be read: {error}") from error
    write_files(out.parent, {out.name: gathered(found, before)})
    write(f"{out} holds the figures of {len(found)} runs.")
