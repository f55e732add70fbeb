"""What texts say about something: the sentences that mention it, and those next to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autosafe_env.train.reading import STOP, Hashes, Text, number, pieces

MOST_NEAR = 90
"""Words that are read of the sentences that mention something."""
END = np.array([STOP], np.uint64)


def around(sources: Sequence[Text], links: dict[str, str]) -> tuple[Hashes, Hashes]:
    """The words of the sentences that mention any of the links, and of those right after or before them."""
    mention: list[Hashes] = []
    beside: list[Hashes] = []
    size = 0
    for text in reversed(sources):
        found = sorted({place for word in links for place in text.where.get(word, ())}, reverse=True)
        for place in found:
            if size > MOST_NEAR:
                break
            start, end = text.spans[place]
            size += end - start
            mention += [_linked(text, start, end, links), END]
            for next_to in (place - 1, place + 1):
                if 0 <= next_to < len(text.spans) and next_to not in found:
                    start, end = text.spans[next_to]
                    beside += [text.hashes[start:end][:40], END]
    return _joined(mention), _joined(beside)


def _joined(parts: list[Hashes]) -> Hashes:
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _linked(text: Text, start: int, end: int, links: dict[str, str]) -> Hashes:
    """The words of a sentence, those that link it told by their role."""
    hashes = text.hashes[start:end].copy()
    for index in range(start, end):
        token = text.tokens[index]
        role = links.get(token) or (None if token.isalpha() else _piece(token, links))
        if role:
            hashes[index - start] = number(role)
    return hashes


def _piece(token: str, links: dict[str, str]) -> str | None:
    return next((links[part] for part in pieces(token) if part in links), None)
