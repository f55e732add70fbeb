"""The options that say which language model plays which role, the same for every command that asks one."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from autosafe_env.core.casting import LiveModels
from autosafe_env.core.roles import ROLES, RolesFile, read_roles
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json

PANEL = "Language models"


def _option(name: str, help_text: str, **more: Any) -> Any:
    return typer.Option(name, help=help_text, rich_help_panel=PANEL, **more)


@dataclasses.dataclass(frozen=True)
class ModelOptions:
    """What was said about models on the command line. Each wins over the roles file; None leaves it to the file."""

    model: Annotated[list[str] | None, _option("--model", "NAME for every role, or ROLE=NAME for one; repeat.")] = None
    model_kind: Annotated[str | None, _option("--model-kind", "openai_compat, http (for many at once) ...")] = None
    base_url: Annotated[str | None, _option("--base-url", "Of the server, such as http://127.0.0.1:8000/v1.")] = None
    temperature: Annotated[float | None, _option("--temperature", "Of every role.", min=0.0)] = None
    model_seed: Annotated[int | None, _option("--model-seed", "Of the sampling; none: the episode's.")] = None
    roles: Annotated[Path | None, _option("--roles", "A roles file: models, limits and prices by role.")] = None
    max_calls: Annotated[int | None, _option("--max-calls", "Of the whole run, failed ones too.", min=1)] = None
    max_tokens: Annotated[int | None, _option("--max-tokens", "Of the whole run.", min=1)] = None
    max_cost: Annotated[float | None, _option("--max-cost", "Of the whole run; prices are in the roles file.")] = None
    calls_per_minute: Annotated[float | None, _option("--calls-per-minute", "To one model, by all roles.")] = None
    cache: Annotated[Path | None, _option("--cache", "File that keeps answers; equal requests cost nothing.")] = None

    def file(self, otherwise: Mapping[str, Json] | None = None) -> RolesFile:
        """The roles file, or `otherwise` where none is named, with these options over it.

        Raises:
            ConfigError: the file or an option is wrong.
        """
        names, own = _names(self.model or [])
        settings = {
            "kind": self.model_kind,
            "model": names,
            "base_url": self.base_url,
            "temperature": self.temperature,
            "seed": self.model_seed,
            "calls_per_minute": self.calls_per_minute,
            "cache": None if self.cache is None else str(self.cache),
        }
        limits = {"max_calls": self.max_calls, "max_tokens": self.max_tokens, "max_cost": self.max_cost}
        said: dict[str, Json] = {name: value for name, value in settings.items() if value is not None}
        bounds = {name: value for name, value in limits.items() if value is not None}
        file = read_roles(
            otherwise if self.roles is None else self.roles, {**said, **({"run": bounds} if bounds else {})}
        )
        for role, name in own.items():
            file = read_roles({**file.model_dump(exclude_unset=True), role: {**_set(file, role), "model": name}})
        return file

    def model_for(self, role: str) -> ChatModel:
        """The model of a role. Raises ConfigError when none is named."""
        return LiveModels(self.file()).model(role)


def _names(said: list[str]) -> tuple[str | None, dict[str, str]]:
    """The model of every role, and of single ones."""
    own: dict[str, str] = {}
    every: list[str] = []
    for text in said:
        role, equals, name = text.partition("=")
        if equals and role in ROLES:
            own[role] = name
        elif equals and get_close_matches(role, ROLES, cutoff=0.7):
            raise UnknownName("role", role, ROLES)  # a model's own name may hold an equals sign, too
        else:
            every.append(text)
    if len(every) > 1:
        raise ConfigError(f"two models for every role: {every[0]!r} and {every[1]!r}; name one, or ROLE=NAME")
    return (every[0] if every else None), own


def _set(file: RolesFile, role: str) -> dict[str, Json]:
    settings: dict[str, Json] = getattr(file, role).model_dump(exclude_unset=True)
    return settings


def with_models(command: Callable[..., None]) -> Callable[..., None]:
    """A command that takes `ModelOptions` as its argument `models`, from options of its own on the command line."""
    only, hints = inspect.Parameter.KEYWORD_ONLY, get_type_hints(ModelOptions, include_extras=True)
    options = [
        inspect.Parameter(field.name, only, default=field.default, annotation=hints[field.name])
        for field in dataclasses.fields(ModelOptions)
    ]
    names = [option.name for option in options]

    @wraps(command)
    def run(**arguments: Any) -> None:
        said = {name: arguments.pop(name) for name in names}
        command(**arguments, models=ModelOptions(**said))

    own = get_type_hints(command, include_extras=True)
    signature = inspect.signature(command)
    kept = [each.replace(annotation=own[each.name]) for each in signature.parameters.values() if each.name != "models"]
    keyword = [each.replace(kind=only) for each in kept]
    whole = signature.replace(parameters=[*keyword, *options], return_annotation=None)
    run.__signature__ = whole  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in (*keyword, *options)}
    del run.__wrapped__  # it would show the signature without the options
    return run


def role_config(text: str) -> str | Mapping[str, Json]:
    """A role as the command line names it: its name, or `{"kind": <name>, <option>: ...}` as JSON.

    Raises:
        ConfigError: it begins like JSON and is none.
    """
    if not text.lstrip().startswith("{"):
        return text
    try:
        config: dict[str, Json] = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"a role is a name or a JSON object; this is not JSON: {error}") from error
    return config
