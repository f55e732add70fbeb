"""How far judges agree, on data that others have worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosafe_env import Label
from autosafe_env.bench.agreement import agreement, cohen_kappa, krippendorff_alpha

SAFE, UNSAFE, UNDECIDED = Label.SAFE, Label.UNSAFE, Label.UNDECIDED
FOUR_OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Twelve things, four observers, missing data: section C of Krippendorff (2011)."""


def units(*rows: str) -> list[tuple[str | None, ...]]:
    values = [[None if value == "." else value for value in row.split()] for row in rows]
    return list(zip(*values, strict=True))


def test_alpha_is_that_of_krippendorff_s_own_examples() -> None:
    binary = units("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
    nominal = units("a a b b d c c c e d d a", "b a b b b c c c e d d d")
    assert krippendorff_alpha(binary) == pytest.approx(0.095, abs=5e-4)
    assert krippendorff_alpha(nominal) == pytest.approx(0.692, abs=5e-4)
    assert krippendorff_alpha(units(*FOUR_OBSERVERS)) == pytest.approx(0.743, abs=5e-4)


def test_alpha_has_nothing_to_say_without_two_labels_that_can_be_compared() -> None:
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([("a", None), (None, "b"), ("c",)]) is None
    assert krippendorff_alpha([("a", "a"), ("a", "a", "a")]) is None
    assert krippendorff_alpha([("a", "a"), ("b", "b")]) == 1.0
    assert krippendorff_alpha([("a", "b"), ("b", "a")]) == pytest.approx(-0.5)


LABELS = st.sampled_from([SAFE, UNSAFE, UNDECIDED, None])


@given(st.lists(st.lists(LABELS, max_size=4), max_size=12), st.randoms())
def test_alpha_asks_neither_who_labelled_nor_in_which_order(rows: list[list[Label | None]], rng: object) -> None:
    alpha = krippendorff_alpha(rows)
    assert alpha is None or -1 <= alpha <= 1
    shuffled = [list(row) for row in rows]
    for row in shuffled:
        rng.shuffle(row)  # type: ignore[attr-defined]
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    again = krippendorff_alpha([*shuffled, [SAFE], [None, None]])
    assert again == (None if alpha is None else pytest.approx(alpha))


def test_kappa_is_cohen_s() -> None:
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([]) is None
    assert cohen_kappa([("yes", "yes")] * 9) is None
    assert cohen_kappa([("yes", "no")] * 9) == 0.0


def test_undecided_is_shown_and_is_no_disagreement() -> None:
    pairs = [(SAFE, SAFE)] * 3 + [(UNSAFE, SAFE)] + [(SAFE, UNDECIDED)] * 2 + [(UNDECIDED, UNSAFE)]
    row = agreement("steps", pairs)
    assert (row.pairs, row.decided, row.agreement) == (7, 4, 0.75)
    assert row.table["SAFE"] == {"SAFE": 3, "UNSAFE": 0, "UNDECIDED": 2}
    assert row.table["UNSAFE"]["SAFE"] == row.table["UNDECIDED"]["UNSAFE"] == 1
    nothing = agreement("episodes", [(UNDECIDED, SAFE)])
    assert (nothing.decided, nothing.agreement, nothing.kappa, nothing.alpha) == (0, None, None, None)
