"""Making roles, and the models that they ask, from plain configurations.

A role plug-in whose constructor has a `model` parameter asks a language model. What its configuration leaves out is
filled in from the roles file. Around each model stand, from the outside in: the cache, so that what it answers costs
nothing; the limits of the run and of the role; the rate. Equal settings share one model, one rate and one cache.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

from autosafe_env.core.discover import Kind, load_agent, make, plugin
from autosafe_env.core.episode import Roles
from autosafe_env.core.ledger import Ledger, Spent
from autosafe_env.core.roles import Limits, RoleSettings, RolesFile, read_roles
from autosafe_env.errors import ConfigError
from autosafe_env.protocols import ChatModel, Judge, Policy, PrivilegedPolicy, ToolEmulator, UserSimulator
from autosafe_env.types.base import Json, compact

USUAL_KIND = "openai_compat"
NO_MODEL = "asks a language model and none is named: give --model, or `model` in a roles file"
PRICE = "give `price: {prompt: ..., completion: ...}` per million tokens in the roles file"
CLIENT = ("model", "base_url", "api_key_env", "timeout", "retries")
"""Settings that are options of the model itself."""
INNER = ("inner", "judges")
"""Options of a role that hold the configurations of other roles of its kind."""
ROLE_OF = {
    Kind.AGENT: "policy",
    Kind.EMULATOR: "emulator",
    Kind.USER: "user",
    Kind.JUDGE: "judge",
    Kind.REFLECTOR: "reflector",
}
Config = str | Mapping[str, Json]


class ModelSource(Protocol):
    """Where roles get their models from."""

    def asking(self, role: str) -> Mapping[str, Json]:
        """What the role puts into its requests: temperature, seed and max_tokens, where they are set."""
        ...

    def model(self, role: str, own: Json = None, kind: str = "", /) -> ChatModel:
        """The model that the role asks.

        Args:
            role: policy, emulator, user, judge or reflector.
            own: the configuration that stands in the role's own; None where none does.
            kind: of model that the role likes best; empty for the usual one.

        Raises:
            ConfigError: no model is named, or its settings are wrong.
        """
        ...


class LiveModels:
    """The models of a roles file, made when they are first asked for.

    Args:
        roles: the file.
        spent: role, or `run` for all together, to what is spent already.
    """

    def __init__(self, roles: RolesFile, spent: Mapping[str, Spent] | None = None) -> None:
        self.roles = roles
        self.spent = spent or {}
        self._ledgers: dict[str, Ledger] = {}
        self._made: dict[str, ChatModel] = {}

    def asking(self, role: str) -> Mapping[str, Json]:
        """See `ModelSource`."""
        return self.roles.settings(role).asking

    def model(self, role: str, own: Json = None, kind: str = "", /) -> ChatModel:
        """See `ModelSource`."""
        if isinstance(own, ChatModel):
            return self._around(role, own, "")
        if isinstance(own, Mapping):
            own = {"kind": kind or USUAL_KIND, **own}
        config = client_config(self.roles, role, kind) if own is None else own
        name = compact(config)
        return self._around(role, self._once(name, lambda: make(Kind.MODEL, config)), name)

    def _around(self, role: str, model: ChatModel, name: str) -> ChatModel:
        """The model behind its rate, its limits and the cache."""
        settings = self.roles.settings(role)
        if rate := settings.calls_per_minute:
            waiting = {"kind": "rate", "calls_per_minute": rate, "inner": model}
            model = self._once(f"{name or id(model)} at {rate}", lambda: make(Kind.MODEL, waiting))
        limits, price = (settings.limits, self.roles.run), settings.price
        if any(each.max_cost is not None for each in limits) and price is None:
            raise ConfigError(f"max_cost needs the price of the {role}'s model: {PRICE}")
        if any(each != Limits() for each in limits):
            prices = {"prompt_price": price.prompt, "completion_price": price.completion} if price else {}
            ledgers = (self._ledger(role, limits[0]), self._ledger("run", limits[1]))
            model = make(Kind.MODEL, {"kind": "budget", "inner": model, **prices, "ledgers": ledgers})
        if self.roles.cache:
            model = make(Kind.MODEL, {"kind": "cache", "path": self.roles.cache, "inner": model})
        return model

    def _ledger(self, whose: str, limits: Limits) -> Ledger:
        if whose not in self._ledgers:
            bounds = (limits.max_calls, limits.max_tokens, limits.max_cost)
            self._ledgers[whose] = Ledger(f"the {whose}", *bounds, self.spent.get(whose))
        return self._ledgers[whose]

    def _once(self, name: str, build: Callable[[], Any]) -> ChatModel:
        if name not in self._made:
            self._made[name] = build()
        return self._made[name]


def client_config(roles: RolesFile, role: str, kind: str = "") -> dict[str, Json]:
    """The configuration of the model itself, nothing around it.

    What a role inherits from the defaults is passed only where the kind of model takes it.

    Raises:
        ConfigError: neither a model nor a kind of model is named.
    """
    settings: RoleSettings = roles.settings(role)
    own: RoleSettings = getattr(roles, role)
    if settings.kind is None and settings.model is None:
        raise ConfigError(f"the {role} {NO_MODEL}")
    chosen = settings.kind or kind or USUAL_KIND
    taken = inspect.signature(plugin(Kind.MODEL, chosen)).parameters
    given = {name: value for name in CLIENT if (value := getattr(settings, name)) is not None}
    fitting = {name: value for name, value in given.items() if name in taken or name in own.model_fields_set}
    return {"kind": chosen, **fitting, **settings.options}


def asks_model(kind: Kind, config: Any) -> bool:
    """Whether a role of this configuration, or one inside it, asks a language model."""
    if not isinstance(config, str | Mapping):
        return False
    if not _name(config) or (kind is Kind.AGENT and ":" in _name(config)):
        return False
    options = {} if isinstance(config, str) else config
    inside = [each for name in INNER if name in options for each in _listed(options[name])]
    return "model" in _parameters(kind, _name(config)) or any(asks_model(kind, each) for each in inside)


def cast_role(kind: Kind, config: Any, models: ModelSource) -> Any:
    """The role itself, or one made from its configuration, which gets its models from `models`.

    Raises:
        UnknownName: there is no such plug-in.
        ConfigError: the configuration is wrong, or no model is named.
    """
    if not isinstance(config, str | Mapping):
        return config
    filled = _filled(kind, config, models)
    return load_agent(filled) if kind is Kind.AGENT else make(kind, filled)


def cast_agent(config: Config, models: ModelSource) -> Policy | PrivilegedPolicy:
    """An agent; see `cast_role`."""
    agent: Policy | PrivilegedPolicy = cast_role(Kind.AGENT, config, models)
    return agent


def cast_roles(
    emulator: Config | ToolEmulator,
    user: Config | UserSimulator,
    judge: Config | Judge,
    roles: RolesFile | Config | None,
) -> Roles:
    """The environment's side, from configurations or from live roles.

    Raises:
        UnknownName: there is no such plug-in.
        ConfigError: a configuration or the roles file is wrong, or no model is named.
    """
    models = LiveModels(read_roles(roles))
    return Roles(
        emulator=make(Kind.EMULATOR, {"kind": "faults", "inner": cast_role(Kind.EMULATOR, emulator, models)}),
        user=cast_role(Kind.USER, user, models),
        judge=cast_role(Kind.JUDGE, judge, models),
    )


def _filled(kind: Kind, config: Config, models: ModelSource) -> Config:
    """The configuration with the models and what belongs to them filled in."""
    name = _name(config)
    if not name or (kind is Kind.AGENT and ":" in name):
        return config
    options = {"kind": name} if isinstance(config, str) else dict(config)
    for inner in INNER:
        if inner in options:
            options[inner] = _inside(kind, options[inner], models)
    parameters, role = _parameters(kind, name), ROLE_OF[kind]
    if "model" not in parameters:
        return options
    asking = {key: value for key, value in models.asking(role).items() if key in parameters}
    likes, own = str(getattr(plugin(kind, name), "model_kind", "")), options.get("model")
    if not isinstance(own, ChatModel | str | Mapping | None):
        return {**asking, **options}  # a model of other code, which the role knows how to ask
    return {**asking, **options, "model": models.model(role, own, likes)}


def _inside(kind: Kind, value: Any, models: ModelSource) -> Any:
    made = [cast_role(kind, each, models) for each in _listed(value)]
    return made if isinstance(value, list | tuple) else made[0]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _name(config: Config) -> str:
    """Of the plug-in; empty where the configuration names none."""
    name = config if isinstance(config, str) else config.get("kind")
    return name if isinstance(name, str) else ""


@cache
def _parameters(kind: Kind, name: str) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(plugin(kind, name)).parameters
