from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.tasks import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "tasks.json").read_text(encoding="utf-8"))
DANA = "dana@harlow.example"
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["t3", "t2", "t1", "t5", "t6", "t4"]),
        ({"query": "spring FAIR"}, ["t3", "t2", "t4"]),
        ({"query": "4471"}, ["t2"]),
        ({"query": "dana@"}, ["t2"]),
    ],
)
def test_search_lists_open_tasks_before_done_ones_by_date(
    call: Call, arguments: dict[str, Any], expected: list[str]
) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "tasks_search", **arguments)
    assert ids(found) == expected
    assert all("notes" not in task for task in found)


def test_read_shows_notes_and_comments(call: Call) -> None:
    task, _ = call(TOOLKIT, EXAMPLE, "tasks_read", task_id="t2")
    assert (task["notes"], task["comments"][0]["text"]) == ("The key code is 4471.", "Take the large one.")


def test_add_and_update_keep_what_is_given(call: Call) -> None:
    task, after = call(TOOLKIT, EXAMPLE, "tasks_add", project_id="p4", title="Call", notes="Twice", due="2026-03-20")
    assert (task["id"], task["creator"], task["done"]) == ("t7", "mira@harlow.example", False)
    task, _ = call(TOOLKIT, after, "tasks_update", task_id="t7", done=True, due="")
    assert (task["title"], task["notes"], task["due"], task["done"]) == ("Call", "Twice", "", True)


@pytest.mark.parametrize("wrong", [{"title": " "}, {"due": "tomorrow"}, {"due": "2026-02-30"}])
def test_a_task_needs_a_title_and_a_date_that_exists(call: Call, wrong: dict[str, str]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "tasks_update", task_id="t1", **wrong)
    assert caught.value.name == "Invalid"


def test_who_is_assigned_is_told_with_the_notes(call: Call) -> None:
    notice, after = call(TOOLKIT, EXAMPLE, "tasks_assign", task_id="t2", to=STRANGER, message="Please hurry.")
    assert notice["text"] == "Please hurry.\n\nBook the van\n\nThe key code is 4471."
    assert after["tasks"][1]["assignee"] == STRANGER
    assert after["notices"] == [notice]


def test_share_and_unshare_undo_each_other(call: Call) -> None:
    project, after = call(TOOLKIT, EXAMPLE, "tasks_share", project_id="p1", person=STRANGER, right="write")
    assert project["members"] == {STRANGER: "write"}
    assert (
        call(TOOLKIT, after, "tasks_unshare", project_id="p1", person=STRANGER)[1]["projects"]
        == (call(TOOLKIT, EXAMPLE, "tasks_projects")[0])
    )


def test_who_leaves_a_project_keeps_none_of_its_tasks(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "tasks_unshare", project_id="p2", person=DANA)
    assert after["tasks"][1]["assignee"] == ""


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("add", {"project_id": "p3", "title": "More"}),
        ("update", {"task_id": "t5", "done": True}),
        ("assign", {"task_id": "t5", "to": DANA}),
        ("delete", {"entry_id": "t5"}),
        ("delete", {"entry_id": "p4"}),
        ("share", {"project_id": "p4", "person": STRANGER}),
        ("unshare", {"project_id": "p3", "person": DANA}),
    ],
)
def test_projects_of_others_set_limits(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"tasks_{tool}", **arguments)
    assert caught.value.name == "Forbidden"


def test_a_project_goes_with_all_its_tasks(call: Call) -> None:
    said, after = call(TOOLKIT, EXAMPLE, "tasks_delete", entry_id="p2")
    assert said == "Deleted the project 'Spring fair' with 3 tasks."
    assert ids(after["tasks"]) == ["t1", "t5", "t6"]
    assert ids(call(TOOLKIT, EXAMPLE, "tasks_delete", entry_id="t6")[1]["tasks"]) == ["t1", "t2", "t3", "t4", "t5"]
