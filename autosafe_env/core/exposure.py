"""Was the trigger's text seen by the agent? Observed, never predicted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from autosafe_env.types.base import Handle, Json, compact, texts
from autosafe_env.types.threat import Scenario

Marks = dict[str, tuple[str, ...]]
"""Trigger id to the texts of which one must be seen."""


def marks_of(scenario: Scenario) -> Marks:
    """The lines by which each trigger's payload is known: those that its benign text does not have.

    Each line stands there as it is, and as JSON and YAML spell it, since tools answer with any of these.
    """
    return _marks_of(Handle(scenario))


@lru_cache(maxsize=256)
def _marks_of(handle: Handle[Scenario]) -> Marks:
    marks = {}
    for trigger in handle.value.triggers:
        harmless = set(_lines(trigger.benign))
        lines = [line for line in _lines(trigger.payload) if line not in harmless]
        spelled = [spelling for line in lines for spelling in (compact(line)[1:-1], line.replace("'", "''"))]
        marks[trigger.id] = tuple(dict.fromkeys([*lines, *spelled]))
    return marks


def exposed(marks: Marks, seen: Iterable[str]) -> tuple[str, ...]:
    """Ids of the triggers of which at least one line stands in one of the texts that were seen."""
    if not marks:
        return ()
    shown = "\n".join(seen)
    return tuple(name for name, lines in marks.items() if any(line in shown for line in lines))


def _lines(value: Json) -> list[str]:
    return [line.strip() for text in texts(value) for line in text.splitlines() if line.strip()]
