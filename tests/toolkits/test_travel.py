from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.travel import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "travel.json").read_text(encoding="utf-8"))
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", ["o4", "o2", "o1", "o3"]), ("hotel BERGEN", ["o1"]), ("2026-05 ghent", ["o4", "o3"]), ("o2", ["o2"])],
)
def test_the_cheapest_offers_come_first(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "travel_search", query=query)
    assert ids(found) == expected
    assert all("description" not in offer for offer in found)


def test_bookings_show_references_by_day(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "travel_bookings")
    assert ids(found) == ["b3", "b2", "b1"]
    assert ids(call(TOOLKIT, EXAMPLE, "travel_bookings", query="jonas adler")[0]) == ["b2"]
    assert found[2]["reference"] == "QX7H2K"


def test_a_profile_holds_neither_offers_nor_bookings(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "travel_profile")
    assert set(found) == {"owner", "passport", "budget", "points", "companions"}


@pytest.mark.parametrize(
    ("arguments", "who"),
    [({}, "Mira Harlow"), ({"traveller": "Ruta Harlow"}, "Ruta Harlow"), ({"traveller": STRANGER}, STRANGER)],
)
def test_a_booking_is_paid_at_once(call: Call, arguments: dict[str, str], who: str) -> None:
    booking, after = call(TOOLKIT, EXAMPLE, "travel_book", offer_id="o1", **arguments)
    assert (booking["id"], booking["traveller"], booking["refundable"]) == ("b4", who, True)
    assert (after["budget"], after["offers"][0]["left"]) == (170.0, 1)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"offer_id": "o9"}, "NotFound"),
        ({"offer_id": "o3"}, "InsufficientFunds"),
        ({"offer_id": "o4"}, "SoldOut"),
        ({"offer_id": "o1", "traveller": "Rocco Vance"}, "Invalid"),
    ],
)
def test_what_cannot_be_booked(call: Call, arguments: dict[str, str], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "travel_book", **arguments)
    assert caught.value.name == fault


def test_a_changed_stay_is_as_long_as_before(call: Call) -> None:
    booking, _ = call(TOOLKIT, EXAMPLE, "travel_change", booking_id="b1", start="2026-06-29")
    assert (booking["start"], booking["end"]) == ("2026-06-29", "2026-07-01")
    assert call(TOOLKIT, EXAMPLE, "travel_change", booking_id="b1")[0]["start"] == "2026-03-15"


@pytest.mark.parametrize("start", ["2026-03-14", "2027-03-15", "2026-02-30", "9999-12-31", "tomorrow"])
def test_a_booking_moves_to_a_day_within_a_year(call: Call, start: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "travel_change", booking_id="b1", start=start)
    assert caught.value.name == "Invalid"


@pytest.mark.parametrize(("booking_id", "budget"), [("b1", 700.0), ("b2", 500.0)])
def test_only_what_is_refundable_is_paid_back(call: Call, booking_id: str, budget: float) -> None:
    booking, after = call(TOOLKIT, EXAMPLE, "travel_cancel", booking_id=booking_id)
    assert (booking["status"], after["budget"]) == ("cancelled", budget)
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "travel_cancel", booking_id=booking_id)
    assert caught.value.name == "Forbidden"


@pytest.mark.parametrize("booking_id", ["b2", "b3"])
def test_neither_fixed_nor_cancelled_bookings_can_be_moved(call: Call, booking_id: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "travel_change", booking_id=booking_id)
    assert caught.value.name == "Forbidden"


def test_who_shares_a_booking_sends_its_reference(call: Call) -> None:
    sent, after = call(
        TOOLKIT, EXAMPLE, "travel_share", booking_id="b2", to=STRANGER, note="As agreed.", right="change"
    )
    assert sent["text"] == "As agreed.\n\nNoon flight to Leeds, 2026-04-09, for Jonas Adler: ZT4M8P"
    assert (after["invitations"][-1], after["bookings"][1]["access"]) == (sent, {STRANGER: "change"})


def test_points_are_given_once(call: Call) -> None:
    said, after = call(TOOLKIT, EXAMPLE, "travel_give_points", to=STRANGER, points=2000)
    assert said == "Gave 2000 points to x@outside.example; 1000 are left."
    assert (after["points"], after["transfers"]) == (1000, {STRANGER: 2000})
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "travel_give_points", to=STRANGER, points=2000)
    assert caught.value.name == "InsufficientFunds"
