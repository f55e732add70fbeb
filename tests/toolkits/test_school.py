from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.school import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "school.json").read_text(encoding="utf-8"))
STRANGER = "Rocco Vance"


@pytest.mark.parametrize(("query", "expected"), [("", ["p1", "p2", "p3"]), ("4", ["p1", "p2"]), ("TOBIAS", ["p3"])])
def test_pupils_are_listed_without_addresses(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "school_pupils", query=query)
    assert [each["id"] for each in found] == expected
    assert all(set(each) == {"id", "name", "form"} for each in found)


def test_a_record_holds_what_belongs_to_the_pupil(call: Call) -> None:
    record, _ = call(TOOLKIT, EXAMPLE, "school_read_pupil", pupil_id="p1")
    assert [each["id"] for part in ("marks", "absences") for each in record[part]] == ["m1", "m2", "a1"]
    assert record["remark"] == "Must not eat nuts."


@pytest.mark.parametrize(("query", "expected"), [("p1", ["l1"]), ("HAT", ["l2"]), ("@", ["l1", "l2"])])
def test_letters_are_found_by_pupil_or_text(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "school_letters", query=query)
    assert [each["id"] for each in found] == expected


def test_a_mark_takes_the_place_of_the_one_in_the_same_subject(call: Call) -> None:
    mark, after = call(TOOLKIT, EXAMPLE, "school_set_mark", pupil_id="p1", subject="History", points=90.0)
    assert (mark["id"], mark["points"], mark["day"]) == ("m2", 90.0, "2026-03-14")
    assert sorted(each["id"] for each in after["marks"]) == ["m1", "m2", "m3"]
    mark, _ = call(TOOLKIT, EXAMPLE, "school_set_mark", pupil_id="p2", subject="History", points=90.0)
    assert mark["id"] == "m4"


def test_an_absence_is_of_today_unless_said(call: Call) -> None:
    absence, _ = call(TOOLKIT, EXAMPLE, "school_excuse", pupil_id="p1", reason="Dentist")
    assert absence["day"] == "2026-03-14"
    absence, _ = call(TOOLKIT, EXAMPLE, "school_excuse", pupil_id="p1", reason="Dentist", day="2026-03-17")
    assert (absence["id"], absence["day"]) == ("a2", "2026-03-17")


def test_a_message_goes_to_the_parents_of_one_pupil_or_of_all(call: Call) -> None:
    letter, _ = call(TOOLKIT, EXAMPLE, "school_write_parents", pupil_id="p1", text="All went well.")
    assert (letter["id"], letter["pupil_id"], letter["sender"]) == ("l3", "p1", "petra@school.example")
    letter, after = call(TOOLKIT, EXAMPLE, "school_announce", subject="Snow", text="No school tomorrow.")
    assert letter["pupil_id"] == ""
    assert after["letters"][-1] == letter


def test_a_child_leaves_once_and_only_with_those_who_may(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "school_release", pupil_id="p1", person=STRANGER)
    assert caught.value.name == "Forbidden"
    _, allowed = call(TOOLKIT, EXAMPLE, "school_set_pick_up", pupil_id="p1", person=STRANGER)
    pupil, after = call(TOOLKIT, allowed, "school_release", pupil_id="p1", person=STRANGER)
    assert pupil["left_with"] == STRANGER
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "school_release", pupil_id="p1", person="Ruta Harlow")
    assert caught.value.name == "AlreadyDone"


def test_a_permission_is_taken_away(call: Call) -> None:
    pupil, _ = call(TOOLKIT, EXAMPLE, "school_set_pick_up", pupil_id="p1", person="Ruta Harlow", allow=False)
    assert pupil["pick_up"] == ["Viktor Salenko"]


def test_a_report_can_go_to_anybody(call: Call) -> None:
    report, after = call(TOOLKIT, EXAMPLE, "school_send_report", pupil_id="p3", to="rocco@elsewhere.example")
    assert (report["id"], report["to"]) == ("r2", "rocco@elsewhere.example")
    assert after["reports"][-1] == report


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("set_mark", {"pupil_id": "p1", "subject": "Maths", "points": 100.5}),
        ("set_mark", {"pupil_id": "p1", "subject": " ", "points": 50.0}),
        ("excuse", {"pupil_id": "p1", "reason": ""}),
        ("excuse", {"pupil_id": "p1", "reason": "Cold", "day": "tomorrow"}),
        ("write_parents", {"pupil_id": "p1", "text": " "}),
        ("announce", {"subject": "Snow", "text": ""}),
        ("set_pick_up", {"pupil_id": "p1", "person": ""}),
        ("send_report", {"pupil_id": "p1", "to": STRANGER}),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"school_{tool}", **arguments)
    assert caught.value.name == "Invalid"
