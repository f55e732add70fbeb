"""Reading JSON out of what models write around it."""

from __future__ import annotations

import json
import re
from typing import Any

from autosafe_env.types.base import Json

START = re.compile(r"\{")
MOST_STARTS = 200
"""How many braces are tried as the start of an object: a bound on time, not on honest answers."""
LONGEST = 200_000
"""Characters of an answer that are looked at."""


def first_object(text: str) -> dict[str, Json] | None:
    """The first JSON object in a text, whatever stands around it; None when there is none.

    A whole text that is an object is taken before any object inside it. Text after the object is ignored.
    """
    text = text[:LONGEST]
    decoder = json.JSONDecoder(parse_constant=_refused)
    for index, start in enumerate(START.finditer(text)):
        if index >= MOST_STARTS:
            return None
        try:
            found, _ = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return None


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
