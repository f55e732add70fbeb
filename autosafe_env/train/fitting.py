"""Three ways of training a student: imitation (SFT), preference (DPO) and trial (REINFORCE)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from autosafe_env.errors import ConfigError
from autosafe_env.train.lessons import Example, Pair, digest
from autosafe_env.train.linear import Adagrad, Array, Floats, batch_of, gradient, log_softmax, minimise, scores
from autosafe_env.train.student import Lineage, Student
from autosafe_env.types.base import Json, Value

CHUNK = 256
"""Pairs whose scores are held in memory at once."""
EPISODES = "collect episodes first, and correct them with `autosafe reflect`"


class Settings(Value):
    """How a student is trained."""

    epochs: int = 6
    """Walks through the rows; of REINFORCE, rounds."""
    rate: float = 0.1
    """Of Adagrad."""
    decay: float = 1e-5
    """L2, of the weights that a row uses, towards the student that it began as for DPO, else towards zero."""
    size: int = 128
    """Rows in a minibatch."""
    seed: int = 0
    beta: float = 0.05
    """Of DPO: how dear it is to leave the reference."""


@dataclass(frozen=True, slots=True)
class Played:
    """One episode that a student played: its steps, and the reward that each one got."""

    steps: tuple[Example, ...]
    rewards: tuple[float, ...]


Play = Callable[[Student, int], Iterable[Played]]
"""A student and the number of a round to episodes that it plays, drawing its actions."""


def fit_sft(examples: Sequence[Example], start: Student | None = None, settings: Settings | None = None) -> Student:
    """A student that does what the examples did: softmax cross-entropy over their candidates.

    Args:
        examples: what to imitate.
        start: the student to go on from; None for one that knows nothing.
        settings: None for the defaults.

    Raises:
        ConfigError: there are no examples.
    """
    if not examples:
        raise ConfigError(f"there are no examples to learn from; {EPISODES}")
    start, settings = start or Student(), settings or Settings()
    weights = np.array([each.weight for each in examples])
    chosen = np.array([each.chosen for each in examples])

    def loss(at: Array, rows: Sequence[int]) -> tuple[float, Floats]:
        batch = batch_of([examples[row].features() for row in rows])
        logs = log_softmax(scores(at, batch), batch)
        places, share = batch.starts + chosen[rows], weights[rows] / len(rows)
        slopes = np.exp(logs) * share[batch.steps]
        slopes[places] -= share
        return float(-(logs[places] * share).sum()), gradient(batch, slopes)

    optimiser = Adagrad(start.weights, settings.rate, settings.decay)
    losses = minimise(loss, len(examples), optimiser, settings.epochs, settings.size, settings.seed)
    return Student(optimiser.weights, _lineage("sft", examples, settings, losses, start))


def fit_dpo(pairs: Sequence[Pair], reference: Student, settings: Settings | None = None) -> Student:
    """A student that prefers what the pairs prefer, without going far from the reference (Rafailov et al. 2023).

    Raises:
        ConfigError: there are no pairs.
    """
    if not pairs:
        raise ConfigError(f"there are no pairs to learn from; {EPISODES}")
    settings = settings or Settings()
    good, bad = (np.array([getattr(each, name) for each in pairs]) for name in ("chosen", "rejected"))
    weights = np.array([each.weight for each in pairs])
    before = margins(reference, pairs)

    def loss(at: Array, rows: Sequence[int]) -> tuple[float, Floats]:
        batch = batch_of([pairs[row].features() for row in rows])
        found, share = scores(at, batch), weights[rows] / len(rows)
        better, worse = batch.starts + good[rows], batch.starts + bad[rows]
        margins = settings.beta * (found[better] - found[worse] - before[rows])
        slopes = np.zeros(batch.size)
        pull = settings.beta * share / (1.0 + np.exp(np.clip(margins, -60.0, 60.0)))
        np.add.at(slopes, better, -pull)
        np.add.at(slopes, worse, pull)
        return float((np.logaddexp(0.0, -margins) * share).sum()), gradient(batch, slopes)

    optimiser = Adagrad(reference.weights, settings.rate, settings.decay, anchor=reference.weights)
    losses = minimise(loss, len(pairs), optimiser, settings.epochs, settings.size, settings.seed)
    return Student(optimiser.weights, _lineage("dpo", pairs, settings, losses, reference))


def margins(student: Student, pairs: Sequence[Pair]) -> Floats:
    """By how much the student prefers the chosen action of each pair, in log-odds."""
    chunks = [_margins(student.weights, pairs[start : start + CHUNK]) for start in range(0, len(pairs), CHUNK)]
    return np.concatenate(chunks) if chunks else np.zeros(0)


def _margins(weights: Array, pairs: Sequence[Pair]) -> Floats:
    batch = batch_of([each.features() for each in pairs])
    found = scores(weights, batch)
    good, bad = (np.array([getattr(each, name) for each in pairs]) for name in ("chosen", "rejected"))
    difference: Floats = found[batch.starts + good] - found[batch.starts + bad]
    return difference


def reinforce(start: Student, play: Play, settings: Settings | None = None) -> Student:
    """A student that does more of what was rewarded than it did on the average (Williams 1992).

    The baseline is the mean return of the round. Actions must have been drawn, not chosen greedily.

    Args:
        start: the student to go on from.
        play: plays a round of episodes with the student that it is given.
        settings: `epochs` is the number of rounds.

    Raises:
        ConfigError: a round has no steps.
    """
    settings = settings or Settings(epochs=20, rate=0.02, decay=0.0)
    optimiser = Adagrad(start.weights, settings.rate, settings.decay)
    student, returns, rows = start, [], 0
    for number in range(settings.epochs):
        episodes = list(play(student, number))
        steps = [step for each in episodes for step in each.steps]
        if not steps:
            raise ConfigError("no steps were played, so there is nothing to learn from")
        optimiser.step(_policy_gradient(optimiser.weights, episodes, steps))
        returns.append(float(np.mean([sum(each.rewards) for each in episodes])))
        rows += len(episodes)
        lineage = Lineage(
            method="reinforce",
            seed=settings.seed,
            settings=settings.model_dump(),
            rows=rows,
            losses=tuple(returns),
            judges=_judges(steps),
            start=start.lineage,
        )
        student = Student(optimiser.weights.copy(), lineage)
    return student


def _policy_gradient(weights: Array, episodes: Sequence[Played], steps: Sequence[Example]) -> Floats:
    to_come = np.concatenate([np.cumsum(each.rewards[::-1])[::-1] for each in episodes])
    advantage = (to_come - to_come.mean()) / (to_come.std() + 1e-8) / len(steps)
    batch = batch_of([step.features() for step in steps])
    slopes = np.exp(log_softmax(scores(weights, batch), batch)) * advantage[batch.steps]
    slopes[batch.starts + np.array([step.chosen for step in steps])] -= advantage
    return gradient(batch, slopes)


def _judges(rows: Iterable[Example]) -> tuple[str, ...]:
    return tuple(sorted(frozenset[str]().union(*(each.judges for each in rows))))


def _lineage(
    method: str, rows: Sequence[Example], settings: Settings, losses: Sequence[float], start: Student
) -> Lineage:
    origins = Counter(str(each.origin) for each in rows)
    fields: dict[str, Json] = {"seed": settings.seed, "settings": settings.model_dump(), "rows": len(rows)}
    return Lineage(
        method=method,
        **fields,
        origins=dict(sorted(origins.items())),
        judges=_judges(rows),
        data=digest(rows),
        losses=tuple(losses),
        start=None if start.lineage.method == "none" else start.lineage,
    )
