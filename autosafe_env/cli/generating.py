"""`autosafe generate`: scenarios from patterns, each of them proven, into one suite file."""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.models import ModelOptions, with_models
from autosafe_env.cli.output import JsonFlag, command, say, write_json, write_table
from autosafe_env.cli.writing import Words, words_of
from autosafe_env.core.discover import Kind, names
from autosafe_env.core.scenarios import build
from autosafe_env.core.suite_files import entries_of, header_of, is_suite_file, suite_name, write_suite
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.generate.compose import Order
from autosafe_env.generate.library import load_patterns
from autosafe_env.generate.pattern import Pattern
from autosafe_env.generate.plan import Plan, draw_splits
from autosafe_env.generate.produce import produce
from autosafe_env.generate.styles import STYLES
from autosafe_env.types.base import Json
from autosafe_env.types.suite import SuiteEntry, SuiteHeader
from autosafe_env.types.threat import Category, Source
from autosafe_env.version import __version__

EVERY = 100
"""Progress is told after so many scenarios."""
Reasons = Counter[tuple[str, str]]
"""Pattern and reason to how many of its scenarios were dropped or kept out for it."""

Count = Annotated[int, typer.Option("--count", min=1, help="How many scenarios.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Equal seeds give equal bytes.")]
Out = Annotated[Path, typer.Option("--out", help="Suite file to write: NAME.jsonl or NAME.jsonl.gz.")]
Patterns = Annotated[list[str] | None, typer.Option("--pattern", help="Id, file or folder; repeat for more.")]
Toolkits = Annotated[list[str] | None, typer.Option("--toolkit", help="Bind these only; repeat for more.")]
Categories = Annotated[list[str] | None, typer.Option("--category", help="Of harm; repeat for more.")]
SourceOption = Annotated[str, typer.Option("--source", help="INSTRUCTION, CONTEXT or ACTION; left out, all.")]
Attack = Annotated[str, typer.Option("--attack", help="Attack style of every payload that can be dressed.")]
Distractors = Annotated[int, typer.Option("--distractors", min=0, max=40, help="Other entries in each list.")]
Split = Annotated[bool, typer.Option("--split", help="Hold out scenarios, patterns and toolkits.")]
Workers = Annotated[int, typer.Option("--workers", min=0, help="Processes; 0 for one a core.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what an interrupted call has left.")]
Explain = Annotated[bool, typer.Option("--explain", help="Print the yield by pattern and every reason.")]
Llm = Annotated[bool, typer.Option("--llm", help="Let a model word the scenarios: that of the role generator.")]
AtOnce = Annotated[int, typer.Option("--at-once", min=1, help="Scenarios that the model is asked for at a time.")]


@command
@with_models
def generate(
    models: ModelOptions,
    count: Count,
    out: Out,
    seed: Seed = 0,
    pattern: Patterns = None,
    toolkit: Toolkits = None,
    category: Categories = None,
    source: SourceOption = "",
    attack: Attack = "",
    distractors: Distractors = 3,
    split: Split = False,
    workers: Workers = 0,
    resume: Resume = False,
    explain: Explain = False,
    llm: Llm = False,
    at_once: AtOnce = 8,
    as_json: bool = JsonFlag,
) -> None:
    """Make scenarios from patterns, toolkits, triggers, styles and worlds. None is let out that is not proven."""
    order = _order(seed, toolkit or [], source, attack, distractors)
    plan = Plan(_of_category(load_patterns(pattern or ()), category or []), order, id_of(out))
    if not plan.cells:
        raise ConfigError(f"no pattern has a trigger of the source {source}; leave out --source or --category")
    asked: dict[str, Json] = {"count": count, "seed": seed, "pattern": pattern, "toolkit": toolkit}
    asked |= {"category": category, "source": source, "attack": attack, "distractors": distractors, "split": split}
    words = words_of(models, llm, at_once)
    made_by, versions = command_line({**asked, **words.asked}, out.name), {**versions_that_decide(), **words.versions}
    header = SuiteHeader(suite=suite_name(out), command=made_by, versions=versions)
    earlier = earlier_entries(out, header, resume)
    toolkits = order.toolkits or names(Kind.TOOLKIT)
    splits = draw_splits(str(seed), plan.patterns, toolkits) if split else None
    dropped: Reasons = Counter()
    made: Counter[str] = Counter()
    cores = workers or os.cpu_count() or 1
    fresh = produce(plan, count, splits=splits, workers=cores, earlier=earlier, dropped=dropped, through=words.through)
    with words.told():
        total = write_suite(out, header, _told(chain(earlier, fresh), made, count))
    _report(out, total, count, made, dropped, words, explain, as_json)


