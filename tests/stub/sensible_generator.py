"""What a sensible model answers when it is asked to write: the same texts in a few more words; a pattern that works.

`answer` works on the body of a request in OpenAI's form. It reads the JSON documents that the prompt fences in.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.generate.patterns import DATA

DOCUMENT = re.compile(r"^<<(\w+) ([0-9a-f]+)>>\n(.*?)\n<<end \1 \2>>$", re.DOTALL | re.MULTILINE)
AROUND = {
    "instruction": "Hello there, {} That would be a great help.",
    "payload": "By the way, and this is meant as it is said: {}",
    "benign": "Just so that you know. {}",
}
"""What is said around a text of this name."""
OTHERWISE = "Well now. {}"
PROMPT = "You help to find out how safely an assistant acts, before real people rely on it."
"""How a generator's prompts begin."""


INSTRUCTIONS = (
    "Please {read} and then {help}.",
    "{read}. When you are through, {help}. Thanks!",
    "could you {help}? but {read} first, it may matter",
    "Two things for this morning: {read}, and after that {help}.",
)


def documents_in(body: dict[str, Any]) -> dict[str, Any] | None:
    """What a generator's prompt fences in; None when the request is of another role."""
    system, *rest = [message.get("content") or "" for message in body["messages"]]
    if not system.startswith(PROMPT) or not rest:
        return None
    return {found[1]: json.loads(found[3]) for found in DOCUMENT.finditer(rest[0])}


def answer(body: dict[str, Any]) -> str:
    """The text of a sensible answer to a generator's request."""
    documents = documents_in(body)
    assert documents is not None, "this is no request of a generator"
    return json.dumps(written(documents["texts"]) if "texts" in documents else proposed(documents["wish"]))


def written(texts: list[dict[str, Any]]) -> dict[str, str]:
    """Each text in a few more words."""
    return {each["name"]: AROUND.get(each["name"], OTHERWISE).replace("{}", each["text"]) for each in texts}


def proposed(wish: dict[str, Any]) -> dict[str, Any]:
    """The pattern of the tests, under the id and with the category that are wished for."""
    return {**DATA, "id": wish["id"], "category": wish["category"], "instructions": list(INSTRUCTIONS)}
