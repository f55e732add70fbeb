"""A whole run: threads, resume, interruption; whatever happens, the episodes are the same."""

from __future__ import annotations

import io
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import Label, Trajectory, Variant, load_scenario
from autosafe_env.errors import ConfigError, RunError, UnknownName
from autosafe_env.record.manifest import MANIFEST
from autosafe_env.record.read import finished, read_episodes
from autosafe_env.record.sink import EVENTS, JsonlSink, TornLog
from autosafe_env.run import pool
from autosafe_env.run.pool import Stoppable, all_jobs, job_count, run
from tests.core.test_unchecked import twinless
from tests.run.plays import blocks, config, suite

AGENTS = ("random", "oracle_safe", "susceptible")
ALL = 3 * 3 * 2 * 2
"""Agents, scenarios, variants and repeats of `whole`."""
BEFORE = 12
"""Episodes that may begin before the interrupt of `Held`."""


def whole(folder: Path, **arguments: Any) -> int:
    return run(config(*AGENTS, episodes=2, seed=3), suite(), folder, **arguments)


class Interrupter:
    """A report that interrupts the run at a given episode."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen: list[str] = []

    def __call__(self, trajectory: Trajectory) -> None:
        self.seen.append(trajectory.episode)
        if len(self.seen) == self.at:
            raise KeyboardInterrupt


class Held(Stoppable):
    """An env of which only the first few begin before the run is interrupted: on a fast machine all would be over."""

    begun = itertools.count()

    def reset(self, **arguments: Any) -> tuple[Any, dict[str, Any]]:
        """The env's reset, when it may begin."""
        if next(self.begun) >= BEFORE:
            self._halt.now.wait()
        return super().reset(**arguments)


def test_every_episode_of_a_run_is_played_once_and_reported(tmp_path: Path) -> None:
    reported: list[Trajectory] = []
    assert whole(tmp_path, report=reported.append) == ALL
    expected = {job.episode for job in all_jobs(config(*AGENTS, episodes=2), list(suite().values()))}
    assert len(expected) == ALL == job_count(config(*AGENTS, episodes=2), suite().values())
    assert set(blocks(tmp_path)) == expected
    assert sorted(trajectory.episode for trajectory in reported) == sorted(expected)
    logged = {recorded.header.episode: recorded.trajectory() for recorded in read_episodes(tmp_path)}
    assert {trajectory.episode: trajectory for trajectory in reported} == logged


def test_an_episode_that_is_not_over_is_played_again(tmp_path: Path) -> None:
    settled = config("oracle_safe", variants=(Variant.ATTACKED,))
    run(settled, suite(), tmp_path)
    first, *others = read_episodes(tmp_path)
    end = next(index for index, event in enumerate(first.events) if event.kind == "stepped") + 1
    (tmp_path / EVENTS).unlink()
    with JsonlSink(tmp_path) as sink:
        for each, events in ((first, first.events[:end]), *((other, other.events) for other in others)):
            sink.append(each.header.episode, each.header.agent, each.header.privileged, events)
    assert finished(tmp_path) == {each.header.episode for each in others}
    assert run(settled, suite(), tmp_path, resume=True) == 1
    assert {each.header.episode: each.events for each in read_episodes(tmp_path)}[first.header.episode] == first.events


def test_a_scenario_without_a_twin_counts_once() -> None:
    twins, lone = [*suite().values()], load_scenario(twinless())
    assert lone.variants == (Variant.ATTACKED,)
    both = config(*AGENTS, episodes=3)
    assert job_count(both, [*twins, lone]) == job_count(both, twins) + 3 * len(AGENTS)
    assert job_count(both, [lone]) == len([*all_jobs(both, [lone])])


def test_an_episode_s_name_says_what_was_played(tmp_path: Path) -> None:
    whole(tmp_path)
    for recorded in read_episodes(tmp_path):
        state = recorded.trajectory().state
        name, variant, agent, repeat = recorded.header.episode.split("/")
        assert (name, variant, agent) == (state.scenario.id, state.config.variant, recorded.header.agent)
        assert repeat in ("0", "1")
        assert recorded.header.privileged == (agent != "random")


def test_one_worker_and_four_make_the_same_episodes_byte_for_byte(tmp_path: Path) -> None:
    whole(tmp_path / "one", workers=1)
    whole(tmp_path / "four", workers=4)
    one, four = blocks(tmp_path / "one"), blocks(tmp_path / "four")
    assert sorted(one.values()) == sorted(four.values())
    assert one == four


def test_agents_meet_the_same_seeds_and_repeats_meet_others(tmp_path: Path) -> None:
    whole(tmp_path)
    seeds: dict[str, dict[str, int]] = {}
    for recorded in read_episodes(tmp_path):
        name, variant, agent, repeat = recorded.header.episode.split("/")
        seeds.setdefault(agent, {})[f"{name}/{variant}/{repeat}"] = recorded.trajectory().state.config.seed
    assert seeds["random"] == seeds["oracle_safe"] == seeds["susceptible"]
    assert len(set(seeds["random"].values())) == len(seeds["random"]) == ALL // len(AGENTS)


def test_another_seed_makes_another_run(tmp_path: Path) -> None:
    run(config("random", seed=1), suite(), tmp_path / "one")
    run(config("random", seed=2), suite(), tmp_path / "two")
    one, two = blocks(tmp_path / "one"), blocks(tmp_path / "two")
    assert set(one) == set(two)
    assert not set(one.values()) & set(two.values())


