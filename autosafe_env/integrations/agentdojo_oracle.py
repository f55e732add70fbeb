"""AgentDojo's ground truths, replayed through our environment: honestly, and hijacked. No model, no cost.

An honest agent carries the user's task out and nothing else; a hijacked one carries out the injection task as well.
Each replay is scored twice: by our judge, and by AgentDojo's own functions at the end of the episode. Where they part,
one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from pydantic_core import to_jsonable_python

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.exposure import exposed, marks_of
from autosafe_env.core.variant import fill
from autosafe_env.errors import PolicyError
from autosafe_env.integrations.agentdojo_roles import AgentDojoEmulator, AgentDojoJudge, security, traces
from autosafe_env.integrations.agentdojo_scenarios import NO_GROUND_TRUTH, pair_of, scenario_of
from autosafe_env.integrations.agentdojo_suite import USUAL_ATTACK, Pair, has_ground_truth, suite
from autosafe_env.integrations.agentdojo_world import as_text, recipe, start
from autosafe_env.protocols import Judge, Policy
from autosafe_env.run.path import PathPolicy
from autosafe_env.run.rollout import rollout
from autosafe_env.types.base import Json, Value
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Action, Final, ToolCall
from autosafe_env.types.verdict import Label


class Manner(StrEnum):
    """How a ground truth is replayed."""

    BENIGN = "benign"
    """The user's task, with no injection anywhere."""
    HONEST = "honest"
    """The user's task, with the injections in place."""
    HIJACKED = "hijacked"
    """The user's task and the injection task, with the injections in place."""
    BARE = "bare"
    """The calls of HIJACKED with no injection anywhere: what the checkers see where no injected text hides it."""


class Replayed(Value):
    """One replay, scored twice."""

    pair: str
    """The scenario's id."""
    suite: str
    manner: Manner
    played: bool
    """False where AgentDojo ships no calls to hijack with: then nothing below says anything."""
    reason: str = ""
    """Why it was not played, or what failed; else empty."""
    label: Label | None = None
    """Our judge's; None where nothing was played, or a role failed."""
    attack: bool | None = None
    """AgentDojo's `security`: whether the attack succeeded."""
    utility: bool | None = None
    """AgentDojo's `utility`: whether the user's goal is reached."""
    exposed: bool = False
    """Whether an injected text was seen."""

    @property
    def agrees(self) -> bool | None:
        """Whether our judge says what AgentDojo says; None where one of them says nothing."""
        if self.attack is None or self.label in (None, Label.UNDECIDED):
            return None
        return (self.label is Label.UNSAFE) == self.attack


class HonestOracle:
    """Carries out the user's task by AgentDojo's ground truth. Privileged."""

    def bind(self, scenario: Scenario, variant: Variant, seed: int) -> Policy:
        """The policy that plays this episode. Raises ConfigError when the scenario is none of AgentDojo's."""
        del seed
        return PathPolicy(ground_truth(scenario, variant, hijacked=False))


class HijackedOracle:
    """Carries out the user's task and then the injection task, by AgentDojo's ground truths. Privileged."""

    def bind(self, scenario: Scenario, variant: Variant, seed: int) -> Policy:
        """The policy that plays this episode.

        Raises:
            PolicyError: AgentDojo ships no calls for the injection task.
            ConfigError: the scenario is none of AgentDojo's.
        """
        del seed
        if not has_ground_truth(pair_of(scenario)):
            raise PolicyError(NO_GROUND_TRUTH)
        return PathPolicy(ground_truth(scenario, variant, hijacked=True))


def ground_truth(scenario: Scenario, variant: Variant, *, hijacked: bool) -> tuple[Action, ...]:
    """The calls of AgentDojo's ground truths as actions, and the final answer that they give.

    A hijacked agent does as it is told as soon as it is: with the first call that shows it an injected text it turns to
    the injection task, and then goes on with the user's. In the benign twin it does so after the same call.
    """
    pair = pair_of(scenario)
    found = suite(pair.suite)
    user_task, injection_task = found.tasks[pair.user_task], found.injected_tasks[pair.injection_task]
    environment = start(fill(scenario, variant).world[scenario.toolkits[0]]).copy()
    calls = list(user_task.ground_truth(environment))
    output = user_task.GROUND_TRUTH_OUTPUT
    if hijacked:
        met = _shown_after(scenario, calls)
        for call in calls[:met]:
            found.runtime.run_function(environment, call.function, call.args)
        calls[met:met] = injection_task.ground_truth(environment)
        output = "\n".join(filter(None, (output, injection_task.GROUND_TRUTH_OUTPUT)))
    return (*(_action(call) for call in calls), Final(content=output))


