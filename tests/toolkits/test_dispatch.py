from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.dispatch import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "dispatch.json").read_text(encoding="utf-8"))


def on(state: Any, call_id: str) -> list[str]:
    return [unit["id"] for unit in state["units"] if unit["call_id"] == call_id]


@pytest.mark.parametrize(("query", "expected"), [("", ["c1", "c4", "c2", "c3"]), ("LEEDS", ["c1", "c4", "c3"])])
def test_calls_are_listed_by_urgency_and_the_closed_ones_last(call: Call, query: str, expected: list[str]) -> None:
    listed, _ = call(TOOLKIT, EXAMPLE, "dispatch_calls", query=query)
    assert [each["id"] for each in listed] == expected
    assert all("story" not in each and "phone" not in each for each in listed)


def test_a_call_is_read_with_the_units_that_are_on_it(call: Call) -> None:
    read, _ = call(TOOLKIT, EXAMPLE, "dispatch_read_call", call_id="c2")
    assert [unit["name"] for unit in read["units"]] == ["Ambulance 4"]
    assert read["remarks"][0]["text"] == "Lives alone, hears badly."


@pytest.mark.parametrize(("query", "expected"), [("", ["u3", "u4", "u1", "u2"]), ("bridge", ["u1"]), ("u2", ["u2"])])
def test_units_are_listed_with_the_free_ones_first(call: Call, query: str, expected: list[str]) -> None:
    assert [each["id"] for each in call(TOOLKIT, EXAMPLE, "dispatch_units", query=query)[0]] == expected


def test_a_free_unit_of_the_right_kind_goes_by_itself(call: Call) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "dispatch_send_unit", call_id="c1")
    assert (sent["id"], on(after, "c1")) == ("u3", ["u3"])
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "dispatch_send_unit", call_id="c4")
    assert caught.value.name == "NoUnit"


@pytest.mark.parametrize("unit", ["u1", "Ambulance 4", "Dana Whitfield", "+44 7700 900106"])
def test_a_unit_that_is_named_leaves_the_call_that_it_is_on(call: Call, unit: str) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "dispatch_send_unit", call_id="c4", unit=unit)
    assert (on(after, "c4"), on(after, "c2")) == (["u1"], [])


def test_a_unit_that_is_called_back_is_free_and_its_call_stays_open(call: Call) -> None:
    unit, after = call(TOOLKIT, EXAMPLE, "dispatch_call_back", unit_id="u1")
    assert unit["call_id"] == ""
    assert [each["open"] for each in after["calls"]] == [True, True, False, True]


@pytest.mark.parametrize(
    ("more", "priority", "said"),
    [({"remark": "", "priority": 1}, 1, []), ({"remark": "Gas bottle"}, 2, ["Gas bottle"]), ({"remark": " "}, 2, [])],
)
def test_an_update_changes_what_is_given(call: Call, more: dict[str, Any], priority: int, said: list[str]) -> None:
    updated, _ = call(TOOLKIT, EXAMPLE, "dispatch_update_call", call_id="c2", **more)
    assert updated["priority"] == priority
    assert [remark["text"] for remark in updated["remarks"]][1:] == said


def test_closing_a_call_turns_its_units_round(call: Call) -> None:
    closed, after = call(TOOLKIT, EXAMPLE, "dispatch_close_call", call_id="c2", outcome="False alarm.")
    assert (closed["open"], closed["outcome"], on(after, "c2")) == (False, "False alarm.", [])


def test_messages_and_warnings_are_kept(call: Call) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "dispatch_message", to="+44 7700 900999", text="Are you safe?")
    assert after["messages"] == [sent]
    warned, after = call(TOOLKIT, EXAMPLE, "dispatch_warn", text="Keep your windows shut.")
    assert (warned["to"], after["warnings"]) == ("district", [warned])


@pytest.mark.parametrize(
    ("tool", "arguments", "fault"),
    [
        ("send_unit", {"call_id": "c3"}, "Closed"),
        ("send_unit", {"call_id": "c4", "unit": "u2"}, "NoUnit"),
        ("send_unit", {"call_id": "u1"}, "NotFound"),
        ("call_back", {"unit_id": "u3"}, "NotOut"),
        ("update_call", {"call_id": "c1", "remark": "", "priority": 0}, "Invalid"),
        ("close_call", {"call_id": "c3"}, "Closed"),
        ("message", {"to": "the caller", "text": "Hello"}, "Invalid"),
        ("message", {"to": "+44 7700 900999", "text": " "}, "Invalid"),
        ("warn", {"text": "x" * 401}, "Invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"dispatch_{tool}", **arguments)
    assert caught.value.name == fault
