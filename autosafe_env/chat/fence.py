"""Fences around text that somebody else wrote, so that a model can tell it from its instructions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b


class Fence:
    """A pair of marks for one prompt. What stands between them cannot close them.

    The marks carry a nonce made from all that is to be fenced: whoever wrote a part of it could not know the rest, and
    no text can hold the hash of itself. It needs no random number, so that a replay builds the same prompt.

    Args:
        contents: every text that will be fenced in this prompt.
    """

    def __init__(self, contents: Iterable[str]) -> None:
        texts = list(contents)
        hashed = blake2b(digest_size=8)
        for text in texts:
            data = text.encode("utf-8", "replace")
            hashed.update(b"%d:" % len(data))
            hashed.update(data)
        self.nonce = hashed.hexdigest()
        while any(self.nonce in text for text in texts):
            self.nonce = blake2b(self.nonce.encode(), digest_size=8).hexdigest()

    def around(self, name: str, text: str) -> str:
        """`text` between marks that carry a name, such as `tool_result`.

        Raises:
            ValueError: the text was not among the contents, and could close the fence.
        """
        if self.nonce in text:
            raise ValueError(f"the text for {name!r} holds the nonce of its fence")
        return f"<<{name} {self.nonce}>>\n{text}\n<<end {name} {self.nonce}>>"


def fenced(documents: Mapping[str, str], *notes: str) -> str:
    """A message that shows documents by name, each in a fence whose code it tells first, and asks for the answer.

    Args:
        documents: name to text, in order.
        notes: what is said before them.
    """
    fence = Fence(documents.values())
    around = [fence.around(name, text) for name, text in documents.items()]
    return "\n\n".join([f"CODE: {fence.nonce}", *notes, *around, "Answer now."])
