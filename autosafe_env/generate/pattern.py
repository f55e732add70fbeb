"""A pattern: an outcome over capabilities and roles, and how it comes about, naming no toolkit. One YAML file each.

Texts are templates: `{crook}` is the name of a person that the pattern casts, `{crook.email}` one of their fields,
`{crook.pay}` the address by which the tool of the slot `pay` reaches them; `{item}` is a record's label and `{item.id}`
its id; `{sum}` is a value; `{harm}` is an act, put as a person would ask for it. `docs/write-a-pattern.md` shows one
whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, model_validator

from autosafe_env.errors import nearest
from autosafe_env.types.base import Json, Value
from autosafe_env.types.threat import Category, Severity, Source, Strategy
from autosafe_env.types.tools import Capability, Effect, Role
from autosafe_env.types.turns import Stance

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?\}")
"""A place in a template: a name, and perhaps a field of it."""
PLACES = ("instruction", "turn", "fault")
"""Where a trigger may stand besides the text of a record."""
NAME = r"^[a-z][a-z0-9_]*$"
MOST = 10**9
"""The largest number that is drawn."""
Texts = tuple[str, ...]


class ToolSlot(Value):
    """What a tool must be to play a part in the pattern."""

    does: tuple[Capability, ...]
    """It has at least one of these."""
    free_of: tuple[Capability, ...] = ()
    """And none of these: a message that grants access on the way is no mere message."""
    roles: tuple[Role, ...] = ()
    """Its parameters have all of these."""
    without: tuple[Role, ...] = ()
    """And none has any of these."""
    effect: Effect | None = None
    """None for any."""
    other_than: tuple[str, ...] = ()
    """Names of tools, without their toolkit's, that do not fit although their tags do."""
    beside: str = ""
    """An earlier slot whose toolkit this one shares; empty for any toolkit."""


class Act(Value):
    """One call that the pattern's paths make: `{use: pay, recipient: crook, amount: sum}` in the file."""

    use: str
    """Name of the tool slot."""
    fill: dict[Role, str]
    """Role to the name of a person, record or value, or to a template."""
    ask: Texts = ()
    """How a person would ask for it; empty for the toolkit's own phrases."""

    @model_validator(mode="before")
    @classmethod
    def _roles_beside(cls, data: Json) -> Json:
        """In a file, roles stand beside `use` in lower case."""
        if not isinstance(data, dict) or "fill" in data:
            return data
        known, roles = {"use", "ask"}, [role.lower() for role in Role]
        for key in data:
            if key not in known and key not in roles:
                raise ValueError(f"unknown key {key!r}{nearest(key, [*known, *roles])}")
        fill = {key.upper(): value for key, value in data.items() if key not in known}
        return {**{key: data[key] for key in data if key in known}, "fill": fill}


class Entry(Value):
    """A record of the world that the pattern speaks of."""

    of: str
    """The tool slot that acts on it, or whose READ tool shows it."""
    holds: Texts = ()
    """Sentences of which one is added to its text, in both variants; empty for none."""


class Drawn(Value):
    """A value that is drawn: exactly one field is given, and low is not above high."""

    money: tuple[float, float] | None = None
    """An amount from low to high."""
    number: tuple[int, int] | None = None
    code: int | None = Field(default=None, ge=1, le=40)
    """A code of so many characters."""
    one: Texts = ()
    """One of these texts, which may be templates."""

    @model_validator(mode="after")
    def _one_range(self) -> Drawn:
        if sum(given not in (None, ()) for given in (self.money, self.number, self.code, self.one)) != 1:
            raise ValueError("a value is exactly one of `money`, `number`, `code` or `one`")
        for low, high in filter(None, (self.money, self.number)):
            if not -MOST <= low <= high <= MOST:
                raise ValueError(f"{low} is above {high}, or one of them is beyond {MOST}")
        return self


class TriggerPattern(Value):
    """One way in which the risk enters."""

    source: Source
    strategy: Strategy
    at: str
    """`instruction`; `turn`: the user says it unasked; `fault`: a call fails, and this is what the tool says; or the
    name of a record, to whose text the payload is added."""
    of: str = ""
    """For `fault`, the act whose first call fails."""
    payload: Texts = Field(min_length=1)
    benign: Texts = ()
    """What stands there otherwise. Empty: in an instruction one of `instructions`, in a record its own text alone, and
    no fault. A turn needs one."""
    dressed: bool = False
    """Whether an attack style may be put around the payload."""

    @property
    def in_record(self) -> bool:
        """Whether it stands in a record of the world."""
        return self.at not in PLACES


class Line(Value):
    """Something the simulated user answers."""

    hears: Texts = Field(min_length=1)
    """It is said when the agent's message mentions one of these."""
    say: str
    stance: Stance = Stance.NONE


class Words(Value):
    """A step of a path that is no call: exactly one field is given; one of its texts is said."""

    say: Texts = ()
    finish: Texts = ()


PathPattern = tuple[str | Words, ...]
"""Names of acts, and words."""


class PathPatterns(Value):
    """How the pattern is walked; of several ways one is drawn."""

    unsafe: tuple[PathPattern, ...] = Field(min_length=1)
    safe: tuple[PathPattern, ...] = Field(min_length=1)
    benign: tuple[PathPattern, ...] = Field(min_length=1)


class Goal(Value):
    """A part of the user's legitimate goal: an act that was carried out, or a check."""

    description: str
    done: str = ""
    """Name of an act: its tool's capability, with what was filled in, successfully."""
    check: str = ""
    """CEL expression over the end, as a template."""


class Pattern(Value):
    """One pattern."""

    id: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
    title: str
    category: Category
    severity: Severity
    outcome: str
    """What must not happen, as a template."""
    check: str = ""
    """CEL expression over one step, as a template; empty where `harm` says it."""
    harm: str = ""
    """Name of the act that must not be taken: its capability, with what was filled in."""
    conditional: bool = False
    """Whether it is a harm only where the trigger's text stands: the same act is right in the benign twin."""
    slots: dict[str, ToolSlot] = Field(min_length=1)
    people: dict[str, Literal["known", "stranger", "work", "private", "company"]] = Field(default_factory=dict)
    """Name to who may be cast: somebody the owner knows, at work or in private; a stranger; a company."""
    records: dict[str, Entry] = Field(default_factory=dict)
    values: dict[str, Drawn] = Field(default_factory=dict)
    acts: dict[str, Act] = Field(min_length=1)
    triggers: tuple[TriggerPattern, ...] = Field(min_length=1)
    """Each a way of its own; a scenario has one of them."""
    instructions: Texts = Field(min_length=1)
    """What the user asks, unless the trigger stands in the instruction: then its own texts are asked."""
    lines: tuple[Line, ...] = ()
    otherwise: Texts = ("Please go ahead as you think best.", "I leave that to you.", "Whatever works, thank you.")
    paths: PathPatterns
    goals: tuple[Goal, ...] = Field(min_length=1)
    max_steps: int = Field(default=12, ge=3, le=40)

    def templates(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every template with its place in the file."""
        yield from _templates(
            (), self.model_dump(mode="json", exclude={"id", "title", "category", "severity", "slots"})
        )

    @property
    def names(self) -> dict[str, str]:
        """Every name that a template may use, with what it is."""
        kinds: dict[str, Any] = {"person": self.people, "record": self.records, "value": self.values, "act": self.acts}
        return {"owner": "person", **{name: kind for kind, named in kinds.items() for name in named}}


def _templates(place: tuple[str | int, ...], value: Json) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _templates((*place, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _templates((*place, index), item)
