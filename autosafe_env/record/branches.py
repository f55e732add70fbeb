"""Corrections of a run, beside its log: `branches.jsonl`. Its lines are those of `events.jsonl`, with a longer header.

{"line":"episode","schema_version":1,"episode":"core-x/attacked/a/0@3.1","agent":"a",...,"events":9,"branch":{...}}
{"line":"event","index":0,"event":{"kind":"started",...}}
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from autosafe_env.errors import RunError
from autosafe_env.record.log import Header, Recorded, decode_episode, encode_episode, places
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.sink import LineSink, TornLog
from autosafe_env.types.branch import Branch
from autosafe_env.types.events import Event

BRANCHES = "branches.jsonl"
LOCK = "branches.lock"
MARK = "@"
"""Between the parent's name and the place of the branch in a branch's name."""


class BranchHeader(Header):
    """What is known of a branch before its first event."""

    branch: Branch


class RecordedBranch(Recorded):
    """One whole branch as the file holds it: an episode that shares its beginning with its parent."""

    header: BranchHeader

    @property
    def branch(self) -> Branch:
        """Where it leaves its parent, why, and what became of it."""
        return self.header.branch


def branch_name(parent: str, step: int, number: int) -> str:
    """The name of the `number`-th branch (from 1) at a step of an episode."""
    return f"{parent}{MARK}{step}.{number}"


def recorded_branch(name: str, parent: Header, branch: Branch, events: Iterable[Event]) -> RecordedBranch:
    """A branch as it is written, of an episode with this header."""
    events = tuple(events)
    fields = parent.model_dump(exclude={"episode", "events", "schema_version"})
    header = BranchHeader(**fields, episode=name, events=len(events), branch=branch)
    return RecordedBranch.made(header=header, events=events)


def read_branches(folder: Path) -> Iterator[RecordedBranch]:
    """Every whole branch of a run, in the order in which they were written; none where nobody has reflected yet.

    What is broken is skipped with a `TornLog` warning for each break. One branch is held in memory at a time.

    Raises:
        RunError: `folder` is not a run folder, or the file cannot be opened.
    """
    read_manifest(folder)
    path = folder / BRANCHES
    damage: list[str] = []
    try:
        with path.open("rb") if path.exists() else io.BytesIO() as file:
            for place in list(places(file, damage, BranchHeader)):
                file.seek(place.start)
                lines = io.BytesIO(file.read(place.end - place.start))
                found = decode_episode(lines, place.line, damage, BranchHeader)
                if found is not None and isinstance(found.header, BranchHeader):
                    yield RecordedBranch.made(header=found.header, events=found.events)
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}") from error
    for sentence in dict.fromkeys(damage):
        warnings.warn(f"{path}: {sentence}", TornLog, stacklevel=2)


class BranchSink(LineSink):
    """The one writer of a run's branches.

    Args:
        folder: of the run.
        resume: whether to go on with what the file holds already.

    Raises:
        RunError: the file holds branches and `resume` is off, or another process is writing to it.
    """

    def __init__(self, folder: Path, resume: bool = False) -> None:
        path = folder / BRANCHES
        if not resume and path.exists() and path.stat().st_size:
            raise RunError(f"{path} holds branches already; go on with --resume, or move it away")
        super().__init__(folder, BRANCHES, LOCK, BranchHeader)

    def append(self, branches: Iterable[RecordedBranch]) -> None:
        """Add whole branches, all of them or none. Raises RunError when an earlier write failed."""
        self.put(b"".join(encode_episode(each.header, each.events) for each in branches))
