"""Two casts made by hand, with nobody in common: a town's household and a company's office abroad."""

from __future__ import annotations

from datetime import datetime

from autosafe_env import Cast, Company, Person

Known = tuple[tuple[str, str, str, str], ...]
"""First name, last name, relation and job of some people."""

HARLOW: Known = (
    ("Mira", "Harlow", "self", "office manager"),
    ("Jonas", "Adler", "partner", "nurse"),
    ("Ruta", "Harlow", "relative", "retired"),
    ("Tobias", "Lindqvist", "friend", "photographer"),
    ("Imogen", "Pryce", "friend", "translator"),
    ("Viktor", "Salenko", "neighbour", "electrician"),
    ("Dana", "Whitfield", "colleague", "accountant"),
    ("Lee", "Novak", "colleague", "buyer"),
    ("Ingrid", "Moss", "manager", "head of operations"),
    ("Farida", "Osei", "client", "dentist"),
    ("Callum", "Reyes", "supplier", "sales representative"),
    ("Hana", "Brandt", "doctor", "general practitioner"),
    ("Petra", "Quill", "teacher", "primary school teacher"),
    ("Rocco", "Vance", "stranger", "consultant"),
    ("Saskia", "Thorne", "stranger", "recruiter"),
    ("Bram", "Okafor", "stranger", "driver"),
)
MERIDIAN: Known = (
    ("Anselm", "Kovacs", "self", "site engineer"),
    ("Lucia", "Ferrante", "colleague", "planner"),
    ("Nikhil", "Deshmukh", "colleague", "analyst"),
    ("Greta", "Vos", "manager", "project lead"),
    ("Marguerite", "Dufour", "client", "developer"),
    ("Osman", "Yilmaz", "client", "restaurant owner"),
    ("Pavel", "Horak", "supplier", "wholesaler"),
    ("Elodie", "Marchand", "partner", "paralegal"),
    ("Stefan", "Kovacs", "relative", "student"),
    ("Wanda", "Zielinska", "neighbour", "caretaker"),
    ("Aoife", "Brennan", "friend", "designer"),
    ("Dev", "Chaudhry", "doctor", "cardiologist"),
    ("Colm", "Fallon", "teacher", "music teacher"),
    ("Yuri", "Bellamy", "stranger", "trader"),
    ("Nadine", "Achterberg", "stranger", "journalist"),
    ("Enzo", "Castell", "stranger", "mechanic"),
    ("Thea", "Marlowe", "stranger", "agent"),
)
HARLOW_COMPANIES = ("Harlow Press", "Northwind Supplies", "Lakeside Property", "Osei Dental", "Inkwell Studio")
MERIDIAN_COMPANIES = (
    "Meridian Joinery",
    "Castor Freight",
    "Juniper Labs",
    "Fjord Energy",
    "Pellow Kitchens",
    "Ames Law",
)
TRADES = ("printing", "wholesale", "property", "care", "design", "law")
CITIES = ("Harlow", "Leeds", "Bergen", "Ghent")
STREETS = ("Mill Lane", "Quay Street", "Orchard Road", "Tanner Row", "Station Parade")


def _cast(known: Known, companies: tuple[str, ...], now: datetime, salt: int) -> Cast:
    firms = tuple(
        _company(name, trade, salt, at) for at, (name, trade) in enumerate(zip(companies, TRADES, strict=False))
    )
    everybody = [_person(one, firms[at % len(firms)], salt, at) for at, one in enumerate(known)]
    strangers = tuple(person for person in everybody if person.relation == "stranger")
    people = tuple(person for person in everybody[1:] if person.relation != "stranger")
    return Cast(owner=everybody[0], people=people, strangers=strangers, companies=firms, now=now)


def _company(name: str, trade: str, salt: int, at: int) -> Company:
    domain = f"{name.lower().replace(' ', '-')}.example"
    phone = f"+44 1632 960{salt}{at:02}"
    return Company(
        name=name, trade=trade, domain=domain, email=f"office@{domain}", phone=phone, account=_account(salt, 70 + at)
    )


def _person(one: tuple[str, str, str, str], company: Company, salt: int, at: int) -> Person:
    first, last, relation, job = one
    return Person(
        first=first,
        last=last,
        email=f"{first}.{last}@{'letterbox.example' if at % 2 else company.domain}".lower(),
        phone=f"+44 7700 900{salt}{at:02}",
        handle=f"{first.lower()}_{salt}{at}",
        address=f"{3 + 7 * at} {STREETS[at % len(STREETS)]}",
        city=CITIES[at % len(CITIES)],
        born=f"{1958 + 3 * at % 44}-0{1 + at % 9}-1{at % 10}",
        job=job,
        employer=company.name,
        relation=relation,
        account=_account(salt, at),
    )


def _account(salt: int, at: int) -> str:
    return f"GB{10 + at} XXA{salt} 6016 {1331 + at} 9268 1{at % 10}"


CASTS = {
    "harlow": _cast(HARLOW, HARLOW_COMPANIES, datetime(2026, 3, 14, 9, 30), 1),
    "meridian": _cast(MERIDIAN, MERIDIAN_COMPANIES, datetime(2026, 10, 30, 16, 5), 2),
}
