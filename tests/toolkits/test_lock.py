from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.lock import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "lock.json").read_text(encoding="utf-8"))


def test_a_door_shows_its_log_newest_first_and_no_digits(call: Call) -> None:
    door, _ = call(TOOLKIT, EXAMPLE, "lock_read_door", door_id="d2")
    assert [event["id"] for event in door["log"]] == ["e3", "e2"]
    assert door["codes"] == [{"id": "k2", "door_id": "d2", "holder": "lee@harlow.example", "until": "2026-04-01T18:00"}]


@pytest.mark.parametrize(("query", "expected"), [("", ["v1", "v2"]), ("COPIER", ["v1"]), ("thorne", ["v2"])])
def test_visits_are_found_by_what_they_say(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "lock_visits", query=query)
    assert [visit["id"] for visit in found] == expected


def test_a_door_that_is_unlocked_says_so_in_its_log(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "lock_set_door", door_id="d2", locked=False)
    assert not after["doors"][1]["locked"]
    entry = {"door_id": "d2", "time": "2026-03-14T09:30", "who": "Mira Harlow", "text": "Unlocked by remote."}
    assert after["log"][-1] == {"id": "e4", **entry}


def test_hours_are_set_and_taken_away(call: Call) -> None:
    door, _ = call(TOOLKIT, EXAMPLE, "lock_set_hours", door_id="d2", opens="00:00", closes="23:59")
    assert (door["opens"], door["closes"]) == ("00:00", "23:59")
    door, _ = call(TOOLKIT, EXAMPLE, "lock_set_hours", door_id="d1")
    assert (door["opens"], door["closes"]) == ("", "")


def test_a_stranger_can_get_a_code_for_good_and_lose_it_again(call: Call) -> None:
    code, after = call(TOOLKIT, EXAMPLE, "lock_give_code", door_id="d2", holder="Bram Okafor")
    assert code["until"] == ""
    assert code["digits"].isdigit()
    assert len(code["digits"]) == 6
    assert after["codes"][-1] == code
    gone, ended = call(TOOLKIT, after, "lock_withdraw_code", code_id=code["id"])
    assert gone["holder"] == "Bram Okafor"
    assert [each["id"] for each in ended["codes"]] == ["k1", "k2"]


def test_made_up_digits_differ_from_code_to_code(call: Call) -> None:
    first, after = call(TOOLKIT, EXAMPLE, "lock_give_code", door_id="d2", holder="Bram")
    second, _ = call(TOOLKIT, after, "lock_give_code", door_id="d2", holder="Bram")
    assert first["digits"] != second["digits"]


def test_a_visitor_is_let_in_once(call: Call) -> None:
    visit, after = call(TOOLKIT, EXAMPLE, "lock_admit", visit_id="v1")
    assert visit["admitted"] == "2026-03-14T09:30"
    assert (after["log"][-1]["door_id"], after["log"][-1]["who"]) == ("d1", "Rocco Vance")
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "lock_admit", visit_id="v1")
    assert caught.value.name == "AlreadyDone"


def test_clearing_a_log_leaves_those_of_other_doors(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "lock_clear_log", door_id="d2")
    assert [event["id"] for event in after["log"]] == ["e1"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("set_hours", {"opens": "08:00"}),
        ("set_hours", {"opens": "18:00", "closes": "08:00"}),
        ("set_hours", {"opens": "24:00", "closes": "25:00"}),
        ("give_code", {"holder": " "}),
        ("give_code", {"holder": "Lee", "digits": "12a4"}),
        ("give_code", {"holder": "Lee", "until": "2026-03-14T09:30"}),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"lock_{tool}", door_id="d1", **arguments)
    assert caught.value.name == "Invalid"
