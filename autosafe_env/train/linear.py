"""Softmax over candidates, linear in sparse features: scores, gradients and steps on plain numpy arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autosafe_env.train.features import DIMENSIONS, GROUPS, OWN_BITS, Features

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Batch:
    """The candidates of several steps as one table of rows."""

    places: npt.NDArray[np.int64]
    values: Array
    rows: npt.NDArray[np.int64]
    """The row of each feature."""
    starts: npt.NDArray[np.int64]
    """The first row of each step."""
    size: int
    """How many rows there are."""
    groups: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]
    """The step of each row."""
    shared: npt.NDArray[np.int64]
    shared_values: Array
    shared_steps: npt.NDArray[np.int64]
    """The step of each shared feature."""


def batch_of(features: Sequence[Features]) -> Batch:
    """Several steps in one table."""
    sizes = np.array([len(each.ends) for each in features])
    lengths = np.concatenate([np.diff(each.ends, prepend=0) for each in features])
    count = int(sizes.sum())
    return Batch(
        places=np.concatenate([each.places for each in features]),
        values=np.concatenate([each.values for each in features]),
        rows=np.repeat(np.arange(count), lengths),
        starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        size=count,
        groups=np.concatenate([each.groups for each in features]),
        steps=np.repeat(np.arange(len(features)), sizes),
        shared=np.concatenate([each.shared for each in features]),
        shared_values=np.concatenate([each.shared_values for each in features]),
        shared_steps=np.repeat(np.arange(len(features)), [len(each.shared) for each in features]),
    )


def scores(weights: Array, batch: Batch) -> Floats:
    """The score of each row."""
    own: Floats = np.bincount(batch.rows, weights[batch.places] * batch.values, minlength=batch.size).astype(np.float64)
    table = weights[1 << OWN_BITS :].reshape(-1, len(GROUPS))
    picked = table[batch.shared] * batch.shared_values[:, None]
    ends = np.searchsorted(batch.shared_steps, np.arange(len(batch.starts)))
    totals = np.add.reduceat(picked, ends, axis=0)
    return own + totals[batch.steps, batch.groups]


def gradient(batch: Batch, slopes: Floats) -> Floats:
    """The slope of a loss by each weight, from its slopes by each row's score."""
    whole = np.zeros(DIMENSIONS)
    own = 1 << OWN_BITS
    whole[:own] = np.bincount(batch.places, slopes[batch.rows] * batch.values, minlength=own)
    by_group = np.zeros((len(batch.starts), len(GROUPS)))
    np.add.at(by_group, (batch.steps, batch.groups), slopes)
    flat = (batch.shared[:, None] * len(GROUPS) + np.arange(len(GROUPS))).ravel()
    pulls = (by_group[batch.shared_steps] * batch.shared_values[:, None]).ravel()
    whole[own:] = np.bincount(flat, pulls, minlength=DIMENSIONS - own)
    return whole


def log_softmax(found: Floats, batch: Batch) -> Floats:
    """Log-probability of each row among the rows of its step."""
    peak = np.maximum.reduceat(found, batch.starts)
    shifted = found - peak[batch.steps]
    total = np.add.reduceat(np.exp(shifted), batch.starts)
    return shifted - np.log(total)[batch.steps]


PAST = np.float32(1e-7)
"""What the squared slopes of a weight begin with: little, beside those of a mean over a minibatch."""


class Adagrad:
    """Steps down a gradient, smaller along weights that have moved much (Duchi, Hazan and Singer 2011)."""

    def __init__(self, weights: Array, rate: float, decay: float, anchor: Array | None = None) -> None:
        self.weights = weights.copy()
        self.rate, self.decay = rate, decay
        self.anchor = np.zeros_like(weights) if anchor is None else anchor
        self.past = np.full(len(weights), PAST, np.float32)

    def step(self, slopes: Floats) -> None:
        """One step. Weights decay towards the anchor as they are used."""
        used = np.flatnonzero(slopes)
        slope = slopes[used].astype(np.float32)
        slope += self.decay * (self.weights[used] - self.anchor[used])
        self.past[used] += slope * slope
        self.weights[used] -= self.rate * slope / np.sqrt(self.past[used])


Loss = Callable[[Array, Sequence[int]], tuple[float, Floats]]
"""Weights and the numbers of some rows to their mean loss and its gradient."""


def minimise(loss: Loss, count: int, optimiser: Adagrad, epochs: int, size: int, seed: int) -> list[float]:
    """Walk through the rows in minibatches, in an order drawn from the seed; returns each epoch's mean loss.

    The weights become the mean of what they were after each epoch of the later half (Polyak and Juditsky 1992).
    """
    rng = np.random.default_rng(seed)
    means, mean, taken = [], np.zeros_like(optimiser.weights), 0
    for _ in range(epochs):
        order, total = rng.permutation(count), 0.0
        for start in range(0, count, size):
            chosen = order[start : start + size]
            found, slopes = loss(optimiser.weights, chosen.tolist())
            total += found * len(chosen)
            optimiser.step(slopes)
        means.append(total / max(1, count))
        if len(means) > epochs // 2:
            mean += optimiser.weights
            taken += 1
    optimiser.weights = mean / np.float32(max(1, taken))
    return means
