"""What every value of the package is made of: frozen models and JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Generic, Self, TypeVar, overload

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

Json = Any
"""A JSON value: None, bool, int, float, str, a list of these, or a dict from str to these."""

T = TypeVar("T")
NEW = object.__new__
SET_FIELDS, SET_GIVEN, SET_EXTRA, SET_PRIVATE = (
    vars(BaseModel)[name].__set__
    for name in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)
"""All that pydantic keeps of a value, each set without looking for it by name."""
UNSAID: set[str] = set()
"""Shared by all values that are `made`: which of their fields were given is of no interest."""

SCHEMA_VERSION = 1
"""Version of everything that is written to disk (scenarios, events, manifests). A breaking change adds one."""


class once(Generic[T]):  # noqa: N801 - a decorator
    """A property that is worked out when it is first asked for, and kept.

    `functools.cached_property` of Python 3.11 has one lock for all instances of a class, before which a run's hundreds
    of threads stood in line. Here two threads may work out the same thing, and either's answer stays.
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self.work, self.__doc__ = work, work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        found = instance.__dict__[self.name] = self.work(instance)
        return found


class Value(BaseModel):
    """A frozen value that refuses unknown fields. Two values with equal fields are equal."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(once,))

    @classmethod
    def made(cls, **fields: Any) -> Self:
        """A value from fields that are right already, taken unchecked: a fraction of the price, and less memory.

        For the few values that every step makes from parts that were checked before; tests read them back checked.
        """
        value = NEW(cls)
        SET_FIELDS(value, defaults(cls) | fields)
        SET_GIVEN(value, UNSAID)
        SET_EXTRA(value, None)
        SET_PRIVATE(value, None)
        return value

    def changed(self, changes: dict[str, Any]) -> Self:
        """A value that differs in some fields, which are taken unchecked and, like all others, shared, not copied.

        `model_copy(update=...)` at a fraction of the price: an episode makes seven of these a step.
        """
        kind, fields = self.__class__, self.__dict__ | changes
        if len(fields) != len(
            defaults(kind)
        ):  # what was worked out `once` stands beside the fields and speaks of the old ones
            fields = {name: fields[name] for name in defaults(kind)}
        value = NEW(kind)
        SET_FIELDS(value, fields)
        SET_GIVEN(value, self.__pydantic_fields_set__)
        SET_EXTRA(value, None)
        SET_PRIVATE(value, None)
        return value


@cache
def defaults(kind: type[Value]) -> dict[str, Any]:
    """The default of each field, None where it has none. All are immutable, so that they can be shared.

    Every field is there, in the order of the class: values are written in the order of their fields, and two equal ones
    must be written alike, however they were made.
    """
    fields = kind.model_fields.items()
    return {
        name: None if field.is_required() else field.get_default(call_default_factory=True) for name, field in fields
    }


def compact(value: Json) -> str:
    """The one-line JSON text of `value`, non-ASCII kept, with no spaces to spare."""
    return to_json(value).decode()


def texts(value: Json) -> list[str]:
    """Every string leaf of a JSON value, in reading order; numbers count as their text, keys do not count."""
    found: list[str] = []
    _gather(value, found)
    return found


def _gather(value: Json, found: list[str]) -> None:
    if isinstance(value, str):
        found.append(value)
    elif isinstance(value, dict):
        for item in value.values():
            _gather(item, found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _gather(item, found)
    elif value is not None and not isinstance(value, bool):
        found.append(str(value))


class Handle(Generic[T]):
    """A hashable handle of a value that is never changed in place; equal only to handles of the very same object.

    For caches of pure functions over values that cannot be hashed, such as worlds. Holding it keeps the value alive, so
    that no other object can take its place.
    """

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and other.value is self.value
