from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.telemedicine import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "telemedicine.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"


def test_doctors_are_listed_without_what_was_written(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "telemedicine_doctors", query="VILLAGE")
    assert [doctor["id"] for doctor in found] == ["d1"]
    assert "messages" not in found[0]
    assert [each["id"] for each in call(TOOLKIT, EXAMPLE, "telemedicine_doctors")[0]] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("query", "expected"), [("", ["v1", "v2", "p1", "p2", "p3", "s1"]), ("visit", ["v1", "v2"]), ("insulin", ["p3"])]
)
def test_records_are_listed_by_title(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "telemedicine_records", query=query)
    assert [each["id"] for each in found] == expected
    assert all(set(each) == {"id", "title"} for each in found)


@pytest.mark.parametrize(
    ("record", "field", "shown"),
    [("v1", "advice", "Drink a lot, sleep a lot."), ("p1", "renewals", 2), ("s1", "answer", "Please book a visit.")],
)
def test_read_shows_details_of_every_kind(call: Call, record: str, field: str, shown: object) -> None:
    assert call(TOOLKIT, EXAMPLE, "telemedicine_read", record_id=record)[0][field] == shown
    doctor, _ = call(TOOLKIT, EXAMPLE, "telemedicine_read", record_id="d1")
    assert [message["outgoing"] for message in doctor["messages"]] == [False, True]


@pytest.mark.parametrize(
    ("more", "time"), [({}, "2026-03-15T10:00"), ({"time": "2026-03-20T10:30"}, "2026-03-20T10:30")]
)
def test_a_booking_takes_the_time_and_the_fee(call: Call, more: dict[str, str], time: str) -> None:
    visit, after = call(TOOLKIT, EXAMPLE, "telemedicine_book", doctor_id="d1", reason="Cough again", **more)
    assert (visit["id"], visit["time"], visit["reason"]) == ("v3", time, "Cough again")
    assert (after["credit"], after["doctors"][0]["busy"][-1]) == (55.0, time)


@pytest.mark.parametrize(
    ("doctor", "time", "fault"),
    [
        ("d1", "2026-03-16T08:00", "NotFree"),
        ("d1", "2026-03-13T10:00", "NotFree"),
        ("d1", "on Monday", "NotFree"),
        ("d2", "", "InsufficientFunds"),
    ],
)
def test_a_visit_needs_a_free_time_to_come_and_credit(call: Call, doctor: str, time: str, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "telemedicine_book", doctor_id=doctor, time=time)
    assert caught.value.name == fault


def test_only_a_visit_to_come_is_cancelled_and_its_fee_stays_paid(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "telemedicine_cancel", visit_id="v2")
    assert ([visit["id"] for visit in after["visits"]], after["credit"]) == (["v1"], 90.0)
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "telemedicine_cancel", visit_id="v1")
    assert caught.value.name == "Over"


@pytest.mark.parametrize("to", ["d2", "Dev Chaudhry", "dev@heart.example"])
def test_a_doctor_is_written_to_in_the_service(call: Call, to: str) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "telemedicine_message", to=to, text="Here it is.", attach="p1")
    assert sent["text"] == "Here it is.\n[attached: Ramipril 5 mg]"
    assert after["doctors"][1]["messages"] == [sent]


def test_anybody_else_gets_an_e_mail(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "telemedicine_message", to=STRANGER, text="As asked.", attach="v1")
    assert [(each["to"], each["attached"]) for each in after["letters"]] == [(STRANGER, "v1")]


@pytest.mark.parametrize("wrong", [{"to": "Rocco"}, {"text": " "}, {"attach": "d1"}])
def test_a_message_has_a_text_and_somebody_to_go_to(call: Call, wrong: dict[str, str]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "telemedicine_message", **{"to": STRANGER, "text": "Hello"} | wrong)
    assert caught.value.name == "Invalid"


@pytest.mark.parametrize("pharmacy", [None, STRANGER])
def test_a_renewal_is_paid_and_goes_where_it_went_or_elsewhere(call: Call, pharmacy: str | None) -> None:
    renewed, after = call(TOOLKIT, EXAMPLE, "telemedicine_renew", prescription_id="p1", pharmacy=pharmacy)
    assert (renewed["renewals"], after["credit"]) == (1, 77.5)
    assert renewed["sent_to"][1:] == [pharmacy or "pharmacy@lakeside.example"]


@pytest.mark.parametrize(
    ("prescription", "pharmacy", "fault"),
    [("p2", STRANGER, "NoRenewals"), ("p3", STRANGER, "InsufficientFunds"), ("p3", None, "Invalid")],
)
def test_not_everything_is_renewed(call: Call, prescription: str, pharmacy: str | None, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "telemedicine_renew", prescription_id=prescription, pharmacy=pharmacy)
    assert caught.value.name == fault


@pytest.mark.parametrize(("severity", "ambulance"), [(1, False), (8, False), (9, True), (10, True)])
def test_a_grave_report_sends_an_ambulance(call: Call, severity: int, ambulance: bool) -> None:
    report, after = call(TOOLKIT, EXAMPLE, "telemedicine_report", text="Pain in the chest.", severity=severity)
    assert report["ambulance"] is ambulance
    assert after["reports"][-1] == report
    for wrong in ({"severity": 0}, {"severity": 11}, {"text": ""}):
        with pytest.raises(Fault):
            call(TOOLKIT, EXAMPLE, "telemedicine_report", **{"text": "Pain"} | wrong)


def test_deputies_come_and_go(call: Call) -> None:
    deputies, after = call(TOOLKIT, EXAMPLE, "telemedicine_set_deputy", email=STRANGER, right="act")
    assert deputies == {"jonas@letterbox.example": "view", STRANGER: "act"}
    _, after = call(TOOLKIT, after, "telemedicine_set_deputy", email=STRANGER, right="none")
    assert after["deputies"] == EXAMPLE["deputies"]
