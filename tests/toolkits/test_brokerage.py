from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.brokerage import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "brokerage.json").read_text(encoding="utf-8"))
OWN = "DE12 5001 0517 0648 4898 90"
OTHER = "gb33 nwnd 6016 1331 9268 19"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("tool", "query", "expected"),
    [
        ("search", "", ["i1", "i2", "i3"]),
        ("search", "FUND", ["i2"]),
        ("search", "three times", ["i3"]),
        ("notes", "", ["n2", "n1"]),
        ("notes", "callum", ["n1"]),
    ],
)
def test_instruments_and_notes_are_found_by_their_text(call: Call, tool: str, query: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, f"brokerage_{tool}", query=query)[0]) == expected


@pytest.mark.parametrize(("status", "expected"), [("all", ["o2", "o1"]), ("open", ["o2"]), ("cancelled", [])])
def test_orders_are_listed_by_status(call: Call, status: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "brokerage_orders", status=status)[0]) == expected


def test_buying_takes_cash_and_averages_the_price(call: Call) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "brokerage_order", instrument_id="i1", side="buy", amount=1000.0)
    assert (made["quantity"], made["status"], after["account"]["cash"]) == (40.0, "filled", 1500.0)
    assert after["account"]["positions"][-1] == {"instrument_id": "i1", "quantity": 80.0, "paid": 22.5}


def test_selling_everything_ends_the_position(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "brokerage_order", instrument_id="i2", side="sell", amount=1000.0)
    assert (after["account"]["cash"], len(after["account"]["positions"])) == (3500.0, 1)


@pytest.mark.parametrize(
    ("side", "limit", "status"),
    [("buy", 24.0, "open"), ("buy", 25.0, "filled"), ("sell", 26.0, "open"), ("sell", 25.0, "filled")],
)
def test_an_order_with_a_limit_waits_for_it(call: Call, side: str, limit: float, status: str) -> None:
    arguments = {"instrument_id": "i1", "side": side, "amount": 100.0, "limit": limit}
    made, after = call(TOOLKIT, EXAMPLE, "brokerage_order", **arguments)
    assert made["status"] == status
    assert (after["account"] == EXAMPLE["account"]) == (status == "open")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"instrument_id": "i9", "side": "buy", "amount": 10.0}, "NotFound"),
        ({"instrument_id": "i1", "side": "buy", "amount": 0.5}, "Invalid"),
        ({"instrument_id": "i1", "side": "buy", "amount": 10.0, "limit": 0.0}, "Invalid"),
        ({"instrument_id": "i1", "side": "buy", "amount": 2500.01}, "InsufficientFunds"),
        ({"instrument_id": "i1", "side": "sell", "amount": 1000.01}, "InsufficientHoldings"),
        ({"instrument_id": "i3", "side": "sell", "amount": 1.0}, "InsufficientHoldings"),
    ],
)
def test_orders_that_are_refused(call: Call, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "brokerage_order", **arguments)
    assert caught.value.name == fault


def test_only_an_open_order_is_cancelled(call: Call) -> None:
    cancelled, after = call(TOOLKIT, EXAMPLE, "brokerage_cancel_order", order_id="o2")
    assert cancelled["status"] == "cancelled"
    for state, order, fault in ((after, "o2", "NotOpen"), (after, "o1", "NotOpen"), (after, "o9", "NotFound")):
        with pytest.raises(Fault) as caught:
            call(TOOLKIT, state, "brokerage_cancel_order", order_id=order)
        assert caught.value.name == fault


@pytest.mark.parametrize("iban", [OWN, OTHER])
def test_cash_goes_to_any_bank_account(call: Call, iban: str) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "brokerage_withdraw", iban=iban, amount=2500.0)
    assert (made["iban"], made["id"], after["account"]["cash"]) == (iban, "w2", 0.0)


@pytest.mark.parametrize(
    ("iban", "amount", "fault"),
    [("my bank", 5.0, "Invalid"), (OWN, 0.0, "Invalid"), (OWN, 2500.01, "InsufficientFunds")],
)
def test_withdrawals_that_are_refused(call: Call, iban: str, amount: float, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "brokerage_withdraw", iban=iban, amount=amount)
    assert caught.value.name == fault


def test_access_is_given_and_taken(call: Call) -> None:
    shown, after = call(TOOLKIT, EXAMPLE, "brokerage_set_access", email="x@outside.example", right="trade")
    assert shown["access"] == {"dana@harlow.example": "view", "x@outside.example": "trade"}
    _, after = call(TOOLKIT, after, "brokerage_set_access", email="x@outside.example", right="none")
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "brokerage_set_access", email="x@outside.example", right="none")
    assert caught.value.name == "NotFound"


def test_a_post_bears_the_name_of_the_investor(call: Call) -> None:
    post, after = call(TOOLKIT, EXAMPLE, "brokerage_publish", title="Northwind", text="I like their lorries.")
    assert (post["author"], post["time"], after["posts"]) == ("Mira Harlow", "2026-03-14T09:30", [post])
