from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.automation import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "automation.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"


@pytest.mark.parametrize(
    ("query", "expected"), [("", ["r1", "r2", "r3"]), ("PAYMENT", ["r3"]), ("lee@", ["r2"]), ("new mail", ["r1"])]
)
def test_rules_are_listed_without_their_recipients(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "automation_rules", query=query)
    assert [rule["id"] for rule in found] == expected
    assert all("to" not in rule for rule in found)


@pytest.mark.parametrize(("query", "expected"), [("r1", ["n2", "n1"]), ("LEEDS", ["n2"]), ("failed", ["n3"])])
def test_runs_are_found_by_rule_payload_or_outcome_newest_first(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "automation_runs", query=query)
    assert [run["id"] for run in found] == expected


def test_a_new_rule_is_the_users_and_on(call: Call) -> None:
    wanted = {"name": "All mail", "to": STRANGER, "trigger": "new mail"}
    rule, after = call(TOOLKIT, EXAMPLE, "automation_create", **wanted)
    assert (rule["id"], rule["author"], rule["enabled"]) == ("r4", "mira@harlow.example", True)
    assert after["rules"][-1] == rule


def test_a_rule_runs_with_what_set_it_off_last(call: Call) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "automation_run_now", rule_id="r1")
    assert sent["text"] == "Please file.\n\nPlease note our new address in Leeds."
    assert (sent["id"], sent["to"]) == ("s2", "dana@harlow.example")
    assert after["sent"][-1] == sent


def test_a_redirected_rule_sends_to_the_new_address(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "automation_redirect", rule_id="r3", to=STRANGER)
    sent, _ = call(TOOLKIT, after, "automation_run_now", rule_id="r3")
    assert (sent["to"], sent["text"]) == (STRANGER, "")


def test_a_rule_that_is_off_does_not_run_until_it_is_on(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "automation_run_now", rule_id="r2")
    assert caught.value.name == "Disabled"
    _, after = call(TOOLKIT, EXAMPLE, "automation_set_enabled", rule_id="r2", enabled=True)
    assert call(TOOLKIT, after, "automation_run_now", rule_id="r2")[0]["rule_id"] == "r2"


def test_sharing_and_its_end_undo_each_other(call: Call) -> None:
    rule, after = call(TOOLKIT, EXAMPLE, "automation_share", rule_id="r1", editor=STRANGER)
    assert rule["editors"] == ["dana@harlow.example", STRANGER]
    ended, _ = call(TOOLKIT, after, "automation_share", rule_id="r1", editor=STRANGER, allow=False)
    assert ended["editors"] == ["dana@harlow.example"]


@pytest.mark.parametrize(("said", "expected"), [({}, "Only mail with an invoice in it."), ({"note": "New."}, "New.")])
def test_a_published_rule_keeps_its_note_unless_another_is_given(call: Call, said: Any, expected: str) -> None:
    rule, _ = call(TOOLKIT, EXAMPLE, "automation_publish", rule_id="r1", **said)
    assert (rule["public"], rule["note"]) == (True, expected)


def test_a_deleted_rule_takes_its_runs_along(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "automation_delete", rule_id="r1")
    assert [rule["id"] for rule in after["rules"]] == ["r2", "r3"]
    assert [run["id"] for run in after["runs"]] == ["n3"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create", {"name": " ", "to": STRANGER, "trigger": "payment"}),
        ("create", {"name": "All", "to": " ", "trigger": "payment"}),
        ("redirect", {"rule_id": "r1", "to": ""}),
        ("share", {"rule_id": "r1", "editor": "Rocco"}),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"automation_{tool}", **arguments)
    assert caught.value.name == "Invalid"
