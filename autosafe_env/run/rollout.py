"""The loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.errors import ConfigError, PolicyError, boundary
from autosafe_env.protocols import Policy, PrivilegedPolicy
from autosafe_env.types.events import Stepped
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.turns import Decision


def rollout(
    env: gym.Env[Any, Any],
    policy: Policy | PrivilegedPolicy,
    *,
    seed: int | None = None,
    variant: str | None = None,
    agent: str | None = None,
    episode: str = "episode",
) -> Trajectory:
    """Play one episode from reset to its end.

    Args:
        env: made by `gym.make("autosafe/...")`, wrapped or not; afterwards its `log` holds the events.
        policy: who acts. A policy that fails ends the episode as `Failed`; nothing is raised.
        seed: of the episode; None draws one.
        variant: `attacked` or `benign`; None for what the env was made with.
        agent: the policy's name in the result; None for the name of its class.
        episode: the episode's name in the result.

    Raises:
        ConfigError: `env` is not one of this package.
    """
    inner = env.unwrapped
    if not isinstance(inner, AutoSafeEnv):
        raise ConfigError(f"rollout plays environments of autosafe_env, not {type(inner).__name__}")
    env.reset(seed=seed, options=None if variant is None else {"variant": variant})
    privileged = isinstance(policy, PrivilegedPolicy)
    over = False
    try:
        player = bound(policy, inner)
        while not over:
            over = _taken(env, next_decision(player, inner))
    except PolicyError as error:
        inner.fail(error)
    return Trajectory(episode=episode, agent=agent or type(policy).__name__, privileged=privileged, state=inner.state)


def _taken(env: gym.Env[Any, Any], decision: Decision) -> bool:
    """Whether the episode is over with this decision. What `step` returns besides is only asked for where a wrapper
    may want it: one that knows no `take`."""
    take: Callable[[Decision], Stepped] | None = getattr(env, "take", None)
    if take is not None:
        return take(decision).end is not None
    _, _, terminated, truncated, _ = env.step(decision)
    return terminated or truncated


def next_decision(player: Policy, env: AutoSafeEnv) -> Decision:
    """What the policy chose earlier and is still to be taken, else what it chooses now. Raises PolicyError."""
    pending = env.state.pending
    if pending:
        return Decision(action=pending[0], then=pending[1:])
    with boundary(PolicyError):
        return player.act(env.view())


def bound(policy: Policy | PrivilegedPolicy, env: AutoSafeEnv) -> Policy:
    """The policy that plays the env's running episode. Raises PolicyError."""
    if not isinstance(policy, PrivilegedPolicy):
        return policy
    with boundary(PolicyError):
        return policy.bind(env.scenario, env.state.config.variant, env.state.config.seed)
