"""Which tools play the parts of a pattern: capabilities and roles against what the toolkits' tools are tagged with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from autosafe_env.core.cast import Draw
from autosafe_env.core.discover import toolkit
from autosafe_env.core.toolspec import Tool
from autosafe_env.generate.pattern import Pattern, ToolSlot
from autosafe_env.types.tools import Role

MOST_TOOLKITS = 3
"""Toolkits in one scenario."""
TOGETHER = 0.5
"""Share of the slots that take a toolkit which another slot has taken already, where one fits."""


class Unbound(Exception):
    """The pattern finds no place in this world; the message says what was missing, in words that can be counted."""


def bind_tools(pattern: Pattern, draw: Draw, toolkits: Sequence[str], preferred: str = "") -> dict[str, Tool]:
    """A tool for each slot. Toolkits are drawn before tools, so that a large one is not drawn more often.

    Args:
        pattern: whose slots are bound.
        draw: what is left to chance.
        toolkits: that may be bound.
        preferred: one that is bound where it fits; empty for none.

    Raises:
        Unbound: no toolkit has a tool for a slot, or for those that stand beside it.
    """
    groups = companions(pattern)
    fitting = [[each for each in toolkits if fits_group(pattern, names, each)] for names in groups]
    for names, found in zip(groups, fitting, strict=True):
        if not found:
            raise Unbound(f"no toolkit fits {_listed(names)}")
    places = [at for at, found in enumerate(fitting) if preferred in found]
    settled = draw.one(places) if places else None
    bound: dict[str, Tool] = {}
    for at, (names, found) in enumerate(zip(groups, fitting, strict=True)):
        taken = [tool.spec.toolkit for tool in bound.values()]
        shared = [each for each in dict.fromkeys(taken) if each in found]
        full = len(set(taken)) >= MOST_TOOLKITS
        chosen = (
            preferred if at == settled else draw.one(shared if shared and (full or draw.chance(TOGETHER)) else found)
        )
        for name in names:
            free = [tool for tool in fitting_tools(pattern.slots[name], chosen) if tool not in bound.values()]
            bound[name] = draw.one(free or fitting_tools(pattern.slots[name], chosen))
    return {name: bound[name] for name in pattern.slots}


def fits_group(pattern: Pattern, names: Sequence[str], toolkit_name: str) -> bool:
    """Whether a toolkit has a tool for each of some slots."""
    return all(fitting_tools(pattern.slots[name], toolkit_name) for name in names)


def toolkits_of(pattern: Pattern, toolkits: Sequence[str]) -> list[str]:
    """The toolkits that fit some slot of a pattern, with those beside it."""
    return [each for each in toolkits if any(fits_group(pattern, names, each) for names in companions(pattern))]


def companions(pattern: Pattern) -> list[list[str]]:
    """The slots in groups that share a toolkit, each group with the slot first that the others stand beside."""
    groups: dict[str, list[str]] = {}
    root: dict[str, str] = {}
    for name, slot in pattern.slots.items():
        root[name] = root.get(slot.beside, name)
        groups.setdefault(root[name], []).append(name)
    return list(groups.values())


@lru_cache(maxsize=16384)
def fitting_tools(slot: ToolSlot, name: str) -> tuple[Tool, ...]:
    """The tools of a toolkit that fit a slot."""
    return tuple(tool for tool in toolkit(name).values() if _fits(slot, tool))


def _fits(slot: ToolSlot, tool: Tool) -> bool:
    roles = set(tool.spec.roles.values())
    return (
        bool(set(slot.does) & set(tool.spec.does))
        and not set(slot.free_of) & set(tool.spec.does)
        and {role_in(tool, role) for role in slot.roles} <= roles
        and not set(slot.without) & roles
        and slot.effect in (None, tool.spec.effect)
        and tool.spec.name.removeprefix(f"{tool.spec.toolkit}_") not in slot.other_than
    )


def role_in(tool: Tool, role: Role) -> Role:
    """The role by which a tool knows what a pattern calls by this one: where things are files, a target is a path."""
    spec = tool.spec
    if role is not Role.TARGET or role in spec.roles.values():
        return role
    needed = {spec.roles.get(name) for name in spec.parameters.get("required", ())}
    return Role.PATH if Role.PATH in needed else role


def _listed(names: Sequence[str]) -> str:
    first, *others = map(repr, names)
    return f"the slot {first}" + (f" together with {', '.join(others)}" if others else "")
