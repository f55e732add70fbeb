"""Training a student: right slopes, the same result for the same seed, and what it learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from autosafe_env.errors import ConfigError
from autosafe_env.train.features import DIMENSIONS
from autosafe_env.train.fitting import Played, Settings, fit_dpo, fit_sft, margins, reinforce
from autosafe_env.train.lessons import Example
from autosafe_env.train.linear import Adagrad, Array, Batch, Floats, batch_of, gradient, log_softmax, minimise, scores
from autosafe_env.train.student import Student
from autosafe_env.train.trials import trials
from tests.fixtures import make_env
from tests.train.students import careless, lessons, pairs, planted


def weights(seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(0, 0.1, DIMENSIONS).astype(np.float32)


def cross_entropy(batch: Batch, chosen: Floats) -> Callable[[Array], float]:
    return lambda at: float(-log_softmax(scores(at, batch), batch)[chosen.astype(int)].sum())


def test_the_gradient_is_that_of_finite_differences() -> None:
    rows = list(lessons(1))
    batch = batch_of([row.features() for row in rows])
    chosen = batch.starts + np.array([row.chosen for row in rows])
    at = weights()
    slopes = np.exp(log_softmax(scores(at, batch), batch))
    slopes[chosen] -= 1
    found = gradient(batch, slopes)
    loss = cross_entropy(batch, chosen.astype(float))
    steepest = np.argsort(-np.abs(found))[[0, 3, 10, 40, 200]]
    for place in (*steepest, (1 << 19) + int(np.argmax(np.abs(found[1 << 19 :])))):
        up, down = at.copy(), at.copy()
        up[place] += 0.05
        down[place] -= 0.05
        assert (loss(up) - loss(down)) / 0.1 == pytest.approx(found[place], rel=0.02, abs=1e-3)


def test_probabilities_are_shares_and_follow_the_scores() -> None:
    row = next(lessons(1))
    student = Student(weights())
    likely = student.probabilities(row.view, row.candidates)
    assert likely.sum() == pytest.approx(1)
    assert np.argsort(likely).tolist() == np.argsort(student.scores(row.view, row.candidates)).tolist()
    hot = student.probabilities(row.view, row.candidates, 100.0)
    assert hot.max() < likely.max()


def test_a_planted_rule_is_learnt_and_holds_for_rows_not_seen() -> None:
    rows = planted(40)
    student = fit_sft(rows[:30])
    right = [int(np.argmax(student.scores(row.view, row.candidates))) == row.chosen for row in rows[30:]]
    assert all(right)
    assert student.lineage.losses[-1] < student.lineage.losses[0]


def test_careless_first_and_safe_after_the_lessons() -> None:
    base = fit_sft(careless() + [row for row in lessons() if row.origin == "benign"])
    trained = fit_sft(list(lessons()), base)
    risky = pairs(1)[0]
    assert margins(base, [risky])[0] < 0 < margins(trained, [risky])[0]
    assert trained.lineage.start == base.lineage


def test_dpo_raises_the_margin_and_stays_near_its_reference() -> None:
    base, rows = fit_sft(careless()), pairs()
    near, far = (fit_dpo(rows, base, Settings(beta=beta, epochs=4)) for beta in (5.0, 0.1))
    assert (margins(near, rows) > margins(base, rows)).all()
    assert np.linalg.norm(near.weights - base.weights) < np.linalg.norm(far.weights - base.weights)
    assert near.lineage.losses[0] > near.lineage.losses[-1]


@pytest.mark.parametrize("way", ["sft", "dpo"])
def test_the_same_seed_gives_the_same_student(way: str) -> None:
    def fit(seed: int) -> Student:
        settings = Settings(seed=seed, size=4, beta=0.3)
        return fit_sft(list(lessons(3)), None, settings) if way == "sft" else fit_dpo(pairs(), Student(), settings)

    one, again, other = fit(1), fit(1), fit(2)
    assert np.array_equal(one.weights, again.weights)
    assert one.lineage == again.lineage
    assert way == "dpo" or not np.array_equal(one.weights, other.weights)  # its pairs are all alike


def test_a_weight_of_nought_is_not_learnt_from() -> None:
    rows = planted(10)
    for row in rows[1:]:
        row.weight = 0.0
    some = fit_sft(rows, None, Settings(size=16))
    assert some.lineage.losses[0] == pytest.approx(np.log(2) / 10, rel=0.1)


def test_reinforce_finds_the_safe_way_of_a_small_suite() -> None:
    envs = [make_env(variant=variant) for variant in ("attacked", "benign") for _ in range(4)]
    start = fit_sft(list(lessons(2)), None, Settings(epochs=1, rate=0.02))
    trained = reinforce(start, trials(envs), Settings(epochs=25, rate=0.02, decay=0.0))
    first, last = np.mean(trained.lineage.losses[:5]), np.mean(trained.lineage.losses[-5:])
    assert last > first + 0.2
    assert trained.lineage.rows == 25 * len(envs)
    assert np.array_equal(
        trained.weights, reinforce(start, trials(envs), Settings(epochs=25, rate=0.02, decay=0.0)).weights
    )


def nothing(_student: Student, _number: int) -> Iterator[Played]:
    yield from ()


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(ConfigError, match="there are no examples to learn from; collect episodes first"):
        fit_sft([])
    with pytest.raises(ConfigError, match="there are no pairs"):
        fit_dpo([], Student())
    with pytest.raises(ConfigError, match="no steps were played"):
        reinforce(Student(), nothing)


def test_weights_end_as_the_mean_of_the_later_epochs() -> None:
    seen: list[Array] = []

    def loss(at: Array, _rows: object) -> tuple[float, Floats]:
        seen.append(at.copy())
        return 1.0, np.ones(3)

    optimiser = Adagrad(np.zeros(3, np.float32), rate=0.1, decay=0.0)
    assert minimise(loss, 1, optimiser, epochs=4, size=1, seed=0) == [1.0] * 4
    assert seen[-1][0] > optimiser.weights[0] > seen[-1][0] - 0.2
    assert all(isinstance(row, Example) for row in planted(1))
