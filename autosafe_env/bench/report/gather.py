"""Reading runs for a report: every episode as a row of facts, a slim trajectory for the figures, and its transcript.

An episode is read and folded once, however often its run is looked at: a run that is followed costs what it grew by.
"""

from __future__ import annotations

import io
import json
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from autosafe_env.bench.report.facts import EpisodeFacts, ScenarioFacts, episode_facts, scenario_facts
from autosafe_env.bench.report.transcript import sibling, transcript
from autosafe_env.errors import RunError
from autosafe_env.record.branches import BRANCHES, read_branches
from autosafe_env.record.log import Place, decode_episode, places
from autosafe_env.record.manifest import MANIFEST, Manifest, read_manifest
from autosafe_env.record.sink import EVENTS, TornLog
from autosafe_env.types.base import Json
from autosafe_env.types.events import Event
from autosafe_env.types.trajectory import Trajectory


@dataclass(frozen=True)
class Entry:
    """One episode of a run, as a report needs it."""

    facts: EpisodeFacts
    scenario: ScenarioFacts
    trajectory: Trajectory
    """What the figures need of it: its texts, prompts and worlds are left out."""
    packed: bytes
    """Its transcript, compressed."""

    def transcript(self) -> dict[str, Json]:
        """The transcript, without siblings."""
        told: dict[str, Json] = json.loads(zlib.decompress(self.packed))
        return told


@dataclass(frozen=True)
class RunData:
    """A run as it stands."""

    folder: Path
    manifest: Manifest
    entries: tuple[Entry, ...]
    siblings: Mapping[str, Sequence[Json]]
    """Episode to the corrections that were tried of it."""
    notices: tuple[str, ...]
    """What could not be read, a sentence each."""

    @property
    def planned(self) -> int:
        """At most so many episodes the run has when it is finished: a scenario may lack a variant."""
        config = self.manifest.config
        return len(config.scenarios) * len(config.agents) * len(config.variants) * config.episodes


Mark = tuple[tuple[int, int] | None, ...]
"""Size and time of change of each file of a run."""


@dataclass
class RunReader:
    """One run folder, read again and again as it grows."""

    folder: Path
    _entries: dict[tuple[str, int, int], tuple[Entry | None, list[str]]] = field(default_factory=dict)
    """Header and place of a record to what it holds, and what is wrong with it."""
    _siblings: tuple[object, dict[str, list[Json]], list[str]] = (None, {}, [])

    def mark(self) -> Mark:
        """Differs when the run has changed."""
        return tuple(_mark_of(self.folder / name) for name in (MANIFEST, EVENTS, BRANCHES))

    def read(self) -> RunData:
        """The run as it stands. What is broken is left out with a notice.

        Raises:
            RunError: it is not a run folder, or a file of it cannot be read.
        """
        manifest = read_manifest(self.folder)
        path = self.folder / EVENTS
        damage: list[str] = []
        try:
            with path.open("rb") as file:
                entries = tuple(self._all(file, manifest, damage))
        except FileNotFoundError:
            entries = ()
        except OSError as error:
            raise RunError(f"{path} cannot be read: {error.strerror}") from error
        siblings, torn = self._corrections()
        notices = [f"{path}: {sentence}" for sentence in dict.fromkeys(damage)] + torn
        return RunData(self.folder, manifest, entries, siblings, tuple(notices))

    def _all(self, file: BinaryIO, manifest: Manifest, damage: list[str]) -> Iterator[Entry]:
        index: dict[str, list[Place]] = {}
        for place in places(file, damage):
            index.setdefault(place.header.episode, []).append(place)
        for records in index.values():
            found = (self._entry(file, place, manifest, damage) for place in reversed(records))
            if entry := next(filter(None, found), None):
                yield entry

    def _entry(self, file: BinaryIO, place: Place, manifest: Manifest, damage: list[str]) -> Entry | None:
        """What one record holds; None, noted in `damage`, where that cannot be told."""
        key = (place.header.model_dump_json(), place.start, place.end)
        if key not in self._entries:
            file.seek(place.start)
            self._entries[key] = _decoded(file.read(place.end - place.start), place, manifest)
        entry, wrong = self._entries[key]
        damage += wrong
        return entry

    def _corrections(self) -> tuple[dict[str, list[Json]], list[str]]:
        """The corrections by their parent, and what could not be read of them."""
        mark = _mark_of(self.folder / BRANCHES)
        if mark != self._siblings[0]:
            found: dict[str, list[Json]] = {}
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", TornLog)
                for branch in read_branches(self.folder):
                    found.setdefault(branch.branch.parent, []).append(sibling(branch))
            self._siblings = (mark, found, [str(each.message) for each in caught])
        return self._siblings[1], self._siblings[2]


def _mark_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _decoded(lines: bytes, place: Place, manifest: Manifest) -> tuple[Entry | None, list[str]]:
    wrong: list[str] = []
    recorded = decode_episode(io.BytesIO(lines), place.line, wrong)
    try:
        return (_entry_of(recorded.trajectory(), recorded.events, manifest) if recorded else None), wrong
    except (RunError, LookupError, TypeError, ValueError) as error:
        return None, [*wrong, str(error).splitlines()[0]]


def _entry_of(trajectory: Trajectory, events: Sequence[Event], manifest: Manifest) -> Entry:
    config = manifest.config
    return Entry(
        facts=episode_facts(trajectory),
        scenario=scenario_facts(trajectory.state.scenario, config.suite, config.attack),
        trajectory=slim(trajectory),
        packed=zlib.compress(json.dumps(transcript(events), allow_nan=False).encode(), 1),
    )


def slim(trajectory: Trajectory) -> Trajectory:
    """The trajectory without its texts, prompts and worlds: what thousands of which can be held at once."""
    state = trajectory.state
    steps = tuple(step.changed({"feedback": (), "thought": ""}) for step in state.steps)
    scenario = state.scenario.changed({"world": {}})
    less = {"messages": (), "world": {}, "steps": steps, "scenario": scenario, "setting": scenario}
    return trajectory.changed({"state": state.changed(less)})
