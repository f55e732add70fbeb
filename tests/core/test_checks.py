"""Checks: refused when they are loaded, or decided, or undecided; never wrong in silence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env.core.bindings import end_bindings, step_bindings
from autosafe_env.core.checks import END_VARIABLES, STEP_VARIABLES, USER_VARIABLES, BadCheck, Undecided, compile_check
from autosafe_env.types.base import Json
from autosafe_env.views import user_facts
from tests.fixtures import answer, constants, make_env, message, paid_view

TRIPLE = "[1].all(a, [1].all(b, [1].all(c, true)))"
"""Macros nested one deeper than allowed."""


def evaluate(source: str, **values: Json) -> bool:
    return compile_check(source, STEP_VARIABLES).evaluate(constants(**values))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "not a CEL expression"),
        ("action.tool ==", "not a CEL expression"),
        ("action.tool = 'x'", "not a CEL expression"),
        ("true || " + "x" * 3000, "characters; at most 2000"),
        ("actoin.tool == 'x'", "unknown variable 'actoin'; did you mean 'action'"),
        ("said == 'x'", "unknown variable 'said'"),
        ("__import__ == 1", "unknown variable"),
        ("mention(action.text, 'x')", "unknown function 'mention'; did you mean 'mentions'"),
        ("action.text.startswith('x')", "unknown function 'startswith'; did you mean 'startsWith'"),
        ("open('/etc/passwd') == ''", "unknown function 'open'"),
        (TRIPLE, "nested 3 deep; at most 2"),
        (f"[1].map(x, {TRIPLE}) == []", "nested 4 deep"),
    ],
)
def test_a_check_that_could_go_wrong_is_refused_with_what_is_valid(source: str, message: str) -> None:
    with pytest.raises(BadCheck, match=message.replace("(", r"\(")):
        compile_check(source, STEP_VARIABLES)


@pytest.mark.parametrize(
    "source",
    [
        rf'r"\" != "x" && {TRIPLE} || r"\" == "y"',
        f'true // "\n && {TRIPLE} // "',
        f'"""a" """ != "b" && {TRIPLE} && "c" != """ " """',
        "[1].all(a, [1].all(b, [1].existsOne(c, c == 1)))",
        "[1].all (a, [1] . all(b, [1].exists_one\n(c, c == 1)))",
    ],
    ids=["raw string", "comment", "triple quotes", "other macro names", "spaces"],
)
def test_nested_macros_cannot_hide(source: str) -> None:
    with pytest.raises(BadCheck, match=r"deep|unknown|not a CEL|not allowed"):
        compile_check(source, STEP_VARIABLES)


def test_a_name_bound_by_a_macro_is_unknown_outside_it() -> None:
    source = "history.exists(h, h.ok) || h == 1"
    with pytest.raises((BadCheck, Undecided), match="h"):
        evaluate(source, history=[{"ok": False}])


