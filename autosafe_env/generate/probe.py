"""What a world holds and what its tools can do there, found out by calling them: observed, never guessed from names.

The rules answer each call at no cost, so that a generator which knows only tags can still tell which call shows a text,
which records a tool acts on, and by which of their addresses a tool reaches a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, product

from autosafe_env.core.cast import Cast, Company, Person
from autosafe_env.core.patch import format_pointer, resolve
from autosafe_env.core.toolkit import Fault
from autosafe_env.core.toolspec import Tool
from autosafe_env.types.base import Json, compact
from autosafe_env.types.state import World
from autosafe_env.types.tools import Role, ToolSpec
from autosafe_env.types.turns import ToolCall

LABELS = ("name", "title", "subject", "label", "summary", "counterparty", "merchant", "description", "path")
"""Fields by which people call a record, the likeliest first."""
KEYS = ("id", "number", "key", "path", "url", "email", "name")
"""Fields by which tools name a record, the likeliest first."""
PLACES = frozenset({Role.TARGET, Role.PATH, Role.URL})
"""Roles by which a record is named."""
MOST_TRIES = 80
"""Calls that are tried before a tool counts as unable."""
SHORT = 48
"""Characters in a label at most; a longer text is no name."""
NAMED = re.compile(r"[^\W\d_]{3}")
"""Three letters in a row: what a name has and a mere number has not."""
FREE_TEXT = 5
"""A string with at least so many words in small letters is text that somebody wrote."""
NOTHING = frozenset({"none", "off"})
"""Settings that would turn a call into its opposite, such as a right of `none`."""
FILLERS: dict[Role | None, Json] = {Role.AMOUNT: 20.0, Role.CONTENT: "As agreed.", Role.SUBJECT: "Papers"}


@dataclass(frozen=True)
class Entity:
    """One record of a world that tools can name."""

    toolkit: str
    id: str
    label: str
    """How a person would call it."""
    pointer: str
    """Where it stands in the world."""
    texts: tuple[tuple[str, str], ...]
    """Its free texts, each with its own pointer, the longest first."""

    @property
    def has_name(self) -> bool:
        """Whether a person could call it by its label: `e4`, telephone numbers and whole sentences are no names."""
        return NAMED.search(self.label) is not None and not self.label.endswith((".", "!"))


def entities(world: World) -> list[Entity]:
    """Every record of a world that has an id or is filed under a name."""
    return [found for toolkit, state in world.items() for found in _entities(toolkit, state, (toolkit,))]


def _entities(toolkit: str, value: Json, place: tuple[str, ...]) -> Iterator[Entity]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            key = next((item[key] for key in KEYS if item.get(key)), None) if isinstance(item, dict) else None
            if isinstance(key, str):
                yield _entity(toolkit, key, item, (*place, str(index)))
            yield from _entities(toolkit, item, (*place, str(index)))
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict) and "id" not in item and len(place) > 1:
                yield _entity(toolkit, key, item, (*place, key))
            yield from _entities(toolkit, item, (*place, key))


def _entity(toolkit: str, name: str, record: dict[str, Json], place: tuple[str, ...]) -> Entity:
    fields = [record[field] for field in LABELS if isinstance(record.get(field), str)]
    label = next((text for text in fields if 0 < len(text) <= SHORT), name)
    texts = [(key, text) for key, text in record.items() if isinstance(text, str) and is_free(text)]
    texts.sort(key=lambda each: (-len(each[1]), each[0]))
    return Entity(
        toolkit, name, label, format_pointer(place), tuple((format_pointer((*place, key)), text) for key, text in texts)
    )


def is_free(text: str) -> bool:
    """Whether a string is text that somebody wrote, not a name or a number."""
    return sum(word.islower() for word in text.split()) >= FREE_TEXT


@dataclass(frozen=True)
class Probe:
    """Calls tools in one world, of which nothing changes."""

    world: World
    cast: Cast
    tools: Mapping[str, Tool]

    @cached_property
    def _entities(self) -> dict[str, list[Entity]]:
        return {}

    def entities_of(self, toolkit: str) -> list[Entity]:
        """The records of one toolkit's part of the world, found once."""
        if toolkit not in self._entities:
            self._entities[toolkit] = entities({toolkit: self.world[toolkit]})
        return self._entities[toolkit]

    def answer(self, call: ToolCall) -> Json:
        """The observation of a call; None when it fails or does not fit its tool."""
        tool = self.tools[call.tool]
        if tool.mistakes(call.arguments):
            return None
        try:
            return tool.call(self.world[tool.spec.toolkit], call.arguments, self.cast.now)[0]
        except Fault:
            return None

    def works(self, call: ToolCall) -> bool:
        """Whether a call succeeds."""
        return self.answer(call) is not None

    def call(self, tool: str, roles: Mapping[Role, Json]) -> ToolCall | None:
        """A call that succeeds, with these values for the parameters of these roles; None when there is none.

        A parameter without a value is left out where it may be; else it names some record, or holds something harmless.
        """
        choices = self._choices(self.tools[tool].spec, roles)
        for values in islice(product(*choices.values()), MOST_TRIES):
            call = ToolCall(tool=tool, arguments=dict(zip(choices, values, strict=True)))
            if self.works(call):
                return call
        return None

    def _choices(self, spec: ToolSpec, roles: Mapping[Role, Json]) -> dict[str, list[Json]]:
        """What may stand for each parameter that is given, the likeliest first."""
        required = spec.parameters.get("required", ())
        ids = [entity.id for entity in self.entities_of(spec.toolkit)]
        choices: dict[str, list[Json]] = {}
        for name, schema in spec.parameters["properties"].items():
            role = spec.roles.get(name)
            if role is not None and role in roles:
                if name in required or name == first_of(spec, role):  # a second one, such as `cc`, is another thing
                    choices[name] = [fitted(roles[role], schema)]
            elif name in required and role in PLACES and "enum" not in schema:
                choices[name] = [fitted(each, schema) for each in ids]
            elif name in required and role is Role.RECIPIENT:
                choices[name] = [fitted(each, schema) for each in addresses(self.cast.people[-1])]
            elif name in required:
                choices[name] = [filler(schema, role)]
        return choices

    def within(self, world: World) -> Probe:
        """The same tools and people in another world."""
        return Probe(world, self.cast, self.tools)

    def records(self, tool: Tool, reads: bool) -> list[Entity]:
        """The records with free text that a READ tool shows, or those that any other tool acts on."""
        if not reads:
            return [entity for entity, _ in self.targets(tool.spec.name, {}) if entity.has_name]
        own = [self.named(each) for each in self.entities_of(tool.spec.toolkit) if each.texts]
        return [each for each in own if each.has_name and self.shows(tool.spec.name, each.texts[0][1], each)]

    def shows(self, tool: str, text: str, entity: Entity) -> ToolCall | None:
        """A call of a READ tool that shows a text of an entity; None when there is none.

        It may be asked for by its id or its label, by that of what it belongs to, or without a name.
        """
        wanted = compact(text)[1:-1]
        own = [dict.fromkeys((*PLACES, Role.QUERY), value) for value in (entity.id, entity.label)]
        around = [dict.fromkeys(PLACES, other.id) for other in self._around(entity)]
        for roles in (*own, *around, {}):
            call = self.call(tool, roles)
            if call is not None and wanted in compact(self.answer(call)):
                return call
        return None

    def _around(self, entity: Entity) -> list[Entity]:
        """What a record stands in, the nearest first, and what it refers to by its id."""
        others = self.entities_of(entity.toolkit)
        inside = [each for each in others if entity.pointer.startswith(f"{each.pointer}/")]
        record = resolve(self.world, entity.pointer)
        values = [value for value in record.values() if isinstance(value, str)] if isinstance(record, dict) else []
        return [*reversed(inside), *(each for each in others if each.id in values and each != entity)]

    def named(self, entity: Entity) -> Entity:
        """The entity with a label that a person could say: what has none of its own is called after who wrote it, or
        after what it stands in."""
        if entity.has_name:
            return entity
        record = resolve(self.world, entity.pointer)
        inside = next((each.label for each in self._around(entity) if each.has_name), "")
        values = {value for value in record.values() if isinstance(value, str)} if isinstance(record, dict) else set()
        for who in (*self.cast.people, *self.cast.strangers):
            if (values | {inside}) & set(addresses(who)):
                return replace(entity, label=f"the message from {who.name}")
        if not inside or inside == self.cast.owner.name:
            return entity
        return replace(entity, label=f"the entry in {inside}")

    def reach(self, tool: str, who: Person | Company, roles: Mapping[Role, Json]) -> str | None:
        """The first of somebody's addresses by which a tool reaches them; None when it does by none."""
        for address in addresses(who):
            if self.call(tool, {**roles, Role.RECIPIENT: address}):
                return address
        return None

    def targets(self, tool: str, roles: Mapping[Role, Json]) -> list[tuple[Entity, ToolCall]]:
        """The entities that a tool acts on, each with a call that does."""
        spec = self.tools[tool].spec
        places = PLACES & set(spec.roles.values())
        found = []
        for entity in self.entities_of(spec.toolkit):
            call = self.call(tool, {**dict.fromkeys(places, entity.id), **roles})
            if call is not None and entity.id in call.arguments.values():
                found.append((entity, call))
        return found


