"""The model calls of an episode, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import Acted, Event, Failed, Judged, ToolReturned, UserLeft, UserSaid


def calls_of(event: Event) -> tuple[ModelCall, ...]:
    """The calls that led to one event."""
    if isinstance(event, Judged):
        return event.verdict.calls
    return event.calls if isinstance(event, Acted | ToolReturned | UserSaid | UserLeft | Failed) else ()


def calls_by_step(events: Iterable[Event]) -> Iterator[tuple[int, ModelCall]]:
    """Every call of an episode, each with the index of the step in which it was made.

    A policy that fails before it acts has opened no step; its calls count to the step that it would have opened.
    """
    step = -1
    for event in events:
        if isinstance(event, Acted):
            step += 1
        opens = isinstance(event, Failed) and event.role == "policy"
        for call in calls_of(event):
            yield step + opens, call