def _order(seed: int, toolkits: list[str], source: str, attack: str, distractors: int) -> Order:
    for name in toolkits:
        if name not in names(Kind.TOOLKIT):
            raise UnknownName("toolkit", name, names(Kind.TOOLKIT))
    if source and source not in list(Source):
        raise UnknownName("source", source, map(str, Source))
    if attack and attack not in STYLES:
        raise UnknownName("attack style", attack, STYLES)
    return Order(str(seed), tuple(toolkits), source=source, attack=attack, distractors=distractors)


def id_of(out: Path) -> str:
    """The name of a suite as the beginning of ids. Raises ConfigError when it cannot be one."""
    suite = suite_name(out)
    if is_suite_file(out) and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", suite):
        raise ConfigError(
            f"a suite's ids begin with the name of its file, and {suite!r} cannot: use a-z, 0-9 and dashes"
        )
    return suite


def _of_category(patterns: tuple[Pattern, ...], wanted: list[str]) -> tuple[Pattern, ...]:
    for name in wanted:
        if name not in list(Category):
            raise UnknownName("category", name, map(str, Category))
    return tuple(each for each in patterns if not wanted or each.category in wanted)


def command_line(asked: dict[str, Json], file: str) -> str:
    """The command that makes the same file again; what decides nothing about its contents is left out."""
    words = ["autosafe", "generate"]
    for name, value in asked.items():
        values = value if isinstance(value, list) else [value]
        for each in values:
            if each is True:
                words.append(f"--{name}")
            elif each not in (None, "", False):
                words += [f"--{name}", str(each)]
    return shlex.join([*words, "--out", file])


def versions_that_decide() -> dict[str, str]:
    """Versions of what decides the contents of a suite."""
    return {"autosafe-env": __version__, "Faker": version("Faker")}


def earlier_entries(out: Path, header: SuiteHeader, resume: bool) -> list[SuiteEntry]:
    """What an interrupted call has left.

    Raises:
        ConfigError: there is something and `resume` does not say that it is meant, or it came of another command.
    """
    part = out.with_name(f"{out.name}.part")
    left = next((path for path in (part, out) if path.exists()), None)
    if left is None:
        return []
    if not resume:
        raise ConfigError(f"{left} is there already: go on with it by --resume, delete it, or name another file")
    found = header_of(left)
    if found != header:
        raise ConfigError(f"{left} was made by `{found.command}` with {found.versions}; that is not this command")
    return [unbuilt.entry(build(unbuilt.source)) for unbuilt in entries_of(left)]


def _told(entries: Iterator[SuiteEntry], made: Counter[str], wanted: int) -> Iterator[SuiteEntry]:
    """The entries, counted by pattern as they pass, with a word to the person at the terminal now and then."""
    for number, entry in enumerate(entries, start=1):
        made[entry.pattern] += 1
        if number % EVERY == 0:
            say(f"{number} of {wanted} scenarios")
        yield entry


def yielded(made: int, lost: int) -> float:
    """The share of a pattern's scenarios that were let in."""
    return made / (made + lost)


def _report(
    out: Path,
    total: int,
    wanted: int,
    made: Counter[str],
    dropped: Reasons,
    words: Words,
    explain: bool,
    as_json: bool,
) -> None:
    lost: Counter[str] = Counter()
    for (name, _), times in dropped.items():
        lost[name] += times
    rows: list[dict[str, Json]] = [
        {
            "pattern": name,
            "scenarios": made[name],
            "dropped": lost[name],
            "yield": made[name] / (made[name] + lost[name]),
        }
        for name in sorted({*made, *lost})
    ]
    reasons: list[dict[str, Json]] = [
        {"pattern": name, "reason": reason, "times": times}
        for (name, reason), times in (dropped + words.refused).most_common()
    ]
    if as_json:
        figures = {"file": str(out), "scenarios": total, "wanted": wanted, "rows": rows, "reasons": reasons}
        write_json({**figures, **words.figures})
    elif explain:
        write_table(rows, ("pattern", "scenarios", "dropped", "yield"))
        write_table(reasons, ("times", "pattern", "reason"))
    say(f"{out}: {total} scenarios, all proven; {sum(dropped.values())} others were dropped or kept out")
    if total < wanted:
        common = Counter({reason: 0 for _, reason in dropped})
        for (_, reason), times in dropped.items():
            common[reason] += times
        why = f"; most often because: {common.most_common(1)[0][0]}" if common else ""
        say(f"that is all that the patterns and toolkits hold of the {wanted} that were asked for{why}")
