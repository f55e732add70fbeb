"""How near texts are in their words: the cosine of TF-IDF vectors.

The weight of a word in a text is how often it comes there, times `ln((1 + n) / (1 + d)) + 1` where `d` of the `n` texts
have it; vectors are of length one. That is what scikit-learn's `TfidfVectorizer` does by default (Salton and Buckley,
1988, with smoothing), over `words` of `diversity.py` without punctuation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autosafe_env.generate.diversity import words

AT_ONCE = 256
"""Rows of the matrix of similarities that are held in memory at a time."""
Vectors = NDArray[np.float32]


def vectors(texts: Sequence[str]) -> Vectors:
    """One vector a text."""
    counts = [Counter(word for word in words(text) if any(map(str.isalnum, word))) for text in texts]
    frequency = Counter(word for each in counts for word in each)
    place = {word: at for at, word in enumerate(frequency)}
    found: Vectors = np.zeros((len(texts), len(place)), dtype=np.float32)
    for row, each in zip(found, counts, strict=True):
        for word, times in each.items():
            row[place[word]] = times
    idf = np.log((1 + len(texts)) / (1 + np.array(list(frequency.values()), dtype=np.float32))) + 1
    found *= idf.astype(np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    found /= np.where(lengths > 0, lengths, 1)
    return found


def cosines(texts: Sequence[str]) -> tuple[float, NDArray[np.float32]]:
    """The mean similarity of two texts, and for each text the similarity of the nearest other one.

    Both from 0 (no word in common) to 1 (the same words equally often); 0 and none for fewer than two texts.
    """
    count = len(texts)
    if count < 2:
        return 0.0, np.zeros(0, dtype=np.float32)
    found = vectors(texts)
    nearest, total = np.zeros(count, dtype=np.float32), 0.0
    for start in range(0, count, AT_ONCE):
        part = found[start : start + AT_ONCE] @ found.T
        at = np.arange(len(part))
        total += float(part.sum(dtype=np.float64) - part[at, start + at].sum(dtype=np.float64))
        part[at, start + at] = -1
        nearest[start : start + len(part)] = part.max(axis=1)
    return total / (count * (count - 1)), nearest
