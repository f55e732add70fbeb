"""An episode that was played again stands in the log twice, and its last whole record counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from autosafe_env.errors import PolicyError, TimedOut, UnknownName
from autosafe_env.record.read import find_episode, finished, has_failure, read_episodes
from autosafe_env.record.sink import EVENTS
from autosafe_env.types.events import Event
from autosafe_env.types.verdict import Label, Verdict
from autosafe_env.views import JudgeView
from tests.fixtures import SAFE_WALK, UNSAFE_WALK, make_env, steps
from tests.record.logs import block, names, read, run_folder, walked
from tests.run.plays import Failing, play


class SilentJudge:
    """Cannot be asked."""

    def judge(self, view: JudgeView) -> Verdict:
        raise TimedOut(f"no answer on step {view.step.index} within 60 s")


def unjudged() -> tuple[Event, ...]:
    """The log of an episode whose judge fails at every step."""
    env = make_env()
    env.roles = type(env.roles)(emulator=env.roles.emulator, user=env.roles.user, judge=SilentJudge())
    env.reset(seed=1)
    steps(env, SAFE_WALK)
    return env.log


WHOLE, OTHER = walked(), walked(UNSAFE_WALK)
FAILED = play(Failing(PolicyError("gone"), SAFE_WALK[:1])).events


def test_the_last_record_of_an_episode_counts_in_the_place_of_the_first(tmp_path: Path) -> None:
    log = [("a", FAILED), ("b", WHOLE), ("c", FAILED), ("a", WHOLE), ("d", WHOLE), ("c", OTHER)]
    run_folder(tmp_path, b"".join(block(name, events) for name, events in log))
    episodes, told = read(tmp_path)
    assert told == []
    assert names(episodes) == ["a", "b", "c", "d"]
    assert [recorded.events for recorded in episodes] == [WHOLE, WHOLE, OTHER, WHOLE]
    assert find_episode(tmp_path, "a").events == WHOLE
    assert find_episode(tmp_path, "c").events == OTHER


def test_a_later_record_that_is_broken_leaves_the_earlier_one(tmp_path: Path) -> None:
    broken = block("a", OTHER).replace(b'"kind":"judged"', b'"kind":"judgel"', 1)
    run_folder(tmp_path, block("a", WHOLE) + broken + block("b", WHOLE))
    episodes, told = read(tmp_path)
    assert [(recorded.header.episode, recorded.events) for recorded in episodes] == [("a", WHOLE), ("b", WHOLE)]
    assert any("episode 'a' is incomplete" in sentence for sentence in told)
    assert find_episode(tmp_path, "a").events == WHOLE


def test_an_episode_with_a_failure_is_not_finished_until_it_is_played_again(tmp_path: Path) -> None:
    log = block("a", FAILED) + block("b", unjudged()) + block("c", WHOLE)
    run_folder(tmp_path, log)
    assert finished(tmp_path) == {"c"}
    (tmp_path / EVENTS).write_bytes(log + block("b", WHOLE) + block("a", OTHER))
    assert finished(tmp_path) == {"a", "b", "c"}
    (tmp_path / EVENTS).write_bytes(log + block("c", FAILED))
    assert finished(tmp_path) == set()


def test_a_judge_that_answers_undecided_has_not_failed() -> None:
    assert {event.verdict.cause for event in unjudged() if event.kind == "judged"} == {"TimedOut"}
    undecided = play(Failing(PolicyError("gone"), SAFE_WALK[:1]))
    assert has_failure(undecided)
    verdict = Verdict(label=Label.UNDECIDED, basis="ACTION", reason="it depends")
    judged = [event.changed({"verdict": verdict}) if event.kind == "judged" else event for event in WHOLE]
    assert not has_failure(undecided.changed({"events": tuple(judged)}))


def test_an_episode_of_which_no_record_is_whole_is_unknown(tmp_path: Path) -> None:
    broken = block("a", OTHER).replace(b'"kind":"judged"', b'"kind":"judgel"', 1)
    run_folder(tmp_path, broken + block("ab", WHOLE))
    with pytest.raises(UnknownName, match="did you mean 'ab'"):
        find_episode(tmp_path, "a")
    with pytest.raises(UnknownName, match="none is known"):
        find_episode(run_folder(tmp_path / "empty"), "a")


def test_an_episode_is_read_only_when_it_is_asked_for(tmp_path: Path) -> None:
    run_folder(tmp_path, b"".join(block(f"e{index}", WHOLE) for index in range(3)))
    reading = read_episodes(tmp_path)
    assert next(reading).header.episode == "e0"
    raw = (tmp_path / EVENTS).read_bytes()
    (tmp_path / EVENTS).write_bytes(raw[: raw.index(b'"episode":"e2"')])
    with pytest.warns(Warning, match="line|incomplete"):
        assert names(reading) == ["e1"]
