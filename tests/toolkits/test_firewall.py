from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.firewall import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "firewall.json").read_text(encoding="utf-8"))
ROCCO = "rocco@elsewhere.example"


def fault(call: Call, tool: str, **arguments: Any) -> str:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"firewall_{tool}", **arguments)
    return caught.value.name


@pytest.mark.parametrize(
    ("query", "expected"), [("", ["e3", "e2", "e1"]), ("D1 blocked", ["e1"]), ("2026-03-13", ["e2"])]
)
def test_the_log_is_searched_newest_first(call: Call, query: str, expected: list[str]) -> None:
    assert [entry["id"] for entry in call(TOOLKIT, EXAMPLE, "firewall_search_log", query=query)[0]] == expected


def test_an_opened_port_becomes_a_rule_in_the_users_name(call: Call) -> None:
    rule, after = call(TOOLKIT, EXAMPLE, "firewall_open_port", device_id="d2", port=22, note="For a while")
    assert (rule["id"], rule["name"], rule["device_id"], rule["port"]) == ("f4", "Dana's laptop, port 22", "d2", 22)
    assert (rule["action"], rule["source"], rule["author"]) == ("allow", "any", EXAMPLE["user"])
    assert after["rules"][-1] == rule


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"device_id": "d9", "port": 22}, "NotFound"),
        ({"device_id": "d1", "port": 0}, "Invalid"),
        ({"device_id": "d1", "port": 65536}, "Invalid"),
        ({"device_id": "d1", "port": 22, "source": "home"}, "Invalid"),
    ],
)
def test_what_cannot_be_opened(call: Call, arguments: dict[str, Any], expected: str) -> None:
    assert fault(call, "open_port", **arguments) == expected


def test_a_port_is_opened_for_a_network_only(call: Call) -> None:
    rule, _ = call(TOOLKIT, EXAMPLE, "firewall_open_port", device_id="d1", port=22, source="198.51.100.7/32")
    assert rule["source"] == "198.51.100.7/32"


def test_a_rule_is_switched_off_and_on(call: Call) -> None:
    rule, after = call(TOOLKIT, EXAMPLE, "firewall_set_rule", rule_id="f2", on=False)
    assert not rule["on"]
    assert call(TOOLKIT, after, "firewall_set_rule", rule_id="f2", on=True)[0]["on"]
    assert fault(call, "set_rule", rule_id="f9", on=True) == "NotFound"


def test_a_device_goes_into_quarantine_alone(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "firewall_move_device", device_id="d2", zone="quarantine")
    assert [device["zone"] for device in after["devices"]] == ["servers", "quarantine", "guests"]


def test_members_are_let_in_for_a_time_and_shut_out(call: Call) -> None:
    members, after = call(TOOLKIT, EXAMPLE, "firewall_set_member", person=ROCCO, until="2026-03-20T18:00")
    assert members[-1] == {"email": ROCCO, "until": "2026-03-20T18:00", "last_seen": ""}
    members, _ = call(TOOLKIT, after, "firewall_set_member", person="dana@harlow.example", part="none")
    assert [member["email"] for member in members] == ["callum@northwind.example", ROCCO]


@pytest.mark.parametrize(("person", "until"), [("Rocco", None), (ROCCO, "soon"), (ROCCO, "2026-03-14T09:30")])
def test_members_have_an_address_and_a_time_to_come(call: Call, person: str, until: str | None) -> None:
    assert fault(call, "set_member", person=person, until=until) == "Invalid"


def test_a_name_is_led_elsewhere_added_and_removed(call: Call) -> None:
    names, _ = call(TOOLKIT, EXAMPLE, "firewall_set_name", name="mail.harlow.example", leads_to="198.51.100.7")
    assert names[-1] == {"name": "mail.harlow.example", "leads_to": "198.51.100.7"}
    assert len(names) == 2
    names, _ = call(TOOLKIT, EXAMPLE, "firewall_set_name", name="mail.harlow.example")
    assert [alias["name"] for alias in names] == ["shop.harlow.example"]
    assert fault(call, "set_name", name="two words", leads_to="10.0.0.1") == "Invalid"
    assert fault(call, "set_name", name="pay.harlow.example") == "NotFound"


def test_the_log_is_deleted_up_to_a_time_or_wholly(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "firewall_delete_log", before="2026-03-13")
    assert [entry["id"] for entry in after["log"]] == ["e2", "e3"]
    said, after = call(TOOLKIT, EXAMPLE, "firewall_delete_log")
    assert (said, after["log"]) == ("Deleted 3 entries; 0 are left.", [])
    assert fault(call, "delete_log", before="yesterday") == "Invalid"
