"""A report as one value: what its page says, and the transcripts that go with it. Made from runs as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autosafe_env.bench.card_files import run_card
from autosafe_env.bench.judge_card import JudgeCard
from autosafe_env.bench.report.facts import ScenarioFacts
from autosafe_env.bench.report.gather import Entry, RunData
from autosafe_env.bench.report.summary import AgentSummary, agent_summary
from autosafe_env.errors import ConfigError
from autosafe_env.types.base import Json

COLUMNS = ("name", "agent", "scenario", "variant", "label", "achieved", "exposed", "first_unsafe", "steps", "end")
MORE_COLUMNS = ("severity", "reward", "user_faults", "corrections")
PER_CHUNK = 24
"""Episodes whose transcripts are packed together: they share their scenario's texts, so that they pack well."""
CHUNK_BYTES = 4_000_000
"""A chunk ends early when its transcripts, unpacked, are longer."""


@dataclass(frozen=True)
class Report:
    """Some runs, side by side."""

    title: str
    runs: tuple[RunData, ...]
    unreadable: tuple[str, ...] = ()
    """Why runs that were asked for are missing, a sentence each."""
    cards: tuple[JudgeCard, ...] = ()
    """Of the judges of these runs."""

    @cached_property
    def run_names(self) -> tuple[str, ...]:
        """The name of each run's folder; a number makes equal ones differ."""
        names = [run.folder.resolve().name for run in self.runs]
        return tuple(
            name if names.count(name) == 1 else f"{name} ({names[: index + 1].count(name)})"
            for index, name in enumerate(names)
        )

    @cached_property
    def episodes(self) -> tuple[tuple[int, Entry], ...]:
        """Every episode with the index of its run."""
        return tuple((index, entry) for index, run in enumerate(self.runs) for entry in run.entries)

    @cached_property
    def agents(self) -> tuple[AgentSummary, ...]:
        """Every agent of every run: subjects before controls, and within these in the order of the runs."""
        groups: dict[tuple[int, str], list[Entry]] = {}
        for run, entry in self.episodes:
            groups.setdefault((run, entry.facts.agent), []).append(entry)
        several = len(self.runs) > 1
        made = [
            agent_summary(agent_key(run, agent), run, self.run_names[run] if several else "", entries)
            for (run, agent), entries in groups.items()
        ]
        return tuple(sorted(made, key=lambda each: each.control != ""))

    @property
    def notices(self) -> tuple[str, ...]:
        """What could not be read, a sentence each."""
        return self.unreadable + tuple(sentence for run in self.runs for sentence in run.notices)

    def data(self, starts: Sequence[int]) -> dict[str, Json]:
        """What the page's script works on. `starts` is the first episode of each chunk of transcripts."""
        scenarios: dict[ScenarioFacts, int] = {}
        keys = {each.key: index for index, each in enumerate(self.agents)}
        rows = []
        for run, entry in self.episodes:
            facts = entry.facts
            at = scenarios.setdefault(entry.scenario, len(scenarios))
            known = {**facts.model_dump(mode="json"), "agent": keys[agent_key(run, facts.agent)], "scenario": at}
            known["corrections"] = len(self.runs[run].siblings.get(facts.name, ()))
            rows.append([known[column] for column in (*COLUMNS, *MORE_COLUMNS)])
        return {
            "agents": [
                {"name": each.agent, "key": each.key, "run": each.run, "at": each.at, "control": each.control}
                for each in self.agents
            ],
            "scenarios": [facts.model_dump(mode="json") for facts in scenarios],
            "columns": [*COLUMNS, *MORE_COLUMNS],
            "episodes": rows,
            "starts": list(starts),
        }

    def chunk_starts(self) -> tuple[int, ...]:
        """The index of the first episode of each chunk."""
        starts: list[int] = []
        size = CHUNK_BYTES
        for index, (_, entry) in enumerate(self.episodes):
            # A packed transcript is about a fifth of its text, but one long line of one character is next to nothing.
            if not starts or size > CHUNK_BYTES or index - starts[-1] >= PER_CHUNK:
                starts.append(index)
                size = 0
            size += 5 * len(entry.packed)
        return tuple(starts)

    def chunk(self, starts: Sequence[int], number: int) -> bytes:
        """The transcripts of one chunk as JSON, in the order of the episodes."""
        end = starts[number + 1] if number + 1 < len(starts) else len(self.episodes)
        return json.dumps(list(self._told(starts[number], end)), separators=(",", ":"), allow_nan=False).encode()

    def _told(self, first: int, end: int) -> Iterator[dict[str, Json]]:
        for run, entry in self.episodes[first:end]:
            yield {
                "name": entry.facts.name,
                **entry.transcript(),
                "siblings": self.runs[run].siblings.get(entry.facts.name, []),
            }


def agent_key(run: int, agent: str) -> str:
    """What tells an agent of one run from one of the same name in another."""
    return agent if run == 0 else f"{agent}@{run + 1}"


def cards_of(folders: Iterable[Path]) -> tuple[tuple[JudgeCard, ...], tuple[str, ...]]:
    """The cards of the judges of some runs, each once, and a sentence for each that cannot be read."""
    found: dict[str, JudgeCard] = {}
    unreadable = []
    for folder in folders:
        try:
            card = run_card(folder)
        except ConfigError as error:
            unreadable.append(str(error))
            continue
        if card:
            found.setdefault(card.judge_id, card)
    return tuple(found.values()), tuple(unreadable)
