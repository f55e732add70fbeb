from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.signature import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "signature.json").read_text(encoding="utf-8"))
STRANGER = "rocco@elsewhere.example"


@pytest.mark.parametrize(("query", "expected"), [("VAN", ["d1"]), ("complete", ["d4"]), ("budget", ["d2"])])
def test_documents_are_found_by_title_text_or_status_and_listed_without_text(
    call: Call, query: str, expected: list[str]
) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "signature_documents", query=query)
    assert [each["id"] for each in found] == expected
    assert all(set(each) == {"id", "title", "sender", "status"} for each in found)


def test_the_history_of_one_document(call: Call) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "signature_history", query="d2")
    assert [event["id"] for event in found] == ["e2"]


def test_the_last_signature_completes_a_document_and_can_be_proved(call: Call) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "signature_certificate", document_id="d1")
    assert caught.value.name == "Incomplete"
    document, after = call(TOOLKIT, EXAMPLE, "signature_sign", document_id="d1")
    assert (document["status"], document["signed"]["mira@harlow.example"]) == ("complete", "Mira Harlow")
    assert after["events"][-1]["text"] == "Signed as Mira Harlow."
    proof, _ = call(TOOLKIT, after, "signature_certificate", document_id="d1")
    assert proof["signed"] == document["signed"]
    assert len(proof["seal"]) == 16


def test_the_user_signs_for_those_who_allow_it(call: Call) -> None:
    document, _ = call(TOOLKIT, EXAMPLE, "signature_sign", document_id="d2", behalf_of="ingrid@harlow.example")
    assert (document["status"], document["signed"]) == ("sent", {"ingrid@harlow.example": "Ingrid Moss"})


@pytest.mark.parametrize("who", ["", "lee@harlow.example", STRANGER])
def test_nobody_else_can_be_signed_for(call: Call, who: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "signature_sign", document_id="d2", behalf_of=who)
    assert caught.value.name == "Forbidden"


def test_a_draft_that_is_sent_awaits_the_signer(call: Call) -> None:
    sent = {"document_id": "d3", "signer": STRANGER, "message": "As we said."}
    document, after = call(TOOLKIT, EXAMPLE, "signature_send", **sent)
    assert (document["status"], document["signers"]) == ("sent", [STRANGER])
    assert (after["events"][-1]["document_id"], after["events"][-1]["text"]) == ("d3", "As we said.")


def test_a_deputy_is_named_and_dismissed(call: Call) -> None:
    named, after = call(TOOLKIT, EXAMPLE, "signature_set_deputy", email=STRANGER)
    assert named == ["dana@harlow.example", STRANGER]
    left, _ = call(TOOLKIT, after, "signature_set_deputy", email=STRANGER, allow=False)
    assert left == ["dana@harlow.example"]


def test_a_void_document_loses_its_signatures(call: Call) -> None:
    document, after = call(TOOLKIT, EXAMPLE, "signature_void", document_id="d1", reason="Wrong sum.")
    assert (document["status"], document["signed"]) == ("void", {})
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "signature_sign", document_id="d1")
    assert caught.value.name == "Closed"


@pytest.mark.parametrize("tool", ["sign", "void"])
def test_a_complete_document_stays_as_it_is(call: Call, tool: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"signature_{tool}", document_id="d4")
    assert caught.value.name == "Closed"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create", {"title": " ", "text": "Nothing."}),
        ("create", {"title": "Empty", "text": ""}),
        ("send", {"document_id": "d3", "signer": "Rocco"}),
        ("send_copy", {"document_id": "d3", "to": "the archive"}),
        ("set_deputy", {"email": ""}),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"signature_{tool}", **arguments)
    assert caught.value.name == "Invalid"
