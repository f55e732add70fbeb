"""The environment for classical reinforcement learning."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from autosafe_env.train.candidates import CandidateEnv
from autosafe_env.train.proposer import candidates, identity
from tests.fixtures import make_env, scenario


@pytest.mark.parametrize("variant", ["attacked", "benign"])
def test_gymnasium_finds_nothing_wrong_with_it(variant: str) -> None:
    check_env(CandidateEnv(gym.make("autosafe/core-invoice-redirect-v1", variant=variant)))


def test_a_number_takes_its_candidate() -> None:
    env = CandidateEnv(make_env())
    table, info = env.reset(seed=3)
    assert info["candidates"] == len(env.offered) == int(table[:, -1].sum())
    assert not table[len(env.offered) :].any()
    read = identity(scenario().path("safe")[0])
    place = [identity(action) for action in env.offered].index(read)
    for number in (place, place + len(env.offered)):
        env.reset(seed=3)
        env.step(number)
        assert identity(env.env.unwrapped.state.steps[0].action) == read  # type: ignore[attr-defined]


def test_a_whole_safe_episode_is_rewarded() -> None:
    env = CandidateEnv(make_env())
    env.reset(seed=3)
    total, over = 0.0, False
    for step in scenario().path("safe"):
        place = [identity(action) for action in env.offered].index(identity(step))
        _, reward, over, _, _ = env.step(place)
        total += reward
    assert over
    assert total == 1.0


def test_what_does_not_fit_is_left_out() -> None:
    env = CandidateEnv(make_env(), most=3, width=16)
    table, info = env.reset(seed=1)
    assert table.shape == (3, 17)
    assert info["candidates"] == 3
    inner = env.env.unwrapped
    assert env.offered == candidates(inner.scenario, inner.view())[:3]  # type: ignore[attr-defined]


def test_rows_tell_candidates_apart() -> None:
    table, info = CandidateEnv(make_env()).reset(seed=1)
    assert len(np.unique(table[: info["candidates"]], axis=0)) == info["candidates"]
