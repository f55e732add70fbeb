"""How varied texts are, and which of them say nearly the same.

`distinct_n` is that of Li et al. (arXiv 1510.03055): different n-grams over all n-grams. `self_bleu` is that of Zhu et
al. (arXiv 1802.01886): the mean BLEU of each text against all others as references, with BLEU-4 as Papineni et al.
(2002) define it and one added to the counts of n-grams of two and more words (Lin and Och, 2004), since short texts
have few.
Near-duplicates are found by MinHash (Broder, 1997) over shingles of three words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b

WORD = re.compile(r"\w+(?:['.,@:/-]\w+)*|[^\w\s]")
HASHES = 64
"""Values in one signature."""
BANDS = 16
"""Parts of a signature of which one must agree before two texts are compared: with four values a part, texts of a
similarity of 0.7 meet in 99 of 100 cases."""
ALIKE = 0.7
"""Jaccard similarity of shingles, estimated, from which two texts say nearly the same."""
PRIME = (1 << 61) - 1

Signature = tuple[int, ...]


def words(text: str) -> list[str]:
    """The words and marks of a text, in lower case."""
    return WORD.findall(text.casefold())


def ngrams(tokens: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    """Every run of `size` tokens, with how often it comes."""
    return Counter(tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1))


def distinct_n(texts: Iterable[str], size: int) -> float:
    """The share of different n-grams among all n-grams of the texts, from 0 to 1; 0 when there is none."""
    total: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        total += ngrams(words(text), size)
    return len(total) / max(1, total.total())


def self_bleu(texts: Sequence[str], size: int = 4) -> float:
    """The mean BLEU of each text against all others, from 0 (nothing in common) to 1; 0 for fewer than two texts."""
    if len(texts) < 2:
        return 0.0
    tokens = [words(text) for text in texts]
    grams = [[ngrams(each, order) for order in range(1, size + 1)] for each in tokens]
    best = [_two_highest(grams, order) for order in range(size)]
    lengths = sorted(len(each) for each in tokens)
    return sum(_bleu(own, index, best, lengths) for index, own in enumerate(grams)) / len(texts)


def _two_highest(
    grams: Sequence[Sequence[Counter[tuple[str, ...]]]], order: int
) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """For each n-gram the most that one text has of it, which text that is, and the most that any other has."""
    highest: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for index, each in enumerate(grams):
        for gram, count in each[order].items():
            first, holder, second = highest.get(gram, (0, -1, 0))
            highest[gram] = (count, index, first) if count > first else (first, holder, max(second, count))
    return highest


def _bleu(
    own: Sequence[Counter[tuple[str, ...]]],
    index: int,
    best: Sequence[dict[tuple[str, ...], tuple[int, int, int]]],
    lengths: Sequence[int],
) -> float:
    logs = 0.0
    for order, counts in enumerate(own):
        matched = 0
        for gram, count in counts.items():
            first, holder, second = best[order][gram]
            matched += min(count, second if holder == index else first)
        extra = 1 if order else 0
        if matched + extra == 0:
            return 0.0
        logs += math.log((matched + extra) / max(1, counts.total() + extra))
    length = max(1, own[0].total())
    others = list(lengths)
    others.remove(own[0].total())
    closest = min(others, key=lambda each: (abs(each - length), each))
    return math.exp(min(0.0, 1 - closest / length) + logs / len(own))


def signature(text: str) -> Signature:
    """The MinHash signature of a text."""
    shingles = {" ".join(gram) for gram in ngrams(words(text), 3)} or {text.casefold()}
    values = [int.from_bytes(blake2b(each.encode(), digest_size=7).digest()) for each in shingles]
    return tuple(min((a * value + b) % PRIME for value in values) for a, b in FACTORS)


FACTORS = tuple(
    (int.from_bytes(blake2b(f"a{at}".encode(), digest_size=7).digest()) | 1, 7919 * at + 13) for at in range(HASHES)
)


def similarity(one: Signature, other: Signature) -> float:
    """The Jaccard similarity of two texts, estimated from their signatures."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / HASHES


def bands(one: Signature) -> list[tuple[int, Signature]]:
    """The parts of a signature, of which nearly equal texts share one."""
    rows = HASHES // BANDS
    return [(band, one[band * rows : (band + 1) * rows]) for band in range(BANDS)]


class Seen:
    """Texts that were let in so far, so that one that says nearly the same as an earlier one can be kept out."""

    def __init__(self) -> None:
        self._bands: dict[tuple[int, Signature], list[Signature]] = {}

    def admits(self, text: str) -> bool:
        """Whether no earlier text says nearly the same; the text is then one of them."""
        mine = signature(text)
        keys = bands(mine)
        if any(similarity(mine, other) >= ALIKE for key in keys for other in self._bands.get(key, ())):
            return False
        for key in keys:
            self._bands.setdefault(key, []).append(mine)
        return True


def alike_pairs(texts: Iterable[str]) -> list[tuple[int, int]]:
    """The places of every two texts that say nearly the same, in order."""
    signatures: list[Signature] = []
    by_band: dict[tuple[int, Signature], list[int]] = {}
    pairs = []
    for at, text in enumerate(texts):
        mine = signature(text)
        near = {other for key in bands(mine) for other in by_band.get(key, ())}
        pairs += [(other, at) for other in sorted(near) if similarity(mine, signatures[other]) >= ALIKE]
        signatures.append(mine)
        for key in bands(mine):
            by_band.setdefault(key, []).append(at)
    return sorted(pairs)
