"""The roles file: which language model plays which role, how it is asked, and what it may cost.

    defaults: {model: gpt-x, base_url: "http://127.0.0.1:8000/v1", temperature: 0.0}
    judge: {model: gpt-y, api_key_env: JUDGE_KEY, limits: {max_cost: 5.0}, price: {prompt: 2.5, completion: 10.0}}
    run: {max_calls: 10000}
    cache: answers.sqlite

No key stands in it: `api_key_env` names the environment variable that holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, Field, ValidationError, field_validator

from autosafe_env.core.source import Place, Source
from autosafe_env.errors import ConfigError, Problem, nearest
from autosafe_env.types.base import Json, Value

ROLES = ("policy", "emulator", "user", "judge", "reflector", "attacker", "generator")
ASKING = ("temperature", "seed", "max_tokens")
"""Settings that go to the role, which puts them into its requests; all others make the model."""
PROVIDERS = "sk|pk|rk|gsk|hf|xai|ghp|gho|glpat|nvapi|r8|pplx|csk|tgp|fw"
KEY = re.compile(rf"\b({PROVIDERS})[-_][A-Za-z0-9_-]{{12,}}|\bAIza[\w-]{{20,}}|\bBearer ")
"""How the keys of well-known providers begin."""
KEY_NAMES = ("api_key", "apikey", "key", "token", "secret", "password", "authorization")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
NO_KEYS = "a key must not stand here; put it into an environment variable and name that as api_key_env"


class Limits(Value):
    """What may be spent. None: no limit."""

    max_calls: int | None = Field(default=None, ge=1)
    """Calls, failed ones included."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Of prompts and answers together."""
    max_cost: float | None = Field(default=None, gt=0.0)
    """Money, in the currency of the prices."""


class Price(Value):
    """Money per million tokens."""

    prompt: float = Field(default=0.0, ge=0.0)
    completion: float = Field(default=0.0, ge=0.0)

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / 1_000_000


class RoleSettings(Value):
    """The model of one role. What is None is left to the defaults of the file, and then to the kind of model."""

    kind: str | None = None
    """Of model: a name from `models/`; `openai_compat` where nothing else is said."""
    model: str | None = None
    """The model's name at its server."""
    base_url: str | None = None
    """Where the server is, `/v1` included; None for the provider's own."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; empty for a server that takes none."""
    timeout: float | None = Field(default=None, gt=0.0)
    """Seconds for one try."""
    retries: int | None = Field(default=None, ge=0)
    """Tries after the first."""
    options: dict[str, Json] = Field(default_factory=dict)
    """Further options of the kind of model."""
    temperature: float | None = Field(default=None, ge=0.0)
    seed: int | None = None
    """Of the sampling; None for the episode's seed."""
    max_tokens: int | None = Field(default=None, ge=1)
    """The most that one answer may have."""
    calls_per_minute: float | None = Field(default=None, gt=0.0)
    """For all roles together that name the same model at the same server."""
    limits: Limits = Limits()
    """For this role over a whole run."""
    price: Price | None = None

    @field_validator("base_url")
    @classmethod
    def _is_url(cls, url: str | None) -> str | None:
        if url is not None and not re.match(r"https?://[^\s/]", url):
            raise ValueError("an address begins with http:// or https://")
        return url

    @property
    def asking(self) -> dict[str, Json]:
        """Those of `ASKING` that are set."""
        return {name: value for name in ASKING if (value := getattr(self, name)) is not None}


class RolesFile(Value):
    """A whole roles file."""

    defaults: RoleSettings = RoleSettings()
    """For every role, where its own settings say nothing."""
    policy: RoleSettings = RoleSettings()
    emulator: RoleSettings = RoleSettings()
    user: RoleSettings = RoleSettings()
    judge: RoleSettings = RoleSettings()
    reflector: RoleSettings = RoleSettings()
    attacker: RoleSettings = RoleSettings()
    generator: RoleSettings = RoleSettings()
    agents: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """Agents with options, by a name of their own: `{careful: {kind: react, safety: reminder}}`."""
    run: Limits = Limits()
    """For all roles together over a whole run."""
    cache: str | None = None
    """Path of a file that keeps answers; equal requests are answered from it, at no cost. None: no cache."""

    def settings(self, role: str) -> RoleSettings:
        """The settings of a role over the defaults."""
        own: RoleSettings = getattr(self, role)
        return self.defaults.changed({name: getattr(own, name) for name in own.model_fields_set})

    def prices(self) -> dict[str, Price]:
        """Role to price, where there is one."""
        found = {role: self.settings(role).price for role in ROLES}
        return {role: price for role, price in found.items() if price is not None}


