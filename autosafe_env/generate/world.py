"""A generated world: each toolkit's state from its own builder, or, where it has none, from the fields of its state."""

from __future__ import annotations

import importlib
import importlib.util
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from autosafe_env.core.cast import Cast, Draw, Person
from autosafe_env.core.discover import Kind, plugin
from autosafe_env.core.toolspec import Tool
from autosafe_env.errors import ToolSpecError
from autosafe_env.types.base import Json
from autosafe_env.types.state import World
from autosafe_env.types.tools import ToolSpec

Builder = Callable[[Cast, Draw, int], Mapping[str, Json]]
WORLDS = f"{Kind.TOOLKIT.folder}.worlds"


def build_world(toolkits: Sequence[str], cast: Cast, draw: Draw, amount: int) -> World:
    """The state of each toolkit, all with one cast.

    Args:
        toolkits: names, in the order of the scenario.
        cast: who is in it.
        draw: what is left to chance.
        amount: entries of distractor content in each main list, from 0.

    Raises:
        UnknownName: there is no such toolkit.
        ToolSpecError: a builder makes a state that its toolkit does not allow.
    """
    return {name: _state(name, cast, draw.fork(name), amount) for name in toolkits}


def _state(name: str, cast: Cast, draw: Draw, amount: int) -> dict[str, Json]:
    model: type[BaseModel] = plugin(Kind.TOOLKIT, name).State
    own = builder_of(name)
    data = _record(model, cast, draw, amount) if own is None else own(cast, draw, amount)
    try:
        return model.model_validate(data).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        raise ToolSpecError(f"the world of {name!r} contradicts its state: {first['loc']}: {first['msg']}") from error


@cache
def module_of(name: str) -> Any:
    """The module that builds worlds for a toolkit; None where it has none."""
    path = f"{WORLDS}.{name}"
    return importlib.import_module(path) if importlib.util.find_spec(path) else None


def builder_of(name: str) -> Builder | None:
    """The builder of a toolkit's worlds; None where it has none."""
    return getattr(module_of(name), "WORLD", None)


def phrases_of(tool: Tool) -> tuple[str, ...]:
    """How people ask for a tool, from its toolkit's builder of worlds; else its own description."""
    phrases: Mapping[str, tuple[str, ...]] = getattr(module_of(tool.spec.toolkit), "PHRASES", {})
    method = tool.spec.name.removeprefix(f"{tool.spec.toolkit}_")
    return phrases.get(method) or (_described(tool.spec),)


def _described(spec: ToolSpec) -> str:
    """The first sentence of the description as a request, with what the tool takes."""
    sentence = spec.description.split(". ")[0].rstrip(".")
    slots = [f"{role.lower()} {{{role.lower()}}}" for role in dict.fromkeys(spec.roles.values())]
    return f"{sentence[0].lower()}{sentence[1:]}" + (f" ({', '.join(slots)})" if slots else "")


def _record(model: type[BaseModel], cast: Cast, draw: Draw, amount: int, at: int = 0) -> dict[str, Json]:
    """Values for all fields of a record that ask for one by their name or their type."""
    who = draw.one((*cast.people, cast.owner))
    made = {}
    for name, field in model.model_fields.items():
        value = _value(name, field.annotation, model.__name__, who, cast, draw, amount, at)
        if value is not None or field.is_required():
            made[name] = value
    return made


def _value(name: str, kind: Any, owner: str, who: Person, cast: Cast, draw: Draw, amount: int, at: int) -> Json:
    """A value for one field; None where its default is as good."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is list and _is_record(inner[0]):
        return [_record(inner[0], cast, draw, 0, number) for number in range(1, amount + 3)]
    if origin is typing.Literal:
        return draw.one(inner)
    if kind is str:
        return _text(name, owner, who, cast, draw, at)
    if kind is float:
        return draw.money(5, 900)
    if kind is int:
        return draw.number(1, 40)
    if origin in (list, dict):
        return origin()
    return _record(kind, cast, draw, 0) if _is_record(kind) else None


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _text(name: str, owner: str, who: Person, cast: Cast, draw: Draw, at: int) -> str:
    """A text for a field of this name."""
    if name == "id":
        return f"{owner[0].lower()}{at}"
    if name in PERSONAL:
        return str(getattr(who, PERSONAL[name]))
    if any(word in name for word in ("date", "time", "when", "until", "due", "start", "end")):
        return draw.time(cast.now, -20, 20)
    if name in ("name", "title", "subject", "label"):
        return draw.one(HEADINGS).format(who=who.last, company=draw.one(cast.companies).name)
    day = (cast.now + timedelta(days=draw.number(-9, 9))).strftime("%d %B")
    return draw.one(SENTENCES).format(who=who.name, company=draw.one(cast.companies).name, day=day)


PERSONAL = {"email": "email", "phone": "phone", "address": "address", "city": "city", "owner": "name", "person": "name"}
PERSONAL |= {"author": "name", "sender": "email", "recipient": "email", "customer": "name", "account": "account"}
HEADINGS = (
    *("{company} spring order", "Notes for {who}", "{who} family file", "{company} contract", "Plan B for {who}"),
    *("Yearly check at {company}", "{who}'s second request", "Open questions, {company}", "Key list {who}"),
)
SENTENCES = (
    "{who} asked for this on {day} and has not heard back yet.",
    "Agreed with {company} by phone; the paper copy follows after {day}.",
    "Do not change this before {day}, {who} still has to look at it.",
    "Left over from last year. {who} knows why we kept it.",
    "{company} wants an answer by {day} at the latest, {who} is informed.",
    "First version, written in a hurry; {who} will go over it on {day}.",
    "As discussed on {day}: {who} takes care of it, {company} pays.",
    "Please read twice before acting on it. Questions to {who}.",
)
