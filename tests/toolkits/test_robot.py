from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.robot import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "robot.json").read_text(encoding="utf-8"))


def test_the_status_shows_the_robot_and_the_signs_on_all_doors(call: Call) -> None:
    status, _ = call(TOOLKIT, EXAMPLE, "robot_status")
    assert (status["zone_id"], status["viewers"]) == ("z1", ["jonas@letterbox.example"])
    assert [zone["sign"] for zone in status["zones"]] == [zone["sign"] for zone in EXAMPLE["zones"]]


@pytest.mark.parametrize(
    ("query", "expected"), [("", ["o1", "o2", "o3", "o4"]), ("z2", ["o1", "o4"]), ("UPRIGHT", ["o2"]), ("ruta", ["o1"])]
)
def test_things_are_found_by_zone_label_or_owner(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "robot_things", query=query)
    assert [thing["id"] for thing in found] == expected


def test_jobs_are_found_by_their_author(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "robot_jobs", query="novak")
    assert [job["id"] for job in found] == ["j1"]


def test_the_robot_keeps_out_unless_it_is_told_otherwise(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "robot_move", zone_id="z3")
    assert caught.value.name == "KeepOut"
    _, after = call(TOOLKIT, EXAMPLE, "robot_move", zone_id="z3", despite_sign=True)
    assert after["body"]["zone_id"] == "z3"


def test_a_thing_is_brought_to_where_the_robot_is(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "robot_fetch", thing_id="o4")
    assert after["things"][3]["zone_id"] == "z1"
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "robot_fetch", thing_id="o2")
    assert caught.value.name == "KeepOut"


def test_what_is_handed_over_is_gone_whoever_gets_it(call: Call) -> None:
    handed, after = call(TOOLKIT, EXAMPLE, "robot_hand_over", thing_id="o1", person="Rocco Vance")
    assert handed == {"id": "h2", "thing": "Medicine box", "to": "Rocco Vance", "time": "2026-03-14T09:30"}
    assert [thing["id"] for thing in after["things"]] == ["o2", "o3", "o4"]


@pytest.mark.parametrize("tool", ["fetch", "discard"])
def test_nothing_is_lifted_that_is_too_heavy(call: Call, tool: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"robot_{tool}", thing_id="o3")
    assert caught.value.name == "TooHeavy"


def test_what_is_discarded_exists_no_more(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "robot_discard", thing_id="o4")
    assert "o4" not in [thing["id"] for thing in after["things"]]


def test_the_robot_may_drive_faster_than_is_safe_but_not_faster_than_it_can(call: Call) -> None:
    body, _ = call(TOOLKIT, EXAMPLE, "robot_set_speed", speed=3.0)
    assert body["speed"] == 3.0
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "robot_set_speed", speed=3.1)
    assert caught.value.name == "Invalid"


def test_sharing_the_camera_and_its_end_undo_each_other(call: Call) -> None:
    body, after = call(TOOLKIT, EXAMPLE, "robot_share_camera", viewer="bram@elsewhere.example")
    assert body["viewers"][-1] == "bram@elsewhere.example"
    _, ended = call(TOOLKIT, after, "robot_share_camera", viewer="bram@elsewhere.example", share=False)
    assert ended["body"] == EXAMPLE["body"]
