"""One pattern with all its parts cast: tools, people, records, values and calls, in one world."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autosafe_env.core.cast import Cast, Company, Draw, Person
from autosafe_env.core.patch import replace_at, resolve
from autosafe_env.core.toolspec import Tool
from autosafe_env.generate.binding import Unbound, fitting_tools, role_in
from autosafe_env.generate.pattern import SLOT, Act, Drawn, Entry, Pattern
from autosafe_env.generate.probe import Entity, Probe, entities, kinds_of
from autosafe_env.generate.world import phrases_of
from autosafe_env.types.base import Json
from autosafe_env.types.tools import Effect, Role
from autosafe_env.types.turns import ToolCall

STOP = re.compile(r"(?:^|[.!?]\s+|\n\s*(?:[-*]\s+|\d[.)]\s+)?)$")
"""After this a sentence begins."""
WORK = frozenset({"colleague", "manager", "client", "supplier"})


@dataclass
class Scene:
    """A pattern's names and what they stand for. Filled from left to right: what comes later may speak of earlier."""

    pattern: Pattern
    tools: dict[str, Tool]
    """Slot to tool."""
    cast: Cast
    probe: Probe
    draw: Draw
    people: dict[str, Person | Company] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)
    records: dict[str, Entity] = field(default_factory=dict)
    holes: dict[str, str] = field(default_factory=dict)
    """Record to the place of its free text."""
    calls: dict[str, ToolCall] = field(default_factory=dict)
    """Act to its call."""
    asked: dict[str, str] = field(default_factory=dict)
    """Act to how a person asks for it."""

    def fill(self) -> None:
        """Cast everything. Raises Unbound."""
        self._cast_people()
        for name, entry in self.pattern.records.items():
            self._find(name, entry)
        for name, act in self.pattern.acts.items():
            self._resolve(name, act)

    def hole(self, record: str) -> str:
        """The place of a record's free text. Raises Unbound when it has none."""
        if record not in self.holes:
            raise Unbound(f"the record for {record} has no text")
        return self.holes[record]

    def text(self, template: str, quote: Callable[[str], str] = str) -> str:
        """A template with every name filled in, in one pass: what is filled in is never read as a template.

        An act, or a text that was drawn, gets a capital letter where a sentence begins.
        """

        def named(found: re.Match[str]) -> str:
            said = self._named(found[1], found[2])
            in_words = found[1] in self.asked or found[1] in self.values
            begins = in_words and STOP.search(template[: found.start()])
            return quote(f"{said[:1].upper()}{said[1:]}" if begins else said)

        return SLOT.sub(named, template)

    def check(self, template: str) -> str:
        """A CEL template, names filled in as they must stand inside double quotes."""
        return self.text(template, lambda text: json.dumps(text, ensure_ascii=False)[1:-1])

    def _named(self, name: str, part: str | None) -> str:
        if name == "owner" or name in self.people:
            return self._of_person(name, part)
        if name in self.records:
            return str(getattr(self.records[name], part or "label"))
        if name in self.pattern.values:
            return spelled(self.value(name))
        if name not in self.asked:
            raise Unbound(f"{name} is spoken of before it is there")
        return self.calls[name].tool if part == "tool" else self.asked[name]

    def _of_person(self, name: str, part: str | None) -> str:
        who = self.cast.owner if name == "owner" else self.people[name]
        if part in self.tools:
            return self._address(name, str(part))
        return str(getattr(who, part or "name"))

    def _cast_people(self) -> None:
        pools: dict[str, tuple[Any, ...]] = {
            "known": self.cast.people,
            "stranger": self.cast.strangers,
            "work": tuple(each for each in self.cast.people if each.relation in WORK),
            "private": tuple(each for each in self.cast.people if each.relation not in WORK),
            "company": self.cast.companies[1:],
        }
        for name, kind in self.pattern.people.items():
            free = [each for each in pools[kind] if each not in self.people.values()]
            if not free:
                raise Unbound(f"nobody is left to be {name}")
            self.people[name] = self.draw.one(free)

    def value(self, name: str) -> Json:
        """A value, drawn when it is first asked for: its text may speak of records, and a record's of values."""
        if name not in self.values:
            self.values[name] = self._drawn(name, self.pattern.values[name])
        return self.values[name]

    def _drawn(self, name: str, drawn: Drawn) -> Json:
        if drawn.money is not None:
            amount = self.draw.money(*drawn.money)
            return round(amount) if self._is_counted(name) else amount
        if drawn.number is not None:
            return self.draw.number(*drawn.number)
        if drawn.code is not None:
            return self.draw.code(drawn.code)
        return self.text(self.draw.one(drawn.one))

    def _is_counted(self, name: str) -> bool:
        """Whether some tool takes the amount in whole numbers only: then it is the same whole number everywhere."""
        taking = [self.tools[act.use].spec for act in self.pattern.acts.values() if act.fill.get(Role.AMOUNT) == name]
        schemas = [
            spec.parameters["properties"][parameter]
            for spec in taking
            for parameter, role in spec.roles.items()
            if role is Role.AMOUNT
        ]
        return any("number" not in kinds_of(schema) for schema in schemas)

    def _find(self, name: str, entry: Entry) -> None:
        """Choose a record that the slot's tool acts on, or shows; add to its text what the pattern has it hold."""
        tool = self.tools[entry.of]
        taken = {record.pointer for record in self.records.values()}
        reads = tool.spec.effect is Effect.READ
        found = [each for each in self.probe.records(tool, reads) if each.pointer not in taken]
        if not found:
            raise Unbound(f"{tool.spec.name} {'shows' if reads else 'acts on'} no free record")
        record = self.draw.one(found)
        self.records[name] = record
        if record.texts:
            self.holes[name] = record.texts[0][0]
        if entry.holds:
            if not record.texts:
                raise Unbound(f"the record for {name} has no text")
            self._add(self.holes[name], self.text(self.draw.one(entry.holds)))

    def _add(self, pointer: str, sentence: str) -> None:
        text = f"{resolve(self.probe.world, pointer)} {sentence}"
        self.probe = self.probe.within(replace_at(self.probe.world, pointer, text))

    def fill_of(self, act: Act) -> dict[Role, str]:
        """What fills which role of the tool that is bound to an act."""
        return {role_in(self.tools[act.use], role): given for role, given in act.fill.items()}

    def _resolve(self, name: str, act: Act) -> None:
        """The call of an act, and how a person asks for it."""
        record = next((given for given in act.fill.values() if given in self.records), None)
        if self.tools[act.use].spec.effect is Effect.READ and record is not None:
            call = self._shown(name, act, record)
        else:
            roles = {role: self._filled(act.use, given) for role, given in self.fill_of(act).items()}
            call = self._called(name, self.probe.call(self.tools[act.use].spec.name, roles))
        self.calls[name] = call
        tool = self.tools[act.use]
        phrases = act.ask or phrases_of(tool)
        fits = [each for each in phrases if self._can_say(each, act, call, tool)]
        if not fits:
            raise Unbound(f"no phrase for {tool.spec.name}")
        # What has no heading of the pattern's had better not be asked for by its heading.
        plain = [each for each in fits if Role.SUBJECT in act.fill or "{subject}" not in each]
        self.asked[name] = self._phrase(self.draw.one(plain or fits), act, call, tool)

    def _shown(self, name: str, act: Act, record: str) -> ToolCall:
        """The call that shows a record's text. If the slot's tool does not, another that fits and is bound to nothing
        else takes its place: which tool shows what is known only now."""
        entity, text = self.records[record], str(resolve(self.probe.world, self.hole(record)))
        own = self.tools[act.use]
        others = [each for each in fitting_tools(self.pattern.slots[act.use], own.spec.toolkit) if each != own]
        settled = act.use in {self.pattern.acts[done].use for done in self.calls}
        for tool in [own] if settled else [own, *self.draw.some(others, len(others))]:
            if call := self.probe.shows(tool.spec.name, text, entity):
                self.tools[act.use] = tool
                return call
        return self._called(name, None)

    def _called(self, name: str, call: ToolCall | None) -> ToolCall:
        if call is None:
            raise Unbound(f"no call of {self.tools[self.pattern.acts[name].use].spec.name} for the act {name}")
        return call

    def _filled(self, slot: str, given: str) -> Json:
        if given in self.people:
            return self._address(given, slot)
        if given in self.records:
            return self.records[given].id
        if given in self.pattern.values:
            return self.value(given)
        return self.text(given)

    def _address(self, person: str, slot: str) -> str:
        address = self.probe.reach(self.tools[slot].spec.name, self.people[person], {})
        if address is None:
            raise Unbound(f"{self.tools[slot].spec.name} reaches nobody by what is known of them")
        return address

    def _can_say(self, phrase: str, act: Act, call: ToolCall, tool: Tool) -> bool:
        """Whether a phrase says all that is filled in, and nothing that the call does not have."""
        if act.ask:
            return True
        asked = {found[1].upper() for found in SLOT.finditer(phrase)}
        given = {role.value for role in self.fill_of(act)} & {role.value for role in tool.spec.roles.values()}
        there = {role.value for name, role in tool.spec.roles.items() if name in call.arguments}
        return given & there <= asked <= there

    def _phrase(self, phrase: str, act: Act, call: ToolCall, tool: Tool) -> str:
        def said(name: str, part: str | None) -> str:
            role = Role.__members__.get(name.upper())
            if role is None:
                return self._named(name, part)
            given = self.fill_of(act).get(role)
            if given is None or (given in self.records and not self._is_called(given, role, call, tool)):
                return self._called_with(role, call, tool)
            if given in self.people:
                return self._contact(given, act.use)
            text = self._named(given, None) if given in self.pattern.names else self.text(given)
            return f'"{text.removesuffix(".")}"' if role is Role.CONTENT else text

        return SLOT.sub(lambda found: said(found[1], found[2]), phrase)

    def _is_called(self, record: str, role: Role, call: ToolCall, tool: Tool) -> bool:
        """Whether the call names the record itself, and not what it stands in."""
        values = [call.arguments.get(name) for name, each in tool.spec.roles.items() if each is role]
        return bool({self.records[record].id, self.records[record].label} & set(map(str, values)))

    def _called_with(self, role: Role, call: ToolCall, tool: Tool) -> str:
        """What the call has for a role that the pattern leaves open: of a record its label."""
        named = [name for name, each in tool.spec.roles.items() if each is role and name in call.arguments]
        value = call.arguments[named[0]]
        own = {tool.spec.toolkit: self.probe.world[tool.spec.toolkit]}
        return next((each.label for each in entities(own) if each.id == value), spelled(value))

    def _contact(self, person: str, slot: str) -> str:
        """A person as somebody else would name them to who has to reach them."""
        who, address = self.people[person], self._address(person, slot)
        return address if address == who.name or self.draw.chance(0.2) else f"{who.name} ({address})"


def spelled(value: Json) -> str:
    """A value as it stands in a text: amounts to the cent."""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
