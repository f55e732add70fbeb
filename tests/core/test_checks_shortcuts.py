"""What makes checks fast must not make them wrong."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env import ToolCall
from autosafe_env.core.bindings import step_bindings
from autosafe_env.core.checks import STEP_VARIABLES, compile_check
from autosafe_env.types.base import Json
from autosafe_env.views import JudgeView, judge_view
from tests.fixtures import (
    FRAUD,
    GIBBERISH,
    KNOWN,
    READ_MAIL,
    answer,
    call,
    make_env,
    message,
    paid_view,
    pay,
    plain_answer,
)


@pytest.mark.parametrize(
    "source",
    [
        "history.filter(h, h.ok).exists(g, g.tool == 'email_read')",
        "history.filter(h, h.ok)[0].tool == 'email_read'",
        "history.map(h, h.tool) == ['email_read', '']",
        "history.map(h, h)[0].tool == 'email_read'",
        "history.exists(h, h['tool'] == 'email_read')",
        "history.exists(h, [h].exists(g, g.tool == 'email_read'))",
        "history.exists(h, history.exists(g, g.kind == 'message' && h.tool == 'email_read'))",
        "(history).exists(g, g.tool == 'email_read')",
        "history.exists(h, true)",
        "history.size() == 2",
        "after.exists(k, true)",
        "after.exists(k, action.tool == 'bank_transfer')",
        "after.exists(k, k.startsWith('ba'))",
        "after['bank'].transfers.size() == 1",
        "{'w': after}.w.bank.transfers.size() == 1",
        "(true ? action : action).tool == 'bank_transfer'",
        "[action].exists(a, a.tool == 'bank_transfer')",
        "action.exists(k, k == 'tool')",
        "action . tool == 'bank_transfer'",
        "size(action) > 3 && action.tool == 'bank_transfer'",
        "action.arguments == {'account_id': 'a1', 'iban': action.arguments.iban, 'amount': 4250.0}",
        "action.roles.exists(r, r == 'recipient')",
        "size(after.bank) > 3 && size(after.bank.transfers) == 1",
        "user.said.exists(s, user['said'][0] == s)",
        "[user].all(u, u.denied.size() == 1)",
        "size(action) == 7 && 'text' in action && action.exists(k, k == 'roles')",
        "history.all(h, size(h) == 9 && 'roles' in h) && size(user) == 3",
        "action[action.ok == 1 || true ? 'text' : ''] != ''",
        'action.text != "x" // "\n && action.tool == "bank_transfer"',
    ],
)
def test_leaving_out_what_a_check_does_not_read_never_changes_its_answer(source: str) -> None:
    assert plain_answer(source) in (True, "BadCheck")
    assert answer(source) == plain_answer(source)


@pytest.mark.parametrize(
    "source",
    [
        "action.tool == 'bank_transfer' && action.text.contains('GB33')",
        "action.tool == 'bank_transfer' && action.text",
        "action.tool == 'email_read' || true",
        "action.tool == 'email_read' && false || action.tool == 'bank_transfer'",
        "action.tool == 'email_read' && false ? false : true",
        "action.tool == 'email_read' && (false || true)",
        "action.tool == 'email_read' && true == false || size(history) > 0",
        "'MOVES_MONEY' in action.does && size(history) == 2",
        "'READS_PRIVATE' in action.does && 1 / 0 == 1",
        'action.tool == "email_read" && false // "\n || true // "',
        'action.tool == "email_read" && """ " """ == "x" || true || """ " """ == "x"',
        r"""action.tool == "email_read" && r"\" == "y" || true || "z" == r"\" """,
    ],
)
def test_a_first_condition_on_the_tool_never_changes_the_answer(source: str) -> None:
    assert answer(source) == plain_answer(source)


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("true", set()),
        ("action.tool == 'bank_transfer'", {"action"}),
        ("action.tool == 'other' && size(before.bank.accounts) == 1", {"action"}),
        ("action.tool == 'bank_transfer' && size(before.bank.accounts) == 1", {"action", "before"}),
        ("size(before.bank.accounts) == 99 && action.tool == 'other'", {"action"}),
        ("size(before.bank.accounts) == size(after.bank.accounts)", {"before", "after"}),
        ("history.exists(action, action.ok)", {"history"}),
        ("mentions('user', 'before')", set()),
    ],
)
def test_only_the_variables_that_are_needed_are_made(source: str, needed: set[str]) -> None:
    made: set[str] = set()

    def noting(name: str, make: Callable[[Any], Json]) -> Callable[[Any], Json]:
        def noted(*arguments: Any) -> Json:
            made.add(name)
            return make(*arguments)

        return noted

    bindings = {name: noting(name, make) for name, make in step_bindings(paid_view()).items()}
    assert compile_check(source, STEP_VARIABLES).evaluate(bindings) in (True, False)
    assert made == needed


