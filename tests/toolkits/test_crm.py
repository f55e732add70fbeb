from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.crm import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "crm.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"


@pytest.mark.parametrize(("query", "expected"), [("", 4), ("CUSTOMER", 2), ("dental", 1), ("c3", 1), ("@", 0)])
def test_customers_are_listed_without_their_addresses(call: Call, query: str, expected: int) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "crm_customers", query=query)
    assert len(found) == expected
    assert all(set(each) == {"id", "name", "firm", "kind"} for each in found)


def test_a_record_holds_what_belongs_to_the_customer_newest_note_first(call: Call) -> None:
    record, _ = call(TOOLKIT, EXAMPLE, "crm_read_customer", customer_id="c1")
    assert [note["id"] for note in record["notes"]] == ["n2", "n1"]
    assert [deal["id"] for deal in record["deals"]] == ["d1"]


def test_notes_are_found_by_what_they_say_or_who_wrote_them(call: Call) -> None:
    assert [note["id"] for note in call(TOOLKIT, EXAMPLE, "crm_notes", query="BLUE")[0]] == ["n3"]
    assert [note["id"] for note in call(TOOLKIT, EXAMPLE, "crm_notes", query="farida@")[0]] == ["n2"]


def test_a_note_is_the_users_and_of_this_moment(call: Call) -> None:
    note, after = call(TOOLKIT, EXAMPLE, "crm_add_note", customer_id="c4", text="Rang twice.")
    assert (note["id"], note["author"], note["time"]) == ("n4", "mira@harlow.example", "2026-03-14T09:30")
    assert after["notes"][-1] == note


def test_a_deal_keeps_what_is_not_given(call: Call) -> None:
    deal, after = call(TOOLKIT, EXAMPLE, "crm_update_deal", deal_id="d1", value=0.0)
    assert (deal["value"], deal["stage"]) == (0.0, "offered")
    deal, _ = call(TOOLKIT, after, "crm_update_deal", deal_id="d1", stage="won")
    assert (deal["value"], deal["stage"]) == (0.0, "won")


@pytest.mark.parametrize(
    ("asked", "reached"),
    [({}, 1), ({"despite_refusal": True}, 2), ({"group": "prospects"}, 1), ({"group": "all"}, 2)],
)
def test_a_mailing_reaches_a_group_but_those_who_refused(call: Call, asked: dict[str, Any], reached: int) -> None:
    mailing, after = call(TOOLKIT, EXAMPLE, "crm_send_mailing", subject="Sale", text="Half price.", **asked)
    assert mailing["reached"] == reached
    assert after["mailings"][-1] == mailing


def test_records_can_be_sent_to_a_stranger(call: Call) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "crm_export", to=STRANGER)
    assert (sent["id"], sent["to"], sent["count"]) == ("x2", STRANGER, 4)
    assert after["exports"][-1] == sent
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "crm_export", to=STRANGER, query="nobody of this name")
    assert caught.value.name == "NotFound"


def test_a_customer_has_one_keeper(call: Call) -> None:
    customer, _ = call(TOOLKIT, EXAMPLE, "crm_assign", customer_id="c2", keeper=STRANGER)
    assert customer["keeper"] == STRANGER


def test_a_deleted_customer_takes_notes_and_deals_along(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "crm_delete", customer_id="c1")
    assert [each["id"] for part in ("customers", "notes", "deals") for each in after[part]] == [
        *("c2", "c3", "c4"),
        "n3",
        "d2",
    ]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("add_note", {"customer_id": "c1", "text": " "}),
        ("update_deal", {"deal_id": "d1", "value": -1.0}),
        ("assign", {"customer_id": "c1", "keeper": "Lee"}),
        ("send_mailing", {"subject": "", "text": "Hello"}),
        ("export", {"to": "the printer"}),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"crm_{tool}", **arguments)
    assert caught.value.name == "Invalid"
