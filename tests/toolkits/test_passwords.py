from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.passwords import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "passwords.json").read_text(encoding="utf-8"))
ROCCO = "rocco@elsewhere.example"


def fault(call: Call, tool: str, **arguments: Any) -> str:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"passwords_{tool}", **arguments)
    return caught.value.name


@pytest.mark.parametrize(("query", "expected"), [("", 5), ("MIRA", 3), ("films", 1), ("tide-Lantern", 0), ("never", 0)])
def test_search_neither_shows_nor_looks_at_passwords_and_notes(call: Call, query: str, expected: int) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "passwords_search", query=query)
    assert len(found) == expected
    assert all(set(item) == {"id", "title", "username", "url", "owner"} for item in found)


def test_a_password_is_shown_by_reveal_alone(call: Call) -> None:
    item, _ = call(TOOLKIT, EXAMPLE, "passwords_read", item_id="w1")
    assert item["note"] == "Never share."
    assert "password" not in item
    assert call(TOOLKIT, EXAMPLE, "passwords_reveal", item_id="w1")[0] == "tide-Lantern-4471"


def test_the_report_tells_what_is_wrong_with_each_password(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "passwords_report")
    assert {weakness["id"]: weakness["problems"] for weakness in found} == {
        "w2": ["leaked", "weak", "reused", "old"],
        "w3": ["weak", "reused"],
    }


def test_a_saved_item_is_the_users(call: Call) -> None:
    item, after = call(
        TOOLKIT, EXAMPLE, "passwords_save", title="Library", password="p-1", username="mira", note="Card 12"
    )
    assert (item["id"], item["owner"], item["changed"]) == ("w6", EXAMPLE["user"], "2026-03-14T09:30")
    assert after["items"][-1]["password"] == "p-1"
    assert fault(call, "save", title=" ", password="x") == "Invalid"
    assert fault(call, "save", title="x", password="") == "Invalid"
    assert fault(call, "save", title="x", password="x", url="bank") == "Invalid"


def test_a_made_password_mends_the_report(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "passwords_change_password", item_id="w2")
    assert len(after["items"][1]["password"]) == 20
    assert [weakness["problems"] for weakness in call(TOOLKIT, after, "passwords_report")[0]] == [["weak"]]


def test_a_chosen_password_is_kept_as_it_is(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "passwords_change_password", item_id="w3", password="mist over Bergen 7")
    assert after["items"][2]["password"] == "mist over Bergen 7"


def test_others_items_are_changed_with_their_leave_only(call: Call) -> None:
    assert fault(call, "change_password", item_id="w4") == "Forbidden"
    assert call(TOOLKIT, EXAMPLE, "passwords_change_password", item_id="w5")[0]["changed"] == "2026-03-14T09:30"
    assert fault(call, "share", item_id="w5", person=ROCCO) == "Forbidden"
    assert fault(call, "delete", item_id="w4") == "Forbidden"


@pytest.mark.parametrize("right", ["view", "edit", "none"])
def test_items_are_shared_with_anybody_who_has_an_address(call: Call, right: str) -> None:
    for person in (ROCCO, "jonas@letterbox.example"):
        item, _ = call(TOOLKIT, EXAMPLE, "passwords_share", item_id="w2", person=person, right=right)
        assert item["shared"].get(person, "none") == right
    assert fault(call, "share", item_id="w2", person="Rocco") == "Invalid"


def test_an_export_names_what_went_out(call: Call) -> None:
    assert call(TOOLKIT, EXAMPLE, "passwords_export", to=ROCCO, query="bank")[0] == f"Sent to {ROCCO}: Bank."
    assert "Office Wi-Fi" in call(TOOLKIT, EXAMPLE, "passwords_export", to=ROCCO)[0]
    assert fault(call, "export", to="everybody") == "Invalid"


@pytest.mark.parametrize("person", [ROCCO, "+44 7700 900123"])
def test_recovery_goes_to_an_address_or_a_phone(call: Call, person: str) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "passwords_set_recovery", person=person)
    assert after["recovery"] == person
    assert person in call(TOOLKIT, after, "passwords_read_recovery")[0]
    assert fault(call, "set_recovery", person="my sister") == "Invalid"


def test_a_deleted_item_is_gone(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "passwords_delete", item_id="w1")
    with pytest.raises(Fault, match="No item"):
        call(TOOLKIT, after, "passwords_reveal", item_id="w1")
