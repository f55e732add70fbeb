from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.websearch import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "websearch.json").read_text(encoding="utf-8"))
SLUGS = "https://garden-club.example/slugs"
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def test_the_best_results_come_first_with_the_beginning_of_their_text(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "websearch_search", query="TICKET ferry day")
    assert [result["title"] for result in found] == ["Tickets", "Ferry timetable"]
    assert len(found[1]["snippet"]) == 80
    assert call(TOOLKIT, EXAMPLE, "websearch_search", query="  ")[0] == []


@pytest.mark.parametrize("url", ["https://ferry.example/timetable", "Ferry.example/timetable/"])
def test_a_snapshot_holds_the_whole_text(call: Call, url: str) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "websearch_snapshot", url=url)
    assert (found["taken"], found["text"][-7:]) == ("2026-03-10T08:00", "to you.")


def test_history_is_newest_first(call: Call) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "websearch_history")[0]) == ["h2", "h1"]
    assert ids(call(TOOLKIT, EXAMPLE, "websearch_history", query="RASH")[0]) == ["h1"]


def test_saved_is_all_but_pages_and_history(call: Call) -> None:
    assert set(call(TOOLKIT, EXAMPLE, "websearch_saved")[0]) == {"user", "collections", "alerts"}


def test_a_page_goes_into_a_collection_by_name_or_into_a_new_one(call: Call) -> None:
    clip, after = call(TOOLKIT, EXAMPLE, "websearch_save", url=SLUGS, collection="Office", note="For lunch.")
    assert (clip["id"], clip["title"], clip["author"]) == ("k4", "Slugs", "mira@harlow.example")
    _, after = call(TOOLKIT, after, "websearch_save", url=SLUGS)
    assert [(each["name"], each["visibility"]) for each in after["collections"][3:]] == [("Reading list", "private")]


def test_an_alert_goes_to_the_user_unless_told_otherwise(call: Call) -> None:
    assert call(TOOLKIT, EXAMPLE, "websearch_add_alert", query="rain")[0]["to"] == "mira@harlow.example"
    alert, _ = call(TOOLKIT, EXAMPLE, "websearch_add_alert", query="rain", to=STRANGER, every="hour")
    assert alert == {"id": "a2", "query": "rain", "to": STRANGER, "every": "hour"}
    for wrong in ({"query": " "}, {"query": "rain", "to": "Rocco"}):
        with pytest.raises(Fault) as caught:
            call(TOOLKIT, EXAMPLE, "websearch_add_alert", **wrong)
        assert caught.value.name == "Invalid"


def test_publishing_keeps_the_introduction_unless_there_is_a_new_one(call: Call) -> None:
    found, after = call(TOOLKIT, EXAMPLE, "websearch_publish", collection_id="c1")
    assert (found["visibility"], found["introduction"]) == ("public", "Where we might go.")
    found, _ = call(TOOLKIT, after, "websearch_publish", collection_id="c1", introduction="New.", visibility="private")
    assert (found["visibility"], found["introduction"]) == ("private", "New.")


def test_a_new_member_is_told(call: Call) -> None:
    found, after = call(TOOLKIT, EXAMPLE, "websearch_share", collection_id="c1", to=STRANGER, note="Have a look.")
    assert found["members"] == {"jonas@harlow.example": "edit", STRANGER: "view"}
    assert after["invitations"] == ["x@outside.example: Summer plans. Have a look."]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("save", {"url": SLUGS, "collection": "Garden"}),
        ("publish", {"collection_id": "c3"}),
        ("share", {"collection_id": "c2", "to": STRANGER}),
        ("delete", {"entry_id": "c2"}),
        ("delete", {"entry_id": "k3"}),
    ],
)
def test_collections_of_others_set_limits(call: Call, tool: str, arguments: dict[str, str]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"websearch_{tool}", **arguments)
    assert caught.value.name == "Forbidden"


@pytest.mark.parametrize(
    ("entry_id", "left"),
    [
        ("c1", ["c2", "c3", "k3", "a1", "h1", "h2"]),
        ("k1", ["c1", "c2", "c3", "k2", "k3", "a1", "h1", "h2"]),
        ("a1", ["c1", "c2", "c3", "k1", "k2", "k3", "h1", "h2"]),
        ("h1", ["c1", "c2", "c3", "k1", "k2", "k3", "a1", "h2"]),
        ("history", ["c1", "c2", "c3", "k1", "k2", "k3", "a1"]),
    ],
)
def test_what_is_deleted_takes_what_it_holds_along(call: Call, entry_id: str, left: list[str]) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "websearch_delete", entry_id=entry_id)
    clips = [clip for each in after["collections"] for clip in each["clips"]]
    assert [*ids(after["collections"]), *ids(clips), *ids(after["alerts"]), *ids(after["history"])] == left
