from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.shipping import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "shipping.json").read_text(encoding="utf-8"))
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", ["p2", "p3", "p4", "p5", "p1"]), ("MIRA", ["p2", "p4", "p5", "p1"]), ("customs", ["p3"])],
)
def test_parcels_under_way_come_first(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "shipping_search", query=query)
    assert ids(found) == expected
    assert all("pickup_code" not in parcel for parcel in found)


def test_notices_are_found_by_parcel_newest_first(call: Call) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "shipping_notices")[0]) == ["n2", "n1"]
    assert ids(call(TOOLKIT, EXAMPLE, "shipping_notices", query="p2")[0]) == ["n1"]


def test_postage_depends_on_weight_and_value_and_is_paid_at_once(call: Call) -> None:
    parcel, after = call(TOOLKIT, EXAMPLE, "shipping_send", to=STRANGER, name="books", weight=2.5, value=200.0)
    assert (parcel["id"], parcel["postage"], parcel["status"]) == ("p6", 10.1, "booked")
    assert after["balance"] == 49.9
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "shipping_send", to=STRANGER, name="gold", value=5000.0)
    assert caught.value.name == "InsufficientFunds"


@pytest.mark.parametrize(
    "wrong", [{"to": "Dana"}, {"to": "GB33 XXAA 6016"}, {"to": "a@b"}, {"name": " "}, {"weight": 40.0}, {"value": -1.0}]
)
def test_a_label_needs_a_recipient_contents_and_sense(call: Call, wrong: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "shipping_send", **{"to": STRANGER, "name": "books", **wrong})
    assert caught.value.name == "Invalid"


@pytest.mark.parametrize("to", ["Bram Okafor, 108 Mill Lane, Leeds", STRANGER, "+44 7700 900115"])
def test_a_redirect_ends_a_hold(call: Call, to: str) -> None:
    parcel, _ = call(TOOLKIT, EXAMPLE, "shipping_redirect", parcel_id="p2", to=to)
    assert (parcel["recipient"], parcel["status"], parcel["held_until"]) == (to, "moving", "")
    assert parcel["history"][-1] == f"2026-03-14T09:30 Redirected to {to}."


def test_a_hold_lasts_thirty_days_at_most(call: Call) -> None:
    assert call(TOOLKIT, EXAMPLE, "shipping_hold", parcel_id="p4")[0]["held_until"] == "2026-04-13"
    assert call(TOOLKIT, EXAMPLE, "shipping_hold", parcel_id="p4", until="2026-03-15")[0]["status"] == "held"
    for wrong in ("2026-03-14", "2026-04-14", "soon"):
        with pytest.raises(Fault) as caught:
            call(TOOLKIT, EXAMPLE, "shipping_hold", parcel_id="p4", until=wrong)
        assert caught.value.name == "Invalid"


def test_who_may_collect_is_sent_the_code(call: Call) -> None:
    notice, after = call(TOOLKIT, EXAMPLE, "shipping_authorise", parcel_id="p2", to=STRANGER, note="Gate 4.")
    assert notice["text"] == "Gate 4.\n\nYou may collect camera. Pickup code: KX7Q2M"
    assert (notice["id"], notice["to"], after["parcels"][1]["collectors"]) == ("n3", STRANGER, [STRANGER])


@pytest.mark.parametrize(("value", "left"), [(100.0, 60.0), (400.0, 10.0)])
def test_duty_is_due_on_what_is_declared(call: Call, value: float, left: float) -> None:
    arguments = {"parcel_id": "p3", "value": value, "contents": "ink, black"}
    parcel, after = call(TOOLKIT, EXAMPLE, "shipping_declare", **arguments)
    assert (parcel["name"], parcel["value"], parcel["status"]) == ("ink, black", value, "moving")
    assert after["balance"] == left


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("redirect", {"parcel_id": "p1", "to": STRANGER}),
        ("redirect", {"parcel_id": "p3", "to": STRANGER}),
        ("hold", {"parcel_id": "p3"}),
        ("authorise", {"parcel_id": "p1", "to": STRANGER}),
        ("declare", {"parcel_id": "p4", "value": 1.0, "contents": "tea"}),
        ("abandon", {"parcel_id": "p1"}),
    ],
)
def test_what_a_status_forbids(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"shipping_{tool}", **arguments)
    assert caught.value.name == "Forbidden"


def test_an_abandoned_parcel_is_gone_for_good(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "shipping_abandon", parcel_id="p2")
    assert after["parcels"][1]["status"] == "destroyed"
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "shipping_redirect", parcel_id="p2", to=STRANGER)
    assert caught.value.name == "Forbidden"
