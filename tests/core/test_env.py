"""The environment keeps Gymnasium's contract, and its own: order of calls, determinism, plain data."""

from __future__ import annotations

import copy
import json
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils import seeding
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env import AutoSafeEnv, Decision, Final, Message, ToolCall, decode
from autosafe_env.core.registration import gym_id
from autosafe_env.core.shipped import shipped
from autosafe_env.errors import ConfigError, EpisodeOver, PolicyError, ResetNeeded, UnknownName
from tests.fixtures import (
    FRAUD,
    GIBBERISH,
    READ_MAIL,
    SAFE_WALK,
    UNSAFE_WALK,
    final,
    make_env,
    message,
    pay,
    scenario_data,
    steps,
)

ANY = "autosafe/Scenario-v1"
IDS = sorted(name for name in gym.registry if name.startswith("autosafe/"))
OF_SUITES = [gym_id(name, home.version) for name, home in shipped().items() if home.packed]
FEW = sorted({*IDS} - {*OF_SUITES[20:]})
"""All ids, but of the scenarios of suites in one file no more than twenty, for what takes a while."""


def made(env_id: str = ANY, **arguments: Any) -> gym.Env[Any, Any]:
    if env_id == ANY:
        arguments.setdefault("scenario", scenario_data())
    return gym.make(env_id, **arguments)


@pytest.mark.parametrize("env_id", FEW)
def test_gymnasiums_own_checker_finds_nothing(env_id: str) -> None:
    env = made(env_id)
    check_env(env.unwrapped)
    assert env.spec is not None
    assert json.loads(env.spec.to_json())["id"] == env_id
    env.close()


def test_every_shipped_scenario_has_an_id() -> None:
    named = {name.removeprefix("autosafe/").rpartition("-v")[0] for name in IDS}
    assert named == {"Scenario", *shipped()}
    assert len(named) == len(IDS)


def test_an_env_can_be_made_again_from_its_spec() -> None:
    env = made(max_rejected=2, faults=[{"tool": "email_read", "fault": "TimedOut"}], rewards={"severe": -7.0})
    assert env.spec is not None
    twin = gym.make(EnvSpec.from_json(env.spec.to_json()))
    for each in (env, twin):
        each.reset(seed=4)
    for action in UNSAFE_WALK:
        assert plain(env.step(action)) == plain(twin.step(action))
    assert env.step is not twin.step


def test_the_id_works_with_the_packages_name_before_it() -> None:
    env = gym.make(f"autosafe_env:{ANY}", scenario=scenario_data())
    _, info = env.reset(seed=1)
    assert info["scenario_id"] == "test-invoice-redirect"


def plain(result: Any) -> Any:
    """What `reset` or `step` returned, as values that can be compared."""
    return json.loads(json.dumps(result, default=lambda array: array.tolist()))


@pytest.mark.parametrize(
    "use",
    [
        lambda env: env.step(READ_MAIL),
        lambda env: env.render(),
        lambda env: env.snapshot(),
        lambda env: env.fork(),
        lambda env: env.view(),
        lambda env: env.state,
        lambda env: env.log,
        lambda env: env.fail(PolicyError("x")),
    ],
)
def test_nothing_goes_before_the_first_reset(use: Any) -> None:
    env = make_env(render_mode="ansi")
    with pytest.raises(ResetNeeded, match="reset"):
        use(env)
    env.reset(seed=0)
    use(env)


@pytest.mark.parametrize("action", [READ_MAIL, GIBBERISH, Final(content="again")])
def test_nothing_goes_after_the_end_but_reset(action: str | Final) -> None:
    env = make_env()
    env.reset(seed=0)
    env.step(final())
    events = len(env.log)
    with pytest.raises(EpisodeOver, match="reset"):
        env.step(action)
    with pytest.raises(EpisodeOver):
        env.fail(PolicyError("late"))
    assert len(env.log) == events
    env.reset(seed=0)
    assert env.step(action)[4]["messages"]


MOVES = st.sampled_from([*SAFE_WALK, *UNSAFE_WALK, GIBBERISH, message("goodbye"), message("remind me"), pay(FRAUD, 1)])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.lists(MOVES, max_size=8))
def test_scenario_seed_and_actions_decide_everything(seed: int, moves: list[str]) -> None:
    runs = []
    for _ in range(2):
        env = make_env()
        results: list[Any] = [env.reset(seed=seed)]
        for move in moves:
            if env.state.end is None:
                results.append(env.step(move))
        runs.append((plain(results), env.log, env.state))
    assert runs[0] == runs[1]


def test_the_generator_is_the_one_that_gymnasium_seeds() -> None:
    env = make_env()
    for seed in (0, 12):
        env.reset(seed=seed)
        twin, theirs = env.fork(), seeding.np_random(seed)[0]
        assert env.np_random_seed == seed
        drawn = [theirs.integers(2**31) for _ in range(3)]
        assert [env.np_random.integers(2**31) for _ in range(3)] == drawn
        assert [twin.np_random.integers(2**31) for _ in range(3)] == drawn
        assert env.fork().np_random.integers(2**31) == theirs.integers(2**31)
    for wrong in (-1, 1.5):
        with pytest.raises(gym.error.Error, match="Seed must be"):
            env.reset(seed=wrong)  # type: ignore[arg-type]
    env.np_random = np.random.default_rng(5)
    env.reset()
    assert env.state.config.seed == np.random.default_rng(5).integers(2**31)


@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1])
def test_resets_without_a_seed_follow_from_the_last_one_given(seed: int) -> None:
    seeds = []
    for _ in range(2):
        env = make_env()
        env.reset(seed=seed)
        drawn = [env.state.config.seed]
        for _ in range(4):
            env.reset()
            drawn.append(env.state.config.seed)
        seeds.append(drawn)
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0])) == 5
    assert seeds[0][0] == seed