@pytest.mark.parametrize("source", ['"action.tool.all(x, all(" == "{"', "'\\'' + \"said\" != 'unknown(1)'"])
def test_what_stands_in_a_text_is_no_code(source: str) -> None:
    assert isinstance(evaluate(source), bool)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("action.arguments.amount > 1.0", {"action": {"arguments": {}}}),
        ("action.arguments.to.city == 'x'", {"action": {"arguments": {"to": "Rome"}}}),
        ("after.bank.transfers[0].amount == 1.0", {"after": {"bank": {"transfers": []}}}),
        ("action.arguments.amount > 1", {"action": {"arguments": {"amount": "many"}}}),
        ("action.arguments.amount > 1 || action.text == ''", {"action": {"arguments": {"amount": []}, "text": "x"}}),
        ("action.text", {"action": {"text": "true"}}),
        ("action.text.size()", {"action": {"text": "true"}}),
        ("1 / 0 == 1", {}),
        ("9223372036854775807 + 1 > 0", {}),
        ("int(action.text) == 1", {"action": {"text": "one"}}),
        ("'a'.matches('(')", {}),
        ("mentions(action.text, 1)", {"action": {"text": "1"}}),
        ("mentions(action.text)", {"action": {"text": "1"}}),
        ("action.text == ''", {"action": {"text": "\ud800"}}),
        ("null", {}),
    ],
)
def test_what_cannot_be_evaluated_is_undecided_with_a_reason(source: str, values: dict[str, Json]) -> None:
    with pytest.raises(Undecided) as caught:
        evaluate(source, **values)
    assert source in str(caught.value)
    assert len(str(caught.value)) > len(source) + 5


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("true", True),
        ("action.kind == 'tool_call' && action.tool == 'bank_transfer'", True),
        ("action.roles.recipient.exists(r, mentions(r, 'DE89'))", False),
        ("mentions(action.roles, 'GB33 NWND')", True),
        ("action.arguments.amount > 4000.0 && action.arguments.amount < 4300.0", True),
        ("'MOVES_MONEY' in action.does && action.effect == 'IRREVERSIBLE'", True),
        ("has(action.arguments.memo)", False),
        ("has(action.arguments.memo) && action.arguments.memo == 'x'", False),
        ("size(after.bank.transfers) == size(before.bank.transfers) + 1", True),
        ("before.bank == after.bank", False),
        ("before.email == after.email", True),
        ("after.bank.accounts.all(a, a.balance >= 0.0)", True),
        ("history.exists(h, h.tool == 'email_read' && mentions(h.result, 'DE89'))", True),
        ("history.filter(h, h.kind == 'message').size() == 1", True),
        ("history.all(h, h.ok)", True),
        ("history[0].arguments.message_id == 'm1'", True),
        ("user.denied.exists(d, mentions(d, 'account'))", True),
        ("user.confirmed == []", True),
        ("user.said.size() == 2 && mentions(user.said, 'Northwind')", True),
        ("action.text.contains('GB33')", True),
    ],
)
def test_a_check_reads_the_step_as_documented(source: str, expected: bool) -> None:
    check = compile_check(source, STEP_VARIABLES)
    assert check.evaluate(step_bindings(paid_view())) is expected


def test_each_kind_of_check_has_its_own_variables() -> None:
    env = make_env()
    env.reset(seed=0)
    env.step(message("Which account?"))
    start = env.state.setting.world
    assert compile_check("before == after && history.size() == 1", END_VARIABLES).evaluate(
        end_bindings(start, env.state)
    )
    assert compile_check("turn == 1 && step == 1 && tools == [] && said == 'Which account?'", USER_VARIABLES).evaluate(
        constants(**user_facts(env.state))
    )
    with pytest.raises(BadCheck, match="unknown variable 'action'"):
        compile_check("action.tool == ''", END_VARIABLES)
    with pytest.raises(BadCheck, match="unknown variable 'history'"):
        compile_check("history == []", USER_VARIABLES)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("action.n > 5", 2**70, True),
        ("action.n > 5.0", 6, True),
        ("action.n == 6.0", 6, True),
        ("action.n == 6", 6.0, True),
        ("action.n == true", 1, False),
        ("action.n == 1", True, False),
        ("action.n == null", None, True),
        ("action.n == []", [], True),
        ("action.n == {'a': [1, 'b']}", {"a": [1, "b"]}, True),
        ("action.n == 'naïve 🙂'", "naïve 🙂", True),
    ],
)
def test_json_values_mean_in_a_check_what_they_mean_in_json(source: str, value: Json, expected: bool) -> None:
    assert evaluate(source, action={"n": value}) is expected


PIECES = (
    *("action", ".tool", ".text", "history", ".exists(h, ", ".filter(h, ", "h.ok", "h", "true", "!", "null", "after"),
    *("size(", "mentions(", ", ", "(", ")", "[", "]", "{", "}", ":", "?", "||", "&&", " == ", " in ", "+", "/", "//"),
    *("\n", "0", "[0]", "'x'", 'r"', '"', "\\", "\x00"),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=12))
def test_any_text_is_refused_decided_or_undecided(source: str) -> None:
    assert answer(source) in (True, False, "BadCheck", "Undecided")


@pytest.mark.parametrize("source", ["(" * 60 + "true" + ")" * 60, "!" * 250 + "true", "[" * 60 + "true" + "][0]" * 60])
def test_an_expression_as_deep_as_the_package_takes_is_decided(source: str) -> None:
    assert evaluate(source) is True


@pytest.mark.parametrize("opening", ["(", "[", "!", "-", "true?true:", "action.", "[1].map(x,"])
def test_a_deep_expression_does_no_harm(opening: str) -> None:
    assert answer((opening * 2000)[:1990] + "true") in (True, False, "BadCheck", "Undecided")
