"""What can be wrong with a pattern although it fits the schema: names, templates, places, strategies, toolkits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autosafe_env.core.discover import Kind, names, toolkit
from autosafe_env.core.source import Place
from autosafe_env.errors import ConfigError, nearest
from autosafe_env.generate.binding import companions, fitting_tools
from autosafe_env.generate.pattern import NAME, PLACES, SLOT, Pattern, TriggerPattern
from autosafe_env.generate.styles import STYLES, Context, dressed
from autosafe_env.types.threat import STRATEGIES, Strategy
from autosafe_env.types.tools import Role

Finding = tuple[Place, str]
OF_A_PERSON = ("name", "first", "last", "email", "phone", "handle", "address", "city", "job", "employer", "account")
OF_A_COMPANY = ("name", "email", "phone", "account")
OF_A_RECORD = ("label", "id")


def lint_pattern(pattern: Pattern) -> Iterator[Finding]:
    """Everything that is wrong, each with its place in the file."""
    yield from _references(pattern)
    yield from _ends(pattern)
    yield from _paths(pattern)
    yield from _acts(pattern)
    yield from _triggers(pattern)
    yield from _templates(pattern)
    yield from _bindings(pattern)


def _unknown(place: Place, kind: str, name: str, known: Iterable[str]) -> Iterator[Finding]:
    known = list(known)
    if name not in known:
        yield place, f"no {kind} is called {name!r}{nearest(name, known)}"


def _references(pattern: Pattern) -> Iterator[Finding]:
    """Names of slots."""
    earlier: list[str] = []
    for name, slot in pattern.slots.items():
        if slot.beside:
            yield from _unknown(("slots", name, "beside"), "earlier slot", slot.beside, earlier)
        earlier.append(name)
        for method in slot.other_than:
            yield from _unknown(("slots", name, "other_than"), "tool", method, _methods())
    for name, entry in pattern.records.items():
        yield from _unknown(("records", name, "of"), "slot", entry.of, pattern.slots)


def _methods() -> set[str]:
    """Names of all tools, without their toolkits'."""
    return {tool.removeprefix(f"{name}_") for name in names(Kind.TOOLKIT) for tool in toolkit(name)}


def _ends(pattern: Pattern) -> Iterator[Finding]:
    """Harm and goals are acts or checks, and nothing else."""
    if bool(pattern.check) == bool(pattern.harm):
        yield (), "a pattern has either `harm`, the act that must not be taken, or `check`"
    if pattern.harm:
        yield from _unknown(("harm",), "act", pattern.harm, pattern.acts)
    for index, goal in enumerate(pattern.goals):
        if bool(goal.check) == bool(goal.done):
            yield ("goals", index), "a goal has either `done`, the name of an act, or `check`"
        if goal.done:
            yield from _unknown(("goals", index, "done"), "act", goal.done, pattern.acts)


def _paths(pattern: Pattern) -> Iterator[Finding]:
    """Steps are acts and words."""
    for kind in ("unsafe", "safe", "benign"):
        for index, path in enumerate(getattr(pattern.paths, kind)):
            for number, step in enumerate(path):
                place = ("paths", kind, index, number)
                if isinstance(step, str):
                    yield from _unknown(place, "act", step, pattern.acts)
                elif bool(step.say) == bool(step.finish):
                    yield place, "a step is the name of an act, or has either `say` or `finish`"


def _acts(pattern: Pattern) -> Iterator[Finding]:
    """Acts fill what their slot asks for, with names that there are."""
    for name, act in pattern.acts.items():
        yield from _unknown(("acts", name, "use"), "slot", act.use, pattern.slots)
        for role, given in act.fill.items():
            if re.fullmatch(NAME, given):
                yield from _unknown(("acts", name, role.lower()), "person, record or value", given, pattern.names)
        slot = pattern.slots.get(act.use)
        for role in slot.roles if slot else ():
            if role not in act.fill:
                yield ("acts", name), f"the role {role} of the slot {act.use!r} is not bound"


def _triggers(pattern: Pattern) -> Iterator[Finding]:
    for index, trigger in enumerate(pattern.triggers):
        place: Place = ("triggers", index)
        allowed = STRATEGIES[trigger.source]
        if trigger.strategy not in allowed:
            yield (*place, "strategy"), f"{trigger.strategy} is no strategy of {trigger.source}: {_listed(allowed)}"
        if trigger.in_record:
            yield from _unknown((*place, "at"), "record", trigger.at, [*pattern.records, *PLACES])
        if (trigger.at == "fault") is not (trigger.strategy is Strategy.MISLEADING_FAULT):
            yield place, "a MISLEADING_FAULT stands at `fault`, and nothing else does"
        if trigger.at == "fault":
            yield from _unknown((*place, "of"), "act", trigger.of, pattern.acts)
        if trigger.at == "turn" and not trigger.benign:
            yield place, "a turn needs a benign text, which the user says in the benign twin"
        yield from _styles(place, trigger)


def _styles(place: Place, trigger: TriggerPattern) -> Iterator[Finding]:
    """Whether every style keeps every payload that may be dressed."""
    for number, payload in enumerate(trigger.payload if trigger.dressed else ()):
        for style in STYLES:
            try:
                dressed(style, SLOT.sub("somebody", payload), Context())
            except ConfigError as error:
                yield (*place, "payload", number), str(error)


def _templates(pattern: Pattern) -> Iterator[Finding]:
    """Every slot of every template names something that the pattern declares."""
    said: set[str] = {given for act in pattern.acts.values() for given in act.fill.values()}
    for place, template in pattern.templates():
        roles = [role.lower() for role in Role] if place[0] == "acts" else []
        for found in SLOT.finditer(template):
            name, part = found[1], found[2]
            said.add(name)
            if name in roles:
                continue
            yield from _unknown(place, "declared name", name, [*pattern.names, *roles])
            yield from _parts(pattern, place, name, part)
    names = [(kind, name) for kind in ("people", "records", "values", "acts") for name in getattr(pattern, kind)]
    for at, (kind, name) in enumerate(names):
        if name == "owner" or name in [other for _, other in names[:at]]:
            yield (kind, name), f"the name {name!r} is taken already"
    used = said | {trigger.at for trigger in pattern.triggers}
    for kind in ("people", "records", "values"):
        for name in getattr(pattern, kind):
            if name not in used:
                yield (kind, name), f"{name!r} is declared and never used"


def _parts(pattern: Pattern, place: Place, name: str, part: str | None) -> Iterator[Finding]:
    """The field after the dot is one that there is."""
    kind = pattern.names.get(name)
    known = {
        "person": [*(OF_A_COMPANY if pattern.people.get(name) == "company" else OF_A_PERSON), *pattern.slots],
        "record": list(OF_A_RECORD),
        "act": ["tool"],
        "value": [],
    }
    if part is not None and kind is not None and part not in known[kind]:
        yield place, f"the {kind} {name!r} has no field {part!r}{nearest(part, known[kind])}"


def _bindings(pattern: Pattern) -> Iterator[Finding]:
    """Some toolkit has tools for every slot and what stands beside it."""
    toolkits = names(Kind.TOOLKIT)
    for group in companions(pattern):
        if not any(all(fitting_tools(pattern.slots[name], each) for name in group) for each in toolkits):
            beside = f" together with {_listed(group[1:])}" if len(group) > 1 else ""
            yield ("slots", group[0]), f"no toolkit has tools for the slot {group[0]!r}{beside}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(str(word) for word in words))
