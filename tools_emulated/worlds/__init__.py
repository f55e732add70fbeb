"""Builders of generated worlds, one to a toolkit, under its name. Each file defines `WORLD` and `PHRASES`."""

from __future__ import annotations

from datetime import datetime, timedelta

from autosafe_env import Cast, Draw, Person

WORK = ("colleague", "manager", "client", "supplier")
HOME = ("partner", "relative", "friend", "neighbour")


def fill(text: str, cast: Cast, draw: Draw, who: Person, at: str = "") -> str:
    """A text with people, dates and figures in place of its slots.

    Args:
        text: With any of `{owner}` `{other}` (first names; `other` is from work like `who`, or from home), `{first}` \
`{last}` `{name}` `{phone}` `{street}` `{city}`
            (of `who`), `{company}` (one that the owner deals with), `{employer}` (of the owner), `{soon}` (a weekday),
            `{date}` (one to come), `{ago}` (one that is past), `{time}`, `{sum}` (money), `{count}` (3 to 12) and
            `{number}` (four digits).
        cast: who may turn up in it.
        draw: what is left to chance.
        who: the person that it is from, or about.
        at: when it was written, such as `2026-03-14T09:30`; left out, now.
    """
    written = datetime.fromisoformat(at) if at else cast.now
    slots = {
        "owner": cast.owner.first,
        "other": draw.one(_circle(cast, who)).first,
        "company": draw.one(cast.companies[1:]).name,
        "employer": cast.companies[0].name,
        "soon": f"{written + timedelta(days=draw.number(2, 6)):%A}",
        "date": dated(written + timedelta(days=draw.number(7, 25))),
        "ago": dated(written - timedelta(days=draw.number(3, 20))),
        "time": f"{draw.number(8, 18)}:{15 * draw.number(0, 3):02}",
        "sum": f"{draw.money(18, 640):.2f}",
        "count": str(draw.number(3, 12)),
        "number": draw.digits(4),
    }
    person = {"first": who.first, "last": who.last, "name": who.name, "phone": who.phone}
    return text.format(**slots, **person, street=who.address, city=who.city)


def _circle(cast: Cast, who: Person) -> list[Person]:
    """Whom somebody would speak of to the owner: people from work, or else from home; everybody where there is none."""
    near = WORK if who.relation in WORK else HOME
    return [one for one in cast.those(*near) if one != who] or [one for one in cast.people if one != who]


def dated(moment: datetime) -> str:
    """Day and month, as in `14 March`."""
    return f"{moment.day} {moment:%B}"


def lines(text: str) -> list[str]:
    """The lines of a text that are not empty; in each, ` // ` stands for a line break."""
    return [line.replace(" // ", "\n") for line in text.split("\n") if line]


def blocks(text: str) -> list[str]:
    """The parts of a text between lines of `--`."""
    return text.strip("\n").split("\n--\n")


def phrases(text: str) -> dict[str, tuple[str, ...]]:
    """Phrases by the name of a method, from lines such as `read: open {target} / show me {target}`."""
    rows = (line.split(": ", 1) for line in lines(text))
    return {name: tuple(ways.split(" / ")) for name, ways in rows}
