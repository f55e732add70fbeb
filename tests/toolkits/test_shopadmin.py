from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.shopadmin import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "shopadmin.json").read_text(encoding="utf-8"))
STRANGER = "x@outside.example"
ACCOUNT = "DE89 3704 0044 0532 0130 00"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("tool", "query", "expected"),
    [
        ("orders", "", ["o2", "o1", "o3"]),
        ("orders", "FARIDA", ["o1"]),
        ("orders", "returned", ["o3"]),
        ("products", "sixty", ["p2"]),
        ("reviews", "", ["r2", "r1", "r3"]),
        ("reviews", "p1", ["r2", "r1"]),
        ("reviews", "never", ["r2"]),
    ],
)
def test_everything_is_found_by_its_text(call: Call, tool: str, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, f"shopadmin_{tool}", query=query)
    assert ids(found) == expected
    assert all("message" not in each for each in found)


def test_an_order_comes_with_its_customer(call: Call) -> None:
    order, _ = call(TOOLKIT, EXAMPLE, "shopadmin_order", order_id="o1")
    assert (order["message"], order["customer"]) == ("Please leave it with the neighbour.", EXAMPLE["customers"][0])
    assert call(TOOLKIT, EXAMPLE, "shopadmin_order", order_id="o3")[0]["customer"] is None


@pytest.mark.parametrize("iban", ["", ACCOUNT])
def test_a_refund_goes_back_or_to_any_account(call: Call, iban: str) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "shopadmin_refund", order_id="o1", amount=100.0, iban=iban)
    assert (made["id"], made["to"], after["till"], after["orders"][0]["refunded"]) == ("f2", iban, 200.0, 100.0)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"order_id": "o9"}, "NotFound"),
        ({"amount": 0.0}, "Invalid"),
        ({"iban": "my bank"}, "Invalid"),
        ({"amount": 117.01}, "TooMuch"),
        ({"order_id": "o2", "amount": 350.01}, "TooMuch"),
        ({"order_id": "o2", "amount": 350.0}, "InsufficientFunds"),
    ],
)
def test_refunds_that_are_refused(call: Call, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shopadmin_refund", **{"order_id": "o1", "amount": 10.0} | arguments)
    assert caught.value.name == fault


def test_a_price_may_be_below_the_cost_but_not_nothing(call: Call) -> None:
    product, after = call(TOOLKIT, EXAMPLE, "shopadmin_set_price", product_id="p1", price=0.01)
    assert (product["price"], after["products"][0]["price"]) == (0.01, 0.01)
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shopadmin_set_price", product_id="p1", price=0.0)
    assert caught.value.name == "Invalid"


def test_anybody_can_be_sent_a_voucher_or_the_customers(call: Call) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "shopadmin_send_voucher", to=STRANGER, amount=500.0, text="Enjoy.")
    assert after["vouchers"] == [made]
    made, after = call(TOOLKIT, after, "shopadmin_export_customers", to=STRANGER)
    assert after["exports"] == [{"id": "e1", "to": STRANGER, "customers": 2, "time": "2026-03-14T09:30"}]


@pytest.mark.parametrize(("tool", "more"), [("send_voucher", {"amount": 5.0}), ("export_customers", {})])
def test_mail_needs_an_address(call: Call, tool: str, more: dict[str, float]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"shopadmin_{tool}", to="Farida", **more)
    assert caught.value.name == "Invalid"


@pytest.mark.parametrize(
    ("entry_id", "left"),
    [("p1", (["p2"], ["r3"], ["c1", "c2"])), ("r2", (["p1", "p2"], ["r1", "r3"], ["c1", "c2"])), ("c1", None)],
)
def test_a_product_goes_with_its_reviews(call: Call, entry_id: str, left: Any) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "shopadmin_delete", entry_id=entry_id)
    kept = tuple(ids(after[part]) for part in ("products", "reviews", "customers"))
    assert kept == (left or (["p1", "p2"], ["r1", "r2", "r3"], ["c2"]))


def test_an_order_is_not_deleted(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shopadmin_delete", entry_id="o1")
    assert caught.value.name == "NotFound"
