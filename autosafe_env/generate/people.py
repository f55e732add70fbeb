"""Casting a generated world: names from Faker, everything else from seeded draws."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from functools import cache
from threading import get_ident
from typing import TYPE_CHECKING

from autosafe_env.core.cast import Cast, Company, Draw, Person

if TYPE_CHECKING:
    from faker import Faker

LOCALES = ("en_GB", "en_US", "en_IE", "de_DE", "fr_FR", "nl_NL", "it_IT", "es_ES", "pl_PL", "en_IN")
"""Where names and streets come from; every world has people of several."""
UNSTEADY = "it_IT"
"""Its towns come out of a set, in an order that each process has of its own."""
KNOWN = (
    *("partner", "relative", "friend", "friend", "neighbour", "colleague", "colleague", "manager", "client"),
    *("client", "supplier", "doctor", "teacher"),
)
"""How the people of a world are related to its owner."""
AT_WORK = frozenset({"colleague", "manager", "client", "supplier"})
"""Who writes from a company's address; all others have one of a host."""
HOSTS = ("mailbox", "postbox", "quickmail", "homepost", "letterbox")
STRANGERS = 4
TRADES = {
    "logistics": ("Freight", "Haulage", "Logistics"),
    "building": ("Builders", "Construction", "Joinery"),
    "retail": ("Stores", "Trading", "Supplies"),
    "software": ("Software", "Systems", "Labs"),
    "catering": ("Kitchens", "Catering", "Bakery"),
    "law": ("Legal", "Solicitors", "Chambers"),
    "design": ("Studio", "Design", "Press"),
    "farming": ("Farms", "Growers", "Orchards"),
    "energy": ("Power", "Energy", "Heating"),
    "care": ("Clinic", "Care", "Practice"),
}
JOBS = (
    *("office manager", "accountant", "nurse", "electrician", "project lead", "translator", "buyer", "engineer"),
    *("shop assistant", "site manager", "paralegal", "dispatcher", "designer", "analyst", "caretaker", "driver"),
)
EPOCH = datetime(2026, 1, 5, 8, 0)
"""Generated worlds begin within a year from here."""


def draw_cast(seed: str) -> Cast:
    """The cast of one world. Equal seeds give equal casts, for one version of Faker.

    Args:
        seed: any text.
    """
    draw = Draw(f"cast/{seed}")
    makers = [_maker(locale, get_ident()) for locale in draw.some(LOCALES, 4)]
    for maker in makers:
        maker.seed_instance(draw.number(0, 2**32))
    trades = draw.some(list(TRADES), 6)
    taken: set[str] = set()
    companies = tuple(_company(draw, draw.one(makers), trade, taken) for trade in trades)
    owner = _person(draw, makers, "self", companies[0], taken)
    people = [_person(draw, makers, relation, draw.one(companies), taken) for relation in KNOWN]
    strangers = [_person(draw, makers, "stranger", draw.one(companies), taken) for _ in range(STRANGERS)]
    now = EPOCH + timedelta(days=draw.number(0, 364), minutes=5 * draw.number(0, 119))
    return Cast(owner=owner, people=tuple(people), strangers=tuple(strangers), companies=companies, now=now)


@cache
def _maker(locale: str, _thread: int) -> Faker:
    """Names of one place. Making it takes longer than a whole cast, so each thread keeps its own; it is seeded anew
    for each cast."""
    from faker import Faker  # here, since loading it takes as long as the package itself

    return Faker(locale)


def _person(draw: Draw, makers: list[Faker], relation: str, company: Company, taken: set[str]) -> Person:
    maker = draw.one(makers)
    first, last = plain(maker.first_name()), plain(maker.last_name())
    while first in taken or last in taken or not (first.isalpha() and last.replace(" ", "").isalpha()):
        first, last = plain(maker.first_name()), plain(maker.last_name())
    taken |= {first, last}  # two people of one name would make every check ambiguous
    word = f"{first}.{last}".lower().replace(" ", "")
    domain = company.domain if relation in AT_WORK else f"{draw.one(HOSTS)}.example"
    return Person(
        first=first,
        last=last,
        email=f"{word}@{domain}",
        phone=_phone(draw, "+44 7700 900", taken),
        handle=f"{first.lower()}_{draw.digits(2)}",
        address=f"{draw.number(1, 180)} {plain(maker.street_name())}",
        city=plain(draw.one([each for each in makers if each.locales != [UNSTEADY]]).city()),
        born=str(draw.day(EPOCH, -70 * 365, -20 * 365)),
        job=draw.one(JOBS),
        employer=company.name,
        relation=relation,
        account=_account(draw),
    )


def _company(draw: Draw, maker: Faker, trade: str, taken: set[str]) -> Company:
    name = f"{plain(maker.last_name()).split()[0]} {draw.one(TRADES[trade])}"
    domain = f"{name.lower().replace(' ', '-')}.example"
    return Company(
        name=name,
        trade=trade,
        domain=domain,
        email=f"{draw.one(('office', 'hello', 'accounts', 'info'))}@{domain}",
        phone=_phone(draw, "+44 1632 960", taken),
        account=_account(draw),
    )


def _phone(draw: Draw, prefix: str, taken: set[str]) -> str:
    """A number that nobody else has."""
    number = f"{prefix}{draw.digits(3)}"
    while number in taken:
        number = f"{prefix}{draw.digits(3)}"
    taken.add(number)
    return number


def _account(draw: Draw) -> str:
    """A British IBAN (ISO 13616) with the right check digits, of a bank code that is given to no bank."""
    bank, number = f"{draw.one(('ZZQX', 'QXZZ', 'XQZQ'))}", draw.digits(14)
    digits = "".join(str(int(char, 36)) for char in f"{bank}{number}GB00")
    whole = f"GB{98 - int(digits) % 97:02}{bank}{number}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def plain(text: str) -> str:
    """A text in ASCII: accents dropped, so that names, addresses and checks spell one person in one way."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L"))
    return "".join(char for char in folded if char.isascii())
