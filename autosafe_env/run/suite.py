"""The scenarios of a suite, be it a name, a suite file, a scenario file or a folder: all of them, a split or a sample.

Of a suite in one file, what is not chosen is not loaded.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autosafe_env.core.discover import suite_files, suites
from autosafe_env.core.scenarios import build, load_row, load_scenario
from autosafe_env.core.shipped import index_of, suite_members
from autosafe_env.core.suite_files import entries_of, is_suite_file
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.run.check import files_of
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Scenario


@dataclass(frozen=True)
class Member:
    """One scenario of a suite, not yet loaded."""

    id: str
    split: Split | None
    load: Callable[[], Scenario]


def suite_scenarios(suite: str, split: str = "", limit: int | None = None, seed: int = 0) -> dict[str, Scenario]:
    """The scenarios of a suite by id, in its order.

    Args:
        suite: name of one that ships, a suite file, a scenario file or a folder of these.
        split: only those of this split; empty for all.
        limit: at most so many: a sample that `seed`, and nothing else, decides; None for all.
        seed: of the sample. A smaller sample of the same seed is a part of a larger one.

    Raises:
        UnknownName: neither a suite nor a path, or no such split.
        ConfigError: the suite has no splits, two of its scenarios have one id, or nothing is left.
        ScenarioError: a scenario does not load.
    """
    chosen: Iterable[tuple[int, Member]] = enumerate(_of_split(members(suite), suite, split))
    if limit is not None:
        chosen = sorted(heapq.nsmallest(limit, chosen, key=partial(_rank, seed)))
    loaded: dict[str, Scenario] = {}
    for _, member in chosen:
        scenario = member.load()
        if loaded.setdefault(scenario.id, scenario) is not scenario:
            raise ConfigError(f"{suite}: two scenarios have the id {scenario.id!r}")
    if not loaded:
        raise ConfigError(f"the suite {suite!r} holds no scenario")
    return loaded


def _rank(seed: int, numbered: tuple[int, Member]) -> bytes:
    return hashlib.sha256(f"{seed}/{numbered[1].id}".encode()).digest()


def members(suite: str) -> Iterator[Member]:
    """The members of a suite, in its order. Raises UnknownName when it is neither a suite nor a path."""
    if suite in suite_files():
        path = suite_files()[suite]
        for row in index_of(path).rows:
            yield Member(row.card.id, row.split, partial(load_row, path, row))
    elif suite in suites():
        for name in suite_members(suite):
            yield Member(name, None, partial(load_scenario, name))
    elif not Path(suite).exists():
        raise UnknownName("suite", suite, suites())
    else:
        yield from _members_of(Path(suite))


def _members_of(path: Path) -> Iterator[Member]:
    if is_suite_file(path):
        for entry in entries_of(path):
            yield Member(entry.id, entry.head.split, partial(build, entry.source))
        return
    for file in files_of([path]):
        scenario = load_scenario(file)
        yield Member(scenario.id, None, partial(load_scenario, scenario))


def _of_split(found: Iterator[Member], suite: str, split: str) -> Iterator[Member]:
    """The members of a split, counted on the way, so that an empty one can be told from one that is not there."""
    if split and split not in list(Split):
        raise UnknownName("split", split, map(str, Split))
    sizes: Counter[str] = Counter()
    for member in found:
        sizes[str(member.split or "")] += 1
        if split in ("", member.split):
            yield member
    if split and not sizes[split]:
        there = ", ".join(f"{name} ({sizes[name]})" for name in map(str, Split) if sizes[name])
        message = f"has no scenario in the split {split!r}; it has {there}" if there else "has no splits"
        raise ConfigError(f"the suite {suite!r} {message}")
