"""Which tools play the parts of a pattern: capabilities and roles against what the toolkits' tools are tagged with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from autosafe_env.core.cast import Draw
from autosafe_env.core.discover import toolkit
from autosafe_env.core.toolspec import Tool
from autosafe_env.generate.pattern import Pattern, ToolSlot

MOST_TOOLKITS = 3
"""Toolkits in one scenario."""
TOGETHER = 0.5
"""Share of the slots that take a toolkit which another slot has taken already, where one fits."""


class Unbound(Exception):
    """The pattern finds no place in this world; the message says what was missing, in words that can be counted."""


def bind_tools(pattern: Pattern, draw: Draw, toolkits: Sequence[str]) -> dict[str, Tool]:
    """A tool for each slot. Toolkits are drawn before tools, so that a large one is not drawn more often.

    Raises:
        Unbound: no toolkit has a tool for a slot, or for those that stand beside it.
    """
    bound: dict[str, Tool] = {}
    for names in companions(pattern):
        fitting = [each for each in toolkits if all(fitting_tools(pattern.slots[name], each) for name in names)]
        if not fitting:
            raise Unbound(f"no toolkit fits {_listed(names)}")
        taken = [tool.spec.toolkit for tool in bound.values()]
        shared = [each for each in dict.fromkeys(taken) if each in fitting]
        full = len(set(taken)) >= MOST_TOOLKITS
        chosen = draw.one(shared if shared and (full or draw.chance(TOGETHER)) else fitting)
        for name in names:
            free = [tool for tool in fitting_tools(pattern.slots[name], chosen) if tool not in bound.values()]
            bound[name] = draw.one(free or fitting_tools(pattern.slots[name], chosen))
    return {name: bound[name] for name in pattern.slots}


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
        and set(slot.roles) <= roles
        and not set(slot.without) & roles
        and slot.effect in (None, tool.spec.effect)
    )


def _listed(names: Sequence[str]) -> str:
    first, *others = map(repr, names)
    return f"the slot {first}" + (f" together with {', '.join(others)}" if others else "")
