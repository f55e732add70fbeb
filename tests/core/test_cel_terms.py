"""What is decided in Python must be what the CEL package says: the same value, or else no value at all."""

from __future__ import annotations

import cel
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autosafe_env.core.cel_terms import UNSURE, term_of
from autosafe_env.core.mentions import mentions
from autosafe_env.core.patch import same
from autosafe_env.types.base import Json

VALUES: dict[str, Json] = {
    "x": {"a": 1, "b": "é b", "c": [1, 2.0, "x"], "d": {"a": None}, "t": True, "big": 2**63, "o": 1.0},
    "y": ["a", "b", 2],
}
NOTHING = object()


def of_term(source: str, values: dict[str, Json]) -> object:
    """The value of an expression as Python decides it; `NOTHING` where it leaves that to the package."""
    term = term_of(source)
    assert term is not None, "the expression has a form that is not known"
    try:
        return term(dict(values))
    except UNSURE:
        return NOTHING


def of_package(source: str, values: dict[str, Json]) -> object:
    """The value of an expression as the package decides it; `NOTHING` where it raises."""
    try:
        return cel.compile(source).execute({**values, "mentions": mentions})
    except Exception:  # noqa: BLE001 - whatever the package raises, there is no value
        return NOTHING


def compiles(source: str) -> bool:
    """Whether the package takes the expression."""
    try:
        return bool(cel.compile(source))
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("!x.t == false", True),
        ("-x.a == -1 && 3 - 1 - 1 == 1 && 1 - -1 == 2", True),
        ("1 < 2 == true", True),
        ("true || false && false", True),
        ("false ? true : true ? false : true", False),
        ("(true ? x : y).t", True),
        ("x.c == [1.0, 2, 'x'] && x.c != ['x', 2, 1] && x.a == x.o", True),
        ("x.a == x.t || x.d == x.c || x.b == x.a || x.t == 'true' || x.d.a == false", False),
        ("[x.t] == [1] || true in [1] || 1 in [true]", False),
        ("1 in x.c && 2 in x.c && !('a' in x.c) && 'a' in x && !('e' in x)", True),
        ("'a' < 'b' && x.a <= 1.0 && x.b >= 'a' && 2 > x.a", True),
        ("size(x.b) == 4 && x.c.size() == 3 && size(x) == 7", True),
        ("x.b.contains('') && x.b.startsWith('é') && x.b.endsWith('b') && !x.b.startsWith('b')", True),
        (r"x.b.matches('\\w \\w$') && !x.b.matches('^b') && 'A\nb'.matches('(?im)^a$')", True),
        (r""" "a\"\\\n\t" == 'a"\\\n\t' """, True),
        ("has(x.d.a) && !has(x.d.b)", True),
        ("y.exists(i, i == 2) && !y.all(i, i == 2) && x.exists_one(k, k == 'a')", True),
        ("y.filter(i, i != 2).map(x, x + 'é') == ['aé', 'bé'] && y + [x.o, [1]] == ['a', 'b', 2, 1, [1]]", True),
        ("y.map(i, [i]).filter(x, x == ['a']).size() == 1", True),
        ("y.all(i, [1].exists(i, i == 1)) && y.exists(x, x == 'b')", True),
        ("mentions(x, 'X') && mentions([y, 'one'], ['two', 'one']) && !mentions(x.d, 'a')", True),
    ],
)
def test_an_expression_is_decided_as_the_package_decides_it(source: str, value: bool) -> None:
    assert of_term(source, VALUES) is value
    assert of_package(source, VALUES) is value


@pytest.mark.parametrize(
    "source",
    [
        *("x.e == 1", "x.a.b == 1", "y[3] == 1", "y[-1] == 1", "y['0'] == 1", "x[0] == 1", "x.b[0] == 'é'", "z == 1"),
        *("'é' in x.b", "has(x.c.a)", "x.t < false", "x.a < 'b'", "x.d.a < 1"),
        *("1 + 1.0 == 2.0", "'a' + 1 == 'a1'", "[1] - [1] == []", "'a' - 'a' == ''", "x + x == x"),
        *("x.big == x.o", "x.big > 1", "9007199254740993 == 9007199254740992.0", "true && 'x'", "'x' || true"),
        *("!x.a", "'x' ? true : true", "x.c.exists(i, i > 5 || i == 'x')", "x.map(k, k) == []", "x.b.all(i, true)"),
        *("mentions(x, 1)", "mentions('a', [x])", "size(1) == 1", "x.c.contains(1)", "x.a.matches('a')", "-x.b == 1"),
    ],
)
def test_what_is_not_plain_is_left_to_the_package(source: str) -> None:
    assert of_term(source, VALUES) is NOTHING


