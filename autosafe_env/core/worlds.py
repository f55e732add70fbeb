"""Changes of a world, toolkit by toolkit, with equal states kept as one object.

Episodes of one scenario go through the same states again and again. Where equal states are the same object, what was
worked out of one need not be worked out again: see the caches over `Handle` in this package.
"""

from __future__ import annotations

from functools import lru_cache

from pydantic_core import to_json

from autosafe_env.core.patch import apply_patch, diff, format_pointer, same
from autosafe_env.types.base import Handle, Json
from autosafe_env.types.events import PatchOp
from autosafe_env.types.state import World

STATES: dict[int, dict[str, Json]] = {}
"""Hash of a toolkit's state, as text, to the one object that stands for all states equal to it."""
MOST_STATES = 1024


def world_diff(before: World, after: World) -> tuple[PatchOp, ...]:
    """`diff` of two worlds. Toolkits whose state is the same object are not looked at."""
    if after is before:
        return ()
    if before.keys() != after.keys():
        return diff(before, after)
    changed = [name for name, state in after.items() if state is not before[name]]
    if len(changed) == 1:
        return _state_diff(changed[0], Handle(before[changed[0]]), Handle(after[changed[0]]))
    return tuple(op for name in changed for op in _state_diff(name, Handle(before[name]), Handle(after[name])))


@lru_cache(maxsize=1024)
def _state_diff(name: str, before: Handle[dict[str, Json]], after: Handle[dict[str, Json]]) -> tuple[PatchOp, ...]:
    return diff(before.value, after.value, format_pointer((name,)))


def patched(world: World, patch: tuple[PatchOp, ...]) -> World:
    """The world after a patch; each changed toolkit's state is the one object for all states equal to it."""
    return dict(_patched(tuple(world), tuple(map(Handle, world.values())), Handle(patch)))


@lru_cache(maxsize=1024)
def _patched(
    names: tuple[str, ...], states: tuple[Handle[dict[str, Json]], ...], patch: Handle[tuple[PatchOp, ...]]
) -> World:
    world = {name: state.value for name, state in zip(names, states, strict=True)}
    after: World = apply_patch(world, patch.value)
    return {name: state if world.get(name) is state else _shared(state) for name, state in after.items()}


def _shared(state: dict[str, Json]) -> dict[str, Json]:
    if len(STATES) >= MOST_STATES:
        STATES.clear()
    known = STATES.setdefault(hash(to_json(state)), state)
    return known if same(known, state) else state
