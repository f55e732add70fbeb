"""Patterns on disk: those that ship are well formed and many; what is wrong with another is told with its line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.discover import Kind, names
from autosafe_env.errors import ScenarioError, UnknownName
from autosafe_env.generate.compose import Order
from autosafe_env.generate.library import load_patterns, pattern_files, read_pattern
from autosafe_env.generate.verify import Verified, verified
from autosafe_env.types.threat import Category, Source
from tests.generate.patterns import DATA, pattern_file

DOCS = Path(__file__).parents[2] / "docs"
SLOTS, ACTS, TRIGGER = DATA["slots"], DATA["acts"], DATA["triggers"][0]


def test_the_patterns_that_ship_cover_the_threat_model() -> None:
    patterns = load_patterns()
    assert len(patterns) >= 60
    cells = Counter((pattern.category, trigger.source) for pattern in patterns for trigger in pattern.triggers)
    assert {(category, source) for category in Category for source in Source} <= set(cells)
    strategies = {trigger.strategy for pattern in patterns for trigger in pattern.triggers}
    assert len(strategies) == 12


def test_no_pattern_names_a_toolkit() -> None:
    tools = re.compile(rf"\b({'|'.join(names(Kind.TOOLKIT))})_[a-z]+")
    assert [path.name for path in pattern_files().values() if tools.search(path.read_text(encoding="utf-8"))] == []


def test_patterns_say_things_in_many_ways() -> None:
    for pattern in load_patterns():
        in_words = [trigger for trigger in pattern.triggers if trigger.at == "instruction"]
        ways = len(pattern.instructions) + sum(len(trigger.payload) for trigger in in_words)
        assert ways >= 8, pattern.id
        assert len(set(pattern.instructions)) == len(pattern.instructions), pattern.id


@pytest.mark.parametrize("name", pattern_files())
def test_a_pattern_leads_to_scenarios_over_more_than_one_toolkit(name: str) -> None:
    (pattern,) = load_patterns([name])
    made = [verified(pattern, Order(f"test/{number}")) for number in range(5)]
    scenarios = [each.scenario for each in made if isinstance(each, Verified)]
    assert len(scenarios) >= 2, [each for each in made if not isinstance(each, Verified)]


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown key": ({"slotz": {}}, "slotz: {}", "unknown key 'slotz'; did you mean 'slots'?"),
    "an unknown key of a slot": (
        {"slots": {**SLOTS, "look": {"doez": ["READS_UNTRUSTED"]}}},
        "doez",
        "unknown key 'doez'; did you mean 'does'?",
    ),
    "an unknown role": (
        {"acts": {**ACTS, "harm": {"use": "pay", "recipent": "crook", "amount": "sum"}}},
        "harm:",
        "unknown key 'recipent'; did you mean 'recipient'",
    ),
    "an unknown slot": (
        {"acts": {**ACTS, "read": {"use": "lok", "target": "item"}}},
        "use: lok",
        "no slot is called 'lok'; did you mean 'look'?",
    ),
    "an unknown tool that is left out": (
        {"slots": {**SLOTS, "pay": {**SLOTS["pay"], "other_than": ["tranfer"]}}},
        "other_than",
        "no tool is called 'tranfer'; did you mean 'transfer'",
    ),
    "an unknown name that is filled in": (
        {"acts": {**ACTS, "harm": {"use": "pay", "recipient": "crok", "amount": "sum"}}},
        "recipient: crok",
        "no person, record or value is called 'crok'; did you mean 'crook'?",
    ),
    "a role that nothing is bound to": (
        {"acts": {**ACTS, "harm": {"use": "pay", "recipient": "crook"}}},
        "harm:",
        "the role AMOUNT of the slot 'pay' is not bound",
    ),
    "a template with an undeclared name": (
        {"instructions": ["Please {reed} it."]},
        "{reed}",
        "no declared name is called 'reed'; did you mean 'read'",
    ),
    "a field that a person does not have": (
        {"instructions": ["Please {read} for {friend.frist}."]},
        "frist",
        "the person 'friend' has no field 'frist'; did you mean 'first'?",
    ),
    "a step that is no act": (
        {"paths": {**DATA["paths"], "unsafe": [["read", "harmm"]]}},
        "harmm",
        "no act is called 'harmm'; did you mean 'harm'?",
    ),
    "a strategy of another source": (
        {"triggers": [{**TRIGGER, "strategy": "MALICIOUS"}]},
        "strategy",
        "MALICIOUS is no strategy of CONTEXT: COMPROMISED_CONTACT, INJECTION, MISLEADING_FAULT, POISONED_DATA",
    ),
    "a record that is not declared": (
        {"triggers": [{**TRIGGER, "at": "itm"}]},
        "at: itm",
        "no record is called 'itm'; did you mean 'item'?",
    ),
    "a turn without a benign text": (
        {"triggers": [{**TRIGGER, "at": "turn"}]},
        "source",
        "a turn needs a benign text, which the user says in the benign twin",
    ),
    "a fault of another strategy": (
        {"triggers": [{**TRIGGER, "at": "fault", "of": "read"}]},
        "source",
        "a MISLEADING_FAULT stands at `fault`, and nothing else does",
    ),
    "a slot that no toolkit fits": (
        {"slots": {**SLOTS, "pay": {**SLOTS["pay"], "roles": ["RECIPIENT", "AMOUNT", "COMMAND"]}}},
        "pay:",
        "no toolkit has tools for the slot 'pay'",
    ),
    "companions that no toolkit has together": (
        {"slots": {**SLOTS, "pay": {"does": ["RUNS_CODE"], "roles": ["RECIPIENT", "AMOUNT"], "beside": "look"}}},
        "look:",
        "no toolkit has tools for the slot 'look' together with pay",
    ),
    "two ways of telling the harm": (
        {"check": "true"},
        "id:",
        "a pattern has either `harm`, the act that must not be taken, or `check`",
    ),
    "a name that is never used": (
        {"values": {**DATA["values"], "when": {"one": ["today"]}}},
        "when:",
        "'when' is declared and never used",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, what: str) -> None:
    changes, mark, message = WRONG[what]
    path = pattern_file(tmp_path, **changes)
    with pytest.raises(ScenarioError) as caught:
        read_pattern(path)
    problem = next((each for each in caught.value.problems if message in each.message), None)
    assert problem is not None, str(caught.value)
    assert problem.file == str(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert mark in lines[problem.line - 1] or problem.line <= 1


def test_a_style_that_would_destroy_a_payload_is_told_when_the_pattern_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autosafe_env.generate.styles.STYLES", {"shred": lambda payload, _context: payload[:4]})
    monkeypatch.setattr("autosafe_env.generate.pattern_lint.STYLES", {"shred": None})
    path = pattern_file(tmp_path, triggers=[{**TRIGGER, "dressed": True}])
    with pytest.raises(ScenarioError, match="the attack style 'shred' destroys its payload"):
        read_pattern(path)


def test_all_that_is_wrong_with_all_files_is_told_at_once(tmp_path: Path) -> None:
    pattern_file(tmp_path, id="one-bad", harm="harmm")
    pattern_file(tmp_path, id="two-bad", instructions=["{nobody}"])
    with pytest.raises(ScenarioError) as caught:
        load_patterns([str(tmp_path)])
    assert {Path(problem.file).name for problem in caught.value.problems} == {"one-bad.yaml", "two-bad.yaml"}


def test_an_unknown_pattern_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no pattern is called 'hijacked-erand'; did you mean 'hijacked-errand'"):
        load_patterns(["hijacked-erand"])


def test_the_pattern_of_the_guide_is_read_and_leads_to_scenarios(tmp_path: Path) -> None:
    guide = (DOCS / "write-a-pattern.md").read_text(encoding="utf-8")
    whole = guide.split("```yaml\n", 1)[1].split("```", 1)[0]
    path = tmp_path / "kept-for-somebody.yaml"
    path.write_text(whole, encoding="utf-8")
    pattern = read_pattern(path)
    made = [verified(pattern, Order(f"guide/{number}")) for number in range(6)]
    assert sum(isinstance(each, Verified) for each in made) >= 3
