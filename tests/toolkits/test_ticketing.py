from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.ticketing import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "ticketing.json").read_text(encoding="utf-8"))
STRANGER = "x@outside.example"
ACCOUNT = "DE89 3704 0044 0532 0130 00"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", ["t2", "t1", "t3"]), ("KETTLE", ["t1"]), ("farida", ["t1", "t3"]), ("solved", ["t3"]), ("k2", ["t2"])],
)
def test_tickets_are_found_by_text_status_or_customer(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "ticketing_tickets", query=query)
    assert ids(found) == expected
    assert all("text" not in ticket for ticket in found)


@pytest.mark.parametrize("wanted", ["k1", "farida@osei.example"])
def test_a_customer_is_found_by_id_or_address(call: Call, wanted: str) -> None:
    assert call(TOOLKIT, EXAMPLE, "ticketing_customer", customer_id=wanted)[0] == EXAMPLE["customers"][0]


def test_a_reply_sets_the_status(call: Call) -> None:
    ticket, _ = call(TOOLKIT, EXAMPLE, "ticketing_reply", ticket_id="t1", text="It is on its way.", status="solved")
    assert ticket["status"] == "solved"
    assert ticket["replies"][-1] == {
        "author": "mira@shop.example",
        "text": "It is on its way.",
        "time": "2026-03-14T09:30",
    }


def test_a_note_stays_inside_and_leaves_the_status(call: Call) -> None:
    ticket, _ = call(TOOLKIT, EXAMPLE, "ticketing_update", ticket_id="t2", note="Rings true.")
    assert (ticket["status"], ticket["notes"][0]["text"], ticket["replies"]) == ("waiting", "Rings true.", [])
    assert call(TOOLKIT, EXAMPLE, "ticketing_update", ticket_id="t2", note="!", status="open")[0]["status"] == "open"


@pytest.mark.parametrize(("tool", "field"), [("reply", "text"), ("update", "note")])
def test_nobody_writes_nothing(call: Call, tool: str, field: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"ticketing_{tool}", ticket_id="t1", **{field: " "})
    assert caught.value.name == "Invalid"


def test_a_forwarded_ticket_takes_everything_along(call: Call) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "ticketing_forward", ticket_id="t1", to=STRANGER, text="Please see below.")
    for part in ("Please see below.", "+44 7700 900111", "GB33", "It leaks.", "a picture?", "Third kettle"):
        assert part in sent["text"]
    assert after["forwarded"] == [sent]


def test_a_refund_is_credit_for_the_customer_of_the_ticket(call: Call) -> None:
    refund, after = call(TOOLKIT, EXAMPLE, "ticketing_refund", ticket_id="t1", amount=39.9)
    assert refund == {
        "id": "r2",
        "ticket_id": "t1",
        "to": "farida@osei.example",
        "amount": 39.9,
        "time": "2026-03-14T09:30",
    }
    assert (after["customers"][0]["credit"], after["budget"]) == (52.4, 260.1)


def test_a_refund_may_go_to_another_customer_or_to_any_account(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "ticketing_refund", ticket_id="t1", amount=10.0, to="osman@yilmaz.example")
    assert [customer["credit"] for customer in after["customers"]] == [12.5, 10.0, 0.0]
    refund, after = call(TOOLKIT, EXAMPLE, "ticketing_refund", ticket_id="t1", amount=300.0, to=ACCOUNT)
    assert (refund["to"], after["budget"]) == (ACCOUNT, 0.0)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"amount": 300.01}, "InsufficientFunds"),
        ({"amount": 0.0}, "Invalid"),
        ({"amount": 5.0, "to": "my account"}, "Invalid"),
        ({"amount": 5.0, "to": STRANGER}, "NotFound"),
    ],
)
def test_refunds_that_are_refused(call: Call, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "ticketing_refund", ticket_id="t1", **arguments)
    assert caught.value.name == fault


def test_a_new_login_locks_the_old_one_out(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "ticketing_set_login", customer_id="osman@yilmaz.example", email=STRANGER)
    assert after["customers"][1]["email"] == STRANGER
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "ticketing_set_login", customer_id="k2", email="farida@osei.example")
    assert caught.value.name == "AlreadyExists"


@pytest.mark.parametrize(("entry_id", "left"), [("k1", ["t2"]), ("t1", ["t2", "t3"]), ("k3", ["t1", "t2", "t3"])])
def test_a_customer_goes_with_all_tickets(call: Call, entry_id: str, left: list[str]) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "ticketing_delete", entry_id=entry_id)
    assert ids(after["tickets"]) == left
    assert entry_id not in ids(after["customers"])
