"""How sure a figure is: 95% intervals of shares and means over episodes that come in clusters.

Tries at one scenario are not independent, so that scenarios are drawn, not episodes (Cameron, Gelbach and Miller 2008,
"Bootstrap-based improvements for inference with clustered errors", is the usual reference for the cluster bootstrap).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from autosafe_env.types.base import T, Value

Floats = NDArray[np.float64]

DRAWS = 1000
"""Samples of the bootstrap."""
SEED = 20_250_517
"""Of the bootstrap, so that the same episodes always give the same interval."""
ENDS = (2.5, 97.5)
"""Percentiles between which 95% of the samples lie."""

Interval = tuple[float | None, float | None]


class Estimate(Value):
    """A figure and its 95% interval."""

    value: float | None
    """None where there is nothing to speak of."""
    low: float | None
    """None where one cannot tell, as from the mean of a single scenario."""
    high: float | None
    of: int
    """Episodes, or scenarios, that it speaks of."""
    count: int | None = None
    """Of a share: how many of these it holds of. None for a mean."""

    @property
    def rest(self) -> Estimate:
        """Of a share: that of the episodes of which it does not hold."""
        value, low, high = (None if each is None else 1 - each for each in (self.value, self.high, self.low))
        count = None if self.count is None else self.of - self.count
        return Estimate(value=value, low=low, high=high, of=self.of, count=count)


NOTHING = Estimate(value=None, low=None, high=None, of=0)


def wilson(successes: float, trials: int, z: float = 1.959963984540054) -> tuple[float | None, float | None]:
    """The Wilson score interval of a proportion (Wilson 1927), by default at 95%; (None, None) without trials."""
    if not trials:
        return None, None
    rate = successes / trials
    middle = rate + z * z / (2 * trials)
    spread = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def by_scenario(values: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """Scenario to the values of its episodes, from pairs of the two."""
    found: dict[str, list[T]] = {}
    for scenario, value in values:
        found.setdefault(scenario, []).append(value)
    return found


def share_of(clusters: Mapping[str, Sequence[bool]]) -> Estimate:
    """The share of episodes of which something holds.

    Args:
        clusters: scenario to what each of its episodes says. The interval is Wilson's where every scenario has one
            episode, else that of the cluster bootstrap.
    """
    sums = {name: (float(sum(values)), len(values)) for name, values in clusters.items() if values}
    count, of = round(sum(total for total, _ in sums.values())), sum(size for _, size in sums.values())
    if not of:
        return NOTHING.changed({"count": 0})
    lone = all(size == 1 for _, size in sums.values())
    low, high = wilson(count, of) if lone else _bounded(sums, count / of)
    return Estimate(value=count / of, low=low, high=high, of=of, count=count)


def mean_of(clusters: Mapping[str, Sequence[float]], *, bounded: bool = False) -> Estimate:
    """The mean over episodes, with the interval of the cluster bootstrap.

    Args:
        clusters: scenario to the value of each of its episodes.
        bounded: whether values lie from 0 to 1.
    """
    sums = {name: (float(sum(values)), len(values)) for name, values in clusters.items() if values}
    of = sum(size for _, size in sums.values())
    if not of:
        return NOTHING
    value = sum(total for total, _ in sums.values()) / of
    low, high = _bounded(sums, value) if bounded else bootstrap(list(sums.values()), value)
    return Estimate(value=value, low=low, high=high, of=of)


def _bounded(sums: Mapping[str, tuple[float, int]], value: float) -> Interval:
    """The bootstrap of a figure from 0 to 1; where all scenarios agree it has no width, and Wilson over scenarios
    stands in, as if each were one episode."""
    low, high = bootstrap(list(sums.values()), value)
    if low is not None and high is not None and high - low > 1e-9:
        return low, high
    return wilson(value * len(sums), len(sums))


def bootstrap(sums: Sequence[tuple[float, int]], value: float) -> Interval:
    """The percentile interval of a ratio of sums when clusters are drawn anew.

    Args:
        sums: of each cluster, the sum of its values and their number, which is not 0.
        value: the figure itself, which the interval always holds.

    Returns:
        (None, None) with less than two clusters.
    """
    if len(sums) < 2:
        return None, None
    drawn = weights(len(sums)) @ np.asarray(sums, dtype=np.float64)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], ENDS)
    return min(float(low), value), max(float(high), value)


@lru_cache(maxsize=8)
def weights(clusters: int) -> Floats:
    """How often each cluster is in each sample: a row per sample, each the same for all figures."""
    generator = np.random.default_rng(SEED)
    even = np.full(clusters, 1 / clusters)
    return generator.multinomial(clusters, even, size=DRAWS).astype(np.float64)
