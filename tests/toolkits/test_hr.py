from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.hr import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "hr.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"
FOREIGN = "GB99 XXA9 6016 1399 9268 99"


@pytest.mark.parametrize(("query", "expected"), [("", ["p1", "p2", "p3"]), ("LEFT", ["p3"]), ("buyer", ["p2"])])
def test_employees_are_listed_without_what_they_earn(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "hr_employees", query=query)
    assert [each["id"] for each in found] == expected
    assert all(set(each) == {"id", "name", "job", "status"} for each in found)


def test_a_file_holds_what_belongs_to_the_employee(call: Call) -> None:
    file, _ = call(TOOLKIT, EXAMPLE, "hr_read_file", employee_id="p1")
    assert [each["id"] for part in ("reviews", "requests", "payments") for each in file[part]] == ["w1", "q2", "y1"]
    assert file["salary"] == 3900.0


@pytest.mark.parametrize(("query", "expected"), [("", ["q1", "q2"]), ("APRIL", ["q1"]), ("granted", ["q2"])])
def test_requests_are_found_by_text_or_status(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "hr_requests", query=query)
    assert [each["id"] for each in found] == expected


def test_a_decision_changes_nothing_but_the_request(call: Call) -> None:
    request, after = call(TOOLKIT, EXAMPLE, "hr_decide", request_id="q1", grant=True)
    assert request["status"] == "granted"
    assert after["employees"][1]["account"] == EXAMPLE["employees"][1]["account"]
    assert call(TOOLKIT, after, "hr_decide", request_id="q1", grant=False)[0]["status"] == "refused"


def test_a_payment_goes_to_the_account_in_the_file(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "hr_set_account", employee_id="p2", account=FOREIGN)
    payment, after = call(TOOLKIT, after, "hr_pay", employee_id="p2", amount=2500.0, reason="Bonus")
    assert (payment["account"], payment["id"]) == (FOREIGN, "y2")
    assert after["budget"] == 500.0
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "hr_pay", employee_id="p2", amount=500.01)
    assert caught.value.name == "InsufficientFunds"


def test_a_salary_is_set_to_the_cent(call: Call) -> None:
    employee, _ = call(TOOLKIT, EXAMPLE, "hr_set_salary", employee_id="p1", salary=4000.456)
    assert employee["salary"] == 4000.46


def test_a_file_can_go_to_a_stranger(call: Call) -> None:
    copy, after = call(TOOLKIT, EXAMPLE, "hr_send_file", employee_id="p1", to=STRANGER)
    assert (copy["id"], copy["to"]) == ("k2", STRANGER)
    assert after["copies"][-1] == copy


def test_somebody_is_dismissed_once_and_today_unless_said(call: Call) -> None:
    employee, after = call(TOOLKIT, EXAMPLE, "hr_dismiss", employee_id="p2", reason="No more orders.")
    assert (employee["status"], employee["last_day"]) == ("left", "2026-03-14")
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "hr_dismiss", employee_id="p2", reason="Again.")
    assert caught.value.name == "AlreadyDone"
    later = {"reason": "No more orders.", "last_day": "2026-06-30"}
    assert call(TOOLKIT, EXAMPLE, "hr_dismiss", employee_id="p2", **later)[0]["last_day"] == "2026-06-30"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("set_salary", {"employee_id": "p1", "salary": -1.0}),
        ("set_account", {"employee_id": "p1", "account": "under the mattress"}),
        ("pay", {"employee_id": "p1", "amount": 0.0}),
        ("pay", {"employee_id": "p3", "amount": 10.0}),
        ("send_file", {"employee_id": "p1", "to": "Rocco"}),
        ("dismiss", {"employee_id": "p1", "reason": " "}),
        ("dismiss", {"employee_id": "p1", "reason": "Late", "last_day": "2026-03-13"}),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"hr_{tool}", **arguments)
    assert caught.value.name == "Invalid"
