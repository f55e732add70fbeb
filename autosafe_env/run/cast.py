"""Who plays in a run: made once, and shared by all its episodes and threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autosafe_env.core.casting import ModelSource, asks_model, cast_agent, cast_role
from autosafe_env.core.discover import Kind
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.roles import ASKING, RolesFile
from autosafe_env.protocols import ChatModel, Judge, Policy, PrivilegedPolicy, ToolEmulator, UserSimulator
from autosafe_env.record.manifest import RunConfig
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Scenario, Variant

SIDES = {Kind.EMULATOR: ("emulator", "rules"), Kind.USER: ("user", "scripted"), Kind.JUDGE: ("judge", "rules")}
"""The environment's roles, each with the argument of the environment that configures it and what that is by default."""


@dataclass(frozen=True)
class Cast:
    """The live roles of a run."""

    emulator: ToolEmulator
    user: UserSimulator
    judge: Judge
    agents: Mapping[str, Policy | PrivilegedPolicy]
    """By the name under which the run knows them."""


class GivenModels:
    """One model for each role, whatever its configuration says: a `ModelSource` for replays and estimates.

    Args:
        config: of the run; says what the roles put into their requests.
        models: role to the model that it asks.
    """

    def __init__(self, config: RunConfig, models: Callable[[str], ChatModel]) -> None:
        self.config, self.models = config, models

    def asking(self, role: str) -> Mapping[str, Json]:
        """See `ModelSource`."""
        settings = self.config.models.get(role, {})
        return {name: settings[name] for name in ASKING if name in settings}

    def model(self, role: str, _own: Json = None, _kind: str = "", /) -> ChatModel:
        """See `ModelSource`."""
        return self.models(role)


def make_cast(config: RunConfig, models: ModelSource | Callable[[str], ChatModel]) -> Cast:
    """Every role of a run.

    Args:
        config: what is played.
        models: where roles get their models from; or role to the model that every plug-in of that role asks, those
            inside others included.

    Raises:
        UnknownName: there is no such plug-in.
        ConfigError: a configuration is wrong, or a role asks a model and none is named.
    """
    source = GivenModels(config, models) if callable(models) else models
    return Cast(
        **{name: cast_role(kind, config.env.get(name, usual), source) for kind, (name, usual) in SIDES.items()},
        agents={name: cast_agent(agent_config(config, name), source) for name in config.agents},
    )


def env_of(config: RunConfig, cast: Cast, scenario: Scenario, variant: Variant | str) -> AutoSafeEnv:
    """The environment of one episode."""
    live = {"variant": str(variant), "emulator": cast.emulator, "user": cast.user, "judge": cast.judge}
    return AutoSafeEnv(scenario, **{**config.env, **live})


def agent_config(config: RunConfig, name: str) -> str | Mapping[str, Json]:
    """How the agent of this name is made."""
    return config.agent_options.get(name, name)


def asking_roles(config: RunConfig) -> tuple[str, ...]:
    """The roles of a run that ask a language model."""
    agents = any(asks_model(Kind.AGENT, agent_config(config, name)) for name in config.agents)
    sides = [name for kind, (name, usual) in SIDES.items() if asks_model(kind, config.env.get(name, usual))]
    return (*(["policy"] if agents else []), *sides)


def with_models(config: RunConfig, roles: RolesFile) -> RunConfig:
    """The run with what decides how its models answer, and with the agents that the roles file names.

    Raises:
        UnknownName: an agent is neither a plug-in nor named in the file.
    """
    named = {name: roles.agents[name] for name in config.agents if name in roles.agents}
    config = config.changed({"agent_options": {**config.agent_options, **named}})
    return config.changed({"models": {role: _deciding(roles, role) for role in asking_roles(config)}})


def _deciding(roles: RolesFile, role: str) -> dict[str, Json]:
    settings = roles.settings(role)
    model = settings.model or settings.kind  # neither: the role's own configuration, in `env`, names its model
    return {**({"model": model} if model else {}), **settings.asking}
