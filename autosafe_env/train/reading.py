"""Texts as the student reads them: words, sentences and n-grams as hashed numbers, each text read once."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from autosafe_env.types.base import Json

Hashes = npt.NDArray[np.uint64]

WORD = re.compile(r"\w+(?:['’.@+-]\w+)*")
SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n+")
BRACKETS = re.compile(r"\(([^()\n]{3,60})\)")
ADDRESS = re.compile(r"\S{1,80}|[+\d][\d ]{5,40}")
"""A word, such as an address or an id, or a number that is written in groups."""
BEFORE = 60
"""Characters before a bracket in which the name of what it holds is looked for."""
PIECES = re.compile(r"[^\W\d_]{3,}|\d{2,}")
LABELS = ("name", "title", "subject", "label", "person", "sender", "owner")
"""Fields by which a record is known to people."""
MOST_TOKENS = 1200
"""So many words of one text are read."""

MIX = np.uint64(0x9E3779B97F4A7C15)
SECOND, THIRD = np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
QUOTES = ('"', "\u201c", "\u201d")
STOP = np.uint64(0)
"""Stands between sentences; no n-gram reaches across it."""


@dataclass
class Text:
    """One text, read."""

    tokens: list[str] = field(default_factory=list)
    """Words in lower case."""
    hashes: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    """Of the words as classes: names, numbers and addresses are all alike."""
    spans: list[tuple[int, int]] = field(default_factory=list)
    """First and last-but-one word of each sentence."""
    where: dict[str, list[int]] = field(default_factory=dict)
    """Word, or piece of an address, to the sentences it stands in."""
    squashed: str = ""
    """Its letters and digits."""
    names: dict[str, str] = field(default_factory=dict)
    """Squashed address, number or id to the name that the text gives it."""
    ids: frozenset[str] = frozenset()
    """Ids of the records in it."""
    error: bool = False
    """Whether it is what a tool said when it failed."""
    parts: list[Hashes] = field(default_factory=list)
    """The n-grams of each paragraph; those of few words are left out where a tool returned it."""

    @cached_property
    def stems(self) -> frozenset[str]:
        """How its words begin."""
        return frozenset(word[:4] for word in self.where)

    @cached_property
    def grams(self) -> Hashes:
        """The n-grams of all paragraphs."""
        return np.concatenate(self.parts) if self.parts else np.zeros(0, np.uint64)


@lru_cache(maxsize=1 << 17)
def number(text: str) -> np.uint64:
    """A text as a number, the same on every machine."""
    raw = text.encode("utf-8", "replace")
    return np.uint64((zlib.crc32(raw) << 32 | zlib.crc32(raw, 0x5BD1E995)) or 1)


QUOTE = number("<quotation>")


def squash(text: str) -> str:
    """Only the letters and digits, in one case."""
    return "".join(filter(str.isalnum, text.casefold()))


def pieces(text: str) -> list[str]:
    """The words and numbers of a name, an address or an id."""
    return PIECES.findall(text.casefold())


def ngrams(hashes: Hashes) -> Hashes:
    """Single words, pairs and triples of them."""
    if len(hashes) == 0:
        return hashes
    solid = hashes != STOP
    pairs = (hashes[:-1] * SECOND + hashes[1:] * THIRD)[solid[:-1] & solid[1:]]
    first, middle, last = hashes[:-2], hashes[1:-1], hashes[2:]
    triples = (first * THIRD + middle * MIX + last * SECOND)[solid[:-2] & solid[1:-1] & solid[2:]]
    return np.concatenate([hashes[solid], pairs, triples])


@lru_cache(maxsize=1 << 17)
def place(name: str, tag: str, bits: int) -> int:
    """What `crossed` makes of a name: for names that come again and again."""
    return int(crossed(np.array([number(name)], np.uint64), tag, bits)[0])


def crossed(hashes: Hashes, tag: str, bits: int) -> npt.NDArray[np.int64]:
    """The numbers under a tag, as places from 0 to 2 ** `bits` - 1."""
    mixed = (hashes ^ number(tag)) * MIX
    mixed ^= mixed >> np.uint64(29)
    return ((mixed * SECOND) >> np.uint64(64 - bits)).astype(np.int64)


@lru_cache(maxsize=4096)
def read(text: str, tool: bool) -> Text:
    """A text, read; what a tool returned may be JSON, of which the leaves are read."""
    found = Text()
    value = _json(text) if tool else text
    if isinstance(value, dict) and set(value) == {"error", "message"}:
        found.error = True
        value = value["message"]
    hashes: list[np.uint64] = []
    ids: list[str] = []
    for leaf in _leaves(value, found.names, ids):
        for address, name in _named(leaf):
            found.names.setdefault(address, name)
        for line in leaf.splitlines():
            if len(found.tokens) < MOST_TOKENS:
                _add(line, found, hashes, tool)
    found.ids = frozenset(ids)
    found.hashes = np.array(hashes, np.uint64)
    found.squashed = squash(text if not tool else " ".join(texts_of(value)))
    return found


def _add(line: str, found: Text, hashes: list[np.uint64], tool: bool) -> None:
    """Read a paragraph. What stands in quotation marks counts as one word of it."""
    plain: list[np.uint64] = []
    quoting = False
    for sentence in SENTENCE.split(line):
        start, place = len(found.tokens), len(found.spans)
        words = list(WORD.finditer(sentence))
        texts = [match[0] for match in words]
        for index, match in enumerate(words):
            lower = match[0].casefold()
            kind = number(_kind(match[0], lower, index, texts))
            found.tokens.append(lower)
            hashes.append(kind)
            before = sentence[words[index - 1].end() if index else 0 : match.start()]
            for _ in range(sum(map(before.count, QUOTES))):
                quoting = not quoting
                if quoting:
                    plain.append(QUOTE)
            if not quoting:
                plain.append(kind)
            for part in (lower, *pieces(lower)) if not lower.isalpha() else (lower,):
                found.where.setdefault(part, []).append(place)
        rest = sentence[words[-1].end() :] if words else sentence
        for _ in range(sum(map(rest.count, QUOTES))):
            quoting = not quoting
        if words:
            found.spans.append((start, start + len(words)))
            plain.append(STOP)
    if len(plain) >= (5 if tool else 1):
        found.parts.append(ngrams(np.array(plain, np.uint64)))


def _kind(word: str, lower: str, index: int, words: list[str]) -> str:
    """The word, or the class of words that it is one of."""
    if "@" in word or "_" in word:
        return "<address>"
    if word[0].isdigit():
        return "<number>"
    if word[0].isupper() and word != "I" and not word.startswith(("I'", "I’")):
        follows = index + 1 < len(words) and words[index + 1][0].isupper() and words[index + 1] != "I"
        if index > 0 or follows:
            return "<name>"
    return lower


def _named(leaf: str) -> Iterator[tuple[str, str]]:
    """Address, number or account in brackets, and the name before it: `Jo Bell (jo@mailbox.example)`."""
    for match in BRACKETS.finditer(leaf):
        words = leaf[max(0, match.start() - BEFORE) : match.start()].split()
        first = len(words)
        while first > 0 and len(words) - first < 4 and words[first - 1][:1].isupper():
            first -= 1
        if len(words) - first > 2 and (first == 0 or words[first - 1][-1] in ".:!?"):
            first += 1  # what begins a sentence has a capital of its own: `Pay Jo Bell (...)`
        if first < len(words):
            yield squash(match[1]), " ".join(words[first:])


def _json(text: str) -> Json:
    if text[:1] not in "{[":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _leaves(value: Json, names: dict[str, str], ids: list[str]) -> Iterator[str]:
    """The texts of a JSON value; records tell their names and ids on the way."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        known = next((value[key] for key in LABELS if isinstance(value.get(key), str)), "")
        for key, item in value.items():
            if isinstance(item, str) and known and item != known and ADDRESS.fullmatch(item):
                names.setdefault(squash(item), known)
            if key in ("id", "path", "url") and isinstance(item, str):
                ids.append(item)
            yield from _leaves(item, names, ids)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, names, ids)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def texts_of(value: Json) -> Iterator[str]:
    """The texts of a JSON value."""
    return _leaves(value, {}, [])