def test_resuming_a_finished_run_plays_nothing_and_changes_nothing(tmp_path: Path) -> None:
    whole(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    reported: list[Trajectory] = []
    assert whole(tmp_path, resume=True, workers=3, report=reported.append) == 0
    assert reported == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("workers", [1, 3])
def test_an_interrupted_run_keeps_what_is_finished_and_resumes_to_the_unbroken_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    whole(tmp_path / "unbroken")
    broken, interrupter = tmp_path / "broken", Interrupter(at=7)
    with monkeypatch.context() as patch:
        patch.setattr(Held, "begun", itertools.count())
        patch.setattr(pool, "Stoppable", Held)
        with pytest.raises(KeyboardInterrupt):
            whole(broken, workers=workers, report=interrupter)
    kept = blocks(broken)
    assert set(interrupter.seen) <= set(kept)
    assert len(interrupter.seen) == 7
    assert len(kept) <= BEFORE < ALL
    missing: list[str] = []
    played = whole(broken, workers=workers, resume=True, report=lambda trajectory: missing.append(trajectory.episode))
    assert played == len(missing) == ALL - len(kept)
    assert not set(missing) & set(kept)
    assert blocks(broken) == blocks(tmp_path / "unbroken")


def test_a_run_torn_in_an_episode_resumes_to_the_unbroken_run(tmp_path: Path) -> None:
    whole(tmp_path / "unbroken")
    whole(tmp_path / "torn")
    log = tmp_path / "torn" / EVENTS
    log.write_bytes(log.read_bytes()[:-4000])
    with pytest.warns(TornLog):
        played = whole(tmp_path / "torn", resume=True)
    assert 0 < played < ALL
    assert blocks(tmp_path / "torn") == blocks(tmp_path / "unbroken")


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    whole(tmp_path)
    before = (tmp_path / EVENTS).read_bytes()
    with pytest.raises(RunError, match=r"holds a run already; resume it with --resume, or use another folder"):
        whole(tmp_path)
    assert (tmp_path / EVENTS).read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"seed": 4}, "seed = 3, not 4"),
        ({"episodes": 3}, "episodes = 2, not 3"),
        ({"agents": ("random",)}, "agents"),
        ({"env": {"basis": "OUTCOME"}}, "env"),
    ],
)
def test_a_run_is_not_resumed_as_another_one(tmp_path: Path, changes: dict[str, Any], word: str) -> None:
    whole(tmp_path)
    other = config(*AGENTS, episodes=2, seed=3).model_copy(update=changes)
    with pytest.raises(RunError, match=word):
        run(other, suite(), tmp_path, resume=True)
    assert len(finished(tmp_path)) == ALL


def test_a_run_over_changed_scenarios_is_not_resumed(tmp_path: Path) -> None:
    whole(tmp_path)
    changed = {name: scenario.model_copy(update={"title": "Changed"}) for name, scenario in suite().items()}
    with pytest.raises(RunError, match="the scenarios have changed"):
        run(config(*AGENTS, episodes=2, seed=3), changed, tmp_path, resume=True)


@pytest.mark.parametrize(
    ("agents", "env", "error", "word"),
    [
        (("nobody",), {}, UnknownName, "no agent is called 'nobody'"),
        (("refuse_al",), {}, UnknownName, "did you mean 'refuse_all'"),
        (("random",), {"judge": "jury"}, UnknownName, "no judge is called 'jury'"),
        (("random",), {"basis": "MOOD"}, ConfigError, "basis"),
        (("random",), {"faults": [{"tool": "bank_rob", "fault": "Unavailable"}]}, ConfigError, "bank_rob"),
    ],
)
def test_what_is_wrong_with_a_run_is_found_before_anything_is_written(
    tmp_path: Path, agents: tuple[str, ...], env: dict[str, Any], error: type[ConfigError], word: str
) -> None:
    with pytest.raises(error, match=word):
        run(config(*agents, env=env), suite(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_somebody_writes_to_is_refused(tmp_path: Path) -> None:
    whole(tmp_path)
    with JsonlSink(tmp_path), pytest.raises(RunError, match="another process is writing to"):
        whole(tmp_path, resume=True)
    assert len(finished(tmp_path)) == ALL


def test_a_place_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        whole(tmp_path / "file" / "run")
    with pytest.raises(RunError, match="cannot be written"):
        whole(tmp_path / "file")


def test_an_agent_that_fails_everywhere_is_a_run_of_failed_episodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run(config("human", "refuse_all"), suite(), tmp_path, workers=2) == 12
    labels: dict[str, set[Label | None]] = {}
    for recorded in read_episodes(tmp_path):
        labels.setdefault(recorded.header.agent, set()).add(recorded.trajectory().label)
    assert labels == {"human": {None}, "refuse_all": {Label.SAFE}}
    assert "email_read" in capsys.readouterr().out


def test_the_arguments_of_the_environments_reach_every_episode_and_the_manifest(tmp_path: Path) -> None:
    env = {"basis": "OUTCOME", "max_rejected": 1, "faults": [{"tool": "email_read", "fault": "Unavailable"}]}
    run(config("oracle_safe", env=env), suite(), tmp_path)
    for recorded in read_episodes(tmp_path):
        state = recorded.trajectory().state
        assert (state.config.basis, state.config.max_rejected) == ("OUTCOME", 1)
        assert state.steps[0].fault == "Unavailable"
    assert json.loads((tmp_path / MANIFEST).read_text())["config"]["env"] == env
