"""What a run's model calls have spent, so that the limits of a resumed run go on from there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from autosafe_env.core.ledger import Spent
from autosafe_env.core.roles import Price, RolesFile
from autosafe_env.errors import BudgetExceeded, RunError
from autosafe_env.record.calls import calls_of
from autosafe_env.record.log import decode_episode, places
from autosafe_env.record.sink import EVENTS
from autosafe_env.types.base import Value
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import Event

LOST = "lost.json"
"""File of a run folder with the calls of episodes that were begun, paid for and not kept."""


class Bill(Value):
    """Calls and tokens of one role. A failed call is a call without tokens."""

    calls: int = Field(default=0, ge=0)
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)

    def plus(self, calls: int, prompt: int, completion: int) -> Bill:
        """The sum."""
        return Bill(
            calls=self.calls + calls,
            prompt_tokens=self.prompt_tokens + prompt,
            completion_tokens=self.completion_tokens + completion,
        )


WHOLE = TypeAdapter(dict[str, Bill])


def spent(folder: Path) -> dict[str, Bill]:
    """Role to what it has spent in a run so far: every record of every episode counts, the replaced ones too.

    Raises:
        RunError: a file of the run cannot be read.
    """
    return summed(logged(folder), lost(folder))


def summed(calls: Iterable[ModelCall], onto: dict[str, Bill]) -> dict[str, Bill]:
    """Role to what its calls cost, added to what is known. What a budget refused was not made."""
    total = dict(onto)
    for call in calls:
        if call.error.startswith(f"{BudgetExceeded.__name__}:"):
            continue
        usage = call.completion.usage if call.completion else None
        tokens = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        total[call.role] = total.get(call.role, Bill()).plus(1, *tokens)
    return total


def lost(folder: Path) -> dict[str, Bill]:
    """Role to what was spent on episodes that were not kept."""
    path = folder / LOST
    try:
        return WHOLE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise RunError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error


def add_lost(folder: Path, calls: Iterable[ModelCall]) -> None:
    """Note the calls of episodes that are not kept. The file is replaced at once or not at all."""
    calls = list(calls)
    if not calls:
        return
    total = summed(calls, lost(folder))
    draft = folder / f"{LOST}.new"
    text = json.dumps({role: each.model_dump() for role, each in total.items()}, indent=2)
    try:
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(folder / LOST)
    except OSError as error:
        raise RunError(f"{folder / LOST} cannot be written: {error.strerror}") from error


def calls_in(events: Iterable[Event]) -> Iterator[ModelCall]:
    """Every model call of an episode, in order."""
    return (call for event in events for call in calls_of(event))


def logged(folder: Path) -> Iterator[ModelCall]:
    """Every model call in the log of a run, those of episodes that were played again included."""
    path = folder / EVENTS
    if not path.exists():
        return
    damage: list[str] = []  # told by whoever reads the episodes
    with path.open("rb") as file:
        for place in list(places(file, damage)):
            file.seek(place.start)
            lines = file.read(place.end - place.start)
            if recorded := decode_episode(io.BytesIO(lines), place.line, damage):
                yield from calls_in(recorded.events)


def balances(roles: RolesFile, so_far: Mapping[str, Bill]) -> dict[str, Spent]:
    """Role, and `run` for all together, to what is spent already, at the prices of the roles file."""
    prices = roles.prices()
    found = {
        role: Spent(
            calls=bill.calls,
            tokens=bill.prompt_tokens + bill.completion_tokens,
            cost=prices.get(role, Price()).of(bill.prompt_tokens, bill.completion_tokens),
        )
        for role, bill in so_far.items()
    }
    whole = Spent(
        calls=sum(each.calls for each in found.values()),
        tokens=sum(each.tokens for each in found.values()),
        cost=sum(each.cost for each in found.values()),
    )
    return {**found, "run": whole}
