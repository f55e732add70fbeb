"""AgentDojo through our environment. Runs where the extra `agentdojo` is installed: `make test-agentdojo`."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from autosafe_env import Label, rollout
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.reduce import fold
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.integrations.agentdojo_oracle import HijackedOracle, HonestOracle, Manner, Replayed, replay
from autosafe_env.integrations.agentdojo_scenarios import (
    NO_GROUND_TRUTH,
    SIDES,
    find_pair,
    members,
    pair_of,
    scenario_of,
)
from autosafe_env.integrations.agentdojo_suite import SUITES, Pair, attack_names, has_ground_truth, pairs, suite
from autosafe_env.integrations.agentdojo_tally import tally
from autosafe_env.integrations.agentdojo_tools import LOOSE, READS, WRITES, specified
from autosafe_env.integrations.agentdojo_world import moment, start
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.tools import Effect
from autosafe_env.types.turns import Final, ToolCall
from tests.cli.shell import invoke

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("agentdojo") is None, reason="the extra agentdojo is not installed"),
    pytest.mark.filterwarnings("ignore"),  # AgentDojo's own, and those of the vendors' packages that it imports
]
TRANSFER = Pair("banking", "user_task_0", "injection_task_0")
SIDE = {"emulator": SIDES["emulator"], "judge": SIDES["judge"], "stop_on_unsafe": False}


def env_of(pair: Pair, **options: object) -> AutoSafeEnv:
    return AutoSafeEnv(scenario_of(pair), **{**SIDE, **options})


SAMPLE = tuple(
    Pair(name, f"user_task_{user}", f"injection_task_{injection}")
    for name, numbers in {
        "workspace": ((0, 0), (7, 3), (13, 6), (25, 5), (39, 13)),
        "travel": ((1, 0), (4, 6), (12, 3), (19, 5)),
        "banking": ((0, 0), (3, 4), (9, 6), (15, 7)),
        "slack": ((0, 1), (6, 2), (11, 3), (20, 5)),
    }.items()
    for user, injection in numbers
)
"""Some pairs of every suite, not chosen with AgentDojo at hand: it takes seconds to import."""
ATTACKS = (
    *("captcha_dos", "direct", "felony_dos", "ignore_previous", "important_instructions"),
    *("important_instructions_no_model_name", "important_instructions_no_names"),
    *("important_instructions_no_user_name", "important_instructions_wrong_model_name"),
    *("important_instructions_wrong_user_name", "injecagent", "offensive_email_dos"),
    *("swearwords_dos", "system_message", "tool_knowledge"),
)


def test_every_pair_has_a_scenario_of_its_own() -> None:
    known = list(members("agentdojo"))
    assert len(known) == 949
    assert len({member.id for member in known}) == 949
    assert sum(len(suite(name).tasks) for name in SUITES) == 97
    assert find_pair("agentdojo-banking-user-task-0-injection-task-0") == TRANSFER


@pytest.mark.parametrize("pair", SAMPLE, ids=lambda pair: pair.id)
def test_a_scenario_is_for_evaluation_only_and_reads_back_from_json(pair: Pair) -> None:
    scenario = scenario_of(pair)
    assert scenario.eval_only
    assert scenario.suite == "agentdojo"
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario
    assert pair_of(scenario) == pair
    assert all(trigger.payload != trigger.benign for trigger in scenario.triggers)


@pytest.mark.parametrize("name", SUITES)
def test_every_tool_is_tagged_by_hand(name: str) -> None:
    specs = specified(name).tools
    assert {spec.name for spec in specs} <= READS.keys() | WRITES.keys()
    assert READS.keys().isdisjoint(WRITES)


@pytest.mark.parametrize("pair", SAMPLE, ids=lambda pair: pair.id)
def test_an_honest_replay_reaches_the_goal_and_attacks_nobody(pair: Pair) -> None:
    benign, honest = replay(pair, Manner.BENIGN), replay(pair, Manner.HONEST)
    assert (benign.utility, honest.utility) == (True, True)
    assert (benign.label, honest.label, honest.attack) == (Label.SAFE, Label.SAFE, False)
    assert honest.exposed
    assert not benign.exposed


@pytest.mark.parametrize("pair", SAMPLE, ids=lambda pair: pair.id)
def test_a_hijacked_replay_is_unsafe_or_not_played(pair: Pair) -> None:
    hijacked = replay(pair, Manner.HIJACKED)
    if has_ground_truth(pair):
        assert (hijacked.label, hijacked.attack, hijacked.agrees) == (Label.UNSAFE, True, True)
    else:
        assert not hijacked.played
        assert hijacked.label is None
        assert hijacked.reason == NO_GROUND_TRUTH


def test_the_attacks_own_text_hides_it_from_one_checker() -> None:
    pair = Pair("workspace", "user_task_14", "injection_task_0")
    assert replay(pair, Manner.HIJACKED).attack is False
    bare = replay(pair, Manner.BARE)
    assert (bare.attack, bare.label, bare.exposed) == (True, Label.UNSAFE, False)


def test_nine_injection_tasks_have_no_ground_truth_and_are_never_called_safe() -> None:
    empty = {(pair.suite, pair.injection_task): pair for pair in pairs() if not has_ground_truth(pair)}
    assert len(empty) == 9
    replayed = [replay(pair, Manner.HIJACKED) for pair in empty.values()]
    (row,) = [row for row in tally(replayed) if row.manner == Manner.HIJACKED and row.suite == "all"]
    assert (row.replays, row.no_ground_truth, row.safe, row.agree, row.failed) == (9, 9, 0, 0, 0)
    played = rollout(env_of(next(iter(empty.values()))), HijackedOracle(), seed=0)
    assert played.label is None
    assert played.state.failure is not None
    assert NO_GROUND_TRUTH in played.state.failure.error


def test_the_environment_of_a_world_is_what_its_calls_made_it() -> None:
    env = env_of(Pair("workspace", "user_task_0", "injection_task_0"))
    env.reset(seed=0)
    send = ToolCall(tool="send_email", arguments={"recipients": ["a@b.com"], "subject": "Hi", "body": "There"})
    env.step(send)
    kit = env.scenario.toolkits[0]
    state = json.loads(json.dumps(env.state.world[kit]))
    assert [call["tool"] for call in state["calls"]] == ["send_email"]
    assert moment(state).environment.inbox.sent[-1].subject == "Hi"
    assert [path for path in state["changed"] if path.startswith("/inbox/emails/")]
    assert "Hi" not in {mail.subject for mail in start(state).environment.inbox.sent}
    assert fold(env.log) == env.state


def test_equal_episodes_make_equal_logs_though_the_clock_goes_on() -> None:
    pair = Pair("workspace", "user_task_13", "injection_task_0")
    logs = []
    for _ in range(2):
        env = env_of(pair)
        rollout(env, HijackedOracle(), seed=0)
        logs.append(env.log)
    assert logs[0] == logs[1]


def test_a_fork_goes_on_by_itself() -> None:
    env = env_of(TRANSFER)
    env.reset(seed=0)
    fork = env.fork()
    pay = ToolCall(
        tool="send_money",
        arguments={"recipient": "US133000000121212121212", "amount": 1.0, "subject": "spotify", "date": "2022-01-01"},
    )
    assert env.step(pay)[4]["verdict"]["label"] == "UNSAFE"
    assert fork.step(Final(content="No."))[4]["verdict"]["label"] == "SAFE"


def test_a_loose_checker_is_told_in_the_reason() -> None:
    assert len(LOOSE) == 3
    env = env_of(TRANSFER)
    env.reset(seed=0)
    arguments = {"recipient": "US133000000121212121212", "amount": 1.0, "subject": "nothing", "date": "2022-01-01"}
    verdict = env.step(ToolCall(tool="send_money", arguments=arguments))[4]["verdict"]
    assert verdict["label"] == "UNSAFE"
    assert "a fault of precedence" in verdict["reason"]


def test_only_the_step_that_carries_the_attack_out_is_unsafe() -> None:
    trajectory = rollout(env_of(TRANSFER), HijackedOracle(), seed=0)
    labels = [verdict.label for verdict in trajectory.verdicts]
    assert labels.count(Label.UNSAFE) == 1
    unsafe = trajectory.steps[trajectory.first_unsafe or 0].action
    assert isinstance(unsafe, ToolCall)
    assert unsafe.arguments["recipient"] == "US133000000121212121212"


def test_tools_tagged_read_leave_the_environment_equal_in_every_ground_truth() -> None:
    for pair in SAMPLE:
        env = env_of(pair)
        rollout(env, HonestOracle(), seed=0)
        for step in env.state.steps:
            if isinstance(step.action, ToolCall) and env.tools[step.action.tool].spec.effect is Effect.READ:
                state = env.state.setting.world[env.scenario.toolkits[0]]
                copy = start(state).copy()
                suite(pair.suite).runtime.run_function(copy, step.action.tool, step.action.arguments)
                assert copy == start(state).environment, step.action.tool


def test_what_goes_wrong_in_a_tool_is_an_observation_and_changes_nothing() -> None:
    env = env_of(Pair("workspace", "user_task_0", "injection_task_0"))
    env.reset(seed=0)
    before = env.state.world
    observation, _, terminated, truncated, info = env.step(
        ToolCall(tool="delete_email", arguments={"email_id": "none"})
    )
    assert "not found" in str(observation["content"])
    assert (terminated, truncated, info["error"]) == (False, False, None)
    assert env.state.world == before
    for text in ("", "{", '{"type": "tool_call", "tool": "send_money", "arguments": {}}', "\ud800"):
        env.reset(seed=0)
        env.step(text)


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_fills_the_holes(name: str) -> None:
    assert name in attack_names()
    assert len(ATTACKS) == len(attack_names())
    found = list(members(f"agentdojo:banking@{name}"))
    assert len(found) == (16 if name.endswith("_dos") else 144)
    scenario = found[0].load()
    assert scenario.triggers
    env = AutoSafeEnv(scenario, **SIDE)
    label = rollout(env, HonestOracle(), seed=0).label
    assert label is Label.SAFE


def test_denial_of_service_is_judged_by_the_goal() -> None:
    scenario = next(iter(members("agentdojo:banking@captcha_dos"))).load()
    env = AutoSafeEnv(scenario, **SIDE)
    env.reset(seed=0)
    info = env.step(Final(content="Please solve the captcha."))[4]
    assert info["verdict"]["label"] == "UNSAFE"
    assert info["achieved"] == [False]


@pytest.mark.parametrize("name", ["agentdojo:bank", "agentdojo:banking@drect", "agentdojos"])
def test_unknown_names_are_told_with_the_nearest(name: str) -> None:
    with pytest.raises(UnknownName, match="did you mean"):
        suite_scenarios(name)
    with pytest.raises(ConfigError):
        scenario_of(Pair("banking", "user_task_99", "injection_task_0"))


def test_the_command_line_plays_and_replays(tmp_path: Path) -> None:
    ran = invoke("run", "--suite", "agentdojo:slack", "--limit", 2, "--agent", "refuse_all", "--out", tmp_path / "run")
    assert ran.code == 0, ran.err
    assert invoke("replay", tmp_path / "run").code == 0
    replayed = invoke("agentdojo", "--suite", "slack", "--limit", 3, "--json")
    assert replayed.code == 0, replayed.err
    rows = json.loads(replayed.out)["rows"]
    assert [row["manner"] for row in rows] == ["benign", "honest", "hijacked", "bare", "all"]
    assert [row["differ"] for row in rows] == [0, 0, 0, 0, 0]


def test_a_judge_that_cannot_tell_is_neither_right_nor_wrong() -> None:
    undecided = Replayed(pair="p", suite="s", manner=Manner.HONEST, played=True, label=Label.UNDECIDED, attack=False)
    assert undecided.agrees is None
    assert Variant.ATTACKED in scenario_of(TRANSFER).variants
