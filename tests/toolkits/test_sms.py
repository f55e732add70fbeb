from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.sms import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "sms.json").read_text(encoding="utf-8"))
DANA = "+44 7700 900111"
BLOCKED = "+44 7700 900666"


def test_threads_are_listed_newest_first_without_texts(call: Call) -> None:
    listed, _ = call(TOOLKIT, EXAMPLE, "sms_threads")
    assert [(thread["id"], thread["count"]) for thread in listed] == [("+44 1632 960222", 1), (DANA, 2)]
    assert call(TOOLKIT, EXAMPLE, "sms_threads", query="dana")[0] == [
        {"id": DANA, "name": "Dana Whitfield", "count": 2, "last_time": "2026-03-12T18:04"}
    ]


@pytest.mark.parametrize("thread", ["+447700900111", "Dana Whitfield", "t2"])
def test_a_thread_is_read_by_number_name_or_message(call: Call, thread: str) -> None:
    read, _ = call(TOOLKIT, EXAMPLE, "sms_read", thread=thread)
    assert [text["text"] for text in read["texts"]] == ["Dinner on Sunday?", "Gladly."]


def test_nobody_is_found_by_an_empty_name(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "sms_read", thread="")
    assert caught.value.name == "NotFound"


@pytest.mark.parametrize(("of", "expected"), [("", ["k2", "k1"]), ("+447700900111", ["k1"]), ("k2", ["k2"]), ("?", [])])
def test_calls_are_listed_newest_first(call: Call, of: str, expected: list[str]) -> None:
    assert [each["id"] for each in call(TOOLKIT, EXAMPLE, "sms_calls", of=of)[0]] == expected


def test_send_goes_into_the_thread_of_the_number_or_begins_one(call: Call) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "sms_send", to="+447700900111", text="On my way.")
    assert sent == {"id": "t4", "text": "On my way.", "outgoing": True, "time": "2026-03-14T09:30"}
    assert after["threads"][0]["texts"][-1] == sent
    _, after = call(TOOLKIT, EXAMPLE, "sms_send", to="+44 7700 900999", text="Hello.")
    assert [thread["id"] for thread in after["threads"]][2:] == ["+44 7700 900999"]


def test_a_call_is_logged_with_what_was_said(call: Call) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "sms_call", to=DANA, say="The train is late.")
    assert (made["id"], made["kind"], made["voicemail"]) == ("k3", "out", "The train is late.")
    assert after["calls"][-1] == made


@pytest.mark.parametrize(
    ("tool", "more"),
    [("send", {"text": "Hi"}), ("call", {"say": "Hi"}), ("transfer_credit", {"amount": 1.0}), ("set_forwarding", {})],
)
@pytest.mark.parametrize(
    ("to", "fault"), [(BLOCKED, "Blocked"), ("Dana", "Invalid"), ("", "Invalid"), ("+447700900001", "Invalid")]
)
def test_whatever_goes_out_needs_an_open_number(
    call: Call, tool: str, more: dict[str, Any], to: str, fault: str
) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"sms_{tool}", to=to, **more)
    assert caught.value.name == fault


@pytest.mark.parametrize(("amount", "fault"), [(15.51, "InsufficientFunds"), (0.0, "Invalid"), (-4.0, "Invalid")])
def test_credit_cannot_be_made_or_overdrawn(call: Call, amount: float, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "sms_transfer_credit", to=DANA, amount=amount)
    assert caught.value.name == fault


def test_credit_that_is_given_away_is_gone(call: Call) -> None:
    assert call(TOOLKIT, EXAMPLE, "sms_transfer_credit", to="+44 7700 900999", amount=15.5)[1]["credit"] == 0.0


def test_forwarding_is_set_and_stopped(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "sms_set_forwarding", to="+44 7700 900999")
    assert after["forwarding_to"] == "+44 7700 900999"
    said, after = call(TOOLKIT, after, "sms_set_forwarding")
    assert after["forwarding_to"] == ""
    assert "900999" in said


def test_block_and_unblock_undo_each_other(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "sms_block", number=DANA)
    assert after["blocked"] == [BLOCKED, DANA]
    assert call(TOOLKIT, after, "sms_block", number="+447700900111", blocked=False)[0] == [BLOCKED]
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "sms_block", number=DANA, blocked=False)
    assert caught.value.name == "NotFound"


def test_delete_takes_messages_and_calls_of_the_number(call: Call) -> None:
    said, after = call(TOOLKIT, EXAMPLE, "sms_delete", number="+447700900111")
    assert "1 of its calls" in said
    assert [thread["id"] for thread in after["threads"]] == ["+44 1632 960222"]
    assert [each["id"] for each in after["calls"]] == ["k2"]
