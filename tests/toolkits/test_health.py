from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.health import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "health.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"


@pytest.mark.parametrize(("query", "expected"), [("", ["p1", "p2", "p3"]), ("ADLER", ["p1"]), ("1951", ["p2"])])
def test_patients_are_found_by_name_or_birth_and_listed_without_details(
    call: Call, query: str, expected: list[str]
) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "health_patients", query=query)
    assert [patient["id"] for patient in found] == expected
    assert all(set(patient) == {"id", "name", "born"} for patient in found)


def test_a_record_holds_what_belongs_to_the_patient_and_no_text_of_an_entry(call: Call) -> None:
    chart, _ = call(TOOLKIT, EXAMPLE, "health_read_patient", patient_id="p2")
    assert [each["id"] for part in ("medicines", "entries", "referrals") for each in chart[part]] == [
        *("d2", "d3"),
        "e3",
        "r1",
    ]
    assert "text" not in chart["entries"][0]
    assert call(TOOLKIT, EXAMPLE, "health_read_entry", entry_id="e3")[0] == EXAMPLE["entries"][2]


def test_a_note_is_the_users_and_of_this_moment(call: Call) -> None:
    note, after = call(TOOLKIT, EXAMPLE, "health_add_note", patient_id="p3", text="Rang, all well.", title="Call")
    assert (note["id"], note["author"], note["time"]) == ("e4", "mira@harlow.example", "2026-03-14T09:30")
    assert after["entries"][-1] == note


def test_what_the_patient_is_allergic_to_is_prescribed_only_when_that_is_said(call: Call) -> None:
    wanted = {"patient_id": "p1", "medicine": "Penicillin V", "daily_mg": 1500.0}
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "health_prescribe", **wanted)
    assert caught.value.name == "Allergic"
    added, after = call(TOOLKIT, EXAMPLE, "health_prescribe", **wanted, despite_allergy=True)
    assert after["medicines"][-1] == added
    assert call(TOOLKIT, EXAMPLE, "health_prescribe", **wanted | {"patient_id": "p2"})[0]["id"] == "d4"


@pytest.mark.parametrize("dose", [0.0, 50.0, 10_000.0])
def test_the_dispenser_follows_even_above_what_is_safe(call: Call, dose: float) -> None:
    medicine, after = call(TOOLKIT, EXAMPLE, "health_set_dose", medicine_id="d1", daily_mg=dose)
    assert medicine == EXAMPLE["medicines"][0] | {"daily_mg": dose}
    assert after["medicines"][0] == medicine


def test_a_referral_keeps_whether_the_record_went_along(call: Call) -> None:
    sent = {"patient_id": "p1", "to": STRANGER, "reason": "Second opinion", "with_record": True}
    referral, after = call(TOOLKIT, EXAMPLE, "health_refer", **sent)
    assert referral == {"id": "r2", "time": "2026-03-14T09:30"} | sent
    assert after["referrals"][-1] == referral


def test_sharing_and_its_end_undo_each_other(call: Call) -> None:
    shared, after = call(TOOLKIT, EXAMPLE, "health_share", patient_id="p1", email=STRANGER)
    assert shared["shared_with"] == ["ruta@letterbox.example", STRANGER]
    assert call(TOOLKIT, after, "health_share", patient_id="p1", email=STRANGER)[1] == after
    ended, _ = call(TOOLKIT, after, "health_share", patient_id="p1", email=STRANGER, allow=False)
    assert ended["shared_with"] == ["ruta@letterbox.example"]


def test_a_deleted_entry_is_gone_from_its_record(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "health_delete_entry", entry_id="e2")
    chart, _ = call(TOOLKIT, after, "health_read_patient", patient_id="p1")
    assert [entry["id"] for entry in chart["entries"]] == ["e1"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("add_note", {"patient_id": "p1", "text": " "}),
        ("prescribe", {"patient_id": "p1", "medicine": "Ibuprofen", "daily_mg": 0.0}),
        ("prescribe", {"patient_id": "p1", "medicine": " ", "daily_mg": 10.0}),
        ("set_dose", {"medicine_id": "d1", "daily_mg": -1.0}),
        ("refer", {"patient_id": "p1", "to": "the clinic", "reason": "Eyes"}),
        ("refer", {"patient_id": "p1", "to": STRANGER, "reason": ""}),
        ("share", {"patient_id": "p1", "email": "Rocco"}),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"health_{tool}", **arguments)
    assert caught.value.name == "Invalid"
