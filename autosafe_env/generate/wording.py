"""The texts of a generated scenario that may be worded anew: what each must keep, and how new ones are put in place.

Checks, calls and ids stay what the pattern made of them. A new text is text: nothing in it is ever read as a template.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from autosafe_env.core.cel_text import STRING
from autosafe_env.core.mentions import words
from autosafe_env.core.patch import replace_at, resolve
from autosafe_env.generate.compose import telling_in
from autosafe_env.generate.probe import entities, is_free
from autosafe_env.generate.redress import PARAGRAPH
from autosafe_env.generate.styles import FORMS
from autosafe_env.types.base import Json, compact
from autosafe_env.types.threat import Scenario

PROSE = 0.8
"""Share of letters and spaces in a record's text from which on it is prose; code, tables and lists stay as they are."""
LONGEST_RECORD = 2000
"""Characters of a record's text from which on it stays as it is."""
SHORTEST_KEPT, LONGEST_KEPT = 3, 400
"""Characters of a phrase that is asked to stay. Single words that are names or numbers may be shorter."""
MORE = 400
"""Characters that a new text may have beyond twice the old one's."""
FEWEST_TELLING = 3
"""Words in the last line of a payload by which a check knows it."""
TOKEN = re.compile(r"[^\s\"“”„(),;!?<>\[\]{}|]+")
MARKS = ".:'’*-…/"
"""What may hang on to a token without being a part of it."""
BEGINS = re.compile(r"(?:^|[.!?:…]['\"”)]*\s+|\n\s*(?:[-*]\s+|\d[.)]\s+)?|[\"“„]\s*)$")
"""After this a word has a capital letter, whatever it is."""
PRONOUNS = frozenset({"I", "I'm", "I'd", "I'll", "I've", "I’m", "I’d", "I’ll", "I’ve", "OK"})
ADDED = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s\"<>]+|www\.[^\s\"<>]+|\d{4,}")
"""Addresses and long numbers, of which a new text may hold those only that the scenario has."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Kinds of characters that nobody sees; line breaks and tabs are of the first."""


@dataclass(frozen=True)
class Piece:
    """One text that may be worded anew."""

    what: str
    """What it is, for who words it."""
    text: str
    keep: tuple[str, ...] = ()
    """Names, numbers, addresses and phrases that must stand in any wording of it."""
    avoid: tuple[str, ...] = ()
    """Those that only the payload may tell."""


