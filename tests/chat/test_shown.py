"""Documents in prompts: nothing is lost but length, and nothing is hidden."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autosafe_env.chat.shown import document, fitted, shortened
from autosafe_env.types.base import texts

TEXT = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    ["\u200b\u202e\U000e0041", '\\"\u2028', "$x {y} %s"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_document_is_read_back_as_it_was(value: Any) -> None:
    text = document(fitted(value, 10_000))
    assert json.loads(text) == value
    assert "\n" not in text


@given(VALUES)
def test_a_document_holds_no_character_that_nobody_sees(value: Any) -> None:
    assert not [char for char in document(value) if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")]


@given(VALUES, st.integers(1, 60))
def test_what_is_fitted_is_short(value: Any, most: int) -> None:
    shown = fitted(value, most)
    mark = len(" [... 1000 characters left out ...] ")
    if isinstance(shown, dict) and shown.keys() == {"shortened"}:
        assert len(shown["shortened"]) <= 4 * most + mark
    else:
        assert all(len(text) <= most + mark for text in texts(shown) if not text.lstrip("-").isdecimal())
        assert len(json.dumps(shown, ensure_ascii=False, separators=(",", ":"))) <= 4 * most


@given(TEXT, st.integers(3, 30))
def test_a_shortened_text_keeps_its_head_and_tail_and_says_what_is_missing(text: str, most: int) -> None:
    short = shortened(text, most)
    if len(text) <= most:
        assert short == text
        return
    head, rest = short.split(" [... ", 1)
    left_out, tail = rest.split(" characters left out ...] ", 1)
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + int(left_out) + len(tail) == len(text)
    assert len(head) + len(tail) == most


def test_text_that_is_not_unicode_becomes_text_that_is() -> None:
    assert document(fitted({"\ud800": ["a\udfff"]}, 100)) == '{"?":["a?"]}'
