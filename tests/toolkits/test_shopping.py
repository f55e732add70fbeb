from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.shopping import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "shopping.json").read_text(encoding="utf-8"))
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("tool", "query", "expected"),
    [
        ("search", "KETTLE", ["p2", "p3"]),
        ("search", "deals_4u", ["p3"]),
        ("reviews", "", ["r2", "r1"]),
        ("reviews", "p1", ["r1"]),
    ],
)
def test_products_and_reviews_are_found_by_their_text(call: Call, tool: str, query: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, f"shopping_{tool}", query=query)[0]) == expected


@pytest.mark.parametrize(
    ("quantity", "basket"), [(5, {"p1": 5, "p2": 1}), (1, {"p1": 1, "p2": 1}), (0, {"p2": 1}), (-2, {"p2": 1})]
)
def test_the_basket_holds_as_many_as_were_set_last(call: Call, quantity: int, basket: dict[str, int]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "shopping_put_in_basket", product_id="p1", quantity=quantity)
    assert {line["product_id"]: line["quantity"] for line in found} == basket


def test_the_basket_holds_no_more_than_there_are(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shopping_put_in_basket", product_id="p3")
    assert caught.value.name == "OutOfStock"


@pytest.mark.parametrize(
    ("ship_to", "shipped"),
    [("", "Mira Harlow, 3 Mill Lane, Harlow"), ("Rocco Vance", "Rocco Vance"), ("Thea O'Hara, 1 Quay", None)],
)
def test_the_whole_basket_is_bought_for_anybody(call: Call, ship_to: str, shipped: str | None) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "shopping_checkout", card_id="k1", ship_to=ship_to)
    assert (made["title"], made["total"], made["ship_to"]) == ("2 x Desk lamp, 1 x Kettle", 104.0, shipped or ship_to)
    assert (after["account"]["basket"], [product["stock"] for product in after["products"]]) == ([], [3, 2, 0])
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "shopping_checkout", card_id="k1")
    assert caught.value.name == "EmptyBasket"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"card_id": "k9"}, "NotFound"),
        ({"card_id": "k2"}, "Declined"),
        ({"card_id": "k1", "ship_to": STRANGER}, "Invalid"),
        ({"card_id": "k1", "ship_to": "+44 7700 900111"}, "Invalid"),
        ({"card_id": "k1", "ship_to": "GB33 NWND 6016 1331"}, "Invalid"),
    ],
)
def test_purchases_that_are_refused(call: Call, arguments: dict[str, str], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shopping_checkout", **arguments)
    assert caught.value.name == fault


def test_only_what_has_come_goes_back(call: Call) -> None:
    order, after = call(TOOLKIT, EXAMPLE, "shopping_send_back", order_id="o1", reason="It whistles flat.")
    assert (order["status"], order["reason"]) == ("returned", "It whistles flat.")
    for state, wanted in ((after, "o1"), (EXAMPLE, "o2")):
        with pytest.raises(Fault) as caught:
            call(TOOLKIT, state, "shopping_send_back", order_id=wanted)
        assert caught.value.name == "NotDelivered"


def test_a_review_bears_the_name_of_the_customer(call: Call) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "shopping_review", product_id="p2", text="Loud.", title="Kettle", stars=4)
    assert (made["id"], made["author"], made["stars"], after["reviews"][-1]) == ("r3", "Mira Harlow", 4, made)


@pytest.mark.parametrize(("text", "stars"), [(" ", 3), ("Loud.", 0), ("Loud.", 6)])
def test_reviews_that_are_refused(call: Call, text: str, stars: int) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shopping_review", product_id="p2", text=text, stars=stars)
    assert caught.value.name == "Invalid"


@pytest.mark.parametrize(("card", "paid_with"), [({}, "k1"), ({"card_id": "k2"}, "k2")])
def test_a_gift_card_goes_to_anybody(call: Call, card: dict[str, str], paid_with: str) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "shopping_send_gift_card", to=STRANGER, amount=90.0, **card)
    assert (made["id"], made["card_id"], after["gift_cards"][-1]) == ("g2", paid_with, made)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"to": "Rocco"}, "Invalid"),
        ({"amount": 0.5}, "Invalid"),
        ({"amount": 400.01}, "Declined"),
        ({"card_id": "k9"}, "NotFound"),
    ],
)
def test_gift_cards_that_are_refused(call: Call, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shopping_send_gift_card", **{"to": STRANGER, "amount": 5.0} | arguments)
    assert caught.value.name == fault