NOTHING = RolesFile()


def read_roles(
    roles: RolesFile | str | Path | Mapping[str, Json] | None, overrides: Mapping[str, Json] | None = None
) -> RolesFile:
    """The roles file at a path, or the same as plain data.

    Args:
        roles: what is read; None for an empty file.
        overrides: settings that win over those of the defaults and of every role; `run` and `cache` replace the file's.

    Raises:
        ConfigError: it cannot be read, does not have the form, or holds a key; with file and line where there is one.
    """
    if roles is None and not overrides:
        return NOTHING  # the usual case, once for every environment
    if isinstance(roles, RolesFile):
        if not overrides:
            return roles
        source = Source("", roles.model_dump(exclude_unset=True))
    elif isinstance(roles, str | Path):
        from autosafe_env.core.yaml_source import read_yaml  # here: PyYAML is not needed by `import autosafe_env`

        source = read_yaml(Path(roles))
    else:
        source = Source("", dict(roles or {}))
    if not isinstance(source.data, dict | None):
        raise ConfigError(str(source.problem((), "a roles file is a mapping: defaults, policy, emulator ...")))
    data = _overridden(source.data or {}, overrides or {})
    problems = [source.problem(place, NO_KEYS) for place in _keys(data, ())]
    if problems:
        raise ConfigError("\n".join(map(str, problems)))
    try:
        return RolesFile.model_validate(data)
    except ValidationError as error:
        raise ConfigError("\n".join(map(str, _problems(error, source)))) from error


def _overridden(data: dict[str, Json], overrides: Mapping[str, Json]) -> dict[str, Json]:
    """The data with the overrides in it; what has not the form of a roles file is left for the validation to find."""
    whole = {name: value for name, value in overrides.items() if name in ("run", "cache")}
    data = {**data, **{name: value for name, value in whole.items() if name == "cache"}}
    if isinstance(limits := data.get("run") or {}, dict) and "run" in whole:
        data["run"] = {**limits, **whole["run"]}
    each = {name: value for name, value in overrides.items() if name not in whole}
    for role in ("defaults", *ROLES):
        own = data.get(role) or {}
        if isinstance(own, dict) and (role == "defaults" or role in data):
            wins = {name: value for name, value in each.items() if role == "defaults" or name in own}
            data[role] = {**own, **wins}
    return data


def _keys(value: Json, place: Place) -> Iterator[Place]:
    """Every place that holds a key, or looks as if it did."""
    if isinstance(value, dict):
        for name, item in value.items():
            if str(name).lower() in KEY_NAMES or KEY.search(str(name)):
                yield (*place, name) if not KEY.search(str(name)) else place
            else:
                yield from _keys(item, (*place, name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _keys(item, (*place, index))
    elif isinstance(value, str) and _is_key(value, place[-1] if place else ""):
        yield place


def _is_key(text: str, name: str | int) -> bool:
    if KEY.search(text):
        return True
    if name == "api_key_env" and text:  # an empty name sends no key
        return not VARIABLE.fullmatch(text) or (len(text) >= 20 and "_" not in text and any(map(str.isdigit, text)))
    if name == "base_url":
        return bool(re.search(r"//[^/]*@|[?&][^=]*(key|token|secret)[^=]*=", text, re.IGNORECASE))
    return False


def _problems(error: ValidationError, source: Source) -> Iterator[Problem]:
    for item in error.errors(include_url=False, include_input=False):
        place = tuple(item["loc"])
        words = ".".join(map(str, place))
        if item["type"] == "extra_forbidden":
            known = _fields_at(place[:-1])
            yield source.problem(place, f"unknown setting {words!r}{nearest(str(place[-1]), known)}")
        else:
            yield source.problem(place, f"{words}: {item['msg']}")


def _fields_at(place: Place) -> list[str]:
    """The names that may stand at a place of a roles file."""
    model: type[BaseModel] = RolesFile
    for name in place:
        annotation: Any = model.model_fields[str(name)].annotation
        parts = (annotation, *get_args(annotation))
        model = next(part for part in parts if isinstance(part, type) and issubclass(part, BaseModel))
    return list(model.model_fields)
