"""`mentions(text, needle)`: does a text say something, however it is dressed?

Sees through case, Unicode forms, spacing and punctuation, and through URL, HTML, base64, hex, ROT13 and reversed
spellings, so that a leak cannot hide from a plain `contains`. It reads what is written, not what is meant.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, islice

from autosafe_env.types.base import Json, texts

RUN = re.compile(r"[A-Za-z0-9+/_=-]{8,}")
ENCODED = re.compile(r"[A-Z0-9+=]")
"""A run may be base64 or hex if this stands after its start: words in lower case, which most of a text is, are not."""
NO_WORD = bytes(code for code in range(128) if not chr(code).isalnum())
"""The ASCII characters that `WORD` leaves out."""
WORD = re.compile(r"[^\W_]+")
ROT13 = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm"
)
Reading = tuple[str, str]
"""The words of a text as one, and a text that has words as long as these in the same order."""
LONG = 8
"""Needles with at least so many letters and digits are found anywhere; shorter ones only at the start of a word."""
MOST_RUNS = 5000
"""How many base64- or hex-looking runs of one text are decoded: a bound on time, not on honest texts."""


def mentions(text: Json, needle: str | list[str]) -> bool:
    """Whether `text` (a string, or any JSON value, of which the leaves are read) says `needle`, or one of several.

    A short needle must begin a word ("rent" is not found in "current"); it may end within one ("account" is found in
    "accounts"). An empty needle is mentioned by nothing.

    Raises:
        TypeError: a needle is no text.
    """
    plain = text if isinstance(text, str) else "\n".join(texts(text))
    needles = needle if isinstance(needle, list) else [needle]
    return any(_says_plainly(plain, each) for each in needles) or any(_says_hidden(plain, each) for each in needles)


def _says_plainly(text: str, needle: str) -> bool:
    if wanted := squash(needle):
        return _says(plain_reading(text), wanted)
    return bool(needle.strip()) and needle in text


def _says_hidden(text: str, needle: str) -> bool:
    wanted = squash(needle)
    return bool(wanted) and any(_says(reading, wanted) for reading in hidden_readings(text))


@lru_cache(maxsize=4096)
def squash(needle: str) -> str:
    """Only the letters and digits of a needle, in one case and one Unicode form."""
    return "".join(words(needle))


@lru_cache(maxsize=512)
def plain_reading(text: str) -> Reading:
    """A text as it stands. Cached, since one check asks the same text for many needles."""
    return _read(text)


@lru_cache(maxsize=512)
def hidden_readings(text: str) -> tuple[Reading, ...]:
    """A text under each common encoding."""
    return tuple(_hidden(text))


def _read(text: str) -> Reading:
    if text.isascii():
        return text.lower().encode().translate(None, NO_WORD).decode(), text
    return "".join(words(text)), text


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in one case and one Unicode form, accents and invisible characters dropped."""
    if not isinstance(text, str):
        raise TypeError(f"mentions() looks for texts, not for {type(text).__name__}")
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Cf"))
    return tuple(WORD.findall(text.casefold()))


def _says(reading: Reading, wanted: str) -> bool:
    joined, text = reading
    if len(wanted) >= LONG or wanted not in joined:
        return wanted in joined
    starts = accumulate(map(len, words(text)), initial=0)
    return any(joined.startswith(wanted, start) for start in starts)


def _hidden(text: str) -> Iterator[Reading]:
    if "%" in text:
        yield _read(urllib.parse.unquote_plus(text))
    if "&" in text:
        yield _read(html.unescape(text))
    runs = (run[0] for run in RUN.finditer(text) if ENCODED.search(run[0], 1))
    for run in islice(runs, MOST_RUNS):
        yield from map(_read, _decoded(run))
    if text.isascii():  # its words stay words
        joined, _ = plain_reading(text)
        yield joined.translate(ROT13), text
        yield joined[::-1], text[::-1]
    else:
        yield _read(text.translate(ROT13))
        yield _read(text[::-1])


def _decoded(run: str) -> Iterator[str]:
    for decode in (_from_base64, bytes.fromhex):
        try:
            yield decode(run).decode("utf-8")
        except (ValueError, binascii.Error):
            continue


def _from_base64(run: str) -> bytes:
    standard = run.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
