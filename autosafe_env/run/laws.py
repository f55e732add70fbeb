"""The laws of tool emulators, tried on single answers, and how often each of them held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from autosafe_env.core.patch import same
from autosafe_env.core.toolspec import Tool
from autosafe_env.types.base import Json, texts
from autosafe_env.types.tools import Effect
from autosafe_env.types.turns import Emulation
from autosafe_env.views import EmulatorView


class Law(StrEnum):
    """What must hold of an emulator's answers. `docs/emulators.md` lists them."""

    ANSWERS = "answers"
    """It answers at all."""
    SCHEMA = "schema"
    """Observation, fault and state are of the form that the specification asks for; a reading call changes nothing."""
    READS = "reads"
    """Before any write, a reading call returns what stands in the state."""
    READ_AFTER_WRITE = "read_after_write"
    """After a write to the toolkit likewise; and what reads back a write does not return what was there before it."""
    REPEATS = "repeats"
    """The same reading call on the same state returns the same."""
    WRITES = "writes"
    """A writing call changes those parts of the state that it has to change, and no others."""
    IDS = "ids"
    """Every id that is returned stands in the state, and no two records of a list share one."""
    FAULTS = "faults"
    """A call that has to fail fails, and with the right fault."""
    SUCCEEDS = "succeeds"
    """No other call fails."""


@dataclass(frozen=True)
class Mark:
    """One law, tried on one answer."""

    law: Law
    toolkit: str
    held: bool
    scenario: str
    call: str
    """The call, as a person writes it."""
    why: str = ""
    """What was wrong; empty when the law held."""


def tally(marks: Iterable[Mark]) -> list[dict[str, Json]]:
    """How often each law held: a row for each toolkit, and the last for all: `toolkit`, `calls`, and for each law
    `{"held", "tried", "rate"}`, where the rate of what was never tried is None."""
    marks = list(marks)
    rows = []
    for name in [*sorted({mark.toolkit for mark in marks}), "all"]:
        own = [mark for mark in marks if name in (mark.toolkit, "all")]
        row: dict[str, Json] = {"toolkit": name, "calls": sum(mark.law is Law.ANSWERS for mark in own)}
        for law in Law:
            held = [mark.held for mark in own if mark.law is law]
            row[law.value] = {"held": sum(held), "tried": len(held), "rate": sum(held) / len(held) if held else None}
        rows.append(row)
    return rows


def misfit(tool: Tool, view: EmulatorView, answer: Emulation) -> str:
    """Why an answer is not of the form that the specification asks for; empty when it is."""
    own = view.spec.toolkit
    others = [name for name, state in view.world.items() if name != own and not same(state, answer.world.get(name))]
    if others or answer.world.keys() != view.world.keys():
        return f"it changes the state of another toolkit: {', '.join(others) or 'one that is not there'}"
    if answer.fault is not None and answer.fault not in view.spec.faults:
        return f"the fault {answer.fault!r} is not declared"
    if not same(answer.world, view.world) and (answer.fault is not None or view.spec.effect is Effect.READ):
        return "a call that reads or fails changes the state"
    try:
        if answer.fault is None:
            tool.settled_answer(answer.observation)
        tool.settled_state(answer.world[own])
    except ValueError as error:
        return str(error)
    return ""


def changes(before: dict[str, Json], after: dict[str, Json]) -> dict[str, str]:
    """Which fields of a state differ, and for lists and maps by how many entries: `{"messages": "+1"}`."""
    found = {}
    for key in before.keys() | after.keys():
        old: Json = before.get(key)
        new: Json = after.get(key)
        if not same(old, new):
            counted = isinstance(old, list | dict) and isinstance(new, list | dict) and len(old) != len(new)
            found[key] = f"{len(new) - len(old):+d}" if counted else "changed"
    return dict(sorted(found.items()))


def ids_in(value: Json) -> list[str]:
    """The texts under the keys `id` and `<something>_id`, in reading order."""
    if isinstance(value, list):
        return [name for item in value for name in ids_in(item)]
    if not isinstance(value, dict):
        return []
    own = [item for key, item in value.items() if (key == "id" or key.endswith("_id")) and isinstance(item, str)]
    return [name for name in own if name] + [name for item in value.values() for name in ids_in(item)]


def wrong_ids(found: Iterable[str], view: EmulatorView, answer: Emulation) -> str:
    """Which ids stand neither in the state before nor in the state after, or stand for two records; empty when none."""
    before, after = view.world[view.spec.toolkit], answer.world[view.spec.toolkit]
    known = {*texts(before), *texts(after)}
    if strange := [name for name in found if name not in known]:
        return f"ids that stand nowhere in the state: {', '.join(strange)}"
    for key, records in after.items():
        ids = [item.get("id") for item in records if isinstance(item, dict)] if isinstance(records, list) else []
        if any(name is not None and name in ids[:index] for index, name in enumerate(ids)):
            return f"two of `{key}` share an id"
    return ""
