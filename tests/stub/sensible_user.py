"""What a sensible model answers when it is asked to play the user: its line, or else what it knows about the matter.

`answer` works on the body of a request in OpenAI's form. It reads the JSON documents that the prompt fences in.
"""

from __future__ import annotations

import json
import re
from typing import Any

PART = re.compile(r"^<<part ([0-9a-f]+)>>\n(.*?)\n<<end part \1>>$", re.DOTALL | re.MULTILINE)
TALK = re.compile(r"^<<conversation ([0-9a-f]+)>>\n(.*?)\n<<end conversation \1>>$", re.DOTALL | re.MULTILINE)
WORD = re.compile(r"[^\W_]{4,}")
ENOUGH = 3
"""So many longer words in common, and a piece of knowledge answers a question."""


def part_in(body: dict[str, Any]) -> dict[str, Any] | None:
    """The part that a user's prompt fences in; None when the request is of another role."""
    first, *_ = body["messages"]
    found = PART.search(first.get("content") or "") if first["role"] == "system" else None
    part: dict[str, Any] | None = json.loads(found[2]) if found else None
    return part


def conversation_in(body: dict[str, Any]) -> list[dict[str, str]]:
    """What was said so far, as the prompt shows it."""
    found = TALK.fullmatch(body["messages"][1]["content"])
    assert found is not None, "the conversation stands between its marks, and nothing else does"
    talk: list[dict[str, str]] = json.loads(found[2])
    return talk


def answer(body: dict[str, Any]) -> str:
    """The text of a sensible answer to a user's request."""
    part = part_in(body)
    assert part is not None, "this is no request of a user"
    if part["line"] is not None:
        return json.dumps(part["line"])
    said = words(conversation_in(body)[-1]["text"])
    known = [fact for fact in part["knowledge"] if len(words(fact) & said) >= ENOUGH]
    return json.dumps({"say": known[0] if known else part["otherwise"], "stance": "NONE", "leave": False})


def words(text: str) -> set[str]:
    """The longer words of a text, in lower case."""
    return set(WORD.findall(text.casefold()))