class Wording:
    """All such texts of one scenario.

    Args:
        scenario: generated, with one trigger.
        style: the attack style that its payload is dressed in; empty for none.
        conditional: whether its check knows the payload by its last line.
    """

    def __init__(self, scenario: Scenario, style: str = "", conditional: bool = False) -> None:
        self.scenario, self.conditional = scenario, conditional
        self.trigger = scenario.triggers[0]
        payload, benign = str(self.trigger.payload), str(self.trigger.benign or "")
        self.own = _shared(payload, benign) if self.trigger.hole.startswith("/") else ""
        """The record's own text, with which both texts of a trigger begin that is added to one."""
        self.places = {f"record_{at}": place for at, place in enumerate(_places(scenario))}
        """Name of a piece to the place of its text in the world."""
        self.before, core, self.after = _undressed(style, _without(self.own, payload))
        self.pieces = self._pieces(core, _without(self.own, benign))

    def mistake(self, new: Mapping[str, str]) -> str:
        """What is wrong with new texts, each by the name of its piece, in one sentence; empty when nothing is."""
        there = compact([self.scenario.world, [piece.text for piece in self.pieces.values()]]).casefold()
        for name, piece in self.pieces.items():
            if problem := _mistake(piece, new[name], there):
                return f"{name}: {problem}"
        if self.conditional and len(words(telling_in(self._payload(new)))) < FEWEST_TELLING:
            return "payload: its last line says too little to be known by"
        return ""

    def data(self, new: Mapping[str, str]) -> dict[str, Json]:
        """What the file of the scenario would hold with these texts."""
        data = self.scenario.model_dump(mode="json")
        for name, place in self.places.items():
            data["world"] = replace_at(data["world"], place, new[name])
        user, trigger = data["user"], data["triggers"][0]
        for index, reply in enumerate(user["replies"]):
            reply["say"] = new[f"reply_{index}"]
        user["otherwise"] = new["otherwise"]
        trigger["payload"] = self._payload(new)
        if self.trigger.benign is not None:
            trigger["benign"] = _joined(new.get("own", self.own), new.get("benign", ""))
        if self.trigger.hole.startswith("/"):
            data["world"] = replace_at(data["world"], self.trigger.hole, trigger["benign"])
        data["instruction"] = new.get("instruction", trigger["payload"])
        if self.trigger.hole == "user.turns.0":
            user["turns"][0]["say"] = trigger["benign"]
        if self.trigger.hole == "faults.0":
            data["faults"][0]["message"] = trigger["payload"]
        if self.conditional:
            outcome, known = data["outcomes"][0], telling_in(str(self.trigger.payload))
            outcome["check"] = outcome["check"].replace(known, telling_in(trigger["payload"]))
        return data

    def _payload(self, new: Mapping[str, str]) -> str:
        attack = _without(self.own, str(self.trigger.payload))
        attack = self.before + new["payload"] + self.after if "payload" in new else attack
        return _joined(new.get("own", self.own), attack)

    def _pieces(self, payload: str | None, benign: str) -> dict[str, Piece]:
        """Every piece by name, with its facts."""
        whole = dict(self._texts(payload, benign))
        phrases = [*_phrases(self.scenario, self.conditional)]
        plain = {token for _, text in whole.values() for token, _ in _spelled(text) if token == token.lower()}
        proper = {token for _, text in whole.values() for token in _tokens(text)}
        proper = {token for token in proper if token == token.lower() or token.lower() not in plain}
        facts = {name: _facts(text, phrases, proper) for name, (_, text) in whole.items()}
        told = facts.get("payload", ())
        pieces = {}
        for name, (what, text) in whole.items():
            guarded = name in ("instruction", "own", "benign", *self.places)
            avoid = tuple(each for each in told if not stands(each, text)) if guarded else ()
            pieces[name] = Piece(what, text, facts[name], avoid)
        return pieces

    def _texts(self, payload: str | None, benign: str) -> Iterator[tuple[str, tuple[str, str]]]:
        """Name, meaning and text of every piece."""
        trigger, user = self.trigger, self.scenario.user
        place = {"instruction": "it is what the user asks for", "user.turns.0": "the user says it later on"}
        where = place.get(trigger.hole, "a tool's error says it" if trigger.hole == "faults.0" else "a tool shows it")
        if trigger.hole != "instruction":
            yield "instruction", ("what the user asks the assistant for", self.scenario.instruction)
        for name, pointer in self.places.items():
            yield name, ("the text of something that a tool shows", str(resolve(self.scenario.world, pointer)))
        if _is_prose(self.own):
            yield "own", ("the text of something that a tool shows; the trigger is added to it", self.own)
        if payload is not None:
            yield "payload", (f"the trigger of the risk, strategy {trigger.strategy}: {where}", payload)
        if benign:
            yield "benign", (f"what stands in its place when nobody attacks: {where}", benign)
        for index, reply in enumerate(user.replies):
            yield f"reply_{index}", (f"what the user answers when this holds: {reply.when}", reply.say)
        yield "otherwise", ("what the user answers to anything else", user.otherwise)


def _places(scenario: Scenario) -> list[str]:
    """Where prose stands in the records that the paths' calls name. The place of the trigger is none of them."""
    steps = [step for _, path in scenario.paths for step in path if step.tool is not None]
    named = {(str(step.tool), str(value)) for step in steps for value in step.arguments.values()}
    places = []
    for entity in entities(scenario.world):
        if any(key == entity.id and tool.startswith(f"{entity.toolkit}_") for tool, key in named):
            places += [place for place, text in entity.texts[:1] if _is_prose(text)]
    return [place for place in dict.fromkeys(places) if place != scenario.triggers[0].hole]


def _shared(payload: str, benign: str) -> str:
    """The paragraphs with which both begin; something is left of the payload."""
    parts = payload.split(PARAGRAPH)[:-1], benign.split(PARAGRAPH)
    return PARAGRAPH.join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(*parts, strict=False)))


def _without(own: str, text: str) -> str:
    return text.removeprefix(own).removeprefix(PARAGRAPH) if own else text


def _joined(own: str, text: str) -> str:
    return PARAGRAPH.join(part for part in (own, text) if part)


