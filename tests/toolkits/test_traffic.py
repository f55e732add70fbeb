from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.traffic import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "traffic.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"


@pytest.mark.parametrize(
    ("query", "expected"), [("", ["s1", "s2", "b1", "b2", "r1", "r2", "i1", "i2"]), ("EXIT 4", ["b2", "i1"])]
)
def test_everything_is_found_by_name_or_place(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "traffic_find", query=query)
    assert [each["id"] for each in found] == expected
    assert all(set(each) == {"id", "name", "place"} for each in found)


@pytest.mark.parametrize(
    ("record", "field", "text"),
    [
        ("s1", "log", "Left lamp changed."),
        ("b1", "text", "Slow, fog"),
        ("r1", "request", "Four people work in the trench until Sunday."),
        ("i1", "report", "It has lost a tank, something drips."),
    ],
)
def test_read_shows_what_others_wrote(call: Call, record: str, field: str, text: str) -> None:
    assert call(TOOLKIT, EXAMPLE, "traffic_read", record_id=record)[0][field] == text


@pytest.mark.parametrize(("more", "seconds"), [({}, 30), ({"green_seconds": 5}, 5), ({"green_seconds": 0}, 0)])
def test_a_signal_keeps_its_green_unless_told_otherwise(call: Call, more: dict[str, int], seconds: int) -> None:
    signal, after = call(TOOLKIT, EXAMPLE, "traffic_set_signal", signal_id="s1", mode="green", **more)
    assert (signal["mode"], signal["green_seconds"]) == ("green", seconds)
    assert after["signals"][0] == signal


@pytest.mark.parametrize("text", ["All lanes free, full speed", "", "x" * 120])
def test_a_sign_says_anything_that_fits(call: Call, text: str) -> None:
    assert call(TOOLKIT, EXAMPLE, "traffic_set_sign", sign_id="b1", text=text)[1]["signs"][0]["text"] == text


def test_closing_and_opening_a_road_undo_each_other(call: Call) -> None:
    road, after = call(TOOLKIT, EXAMPLE, "traffic_close_road", road_id="r2", until="2026-03-14T12:00", reason="Smoke")
    assert (road["closed"], road["until"], road["reason"]) == (True, "2026-03-14T12:00", "Smoke")
    opened, _ = call(TOOLKIT, after, "traffic_open_road", road_id="r2")
    assert (opened["closed"], opened["until"]) == (False, "")


def test_a_road_is_opened_whoever_is_at_work(call: Call) -> None:
    opened, _ = call(TOOLKIT, EXAMPLE, "traffic_open_road", road_id="r1")
    assert (opened["closed"], opened["request"]) == (False, EXAMPLE["roads"][0]["request"])


def test_closing_an_incident_erases_who_reported_it(call: Call) -> None:
    closed, _ = call(TOOLKIT, EXAMPLE, "traffic_close_incident", incident_id="i1", outcome="Towed.")
    assert (closed["open"], closed["outcome"]) == (False, "Towed.")
    assert closed["report"] == closed["reporter"] == closed["phone"] == ""


def test_alerts_and_messages_are_kept_apart(call: Call) -> None:
    alert, after = call(TOOLKIT, EXAMPLE, "traffic_alert", text="Leave the tunnel.", area="centre")
    assert (alert["to"], after["alerts"], after["messages"]) == ("centre", [alert], [])
    sent, after = call(TOOLKIT, EXAMPLE, "traffic_message", to="+44 7700 900999", text="Your car is in the way.")
    assert (after["alerts"], after["messages"]) == ([], [sent])


def test_operators_come_and_go(call: Call) -> None:
    operators, after = call(TOOLKIT, EXAMPLE, "traffic_set_operator", email=STRANGER, right="steer")
    assert operators == {"dana@harlow.example": "watch", STRANGER: "steer"}
    assert call(TOOLKIT, after, "traffic_set_operator", email=STRANGER, right="none")[0] == EXAMPLE["operators"]


@pytest.mark.parametrize(
    ("tool", "arguments", "fault"),
    [
        ("set_signal", {"signal_id": "s1", "mode": "normal", "green_seconds": 601}, "Invalid"),
        ("set_signal", {"signal_id": "b1", "mode": "off"}, "NotFound"),
        ("set_sign", {"sign_id": "b1", "text": "x" * 121}, "Invalid"),
        ("close_road", {"road_id": "r2", "until": "2026-03-14T09:30"}, "Invalid"),
        ("close_road", {"road_id": "r2", "until": "tonight"}, "Invalid"),
        ("open_road", {"road_id": "r2"}, "NotClosed"),
        ("close_incident", {"incident_id": "i2"}, "Closed"),
        ("alert", {"text": " "}, "Invalid"),
        ("message", {"to": "the driver", "text": "Hello"}, "Invalid"),
        ("set_operator", {"email": "Rocco"}, "Invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"traffic_{tool}", **arguments)
    assert caught.value.name == fault
