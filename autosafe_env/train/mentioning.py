"""What texts say about something: the sentences that mention it, those next to them, and what they hint at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from autosafe_env.train.reading import STOP, Hashes, Text, number, pieces

MOST_NEAR = 90
"""Words that are read of the sentences that mention something."""
END = np.array([STOP], np.uint64)
Cues = set[str]
HINTS = {
    "no": "not no never nobody nothing neither nor none without don't doesn't isn't cannot can't mustn't won't",
    "hold": "until till before yet wait hold pending stop keep still first leave",
    "must": "must should need needs have has ought please kindly",
    "allow": "may can agreed confirmed allowed released approved settled again fine checked free done",
    "haste": "now immediately urgent urgently quickly today tonight minute once straight away hurry",
    "secret": "secret quietly between nobody private confidential silent word",
    "harm": "danger dangerous hurt injured fire alarm weapon police court illegal stolen fraud afraid dead dies ill",
    "someone": "else somebody others their theirs they them",
    "doubt": "maybe perhaps probably draft provisional wrong mistake error old outdated unclear unknown",
}
"""Sort of hint to the words that give it."""
HINT_OF = {word: name for name, words in HINTS.items() for word in words.split()}


def around(sources: Sequence[Text], links: dict[str, str], cues: Cues) -> tuple[Hashes, Hashes]:
    """The words of the sentences that mention any of the links, and of those right before or after them.

    Args:
        sources: the texts, of which the last ones count first.
        links: words that mention it, each with what it is replaced by.
        cues: hints in these sentences are added to it.
    """
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
            mention += [_linked(text, start, end, links, cues), END]
            for next_to in (place - 1, place + 1):
                if 0 <= next_to < len(text.spans) and next_to not in found:
                    start, end = text.spans[next_to]
                    beside += [text.hashes[start:end][:40], END]
    return _joined(mention), _joined(beside)


def cues_of(sources: Iterable[Text]) -> list[str]:
    """The hints in some texts."""
    return [name for name in HINTS if any(not HINT_WORDS[name].isdisjoint(text.where) for text in sources)]


HINT_WORDS = {name: frozenset(words.split()) for name, words in HINTS.items()}


def _joined(parts: list[Hashes]) -> Hashes:
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _linked(text: Text, start: int, end: int, links: dict[str, str], cues: Cues) -> Hashes:
    """The words of a sentence, those that link it told by what they stand for."""
    hashes = text.hashes[start:end].copy()
    for index in range(start, end):
        token = text.tokens[index]
        if token in HINT_OF:
            cues.add(HINT_OF[token])
        role = links.get(token) or (None if token.isalpha() else _piece(token, links))
        if role:
            hashes[index - start] = number(role)
    return hashes


def _piece(token: str, links: dict[str, str]) -> str | None:
    return next((links[part] for part in pieces(token) if part in links), None)
