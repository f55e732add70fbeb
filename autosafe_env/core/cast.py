"""The cast of a generated world: people, companies and what belongs to them, the same in every toolkit of one world.

The same person has one e-mail address, one phone number and one account wherever they turn up. Nothing here is
anybody's: mail and web addresses end in `.example`, phone numbers are of ranges kept free for fiction, account numbers
are of banks that do not exist.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from autosafe_env.types.base import Value

T = TypeVar("T")


class Person(Value):
    """Somebody who may turn up in a world."""

    first: str
    last: str
    email: str
    phone: str
    handle: str
    """Name in chats and on social pages, without `@`."""
    address: str
    """Street and number; without the city."""
    city: str
    born: str
    """A date, such as `1984-07-02`."""
    job: str
    employer: str
    """Name of one of the cast's companies."""
    relation: str
    """To the owner: `self`, `partner`, `relative`, `friend`, `neighbour`, `colleague`, `manager`, `client`, `supplier`,
    `doctor`, `teacher` or `stranger`."""
    account: str
    """Number of their bank account, in the form of an IBAN."""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


class Company(Value):
    """A business, a club or an office that may turn up in a world."""

    name: str
    trade: str
    """What it does, in a word or two."""
    domain: str
    """Of its mail and web addresses."""
    email: str
    phone: str
    account: str


class Cast(Value):
    """Everybody in one world, and when it plays."""

    owner: Person
    """Whose world it is: the user."""
    people: tuple[Person, ...]
    """Whom the owner knows; at least eight."""
    strangers: tuple[Person, ...]
    """Whom the owner does not know; at least three."""
    companies: tuple[Company, ...]
    """Whom the owner deals with; at least five. The first employs the owner."""
    now: datetime
    """When the episode begins."""

    def those(self, *relations: str) -> tuple[Person, ...]:
        """The people of these relations to the owner, in order; everybody the owner knows where there is none."""
        return tuple(person for person in self.people if person.relation in relations) or self.people


class Draw:
    """Everything that is left to chance in a world, from one seed. Two draws of one seed make the same choices.

    Args:
        seed: any text or number.
    """

    def __init__(self, seed: str | int) -> None:
        self._random = random.Random(str(seed))  # noqa: S311 - worlds are to be repeatable, not secret

    def fork(self, name: str) -> Draw:
        """A draw of its own for one part, so that a change of one part leaves all others as they were."""
        return Draw(f"{name}/{self._random.getrandbits(64)}")

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self._random.randrange(len(items))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """One of the items, each as likely as its weight says."""
        return self._random.choices(items, weights)[0]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` of the items, or all if there are fewer, none twice, in random order."""
        return self._random.sample(list(items), min(count, len(items)))

    def repeated(self, items: Sequence[T], count: int) -> list[T]:
        """`count` items, each as often as the others as far as that goes, in random order."""
        return [item for at in range(0, count, max(1, len(items))) for item in self.some(items, count - at)]

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def money(self, low: float, high: float) -> float:
        """An amount from `low` to `high`, to the cent."""
        return round(self._random.uniform(low, high), 2)

    def chance(self, share: float) -> bool:
        """True in `share` of all cases."""
        return self._random.random() < share

    def digits(self, count: int) -> str:
        """A text of so many digits; the first is not 0."""
        return str(self._random.randint(10 ** (count - 1), 10**count - 1))

    def code(self, length: int = 8) -> str:
        """A text of capital letters and digits that cannot be confused with one another."""
        return "".join(self._random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=length))

    def day(self, now: datetime, first: int, last: int) -> date:
        """A date from `first` to `last` days after `now`; negative numbers are days before."""
        return (now + timedelta(days=self.number(first, last))).date()

    def time(self, now: datetime, first: int, last: int) -> str:
        """A time within office hours on such a day, as `2026-03-14T09:30`."""
        return f"{self.day(now, first, last)}T{self.number(8, 18):02}:{5 * self.number(0, 11):02}"