def first_of(spec: ToolSpec, role: Role) -> str:
    """The parameter of a role that is meant where nothing is said: a required one, or else the first."""
    named = [name for name, each in spec.roles.items() if each is role]
    return next((name for name in named if name in spec.parameters.get("required", ())), named[0])


def addresses(who: Person | Company) -> tuple[str, ...]:
    """All by which somebody can be reached."""
    if isinstance(who, Person):
        return (who.email, who.phone, who.handle, who.account, who.name)
    return (who.email, who.phone, who.account, who.name)


def fitted(value: Json, schema: dict[str, Json]) -> Json:
    """A value as a parameter takes it: one of a list, a whole number, a text."""
    kinds = kinds_of(schema)
    if "array" in kinds and not isinstance(value, list):
        return [value]
    if "integer" in kinds and isinstance(value, float) and "number" not in kinds:
        return int(value)
    return value


def filler(schema: dict[str, Json], role: Role | None) -> Json:
    """A harmless value for a parameter that must have one."""
    if "enum" in schema:
        return next((value for value in schema["enum"] if value not in NOTHING), schema["enum"][0])
    kinds = kinds_of(schema)
    if role in FILLERS and "string" in kinds | {type(FILLERS[role]).__name__} | {"number"}:
        return fitted(FILLERS[role], schema)
    if "boolean" in kinds:
        return False
    if "integer" in kinds or "number" in kinds:
        return fitted(1.0, schema)
    return ["As agreed."] if "array" in kinds else "As agreed."


def kinds_of(schema: dict[str, Json]) -> set[str]:
    """The JSON types that a schema allows."""
    kinds = {schema["type"]} if isinstance(schema.get("type"), str) else set()
    return kinds.union(*(kinds_of(each) for each in schema.get("anyOf", ())))
