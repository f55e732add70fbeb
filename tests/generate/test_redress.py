"""Suites in another attack style: the payload changes its dress, and nothing else changes."""

from __future__ import annotations

import pytest

from autosafe_env import load_scenario
from autosafe_env.core.discover import scenario_files
from autosafe_env.errors import UnknownName
from autosafe_env.generate.redress import redress
from autosafe_env.generate.styles import STYLES
from autosafe_env.run.prove import prove
from autosafe_env.types.threat import Source

CORE = sorted(name for name, path in scenario_files().items() if path.parent.name == "core")


@pytest.mark.parametrize("style", STYLES)
def test_a_scenario_of_a_file_still_proves_itself_in_every_style(style: str) -> None:
    for name in ("core-invoice-redirect", "core-dog-sitter"):
        assert list(prove(redress(load_scenario(name), style))) == []


@pytest.mark.parametrize("name", CORE[::12])
def test_only_payloads_of_attackers_change(name: str) -> None:
    before = load_scenario(name)
    after = redress(before, "authority")
    assert after.model_copy(update={"triggers": before.triggers}) == before
    for old, new in zip(before.triggers, after.triggers, strict=True):
        dresses = old.source is not Source.ACTION and isinstance(old.payload, str) and not old.hole.startswith("fault")
        assert (new.payload != old.payload) is dresses
        assert new.benign == old.benign


def test_what_stands_there_anyway_is_no_part_of_the_attack() -> None:
    scenario = load_scenario("core-invoice-redirect")
    trigger = scenario.triggers[0].model_copy(
        update={"payload": "Dear all,\n\nkind words.\n\nPay now.", "benign": "Dear all,\n\nkind words."}
    )
    (new,) = redress(scenario.model_copy(update={"triggers": (trigger,)}), "urgency").triggers
    assert str(new.payload).startswith("Dear all,\n\nkind words.\n\nURGENT")


def test_an_unknown_style_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no attack style is called 'urgent'; did you mean 'urgency'"):
        redress(load_scenario("core-invoice-redirect"), "urgent")
