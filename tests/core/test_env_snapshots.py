"""Snapshot, restore and fork: free of charge, and independent ever after."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env import AutoSafeEnv
from autosafe_env.core.reduce import fold
from autosafe_env.core.worlds import STATES
from autosafe_env.emulate.rules import RulesEmulator
from autosafe_env.errors import ConfigError
from autosafe_env.judges.rules import RulesJudge
from autosafe_env.users.scripted import ScriptedUser
from tests.fixtures import (
    FRAUD,
    GIBBERISH,
    KNOWN,
    READ_MAIL,
    READ_OTHER_MAIL,
    SAFE_WALK,
    UNSAFE_WALK,
    final,
    make_env,
    message,
    pay,
    scenario_data,
)

MOVES = st.sampled_from(
    [*SAFE_WALK, *UNSAFE_WALK, READ_OTHER_MAIL, GIBBERISH, message("goodbye"), message("remind me"), pay(FRAUD, 1.0)]
)
WALKS = st.lists(MOVES, max_size=5)


def started(seed: int = 3) -> AutoSafeEnv:
    env = make_env({**scenario_data(), "max_steps": 30})
    env.reset(seed=seed)
    return env


def walk(env: AutoSafeEnv, moves: list[str]) -> list[Any]:
    """What each step returned, until the end of the episode."""
    results = []
    for move in moves:
        if env.state.end is None:
            results.append(env.step(move))
    return [repr(result) for result in results]


@settings(max_examples=40, deadline=None)
@given(WALKS, WALKS, WALKS)
def test_a_fork_and_its_origin_go_on_independently(before: list[str], mine: list[str], other: list[str]) -> None:
    env = started()
    walk(env, before)
    twin = env.fork()
    assert twin.state == env.state
    walked = walk(env, mine[:2]), walk(twin, other), walk(env, mine[2:])
    for each, moves in ((env, mine), (twin, other)):
        alone = started()
        walk(alone, before)
        walk(alone, moves)
        assert each.state == alone.state
        assert tuple(each.log) == tuple(alone.log)
        assert fold(each.log) == each.state
    alone = started()
    walk(alone, before)
    assert walk(alone, other) == walked[1]


@settings(max_examples=40, deadline=None)
@given(WALKS, WALKS, WALKS)
def test_a_restored_snapshot_is_as_it_was_however_often(before: list[str], astray: list[str], then: list[str]) -> None:
    env = started()
    walk(env, before)
    state, log = env.state, tuple(env.log)
    snapshot = env.snapshot()
    walk(env, astray)
    again = []
    for _ in range(2):
        observation, info = env.restore(snapshot)
        assert env.state == state
        assert tuple(env.log) == log
        assert observation["turn"] == len(state.steps)
        assert len(info["messages"]) == len(state.messages)
        again.append(walk(env, then))
    assert again[0] == again[1]
    assert fold(env.log) == env.state


def test_a_snapshot_can_be_restored_in_another_env_and_after_a_reset() -> None:
    env, other = started(), started(seed=9)
    env.step(READ_MAIL)
    snapshot = env.snapshot()
    state = env.state
    env.reset(seed=5)
    other.step(GIBBERISH)
    for each in (env, other):
        each.restore(snapshot)
        assert each.state == state
    env.step(pay(FRAUD))
    assert other.state == state
    assert other.step(pay(KNOWN))[1] == 0.0
    never_reset = make_env()
    assert never_reset.restore(snapshot)[1]["exposed"] == ["t1"]


def test_a_snapshot_of_another_scenario_is_refused() -> None:
    other = AutoSafeEnv("core-kiln-interlock")
    other.reset(seed=0)
    before = other.state
    with pytest.raises(ConfigError, match="is of 'test-invoice-redirect', and this environment plays 'core-kiln-inter"):
        other.restore(started().snapshot())
    assert other.state is before


def test_a_snapshot_of_an_ended_episode_is_ended() -> None:
    env = started()
    before = env.snapshot()
    env.step(final())
    ended = env.snapshot()
    assert env.restore(before)[1]["end"] is None
    assert env.restore(ended)[1]["end"] == "FINAL"
    assert env.fork().state.end == env.state.end


def long_history(length: int = 400) -> AutoSafeEnv:
    env = make_env({**scenario_data(), "max_steps": 1000})
    env.reset(seed=0)
    for index in range(length):
        env.step(message(f"Message {index}") if index % 3 else READ_MAIL)
    return env


def test_a_fork_of_a_long_history_shares_it_and_executes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    env = long_history()
    calls: list[str] = []
    for role, method in ((RulesEmulator, "emulate"), (RulesJudge, "judge"), (ScriptedUser, "reply")):
        original = getattr(role, method)

        def counted(self: Any, view: Any, original: Any = original, method: str = method) -> Any:
            calls.append(method)
            return original(self, view)

        monkeypatch.setattr(role, method, counted)
    twin = env.fork()
    snapshot = env.snapshot()
    env.restore(snapshot)
    assert calls == []
    assert all(one is other for one, other in zip(twin.log, env.log, strict=True))
    assert all(one is other for one, other in zip(twin.state.steps, env.state.steps, strict=True))
    assert twin.state is env.state
    assert twin.roles is env.roles
    twin.step(READ_MAIL)
    assert calls == ["emulate", "judge"]
    assert len(twin.log) > len(env.log)
    assert all(one is other for one, other in zip(env.log, twin.log, strict=False))
    assert twin.state.world["bank"] is env.state.world["bank"], "what was not written is shared"


def test_a_write_copies_its_toolkits_state_only() -> None:
    STATES.clear()  # an equal state that is known already would stand for the new one
    env = started()
    before = env.state.world
    kept = copy.deepcopy(before)
    env.step(pay(KNOWN))
    after = env.state.world
    assert after["email"] is before["email"]
    assert after["bank"] != before["bank"]
    assert before == kept
    assert after["bank"]["payees"] is before["bank"]["payees"], "nor what the patch leaves alone"


def test_a_fork_draws_its_own_seeds() -> None:
    env = started()
    twin = env.fork()
    theirs = [(twin.reset(), twin.state.config.seed)[1] for _ in range(3)]
    mine = [(env.reset(), env.state.config.seed)[1] for _ in range(3)]
    assert mine == theirs
    assert len(set(mine)) == 3


def test_sampling_in_a_fork_does_not_disturb_its_origin() -> None:
    env, alone = started(), started()
    for each in (env, alone):
        each.action_space.seed(1)
    twin = env.fork()
    for _ in range(5):
        twin.action_space.sample()
    assert [env.action_space.sample() for _ in range(5)] == [alone.action_space.sample() for _ in range(5)]


def test_a_tree_of_forks_from_one_moment_agrees_with_itself() -> None:
    root = started()
    root.step(READ_MAIL)
    rewards = []
    for _ in range(3):
        safe, unsafe = root.fork(), root.fork()
        rewards.append((safe.step(pay(KNOWN))[1], unsafe.step(pay(FRAUD))[1]))
        grandchild = safe.fork()
        rewards.append((grandchild.step(final())[1], safe.step(GIBBERISH)[1]))
    assert rewards == [(0.0, -1.0), (1.0, 0.0)] * 3
    assert len(root.state.steps) == 1