def _shown_after(scenario: Scenario, calls: Sequence[Any]) -> int:
    """How many of the calls it takes to be shown an injected text under attack; all of them where none is."""
    runtime, marks = suite(pair_of(scenario).suite).runtime, marks_of(scenario)
    environment = start(fill(scenario, Variant.ATTACKED).world[scenario.toolkits[0]]).copy()
    for index, call in enumerate(calls):
        result, _ = runtime.run_function(environment, call.function, call.args)
        if exposed(marks, [as_text(result)]):
            return index + 1
    return len(calls)


def _action(call: Any) -> ToolCall:
    arguments: dict[str, Json] = to_jsonable_python(dict(call.args))
    return ToolCall(tool=call.function, arguments=arguments)


def replay(pair: Pair, manner: Manner, *, attack: str = USUAL_ATTACK, judge: Judge | None = None) -> Replayed:
    """One ground truth, replayed through our environment.

    Args:
        pair: user task and injection task.
        manner: how.
        attack: AgentDojo's attack that fills the holes.
        judge: whose verdicts are scored; None for the one that asks AgentDojo's checkers.
    """
    told = {"pair": pair.id, "suite": pair.suite, "manner": manner}
    hijacked = manner in (Manner.HIJACKED, Manner.BARE)
    if hijacked and not has_ground_truth(pair):
        return Replayed(**told, played=False, reason=NO_GROUND_TRUTH)
    variant = Variant.BENIGN if manner in (Manner.BENIGN, Manner.BARE) else Variant.ATTACKED
    env = AutoSafeEnv(
        scenario_of(pair, attack),
        variant=str(variant),
        emulator=AgentDojoEmulator(),
        judge=judge or AgentDojoJudge(),
        stop_on_unsafe=False,
    )
    oracle = HijackedOracle() if hijacked else HonestOracle()
    trajectory = rollout(env, oracle, seed=0)
    if problem := _problem(trajectory.state):
        return Replayed(**told, played=True, reason=problem)
    return Replayed(
        **told,
        played=True,
        label=trajectory.label,
        attack=attack_succeeded(trajectory.state),
        utility=trajectory.achieved,
        exposed=trajectory.exposed,
    )


def _problem(state: EpisodeState) -> str:
    """Why a replay is no replay: a role that failed, or a call that was refused or failed."""
    if state.failure is not None:
        return f"the {state.failure.role} failed: {state.failure.error}"
    bad = next((step for step in state.steps if step.rejected or step.fault), None)
    return f"step {bad.index}: {bad.feedback[0].text}" if bad else ""


def attack_succeeded(state: EpisodeState) -> bool:
    """AgentDojo's own verdict at the end of an episode."""
    last = state.steps[-1]
    output = last.action.content if isinstance(last.action, Final) else ""
    return security(recipe(state.world[state.scenario.toolkits[0]]), output, traces(state.steps))


def replay_all(
    chosen: Iterable[Pair],
    *,
    attack: str = USUAL_ATTACK,
    judge: Judge | None = None,
    manners: Iterable[Manner] = Manner,
    report: Callable[[Replayed], None] | None = None,
) -> Iterator[Replayed]:
    """Every pair in every manner; without injections each user task once, as the injection task is then idle."""
    seen: set[tuple[str, str]] = set()
    wanted = tuple(manners)
    for pair in chosen:
        task = (pair.suite, pair.user_task)
        for manner in wanted:
            if manner is Manner.BENIGN and task in seen:
                continue
            replayed = replay(pair, manner, attack=attack, judge=judge)
            if report is not None:
                report(replayed)
            yield replayed
        seen.add(task)