@pytest.mark.parametrize(
    ("source", "possible"),
    [
        ("action.tool == 'other' && size(before.bank.accounts) == 1", False),
        ("action.tool == 'bank_transfer' && size(before.bank.accounts) == 99", True),
        ("'DELETES' in action.does && size(history) == 1", False),
        ("'MOVES_MONEY' in action.does && size(history) == 1", True),
        ("action.tool == 'other' && false || true", True),
        ("action.tool == 'other' && false ? false : true", True),
        ("size(history) == 1", True),
    ],
)
def test_a_guard_rules_out_only_what_it_decides(source: str, possible: bool) -> None:
    check = compile_check(source, STEP_VARIABLES)
    assert check.may_hold("bank_transfer", ("MOVES_MONEY",)) is possible
    assert possible or check.evaluate(step_bindings(paid_view())) is False


LISTS = [
    "history",
    "history.filter(h, h.ok)",
    "after.bank.transfers",
    "user.said",
    "action.roles.recipient",
    "[action]",
]
MAPS = ["action", "after", "before.bank", "user", "action.arguments"]
ITEMS = ["true", "i == i", "i.tool == 'email_read'", "i.ok", "size(i) > 0", "i.iban != ''", "'tool' in i", "i in [i]"]
ITEMS += ["mentions(i, 'GB33')", "mentions(i.result, 'invoice') && i.ok", "i.arguments.message_id == 'm1'"]
ATOMS = (
    *("true", "action.tool == 'email_read'", "action['tool'] == 'bank_transfer'", "'MOVES_MONEY' in action.does"),
    *("size(after.bank.transfers) == 1", "history[0].ok", "before == after", "mentions(user.said, 'invoice')"),
    *(
        "mentions(action.arguments, 'GB33')",
        "action.arguments.amount == 4250.0",
        "mentions(action.roles.recipient, 'GB')",
    ),
    *("mentions(after.bank.transfers, 'GB33 NWND')", "mentions(history.map(h, h.result), 'DE89')"),
    *("history.exists(h, history.exists(g, g.ok && mentions(h.result, 'DE89')))", "mentions(history, 'invoice')"),
    *("action.nothing == 1", "has(action.arguments.memo)", "1 / 0 == 1", "action.text.contains('GB33')"),
)
MACROS = [
    f"{each}.{macro}(i, {item})" for each in LISTS + MAPS for macro in ("exists", "all", "exists_one") for item in ITEMS
]
GUARDS = ["", "action.tool == 'email_read' && ", "'MOVES_MONEY' in action.does && "]
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS) | st.sampled_from(MACROS),
    lambda part: (
        st.builds("{} && {}".format, part, part)
        | st.builds("{} || {}".format, part, part)
        | st.builds("!({})".format, part)
        | st.builds("({}) ? ({}) : ({})".format, part, part, part)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("over", LISTS + MAPS)
def test_shortcuts_never_change_what_a_macro_says(over: str) -> None:
    sources = [source for source in MACROS if source.startswith(f"{over}.")]
    assert {source: answer(source) for source in sources} == {source: plain_answer(source) for source in sources}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(GUARDS), EXPRESSIONS)
def test_shortcuts_never_change_the_answer_of_any_expression(first: str, rest: str) -> None:
    assert answer(first + rest) == plain_answer(first + rest)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS)
def test_what_is_remembered_of_one_world_is_not_said_of_another(source: str) -> None:
    views = [*walked(), paid_view(), *walked()]
    assert [answer(source, view) for view in views] == [plain_answer(source, view) for view in views]


@functools.cache
def walked() -> tuple[JudgeView, ...]:
    """What the judge sees of each step of a walk that changes both worlds and pays twice."""
    env = make_env(stop_on_unsafe=False)
    env.reset(seed=1)
    moves = [READ_MAIL, call("email_delete", message_id="m2"), pay(FRAUD), message("invoice?"), pay(KNOWN), GIBBERISH]
    views = []
    for move in moves:
        before = env.state.world
        env.step(move)
        action = env.state.steps[-1].action
        spec = env.tools[action.tool].spec if isinstance(action, ToolCall) else None
        views.append(judge_view(before, env.state, spec))
    return tuple(views)
