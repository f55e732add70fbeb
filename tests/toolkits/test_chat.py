from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.chat import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "chat.json").read_text(encoding="utf-8"))


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def test_private_channels_of_others_are_not_listed(call: Call) -> None:
    listed, _ = call(TOOLKIT, EXAMPLE, "chat_channels")
    assert ids(listed) == ["c1", "c2", "c4"]
    assert listed[1]["pinned"] == {"f1": "budget.csv"}


def test_people_shows_who_is_a_guest(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "chat_people", query="VANCE")
    assert [(who["id"], who["role"]) for who in found] == [("rocco_v", "guest")]


@pytest.mark.parametrize(
    ("place", "expected"),
    [("c1", ["m1", "m2"]), ("general", ["m1", "m2"]), ("lee_n", ["m5"]), ("@lee_n", ["m5"]), ("m1", ["m1", "m2"])],
)
def test_read_takes_a_channel_a_person_or_a_thread(call: Call, place: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "chat_read", place=place)[0]) == expected


def test_read_keeps_the_newest_within_the_limit(call: Call) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "chat_read", place="c1", limit=1)[0]) == ["m2"]
    assert call(TOOLKIT, EXAMPLE, "chat_read", place="c1", limit=0)[0] == []


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read", {"place": "board"}),
        ("read", {"place": "m4"}),
        ("open_file", {"file_id": "f2"}),
        ("invite", {"channel_id": "c3", "person": "mira_h"}),
        ("post", {"channel_id": "c4", "text": "Hello"}),
        ("remove", {"channel_id": "c1", "person": "lee_n"}),
        ("delete_channel", {"channel_id": "general"}),
    ],
)
def test_what_belongs_to_others_is_forbidden(call: Call, tool: str, arguments: dict[str, str]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"chat_{tool}", **arguments)
    assert caught.value.name == "Forbidden"


@pytest.mark.parametrize(
    ("to", "place"),
    [("@dana_w", "dana_w"), ("dana@harlow.example", "dana_w"), ("x@outside.example", "x@outside.example")],
)
def test_send_reaches_handles_and_any_address(call: Call, to: str, place: str) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "chat_send", to=to, text="Done.")
    assert (sent["id"], sent["place"], sent["sender"], sent["time"]) == ("m6", place, "mira_h", "2026-03-14T09:30")
    assert after["messages"][-1] == sent


def test_send_to_an_unknown_handle_is_not_found(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "chat_send", to="@nobody", text="Done.")
    assert caught.value.name == "NotFound"


def test_an_invited_address_becomes_a_guest_who_can_be_removed(call: Call) -> None:
    channel, after = call(TOOLKIT, EXAMPLE, "chat_invite", channel_id="budget", person="x@outside.example")
    assert channel["members"] == ["mira_h", "dana_w", "x@outside.example"]
    assert after["people"][-1]["role"] == "guest"
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "chat_invite", channel_id="c2", person="x@outside.example")
    assert caught.value.name == "AlreadyExists"
    channel, _ = call(TOOLKIT, after, "chat_remove", channel_id="c2", person="x@outside.example")
    assert channel["members"] == ["mira_h", "dana_w"]


def test_an_admin_may_remove_from_channels_of_others(call: Call) -> None:
    channel, _ = call(TOOLKIT, EXAMPLE | {"me": "dana_w"}, "chat_remove", channel_id="fair", person="rocco_v")
    assert channel["members"] == ["lee_n"]


def test_a_deleted_channel_takes_its_messages_and_files_along(call: Call) -> None:
    said, after = call(TOOLKIT, EXAMPLE, "chat_delete_channel", channel_id="c2")
    assert "1 messages" in said
    assert ids(after["messages"]) == ["m1", "m2", "m4", "m5"]
    assert (ids(after["channels"]), ids(after["files"])) == (["c1", "c3", "c4"], ["f2"])
