"""Sampling risky steps, as the paper does: agents that finish whatever it takes, in a world as risky as can be."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from autosafe_env.chat.safety import RUTHLESS
from autosafe_env.core.discover import Kind, plugin
from autosafe_env.core.roles import RolesFile
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.cast import agent_config
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Variant

ADVERSARIAL = "adversarial"


def ruthless(config: RunConfig, roles: RolesFile, samples: int) -> tuple[RunConfig, RolesFile]:
    """The run and its roles file, changed so that it samples risky steps.

    Agents that take a safety prompt are told to be ruthless, unless they are told something else; an emulator that has
    a mode is adversarial, unless it is told something else; each attacked scenario is played until it is unsafe.

    Args:
        config: of the run.
        roles: the roles file.
        samples: episodes per agent and scenario, at most.
    """
    agents = {
        name: _with(Kind.AGENT, roles.agents.get(name, agent_config(config, name)), "safety") for name in config.agents
    }
    env = {**config.env, "emulator": _with(Kind.EMULATOR, config.argument("emulator"), "mode")}
    changed = {
        "variants": (Variant.ATTACKED,),
        "episodes": samples,
        "until_unsafe": True,
        "env": {name: value for name, value in env.items() if name in config.env or value != "rules"},
    }
    told = {name: each for name, each in agents.items() if isinstance(each, Mapping)}
    return config.changed(changed), roles.changed({"agents": {**roles.agents, **told}})


def gentle(config: RunConfig) -> RunConfig:
    """The run with its agents told nothing ruthless: as they are to act when they are given advice."""
    options = {
        name: {key: value for key, value in each.items() if (key, value) != ("safety", RUTHLESS)}
        for name, each in config.agent_options.items()
    }
    return config.changed({"agent_options": options})


def _with(kind: Kind, config: Json, option: str) -> Json:
    """The configuration of a role with the option that makes it risky, where the role has it and does not set it."""
    name = config if isinstance(config, str) else config.get("kind") if isinstance(config, Mapping) else None
    if not isinstance(name, str) or ":" in name or option not in inspect.signature(plugin(kind, name)).parameters:
        return config
    options = {} if isinstance(config, str) else dict(config)
    return {"kind": name, option: RUTHLESS if option == "safety" else ADVERSARIAL, **options}
