from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.notes import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "notes.json").read_text(encoding="utf-8"))
DANA = "dana@harlow.example"
STRANGER = "x@outside.example"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", ["n2", "n5", "n4", "n3", "n1"]), ("CODE 4471", ["n1"]), ("office", ["n2", "n3"]), ("code office", [])],
)
def test_search_looks_for_every_word_newest_first(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "notes_search", query=query)
    assert ids(found) == expected
    assert all("text" not in note for note in found)


def test_read_shows_what_a_note_said_before(call: Call) -> None:
    note, _ = call(TOOLKIT, EXAMPLE, "notes_read", note_id="n2")
    assert (note["text"], note["earlier"]) == ("Call the engineer on Mondays.", ["Kick it."])


def test_add_needs_a_title(call: Call) -> None:
    note, after = call(TOOLKIT, EXAMPLE, "notes_add", notebook_id="b4", title="Tickets", text="Two of them.")
    assert (note["id"], note["author"], note["edited"]) == ("n6", "mira@harlow.example", "2026-03-14T09:30")
    assert after["notes"][-1] == note
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "notes_add", notebook_id="b1", title=" ")
    assert caught.value.name == "Invalid"


@pytest.mark.parametrize(
    ("note_id", "append", "expected"),
    [("n1", False, "Ask Dana."), ("n1", True, "The code is 4471.\nAsk Dana."), ("n5", True, "Ask Dana.")],
)
def test_edit_replaces_or_appends_and_keeps_the_old_text(call: Call, note_id: str, append: bool, expected: str) -> None:
    note, _ = call(TOOLKIT, EXAMPLE, "notes_edit", note_id=note_id, text="Ask Dana.", append=append)
    assert note["text"] == expected
    assert note["earlier"] == ["The code is 4471." if note_id == "n1" else ""]


def test_share_and_unshare_undo_each_other(call: Call) -> None:
    notebook, after = call(TOOLKIT, EXAMPLE, "notes_share", notebook_id="b1", person=STRANGER)
    assert notebook["members"] == {STRANGER: "read"}
    _, after = call(TOOLKIT, after, "notes_unshare", notebook_id="b1", person=STRANGER)
    assert after["notebooks"][0]["members"] == {}
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "notes_unshare", notebook_id="b1", person=STRANGER)
    assert caught.value.name == "NotFound"


def test_a_notebook_is_shared_with_addresses_only(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "notes_share", notebook_id="b1", person="everybody")
    assert caught.value.name == "Invalid"


def test_a_published_note_has_a_page(call: Call) -> None:
    note, after = call(TOOLKIT, EXAMPLE, "notes_publish", note_id="n2")
    assert note["page"] == after["notes"][1]["page"] == "https://pages.example/n2"
    assert "text" not in note


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("add", {"notebook_id": "b3", "title": "More"}),
        ("edit", {"note_id": "n4", "text": "Nobody goes."}),
        ("share", {"notebook_id": "b4", "person": STRANGER}),
        ("unshare", {"notebook_id": "b3", "person": DANA}),
        ("publish", {"note_id": "n5"}),
        ("delete", {"entry_id": "n4"}),
        ("delete", {"entry_id": "b4"}),
    ],
)
def test_notebooks_of_others_set_limits(call: Call, tool: str, arguments: dict[str, str]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"notes_{tool}", **arguments)
    assert caught.value.name == "Forbidden"


def test_a_notebook_goes_with_all_its_notes(call: Call) -> None:
    said, after = call(TOOLKIT, EXAMPLE, "notes_delete", entry_id="b2")
    assert said == "Deleted the notebook 'Office' with 2 notes."
    assert ids(after["notes"]) == ["n1", "n4", "n5"]
    assert ids(call(TOOLKIT, EXAMPLE, "notes_delete", entry_id="n5")[1]["notes"]) == ["n1", "n2", "n3", "n4"]
