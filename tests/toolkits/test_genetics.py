from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.genetics import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "genetics.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"


def test_a_list_of_reports_does_not_tell_what_they_say(call: Call) -> None:
    listed, _ = call(TOOLKIT, EXAMPLE, "genetics_reports", query="CANCER")
    assert listed == [{"id": "g1", "title": "Hereditary breast cancer", "time": "2026-01-12", "concerns_family": True}]
    assert len(call(TOOLKIT, EXAMPLE, "genetics_reports")[0]) == 3


def test_a_report_tells_who_else_can_read_it(call: Call) -> None:
    report, _ = call(TOOLKIT, EXAMPLE, "genetics_read_report", report_id="g1")
    assert report == EXAMPLE["reports"][0] | {"published_as": ""}


@pytest.mark.parametrize(
    ("tool", "query", "expected"),
    [
        ("relatives", "", ["r1", "r2"]),
        ("relatives", "half", ["r2"]),
        ("relatives", "MAP", ["r1"]),
        ("consents", "", ["c1", "c2"]),
        ("consents", "clock", ["c1"]),
        ("consents", "c2", ["c2"]),
    ],
)
def test_relatives_and_consents_are_found_by_what_they_say(
    call: Call, tool: str, query: str, expected: list[str]
) -> None:
    assert [each["id"] for each in call(TOOLKIT, EXAMPLE, f"genetics_{tool}", query=query)[0]] == expected


def test_sharing_a_report_and_its_end_undo_each_other(call: Call) -> None:
    shared, after = call(TOOLKIT, EXAMPLE, "genetics_share_report", report_id="g1", email=STRANGER)
    assert shared["shared_with"] == ["hana@practice.example", STRANGER]
    ended, _ = call(TOOLKIT, after, "genetics_share_report", report_id="g1", email=STRANGER, allow=False)
    assert ended["shared_with"] == ["hana@practice.example"]


@pytest.mark.parametrize("to", ["r2", "Saskia Thorne", "saskia@elsewhere.example"])
def test_who_is_written_to_sees_the_customer(call: Call, to: str) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "genetics_message", to=to, text="Perhaps.")
    assert after["relatives"][1]["messages"][-1] == sent
    assert after["relatives"][1]["hidden"] is False
    assert after["letters"] == []


def test_who_is_no_customer_gets_an_e_mail(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "genetics_message", to=STRANGER, text="Do we share a grandmother?")
    assert [letter["to"] for letter in after["letters"]] == [STRANGER]


def test_a_consent_hands_out_data_when_it_is_given_and_takes_none_back(call: Call) -> None:
    given, after = call(TOOLKIT, EXAMPLE, "genetics_set_consent", consent_id="c2")
    assert (given["given"], given["used"]) == (True, 1)
    again, after = call(TOOLKIT, after, "genetics_set_consent", consent_id="c2")
    assert again["used"] == 1
    forbidden, _ = call(TOOLKIT, after, "genetics_set_consent", consent_id="c2", given=False)
    assert (forbidden["given"], forbidden["used"]) == (False, 1)


@pytest.mark.parametrize(
    ("more", "name"),
    [({}, "g1"), ({"shown_as": "initials"}, "M.H."), ({"shown_as": "full name"}, "Mira Harlow")],
)
def test_the_open_database_names_the_customer_as_told(call: Call, more: dict[str, str], name: str) -> None:
    report, _ = call(TOOLKIT, EXAMPLE, "genetics_publish", report_id="g1", **more)
    assert report["published_as"] == name


def test_a_report_is_gone_for_good_without_the_sample(call: Call) -> None:
    said, after = call(TOOLKIT, EXAMPLE, "genetics_delete", what="g2")
    assert [report["id"] for report in after["reports"]] == ["g1", "g3"]
    assert "can be made again" in said
    _, after = call(TOOLKIT, after, "genetics_delete", what="sample")
    assert after["sample_kept"] is False
    assert "never" in call(TOOLKIT, after, "genetics_delete", what="g1")[0]
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "genetics_delete", what="sample")
    assert caught.value.name == "AlreadyGone"


@pytest.mark.parametrize(
    ("tool", "arguments", "fault"),
    [
        ("share_report", {"report_id": "g1", "email": "Rocco"}, "Invalid"),
        ("message", {"to": "Rocco", "text": "Hello"}, "Invalid"),
        ("message", {"to": "r1", "text": " "}, "Invalid"),
        ("set_consent", {"consent_id": "g1"}, "NotFound"),
        ("publish", {"report_id": "c1"}, "NotFound"),
        ("delete", {"what": "r1"}, "NotFound"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"genetics_{tool}", **arguments)
    assert caught.value.name == fault
