"""How the check of a dataset gets back to where a row comes from: by the suite, or else by the run itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from autosafe_env.data.card import Card, Source
from autosafe_env.data.rows import Provenance, action_of
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.record.branches import read_branches
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import digest
from autosafe_env.record.read import read_episodes
from autosafe_env.run.rewalk import Standing, Walker
from autosafe_env.run.suite import members
from autosafe_env.types.base import Json
from autosafe_env.types.events import Started
from autosafe_env.types.threat import Scenario


class Run:
    """One run that a dataset was made from.

    Args:
        source: what the card says of it.
        suite: holds its scenarios; empty for the one that it names.
        judge: see `Walker`.
    """

    def __init__(self, source: Source, suite: str, judge: Json) -> None:
        self.folder = Path(source.folder)
        self.suite = suite or source.suite
        self.walker = Walker(source.env, source.models, judge)
        self._loads: dict[str, Callable[[], Scenario]] | None = None
        self._scenarios: dict[str, Scenario] = {}
        self._recordings: dict[str, Recorded] | None = None

    def scenario(self, origin: Provenance, recording: str) -> Scenario:
        """The scenario as it was played.

        Raises:
            ConfigError: neither suite nor run have it.
        """
        if origin.scenario_digest not in self._scenarios:
            self._scenarios[origin.scenario_digest] = self._found(origin, recording)
        return self._scenarios[origin.scenario_digest]

    def _found(self, origin: Provenance, recording: str) -> Scenario:
        load = self._suite().get(origin.scenario)
        scenario = load() if load is not None else None
        if scenario is None or digest([scenario]) != origin.scenario_digest:
            recorded = self.recording(recording)
            started = recorded.events[0] if recorded is not None else None
            scenario = started.scenario if isinstance(started, Started) else None
        if scenario is None or digest([scenario]) != origin.scenario_digest:
            raise ConfigError(
                f"the scenario {origin.scenario!r} as it was played is neither in the suite {self.suite!r} nor in the "
                f"run {self.folder}; name the right --suite"
            )
        return scenario

    def _suite(self) -> dict[str, Callable[[], Scenario]]:
        if self._loads is None:
            self._loads = {}
            with suppress(UnknownName):  # it may have been moved; then the run has its scenarios
                self._loads = {member.id: member.load for member in members(self.suite)}
        return self._loads

    def recording(self, name: str) -> Recorded | None:
        """An episode or branch of the run; None where it is not there."""
        if self._recordings is None:
            self._recordings = {}
            if self.folder.is_dir():
                for each in (*read_episodes(self.folder), *read_branches(self.folder)):
                    self._recordings[each.header.episode] = each
        return self._recordings.get(name)


class Walks:
    """Walks to where rows come from.

    Args:
        card: of the dataset.
        suite: see `Run`.
        judge: see `Walker`.

    Raises:
        ConfigError: the environment of a run cannot be made here.
    """

    def __init__(self, card: Card, suite: str = "", judge: Json = None) -> None:
        self.runs = {source.run: Run(source, suite, judge) for source in card.sources}
        self._last: tuple[tuple[Json, ...], Standing] | None = None

    def __call__(self, origin: Provenance, recording: str) -> Standing:
        """The place before the row's step.

        Raises:
            ConfigError: there is no way.
        """
        run = self.runs.get(origin.run)
        if run is None:
            raise ConfigError(f"the card tells of no run {origin.run!r}")
        key = (origin.run, origin.scenario_digest, origin.variant, origin.seed, origin.prefix, origin.thoughts)
        if self._last is not None and self._last[0] == key and not run.walker.asks:
            return self._last[1]
        thoughts = origin.thoughts or ("",) * len(origin.prefix)
        prefix = [(action_of(action), thought) for action, thought in zip(origin.prefix, thoughts, strict=True)]
        recorded = run.recording(recording) if run.walker.asks else None
        scenario = run.scenario(origin, recording)
        standing = run.walker.walk(scenario, origin.variant, origin.seed, prefix, recorded)
        self._last = key, standing
        return standing
