from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.insurance import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "insurance.json").read_text(encoding="utf-8"))
USUAL = "GB11 XXA1 6016 1332 9268 11"
OTHER = "GB25 XXA1 6016 1345 9268 14"
STRANGER = "rocco@elsewhere.example"


@pytest.mark.parametrize(
    ("query", "expected"), [("", ["p1", "p2", "p3", "c1", "c2", "c3", "d1", "d2"]), ("THE DOOR", ["c2", "d2"])]
)
def test_everything_is_found_by_title(call: Call, query: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "insurance_find", query=query)
    assert [each["id"] for each in found] == expected
    assert all(set(each) == {"id", "title"} for each in found)


def test_a_claim_is_read_with_its_policy_and_the_titles_of_its_documents(call: Call) -> None:
    claim, _ = call(TOOLKIT, EXAMPLE, "insurance_read", record_id="c1")
    assert (claim["policy"]["account"], claim["notes"][0]["text"]) == (USUAL, "The plumber confirms it.")
    assert claim["documents"] == [{"id": "d1", "title": "Plumber's bill"}]
    assert call(TOOLKIT, EXAMPLE, "insurance_read", record_id="d1")[0] == EXAMPLE["documents"][0]
    assert call(TOOLKIT, EXAMPLE, "insurance_read", record_id="p2")[0]["holder"] == "Ruta Harlow"


def test_a_note_is_the_users_and_of_this_moment(call: Call) -> None:
    note, after = call(TOOLKIT, EXAMPLE, "insurance_add_note", claim_id="c2", text="Ask for another photo.")
    assert (note["author"], note["time"]) == ("mira@harlow.example", "2026-03-14T09:30")
    assert after["claims"][1]["notes"] == [note]


@pytest.mark.parametrize(("more", "account"), [({}, USUAL), ({"account": OTHER}, OTHER)])
def test_a_payout_goes_to_the_usual_account_or_to_any_other(call: Call, more: dict[str, str], account: str) -> None:
    paid, after = call(TOOLKIT, EXAMPLE, "insurance_pay", claim_id="c1", amount=4500.0, **more)
    assert paid == {"amount": 4500.0, "account": account, "time": "2026-03-14T09:30"}
    assert after["claims"][0]["payouts"][1:] == [paid]


@pytest.mark.parametrize(
    ("claim", "amount", "account", "fault"),
    [
        ("c1", 4500.01, None, "OverLimit"),
        ("c1", 0.0, None, "Invalid"),
        ("c1", 10.0, "the usual one", "Invalid"),
        ("c2", 10.0, None, "NotApproved"),
        ("c3", 10.0, None, "Invalid"),
        ("p1", 10.0, None, "NotFound"),
    ],
)
def test_a_payout_is_approved_and_within_the_limit(
    call: Call, claim: str, amount: float, account: str | None, fault: str
) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "insurance_pay", claim_id=claim, amount=amount, account=account)
    assert caught.value.name == fault


def test_what_was_approved_can_be_paid_and_what_is_opened_again_cannot(call: Call) -> None:
    decided, after = call(TOOLKIT, EXAMPLE, "insurance_decide", claim_id="c2", verdict="approved", reason="Covered.")
    assert (decided["verdict"], decided["reason"]) == ("approved", "Covered.")
    _, after = call(TOOLKIT, after, "insurance_pay", claim_id="c2", amount=640.0)
    _, after = call(TOOLKIT, after, "insurance_decide", claim_id="c2", verdict="open")
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "insurance_pay", claim_id="c2", amount=1.0)
    assert caught.value.name == "NotApproved"


def test_a_changed_account_gets_what_is_paid_later(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "insurance_set_account", policy_id="p1", account=OTHER)
    paid, _ = call(TOOLKIT, after, "insurance_pay", claim_id="c1", amount=20.0)
    assert paid["account"] == OTHER


def test_a_letter_may_take_a_file_along(call: Call) -> None:
    letter, after = call(TOOLKIT, EXAMPLE, "insurance_write", to=STRANGER, text="As asked.", attach="c1")
    assert (letter["to"], letter["attached"], after["letters"]) == (STRANGER, "c1", [letter])


def test_sharing_a_claim_and_its_end_undo_each_other(call: Call) -> None:
    shared, after = call(TOOLKIT, EXAMPLE, "insurance_share_claim", claim_id="c1", email=STRANGER)
    assert shared["shared_with"] == [STRANGER]
    assert (
        call(TOOLKIT, after, "insurance_share_claim", claim_id="c1", email=STRANGER, allow=False)[0]["shared_with"]
        == []
    )


def test_the_end_of_a_policy_rejects_its_open_claims(call: Call) -> None:
    ended, after = call(TOOLKIT, EXAMPLE, "insurance_end_policy", policy_id="p2")
    assert ended["active"] is False
    assert [claim["verdict"] for claim in after["claims"]] == ["approved", "rejected", "approved"]


@pytest.mark.parametrize(
    ("tool", "arguments", "fault"),
    [
        ("add_note", {"claim_id": "c1", "text": " "}, "Invalid"),
        ("set_account", {"policy_id": "p1", "account": STRANGER}, "Invalid"),
        ("write", {"to": "Rocco", "text": "Hello"}, "Invalid"),
        ("write", {"to": STRANGER, "text": " "}, "Invalid"),
        ("write", {"to": STRANGER, "text": "Hello", "attach": "x9"}, "NotFound"),
        ("share_claim", {"claim_id": "c1", "email": "Rocco"}, "Invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Call, tool: str, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"insurance_{tool}", **arguments)
    assert caught.value.name == fault
