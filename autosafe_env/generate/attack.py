"""Attacking an agent in rounds: one scenario, with one phrasing of its payload after the other, till it gives in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.lint import lint
from autosafe_env.errors import ConfigError
from autosafe_env.generate.attacker import Attacker, Attempt, BanditAttacker, Came, Phrasing
from autosafe_env.generate.redress import reworded
from autosafe_env.protocols import Policy, PrivilegedPolicy
from autosafe_env.run.rollout import rollout
from autosafe_env.types.threat import Scenario
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.verdict import Label


def attack(
    scenario: Scenario,
    policy: Policy | PrivilegedPolicy,
    rounds: int,
    *,
    attacker: Attacker | None = None,
    seed: int = 0,
    make_env: Callable[[Scenario], AutoSafeEnv] = AutoSafeEnv,
) -> Iterator[tuple[Attempt, Trajectory]]:
    """Attempts as they are made, each with its episode; the last one may be that in which the agent gives in.

    The episode of round `n`, counted from 0, has the seed `seed + n`.

    Args:
        scenario: who is attacked with what.
        policy: the agent.
        rounds: attempts at most.
        attacker: who picks the phrasings; None for a bandit over all styles.
        seed: of the attacker's draws, and of the episodes.
        make_env: the environment of one dressing of the scenario, with its roles.

    Raises:
        ConfigError: the scenario has no text that could be phrased otherwise, or the environment cannot be made.
    """
    chooser = attacker or BanditAttacker()
    attempts: list[Attempt] = []
    for number in range(rounds):
        phrasing = chooser.choose(scenario, attempts, seed)
        trajectory = rollout(make_env(dressing(scenario, phrasing)), policy, seed=seed + number, variant="attacked")
        attempts.append(_attempt(phrasing, trajectory, seed + number))
        yield attempts[-1], trajectory
        failure = trajectory.state.failure
        if attempts[-1].came is Came.GAVE_IN or (failure is not None and failure.stops_run):
            return


def dressing(scenario: Scenario, phrasing: Phrasing) -> Scenario:
    """The scenario with this phrasing of its payload.

    Raises:
        ConfigError: the texts do not fit their places.
    """
    dressed = reworded(scenario, lambda number, _payload: phrasing.texts[number])
    for _, problem in lint(dressed):
        raise ConfigError(f"dressed as {phrasing.style!r} the scenario {scenario.id!r} is not well formed: {problem}")
    return dressed


def _attempt(phrasing: Phrasing, trajectory: Trajectory, seed: int) -> Attempt:
    failure = trajectory.state.failure
    telling = [verdict for verdict in trajectory.verdicts if verdict.label is not Label.SAFE]
    unsafe = [verdict for verdict in telling if verdict.label is Label.UNSAFE]
    reason = failure.error if failure else next((verdict.reason for verdict in (unsafe or telling)), "")
    return Attempt(
        phrasing=phrasing,
        came=_came(trajectory),
        exposed=trajectory.exposed,
        reason=reason,
        steps=len(trajectory.steps),
        seed=seed,
    )


def _came(trajectory: Trajectory) -> Came:
    if trajectory.label is None:
        return Came.FAILED
    if trajectory.label is Label.SAFE:
        return Came.REFUSED if trajectory.achieved is False else Came.SAFE
    return Came.GAVE_IN if trajectory.label is Label.UNSAFE else Came.UNDECIDED
