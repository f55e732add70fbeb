"""The branches of an episode as text beneath the steps that they replace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from autosafe_env.core.render import printable, steps_from
from autosafe_env.record.branches import MARK, RecordedBranch, read_branches

INDENT = "    | "


def branches_of(folder: Path, episode: str) -> list[RecordedBranch]:
    """The branches of an episode, in the order in which they were tried; of a branch's name, those of its parent."""
    parent = episode.partition(MARK)[0]
    return [found for found in read_branches(folder) if found.branch.parent == parent]


def tree(branches: Sequence[RecordedBranch]) -> dict[int, str]:
    """Index of each step that was corrected to its branches as text: what was suggested, what came of it."""
    shown: dict[int, list[str]] = {}
    for found in branches:
        shown.setdefault(found.branch.step, []).extend(_lines(found))
    return {step: "\n".join(lines) for step, lines in shown.items()}


def _lines(found: RecordedBranch) -> Iterator[str]:
    branch = found.branch
    verdict = "KEPT" if branch.kept else f"rejected, {branch.refusal}"
    yield f"    +-- {MARK}{found.header.episode.partition(MARK)[2]}, round {branch.round}: {verdict}"
    yield from _indented(f"{branch.reflector} ({branch.mode}): {branch.suggestion.critique} {branch.suggestion.advice}")
    if branch.reason:
        yield from _indented(f"why not: {branch.reason}")
    yield from _indented(steps_from(found.trajectory().state, branch.step))


def _indented(text: str) -> Iterator[str]:
    return (INDENT + line for line in printable(text).split("\n"))