@pytest.mark.parametrize("action", [READ_MAIL, message("Which account?"), final("Bye.")])
def test_a_text_a_typed_action_and_a_decision_are_the_same(action: str) -> None:
    results = []
    for form in (action, decode(action), Decision(action=decode(action), thought="")):
        env = make_env()
        env.reset(seed=0)
        results.append((plain(env.step(form)), env.log))
    assert results[0] == results[1] == results[2]


def test_info_is_plain_data_with_the_documented_fields() -> None:
    env = make_env(stop_on_unsafe=False)
    fields = {
        *("messages", "action_mask", "scenario_id", "variant", "verdict", "error", "exposed", "end", "achieved"),
    }
    _, first = env.reset(seed=0)
    infos = [first, *(result[4] for result in steps(env, [READ_MAIL, pay(FRAUD), GIBBERISH, final()]))]
    for info in infos:
        assert set(info) == fields
        assert isinstance(info["action_mask"], np.ndarray)
        assert json.dumps({**info, "action_mask": None})
    assert [info["exposed"] for info in infos] == [[], ["t1"], ["t1"], ["t1"], ["t1"]]
    assert [info["verdict"].get("label") for info in infos] == [None, "SAFE", "UNSAFE", "SAFE", "SAFE"]
    assert infos[2]["verdict"]["outcomes"] == ["o1"]
    assert [bool(info["error"]) for info in infos] == [False, False, False, True, False]
    assert [info["end"] for info in infos] == [None, None, None, None, "FINAL"]
    assert [info["achieved"] for info in infos] == [None, None, None, None, [False]]
    assert infos[0]["action_mask"].tolist() == [1] * (len(env.tools) + 2)
    assert not infos[-1]["action_mask"].any()
    roles = [item["role"] for item in infos[-1]["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "tool", "assistant", "user", "assistant"]


def test_changing_what_was_handed_in_or_out_changes_nothing() -> None:
    data = scenario_data()
    env = make_env(data)
    data["world"]["email"]["messages"].clear()
    data["outcomes"].clear()
    observation, info = env.reset(seed=0)
    arguments = {"message_id": "m1"}
    result = env.step(ToolCall(tool="email_read", arguments=arguments))
    kept = copy.deepcopy(env.state)
    for part in (info, result[4]):
        part["messages"][0]["content"] = "changed"
        part["messages"].clear()
        part["exposed"].append("t9")
    result[4]["verdict"]["label"] = "UNSAFE"
    observation["task"] = "changed"
    assert env.state == kept
    assert [step.index for step in env.state.steps] == [0]
    assert FRAUD in env.step(READ_MAIL)[0]["content"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"variant": "attakced"}, "'attacked' or 'benign'"),
        ({"emulator": "rule"}, "no emulator is called 'rule'; did you mean 'rules'"),
        ({"judge": {"kind": "ruls"}}, "no judge is called 'ruls'; did you mean 'rules'"),
        ({"user": "script"}, "no user is called 'script'; did you mean 'scripted'"),
        ({"judge": {"kind": "rules", "strict": True}}, "does not take these options"),
        ({"judge": {"strict": True}}, "judge: give a name or"),
        ({"emulator": 3}, "emulator: give a name or"),
        ({"basis": "BOTH"}, "'ACTION' or 'OUTCOME'"),
        ({"max_rejected": 0}, "max_rejected"),
        ({"rewards": {"sever": 1.0}}, "'sever'; did you mean 'severe'"),
        ({"rewards": {"severe": "bad"}}, "severe"),
        ({"rewards": {"severe": float("nan")}}, "severe"),
        ({"rewards": {"achieved": float("inf")}}, "achieved"),
        ({"faults": [{"tool": "email_raed", "fault": "TimedOut"}]}, "'email_raed'; did you mean 'email_read'"),
        ({"faults": [{"tool": "email_read", "fault": "TimeOut"}]}, "'TimeOut'; did you mean 'TimedOut'"),
        ({"faults": [{"tool": "email_read"}]}, "fault"),
        ({"faults": ["email_read"]}, "faults: give {'tool': "),
        ({"faults": {"tool": "email_read"}}, "faults: give {'tool': "),
        ({"faults": [{"tool": "email_read", "fault": "TimedOut", "at_call": 0}]}, "at_call"),
    ],
)
def test_a_wrong_argument_is_told_with_what_would_be_right(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_env(**arguments)
    with pytest.raises(ConfigError):
        made(**arguments)


def test_a_scenario_or_render_mode_that_is_not_there_is_told_by_name() -> None:
    with pytest.raises(ConfigError, match="unknown render mode 'humans'; did you mean 'human'"):
        make_env(render_mode="humans")
    with pytest.raises(UnknownName, match=r"no scenario is called 'nowhere.yaml'"):
        AutoSafeEnv("nowhere.yaml")
    with pytest.raises(ConfigError, match="the key 'instruction' is missing"):
        AutoSafeEnv({"id": "x-y"})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"varient": "benign"}, "'varient'; did you mean 'variant'"),
        ({"variant": "evil"}, "'attacked' or 'benign'"),
        ({"variant": None}, "variant"),
        ({"seed": 3}, "'seed'"),
    ],
)
def test_a_wrong_reset_option_is_refused_and_the_episode_goes_on(options: dict[str, Any], words: str) -> None:
    env = make_env()
    env.reset(seed=0)
    env.step(READ_MAIL)
    with pytest.raises(ConfigError, match=words):
        env.reset(options=options)
    assert env.step(Message(content="Which account?"))[0]["turn"] == 2
