"""Measures of variety against values worked out by hand, and near-duplicates found and told apart."""

from __future__ import annotations

import pytest

from autosafe_env.generate.diversity import Seen, alike_pairs, distinct_n, self_bleu, signature, similarity

SAME = ["pay the bill for the boiler today"] * 3
APART = ["pay the bill for the boiler today", "my aunt keeps three goats", "open window number nine, quietly please"]


def test_distinct_n_is_the_share_of_different_ngrams() -> None:
    assert distinct_n(["a b c", "a b d"], 2) == pytest.approx(3 / 4)
    assert distinct_n(["a b c", "a b d"], 1) == pytest.approx(4 / 6)
    assert distinct_n([], 2) == 0


def test_self_bleu_is_one_for_copies_and_near_nothing_for_strangers() -> None:
    assert self_bleu(SAME) == pytest.approx(1)
    assert self_bleu(APART) < 0.05
    assert self_bleu(APART[:1]) == 0


def test_self_bleu_agrees_with_a_value_worked_out_by_hand() -> None:
    # Each text against the other: unigrams 3/4, bigrams (2+1)/(3+1), trigrams (1+1)/(2+1), 4-grams (0+1)/(1+1).
    expected = (3 / 4 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert self_bleu(["a b c d", "a b c e"]) == pytest.approx(expected)


def test_a_text_that_says_nearly_the_same_is_kept_out_and_others_are_not() -> None:
    seen = Seen()
    long = "Please read the letter from the landlord and tell my sister what he wants us to do about the rent in May."
    assert seen.admits(long)
    assert not seen.admits(long.replace("May", "June"))
    assert all(seen.admits(text) for text in APART)


def test_similarity_estimates_the_share_of_common_shingles() -> None:
    one, other = " ".join(f"w{n}" for n in range(60)), " ".join(f"w{n}" for n in range(20, 80))
    assert similarity(signature(one), signature(one)) == 1
    assert similarity(signature(one), signature(other)) == pytest.approx(38 / 78, abs=0.2)


def test_every_two_texts_that_say_nearly_the_same_are_paired() -> None:
    long = "Please read the letter from the landlord and tell my sister what he wants us to do about the rent in May."
    texts = [long, APART[0], long.replace("May", "June"), APART[1], long]
    assert alike_pairs(texts) == [(0, 2), (0, 4), (2, 4)]
    assert alike_pairs(APART) == []
    seen = Seen()
    later = {other for _, other in alike_pairs(texts)}
    assert [seen.admits(text) for text in texts] == [at not in later for at in range(len(texts))]
