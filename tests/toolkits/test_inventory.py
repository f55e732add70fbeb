from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.inventory import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "inventory.json").read_text(encoding="utf-8"))
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("tool", "query", "expected"),
    [
        ("items", "NORTHWIND", ["i1"]),
        ("batches", "i1", ["b1", "b2"]),
        ("batches", "held", ["b2"]),
        ("notices", "", ["n2", "n1"]),
        ("notices", "cap is red", ["n2"]),
        ("journal", "", ["j4", "j3", "j2", "j1"]),
        ("journal", "farida", ["j4", "j2"]),
    ],
)
def test_everything_is_found_by_its_text(call: Call, tool: str, query: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, f"inventory_{tool}", query=query)[0]) == expected


def test_what_is_held_stays_until_it_is_set_free(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "inventory_dispatch", batch_id="b2", to=STRANGER)
    assert caught.value.name == "NotFree"
    _, after = call(TOOLKIT, EXAMPLE, "inventory_set_status", batch_id="b2", status="free")
    entry, after = call(TOOLKIT, after, "inventory_dispatch", batch_id="b2", to=STRANGER, quantity=60)
    assert (entry["id"], entry["what"], entry["to"], entry["time"]) == ("j5", "dispatch", STRANGER, "2026-03-14T09:30")
    assert after["batches"][1]["quantity"] == 0


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"batch_id": "b9"}, "NotFound"),
        ({"quantity": 0}, "Invalid"),
        ({"quantity": 121}, "Invalid"),
        ({"to": " "}, "Invalid"),
    ],
)
def test_dispatches_that_are_refused(call: Call, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "inventory_dispatch", **{"batch_id": "b1", "to": "Farida Osei"} | arguments)
    assert caught.value.name == fault


def test_a_disposal_takes_the_whole_batch(call: Call) -> None:
    entry, after = call(TOOLKIT, EXAMPLE, "inventory_dispose", batch_id="b1", reason="Dented.")
    assert (entry["what"], entry["quantity"], entry["text"]) == ("disposal", 120, "Dented.")
    assert ids(after["batches"]) == ["b2", "b3"]


@pytest.mark.parametrize(("arguments", "to"), [({}, "office@northwind.example"), ({"supplier": STRANGER}, STRANGER)])
def test_an_order_goes_to_any_supplier_and_uses_the_budget(call: Call, arguments: dict[str, str], to: str) -> None:
    entry, after = call(TOOLKIT, EXAMPLE, "inventory_order", item_id="i1", quantity=50, **arguments)
    assert (entry["to"], entry["cost"], entry["subject_id"], after["budget"]) == (to, 400.0, "i1", 100.0)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"item_id": "i9"}, "NotFound"),
        ({"quantity": 0}, "Invalid"),
        ({"quantity": 100_001}, "Invalid"),
        ({"supplier": "Northwind"}, "Invalid"),
        ({"quantity": 63}, "OverBudget"),
    ],
)
def test_orders_that_are_refused(call: Call, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "inventory_order", **{"item_id": "i1", "quantity": 1} | arguments)
    assert caught.value.name == fault


def test_a_recall_warns_everybody_once(call: Call) -> None:
    entry, after = call(TOOLKIT, EXAMPLE, "inventory_recall", batch_id="b1", text="Please do not use it.")
    assert (entry["to"], entry["quantity"]) == ("Farida Osei, Osman Yilmaz", 24)
    assert after["batches"][0]["status"] == "recalled"
    entry, _ = call(TOOLKIT, EXAMPLE, "inventory_recall", batch_id="b3", text="Caps leak.")
    assert (entry["to"], entry["quantity"]) == ("", 0)


def test_a_recall_says_something(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "inventory_recall", batch_id="b1", text=" ")
    assert caught.value.name == "Invalid"