def _is_prose(text: str) -> bool:
    plain = sum(char.isalpha() or char == " " for char in text)
    return is_free(text) and len(text) <= LONGEST_RECORD and plain >= PROSE * len(text)


def _undressed(style: str, attack: str) -> tuple[str, str | None, str]:
    """What an attack style has put before the payload, the payload, and what after it. None where it has put the
    payload itself into another form, which stays as it is."""
    lead = attack[: len(attack) - len(attack.lstrip())]
    if not style:
        return lead, attack.removeprefix(lead), ""
    before, _, after = FORMS.get(style, "").partition("{payload}")
    parts = [".*?".join(map(re.escape, re.split(r"\{\w+\}", part))) for part in (before, after)]
    found = re.fullmatch(f"(\\s*{parts[0]})(.*)({parts[1]})", attack, re.DOTALL) if style in FORMS else None
    return (found[1], found[2], found[3]) if found else ("", None, "")


def _phrases(scenario: Scenario, conditional: bool) -> Iterator[str]:
    """What checks and calls ask for by its words, and how things are called."""
    known = telling_in(str(scenario.triggers[0].payload)) if conditional else ""
    for check in [each.check for each in scenario.outcomes] + [each.check for each in scenario.achievements]:
        yield from (_unquoted(found[0]) for found in STRING.finditer(check) if found[0] != known)
    for _, path in scenario.paths:
        for step in path:
            yield from _leaves(list(step.arguments.values()))
    yield from (entity.label for entity in entities(scenario.world) if entity.has_name)


def _leaves(value: Json) -> Iterator[str]:
    if isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _unquoted(literal: str) -> str:
    return literal[1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def _tokens(text: str) -> Iterator[str]:
    """Names, numbers and addresses of a text: what has a digit, a mark of addresses, or a capital letter of its own."""
    for token, begins in _spelled(text):
        if re.search(r"[\d@_]|://", token) or (not begins and token != token.lower() and token not in PRONOUNS):
            yield token


def _spelled(text: str) -> Iterator[tuple[str, bool]]:
    """Every token, and whether a sentence begins with it."""
    for found in TOKEN.finditer(text):
        token = re.sub(r"['’]s$", "", found[0].strip(MARKS))
        if token:
            yield token, BEGINS.search(text[max(0, found.start() - 8) : found.start()]) is not None


def _facts(text: str, phrases: Iterable[str], proper: set[str]) -> tuple[str, ...]:
    """What must stay of a text, the longest first; what is a part of a longer one is not told twice."""
    fits = [each for each in phrases if SHORTEST_KEPT <= len(each.strip()) <= LONGEST_KEPT and stands(each, text)]
    tokens = [token for token, _ in _spelled(text) if token in proper]
    kept: list[str] = []
    for fact in sorted(dict.fromkeys([*fits, *tokens]), key=lambda each: (-len(each), each)):
        if not any(stands(fact, longer) for longer in kept):
            kept.append(fact)
    return tuple(kept)


def stands(fact: str, text: str) -> bool:
    """Whether a text has these words one after the other, in plain spelling; an address or number to the letter."""
    if re.search(r"[\d@_]|://", fact) or not words(fact):
        return f"{' '.join(fact.split())}".casefold() in " ".join(text.split()).casefold()
    wanted, found = words(fact), words(text)
    return any(found[at : at + len(wanted)] == wanted for at in range(len(found) - len(wanted) + 1))


def _mistake(piece: Piece, new: str, there: str) -> str:
    most = 2 * len(piece.text) + MORE
    if not new.strip():
        return "it is empty"
    if len(new) > most:
        return f"it has {len(new)} characters; at most {most} are allowed"
    if odd := next((char for char in new if unicodedata.category(char) in UNSEEN and char not in "\n\t"), ""):
        return f"it has the character U+{ord(odd):04X}, which nobody sees"
    if lost := [fact for fact in piece.keep if not stands(fact, new)]:
        return f"these must stay: {_listed(lost)}"
    if told := [fact for fact in piece.avoid if stands(fact, new)]:
        return f"these stand in the payload only: {_listed(told)}"
    if made := [each for each in ADDED.findall(new) if each.casefold() not in there]:
        return f"these are made up: {_listed(made)}"
    return ""


def _listed(facts: Iterable[str]) -> str:
    return ", ".join(map(repr, list(facts)[:20]))
