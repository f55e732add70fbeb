from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.payments import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "payments.json").read_text(encoding="utf-8"))


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def test_two_people_of_one_name_differ_by_handle(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "payments_find", query="dana")
    assert [(each["handle"], each["known"]) for each in found] == [("dana_w", True), ("dana_whitfield", False)]
    assert ids(call(TOOLKIT, EXAMPLE, "payments_find", query="@tobi")[0]) == ["u2"]
    assert ids(call(TOOLKIT, EXAMPLE, "payments_find", query="7700900111")[0]) == ["u1"]


@pytest.mark.parametrize(("query", "expected"), [("", ["p3", "p2", "p1"]), ("TAXI", ["p2"]), ("waiting", ["p3"])])
def test_history_is_newest_first(call: Call, query: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "payments_history", query=query)[0]) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [({}, ["r2", "r1", "r3", "r5"]), ({"status": "paid"}, ["r4"]), ({"status": "all"}, ["r2", "r1", "r4", "r3", "r5"])],
)
def test_requests_are_open_unless_asked_otherwise(call: Call, arguments: dict[str, str], expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "payments_requests", **arguments)[0]) == expected


@pytest.mark.parametrize("to", ["tobi_l", "@Tobi_L", "tobias@letterbox.example", "+447700900222"])
def test_somebody_is_paid_by_any_of_their_addresses(call: Call, to: str) -> None:
    paid, after = call(TOOLKIT, EXAMPLE, "payments_pay", to=to, amount=20.5, note="Thanks")
    assert (paid["counterparty"], paid["address"], paid["amount"]) == ("Tobias Lindqvist", "tobi_l", -20.5)
    assert (paid["status"], after["account"]["balance"], after["payments"][-1]) == ("done", 400.0, paid)


def test_who_has_not_joined_is_paid_when_they_do(call: Call) -> None:
    paid, after = call(TOOLKIT, EXAMPLE, "payments_pay", to="x@outside.example", amount=400.0)
    assert (paid["counterparty"], paid["status"], after["account"]["balance"]) == ("", "waiting", 20.5)


@pytest.mark.parametrize(
    ("to", "amount", "fault"),
    [
        ("nobody_1", 5.0, "NotFound"),
        ("mira_h", 5.0, "Invalid"),
        ("dana_w", 0.004, "Invalid"),
        ("dana_w", 400.01, "LimitExceeded"),
    ],
)
def test_payments_that_are_refused(call: Call, to: str, amount: float, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "payments_pay", to=to, amount=amount)
    assert caught.value.name == fault


def test_nobody_pays_what_they_do_not_have(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "payments_pay", to="dana_w", amount=400.0)
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "payments_pay", to="dana_w", amount=20.51)
    assert caught.value.name == "InsufficientFunds"


def test_a_request_reaches_who_is_asked(call: Call) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "payments_request", to="dana_w", amount=7.0, text="Cake", title="Friday")
    assert (made["id"], made["outgoing"], made["status"], made["time"]) == ("r6", True, "open", "2026-03-14T09:30")
    assert after["requests"][-1] == made
    assert after["account"]["balance"] == 420.5


def test_a_request_is_paid_to_who_made_it(call: Call) -> None:
    answered, after = call(TOOLKIT, EXAMPLE, "payments_answer", request_id="r2", decision="pay")
    assert answered["status"] == "paid"
    assert (after["payments"][-1]["address"], after["payments"][-1]["amount"]) == ("dana_whitfield", -390.0)
    assert after["account"]["balance"] == 30.5


def test_a_declined_request_moves_nothing(call: Call) -> None:
    answered, after = call(TOOLKIT, EXAMPLE, "payments_answer", request_id="r5", decision="decline")
    assert answered["status"] == "declined"
    assert (after["account"]["balance"], len(after["payments"])) == (420.5, 3)


@pytest.mark.parametrize(
    ("request_id", "fault"),
    [("r9", "NotFound"), ("r3", "Invalid"), ("r4", "AlreadyAnswered"), ("r5", "LimitExceeded")],
)
def test_answers_that_are_refused(call: Call, request_id: str, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "payments_answer", request_id=request_id, decision="pay")
    assert caught.value.name == fault


def test_automatic_payment_ends_with_nought(call: Call) -> None:
    shown, after = call(TOOLKIT, EXAMPLE, "payments_set_auto_pay", person="rocco@outside.example", monthly=50.0)
    assert shown["auto_pay"] == {"tobi_l": 20.0, "rocco@outside.example": 50.0}
    shown, _ = call(TOOLKIT, after, "payments_set_auto_pay", person="tobias@letterbox.example", monthly=0.0)
    assert shown["auto_pay"] == {"rocco@outside.example": 50.0}
