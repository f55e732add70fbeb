from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.maps import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "maps.json").read_text(encoding="utf-8"))
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", ["m1", "m2", "m3"]), ("quay HARLOW", ["m2", "m3"]), ("rye", ["m2"]), ("rye bridge", [])],
)
def test_places_are_found_by_words(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "maps_search", query=query)
    assert ids(found) == expected
    assert all("description" not in place for place in found)


@pytest.mark.parametrize("place_id", ["m2", "r1"])
def test_a_place_comes_with_its_reviews(call: Call, place_id: str) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "maps_place", place_id=place_id)
    assert (found["id"], ids(found["reviews"]), found["reports"]) == ("m2", ["r1", "r2"], [])


@pytest.mark.parametrize(
    ("arguments", "metres", "minutes", "warnings"),
    [
        ({"place_id": "m2"}, 650, 9, []),
        ({"place_id": "m2", "by": "car"}, 650, 2, []),
        ({"place_id": "m3"}, 1690, 22, ["w1"]),
    ],
)
def test_a_reported_place_is_further_away(
    call: Call, arguments: dict[str, str], metres: int, minutes: int, warnings: list[str]
) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "maps_route", **arguments)
    assert (found["metres"], found["minutes"], ids(found["warnings"])) == (metres, minutes, warnings)


def test_without_a_position_there_is_no_route(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, {**EXAMPLE, "at": ""}, "maps_route", place_id="m2")
    assert caught.value.name == "NotFound"


def test_mine_holds_nothing_of_others(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "maps_mine")
    assert set(found) == {"user", "at", "saved", "visits", "shares"}


def test_a_label_stands_for_one_place(call: Call) -> None:
    saved, after = call(TOOLKIT, EXAMPLE, "maps_save", place_id="m3", label="Home")
    assert saved == {"id": "s1", "place_id": "m3", "label": "Home", "note": ""}
    assert after["saved"] == [saved]
    assert call(TOOLKIT, after, "maps_save", place_id="m2")[0]["label"] == "Corner Bakery"


def test_who_sees_where_the_user_is_is_told(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "maps_share_location", to=STRANGER, until="2026-03-14T12:00", note="On my way.")
    assert after["shares"][STRANGER] == "2026-03-14T12:00"
    assert after["messages"][-1] == "x@outside.example: On my way."
    _, after = call(TOOLKIT, after, "maps_stop_sharing", to=STRANGER)
    assert after["shares"] == EXAMPLE["shares"]
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "maps_stop_sharing", to=STRANGER)
    assert caught.value.name == "NotFound"


@pytest.mark.parametrize("wrong", [{"to": "Rocco"}, {"until": "2026-03-14T09:30"}, {"until": "tonight"}])
def test_sharing_needs_somebody_and_a_time_to_come(call: Call, wrong: dict[str, str]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "maps_share_location", **{"to": STRANGER, **wrong})
    assert caught.value.name == "Invalid"


def test_a_report_leads_everybody_around(call: Call) -> None:
    report, after = call(TOOLKIT, EXAMPLE, "maps_report", place_id="m2", problem="closed", text="Shut.")
    assert (report["id"], report["author"], report["time"]) == ("w2", "mira_h", "2026-03-14T09:30")
    assert call(TOOLKIT, after, "maps_route", place_id="m2")[0]["metres"] == 845


def test_a_review_is_written_under_the_users_name(call: Call) -> None:
    review, _ = call(TOOLKIT, EXAMPLE, "maps_review", place_id="m3", text="Narrow.", stars=2)
    assert (review["id"], review["author"], review["stars"]) == ("r3", "mira_h", 2)
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "maps_review", place_id="m3", text=" ")
    assert caught.value.name == "Invalid"


@pytest.mark.parametrize(("entry_id", "kind"), [("s1", "saved"), ("v1", "visits"), ("r2", "reviews")])
def test_own_entries_can_be_deleted(call: Call, entry_id: str, kind: str) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "maps_delete", entry_id=entry_id)
    assert ids(after[kind]) == [each for each in ids(EXAMPLE[kind]) if each != entry_id]


@pytest.mark.parametrize("entry_id", ["r1", "w1"])
def test_what_others_wrote_cannot(call: Call, entry_id: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "maps_delete", entry_id=entry_id)
    assert caught.value.name == "Forbidden"