@pytest.mark.parametrize(
    "source",
    [
        *(
            "1 * 1 == 1",
            "{'a': 1}.a == 1",
            "1u == 1",
            "0x10 == 16",
            "string(1) == '1'",
            r"'\x41' == 'A'",
            "[1,].size() == 1",
        ),
        *("'a'.matches('a' + 'b')", "'a'.matches('(')", "[1].map(i, true, i) == [1]", "'a'.mentions('a')", ".5 == 0.5"),
        "-".join(["1"] * 200) + " == 1",
        "(" * 60 + "true" + ")" * 60,
    ],
)
def test_a_form_that_is_not_known_has_no_term(source: str) -> None:
    assert term_of(source) is None


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_a_text_that_is_not_unicode_decides_nothing(text: str) -> None:
    checks = ("x == 'a'", "x < 'a'", "x.contains('a')", "x.matches('a')", "mentions(x, 'a')", "size(x) == 1", "x in y")
    for check in checks:
        assert of_term(check, {"x": text, "y": ["a", "b"]}) is NOTHING


LEAVES = (
    *(
        "x",
        "y",
        "x.a",
        "x.b",
        "x.c",
        "y[0]",
        "y[1]",
        "x['a']",
        "y.a",
        "x[y]",
        "[x]",
        "[x, y]",
        "[]",
        "[1, 2.0]",
        "x.a.b",
    ),
    *("true", "false", "null", "0", "1", "2", "2.0", "0.5", "9007199254740993", "'a'", "'b'", "''", "'é'", "'a b'"),
)
OPERATIONS = (
    *("({0} == {1})", "({0} != {1})", "({0} < {1})", "({0} >= {1})", "({0} in {1})", "({0} && {1})", "({0} || {1})"),
    *("{0} == {1}", "{0} && {1}", "{0} || {1}", "{0} in {1}", "{0} + {1}", "{0} - {1}", "!{0}", "-{0}", "!({0})"),
    *("size({0})", "({0}).size()", "({0}).contains({1})", "({0}).startsWith({1})", "({0}).endsWith({1})"),
    *(
        "({0}).matches('^a|B$')",
        "({0}).matches('(?i)é|b\\\\b')",
        "mentions({0}, {1})",
        "({0})[{1}]",
        "({0} ? {1} : {2})",
    ),
    *("({0}).exists(i, {1})", "({0}).all(i, {1})", "({0}).exists_one(i, i == {1})", "({0}).exists(x, x == {1})"),
    *("({0}).filter(i, i == {1})", "({0}).map(i, {1})", "has(x.a)", "has(y.b)", "({0}).exists(i, i in {1})"),
)
EXPRESSIONS = st.recursive(
    st.sampled_from([*LEAVES, "i"]),
    lambda part: st.builds(str.format, st.sampled_from(OPERATIONS), part, part, part),
    max_leaves=8,
)
TEXTS = st.sampled_from(["", "a", "b", "B", "é", "a b", "ab\n", "YQ==", "1"])
NUMBERS = st.sampled_from([0, 1, 2, -1, 2**53, 2**53 + 1, 2**63, 0.0, -0.0, 1.0, 2.0, 0.5, 1e300])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from("abc"), part, max_size=3),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None)
@given(EXPRESSIONS, JSON, JSON)
def test_python_never_says_what_the_package_does_not(source: str, x: Json, y: Json) -> None:
    values = {"x": x, "y": y}
    assume(compiles(source) and term_of(source) is not None)
    answer = of_term(source, values)
    # The package goes through the keys of a map in any order, so that it may or may not meet an error first.
    assert answer is NOTHING or any(same(answer, of_package(source, values)) for _ in range(64))
