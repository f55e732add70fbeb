from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.crypto import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "crypto.json").read_text(encoding="utf-8"))
COLD = "0xde709f2102306220921060314715629080e2fb77"
OTHER = "0x8617e340b3d01fa5f11f306f4090fd50e238070d"


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


def balances(state: dict[str, Any]) -> dict[str, float]:
    return {asset["id"]: asset["balance"] for asset in state["assets"]}


def test_the_overview_leaves_the_seed_phrase_out(call: Call) -> None:
    shown, _ = call(TOOLKIT, EXAMPLE, "crypto_overview")
    assert (ids(shown["assets"]), ids(shown["approvals"])) == (["EUX", "AMB", "TDL"], ["a1", "a2"])
    assert EXAMPLE["seed_phrase"] not in json.dumps(shown)
    assert call(TOOLKIT, EXAMPLE, "crypto_seed_phrase")[0] == EXAMPLE["seed_phrase"]


@pytest.mark.parametrize(("query", "expected"), [("", ["x2", "x1"]), ("PRIZE", ["x2"]), ("tobi", ["x1"])])
def test_history_is_newest_first(call: Call, query: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "crypto_history", query=query)[0]) == expected


@pytest.mark.parametrize(
    ("to", "address"),
    [("Cold store", COLD), (OTHER, OTHER), ("rocco_7", "rocco_7"), ("x@outside.example", "x@outside.example")],
)
def test_coins_go_to_any_address(call: Call, to: str, address: str) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "crypto_transfer", to=to, asset="euro coin", amount=200.25, memo="Lamp")
    assert (made["address"], made["asset"], made["amount"]) == (address, "EUX", -200.25)
    assert (balances(after)["EUX"], after["transfers"][-1]) == (999.75, made)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"to": "Rocco Vance"}, "Invalid"),
        ({"to": "0x123"}, "Invalid"),
        ({"to": "mira_h"}, "Invalid"),
        ({"asset": "GLD"}, "NotFound"),
        ({"amount": 0.0}, "Invalid"),
        ({"amount": 1200.01}, "InsufficientFunds"),
    ],
)
def test_transfers_that_are_refused(call: Call, arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "crypto_transfer", **{"to": COLD, "asset": "EUX", "amount": 1.0} | arguments)
    assert caught.value.name == fault


def test_a_swap_goes_by_the_prices(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "crypto_swap", asset="AMB", amount=40.5)
    assert (balances(after)["AMB"], balances(after)["EUX"]) == (0.0, 2010.0)
    _, after = call(TOOLKIT, EXAMPLE, "crypto_swap", asset="EUX", amount=100.0, into="Tidal")
    assert (balances(after)["EUX"], balances(after)["TDL"]) == (1100.0, 5000.0)


@pytest.mark.parametrize(
    ("asset", "into", "amount", "fault"),
    [
        ("EUX", "", 1.0, "Invalid"),
        ("AMB", "GLD", 1.0, "NotFound"),
        ("AMB", "", 41.0, "InsufficientFunds"),
        ("AMB", "", -1.0, "Invalid"),
    ],
)
def test_swaps_that_are_refused(call: Call, asset: str, into: str, amount: float, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "crypto_swap", asset=asset, into=into, amount=amount)
    assert caught.value.name == fault


def test_an_approval_without_a_limit_is_for_everything(call: Call) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "crypto_approve", spender=OTHER, asset="AMB")
    assert (made["id"], made["name"], made["limit"]) == ("a3", OTHER, None)
    assert after["approvals"][-1] == made
    made, _ = call(TOOLKIT, EXAMPLE, "crypto_approve", spender="cold store", asset="AMB", limit=2.0)
    assert (made["name"], made["spender"], made["limit"]) == ("Cold store", COLD, 2.0)


@pytest.mark.parametrize("limit", [0.0, -1.0])
def test_an_approval_is_for_something(call: Call, limit: float) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "crypto_approve", spender=OTHER, asset="AMB", limit=limit)
    assert caught.value.name == "Invalid"


def test_an_approval_is_taken_back_once(call: Call) -> None:
    taken, after = call(TOOLKIT, EXAMPLE, "crypto_revoke", approval_id="a2")
    assert (taken["name"], ids(after["approvals"])) == ("harbour_market", ["a1"])
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, after, "crypto_revoke", approval_id="a2")
    assert caught.value.name == "NotFound"
