"""The loop: an episode from reset to its end, and what becomes of a role that fails on the way."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.wrappers import RecordEpisodeStatistics

from autosafe_env import AutoSafeEnv, Label, PathPolicy, Policy, Scenario, Variant, load_agent, rollout
from autosafe_env.core.reduce import fold
from autosafe_env.errors import ConfigError, PolicyError, RateLimited, UnknownName, UserError
from autosafe_env.record.log import EventLine, decode_line
from autosafe_env.types.chat import ChatMessage, ModelCall
from autosafe_env.types.events import Acted, EndReason
from autosafe_env.types.turns import Emulation, Left, Message, Say, ToolCall
from autosafe_env.types.verdict import Verdict
from autosafe_env.views import EmulatorView, JudgeView, UserView
from tests.fixtures import READ_MAIL, SAFE_WALK, UNSAFE_WALK, final, make_env, message, scenario, scenario_data
from tests.record.logs import block
from tests.run.plays import Failing, walker

CALL = ModelCall(
    role="policy",
    model="m",
    digest="d",
    messages=(ChatMessage(role="user", content="hi"),),
    completion=None,
)


class FailingRole:
    """An emulator, a user and a judge that cannot answer."""

    def emulate(self, view: EmulatorView) -> Emulation:
        raise OSError(f"the emulator is gone at {view.call.tool}")

    def reply(self, view: UserView) -> Say | Left:
        raise UserError(f"the user is gone at {view.dialog[-1].text}")

    def judge(self, view: JudgeView) -> Verdict:
        raise KeyError(f"the judge is gone at {view.step.index}")


class FailingBinder:
    def bind(self, scenario: Scenario, variant: Variant, seed: int) -> Policy:
        raise ValueError(f"there is no path: {scenario.id}, {variant}, {seed}")


def env_with(role: str) -> AutoSafeEnv:
    env = make_env()
    env.roles = dataclasses.replace(env.roles, **{role: FailingRole()})
    return env


def test_a_walk_is_played_to_its_end_and_named() -> None:
    env = make_env()
    trajectory = rollout(env, walker(*SAFE_WALK), seed=7, agent="me", episode="e1")
    assert (trajectory.agent, trajectory.episode, trajectory.privileged) == ("me", "e1", False)
    assert (trajectory.label, trajectory.achieved, trajectory.exposed) == (Label.SAFE, True, True)
    assert trajectory.state == env.state == fold(env.log)
    assert trajectory.state.config.seed == 7
    assert trajectory.reward == 1.0


def test_an_unsafe_step_ends_the_episode_and_is_the_first_unsafe() -> None:
    trajectory = rollout(make_env(), walker(*UNSAFE_WALK, final()), seed=0)
    assert (trajectory.label, trajectory.first_unsafe, trajectory.achieved) == (Label.UNSAFE, 1, False)
    assert [verdict.label for verdict in trajectory.verdicts] == [Label.SAFE, Label.UNSAFE]
    assert trajectory.agent == "PathPolicy"


@pytest.mark.parametrize("steps_taken", [0, 1, 2])
@pytest.mark.parametrize(
    "error",
    [RuntimeError("boom"), PolicyError("boom"), RateLimited("boom"), EOFError("boom")],
    ids=lambda error: type(error).__name__,
)
def test_a_failing_policy_is_data(error: Exception, steps_taken: int) -> None:
    env = make_env()
    trajectory = rollout(env, Failing(error, SAFE_WALK[:steps_taken]), seed=0)
    assert trajectory.label is None
    assert trajectory.achieved is None
    assert len(trajectory.steps) == steps_taken
    failure, end = trajectory.state.failure, trajectory.state.end
    assert failure is not None
    assert failure.role == "policy"
    assert "boom" in failure.error
    assert end is not None
    assert end.reason is EndReason.FAILED
    assert end.reason.truncates
    assert [event.kind for event in env.log[-2:]] == ["failed", "stepped"]
    assert trajectory.state == fold(env.log)


def test_the_model_calls_of_a_failed_policy_are_billed() -> None:
    trajectory = rollout(make_env(), Failing(RateLimited("slow down", (CALL,))), seed=0)
    assert trajectory.state.failure is not None
    assert trajectory.state.failure.calls == (CALL,)
    assert trajectory.state.failure.error.endswith("slow down")


def test_a_privileged_policy_that_cannot_be_bound_is_data_too() -> None:
    trajectory = rollout(make_env(), FailingBinder(), seed=4)
    assert trajectory.privileged
    assert trajectory.label is None
    assert trajectory.state.failure is not None
    assert "there is no path: test-invoice-redirect, attacked, 4" in trajectory.state.failure.error


@pytest.mark.parametrize("error", [ConfigError("mend this"), UnknownName("agent", "x", ()), KeyboardInterrupt()])
def test_what_the_caller_must_mend_or_wants_reaches_the_caller(error: BaseException) -> None:
    with pytest.raises(type(error)):
        rollout(make_env(), Failing(error, [READ_MAIL]), seed=0)


@pytest.mark.parametrize(("role", "walk"), [("emulator", [READ_MAIL]), ("user", [READ_MAIL, message("Well?")])])
def test_a_role_that_fails_in_the_middle_of_a_step_is_data(role: str, walk: list[str]) -> None:
    env = env_with(role)
    trajectory = rollout(env, walker(*walk, *SAFE_WALK), seed=0)
    assert trajectory.label is None
    assert trajectory.state.failure is not None
    assert trajectory.state.failure.role == role
    assert "is gone at" in trajectory.state.failure.error
    assert trajectory.steps[-1].verdict is None
    assert len(trajectory.steps) == len(walk)
    assert isinstance(env.log[-3], Acted)


def test_a_judge_that_fails_leaves_the_step_undecided_and_the_episode_goes_on() -> None:
    trajectory = rollout(env_with("judge"), walker(*SAFE_WALK), seed=0)
    assert trajectory.label is Label.UNDECIDED
    assert len(trajectory.verdicts) == len(SAFE_WALK)
    assert all("the judge is gone at" in verdict.reason for verdict in trajectory.verdicts)
    assert trajectory.achieved is True


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800"], ids=["nan", "infinity", "half a character"])
def test_a_policy_whose_arguments_no_log_can_hold_costs_its_episode_and_not_the_run(value: Any) -> None:
    env = make_env()
    call = ToolCall(tool="email_read", arguments={"message_id": value})
    trajectory = rollout(env, PathPolicy([call]), seed=0)
    assert trajectory.state.end is not None
    logged = [decode_line(line) for line in block("e", env.log).splitlines()[1:]]
    assert [line.event for line in logged if isinstance(line, EventLine)] == list(env.log)


def test_the_variant_can_be_chosen_and_is_what_a_privileged_policy_is_bound_to() -> None:
    env = make_env()
    benign = rollout(env, load_agent("oracle_unsafe"), seed=0, variant="benign")
    attacked = rollout(env, load_agent("oracle_unsafe"), seed=0)
    assert (benign.state.config.variant, attacked.state.config.variant) == (Variant.BENIGN, Variant.ATTACKED)
    assert (benign.label, attacked.label) == (Label.SAFE, Label.UNSAFE)
    assert (benign.exposed, attacked.exposed) == (False, True)
    assert benign.privileged


@pytest.mark.parametrize("seed", [0, 1, 2**31])
@pytest.mark.parametrize("agent", ["random", "susceptible", "refuse_all"])
def test_the_same_seed_gives_the_same_log(agent: str, seed: int) -> None:
    one, other = make_env(), make_env()
    rollout(one, load_agent(agent), seed=seed)
    rollout(other, load_agent(agent), seed=seed)
    assert one.log == other.log
    assert one.state.config.seed == seed


def test_without_a_seed_each_episode_draws_its_own() -> None:
    env = make_env()
    seeds = {rollout(env, walker(final())).state.config.seed for _ in range(4)}
    assert len(seeds) == 4


def test_a_wrapped_env_is_played_through_its_wrappers() -> None:
    wrapped: gym.Env[Any, Any] = RecordEpisodeStatistics(gym.make("autosafe/Scenario-v1", scenario=scenario_data()))
    trajectory = rollout(wrapped, walker(*SAFE_WALK), seed=0)
    assert trajectory.label is Label.SAFE
    assert list(getattr(wrapped, "length_queue")) == [len(SAFE_WALK)]  # noqa: B009 - the base class does not declare it


def test_an_env_of_somebody_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="rollout plays environments of autosafe_env, not CartPoleEnv"):
        rollout(gym.make("CartPole-v1"), walker(final()))


def test_a_path_that_is_over_ends_in_a_final_answer_and_never_repeats_itself() -> None:
    trajectory = rollout(make_env(), PathPolicy([Message(content="Hello?")]), seed=0)
    assert [step.action.type for step in trajectory.steps] == ["message", "final"]
    assert trajectory.state.scenario == scenario()
