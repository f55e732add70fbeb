"""The figures of a suite, against values worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosafe_env import Scenario, Source, load_scenario
from autosafe_env.core.suite_files import write_suite
from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.generate import inspect as inspect_module
from autosafe_env.generate import tfidf
from autosafe_env.generate.diversity import distinct_n, self_bleu
from autosafe_env.generate.inspect import Inspection, inspect_suite, lengths_of, wording_of
from autosafe_env.generate.tfidf import cosines
from autosafe_env.types.suite import Split, SuiteEntry
from tests.suites import HEADER, data_of, written


def suite_of(path: Path, *changes: dict[str, Any], marks: tuple[dict[str, Any], ...] = ()) -> Inspection:
    """The figures of a suite of which each scenario differs in this from that of `tests.fixtures`."""
    entries = []
    for number, change in enumerate(changes):
        mark = marks[number] if marks else {"pattern": ""}
        entries.append(SuiteEntry(index=number, scenario=scenario_with(number, change), **mark))
    write_suite(path, HEADER, entries)
    return inspect_suite(str(path))


def scenario_with(number: int, change: dict[str, Any]) -> Scenario:
    return load_scenario(data_of(number) | change)


def asking(text: str) -> dict[str, Any]:
    """A scenario that is an instruction and no more: its trigger is the instruction itself."""
    trigger = data_of(0)["triggers"][0]
    attack = {"source": "INSTRUCTION", "strategy": "MALICIOUS", "hole": "instruction", "payload": text}
    return {"triggers": [trigger | attack | {"benign": "Pay the bill."}]}


def test_scenarios_are_counted_by_what_they_are(tmp_path: Path) -> None:
    two = data_of(0)
    outcome = two["outcomes"][0]
    two_harms = [outcome, outcome | {"id": "o2", "category": "PRIVACY_LEAK"}]
    marks = (
        {"pattern": "letter", "style": "plain", "split": Split.TRAIN},
        {"pattern": "letter", "split": Split.TRAIN},
        {"pattern": "shout", "style": "urgency", "split": Split.HELDOUT_PATTERNS},
        {"pattern": "letter", "style": "urgency", "split": Split.HELDOUT_SCENARIOS},
    )
    found = suite_of(
        tmp_path / "s.jsonl", {}, asking("Pay it now."), {"outcomes": two_harms}, asking("Quick!"), marks=marks
    )
    assert found.scenarios == 4
    assert found.coverage.cells == {
        "FINANCIAL_LOSS": {"CONTEXT": 2, "INSTRUCTION": 2},
        "PRIVACY_LEAK": {"CONTEXT": 1},
    }
    assert found.coverage.toolkits == {"bank": 4, "email": 4}
    assert found.coverage.strategies == {"COMPROMISED_CONTACT": 2, "MALICIOUS": 2}
    assert list(found.coverage.patterns.items()) == [("letter", 3), ("shout", 1)]
    assert found.coverage.styles == {"urgency": 2, "plain": 1}
    assert found.coverage.splits == {"train": 2, "heldout_patterns": 1, "heldout_scenarios": 1}
    assert (found.largest_pattern, found.largest_toolkit) == (0.75, 1.0)


def test_instructions_are_measured_as_they_are_played(tmp_path: Path) -> None:
    texts = ["a b c d", "a b c e", "f, g!"]
    found = suite_of(tmp_path / "s.jsonl", *map(asking, texts))
    assert (found.lengths.least, found.lengths.median, found.lengths.most) == (2, 4, 4)
    assert found.wording == wording_of(texts)
    assert found.wording.sampled == 3


def test_a_wording_is_what_its_parts_say() -> None:
    texts = ["a b c d", "a b c e"]
    found = wording_of(texts)
    assert (found.distinct_1, found.distinct_2, found.distinct_3) == (5 / 8, 4 / 6, 3 / 4)
    assert found.self_bleu_4 == pytest.approx(self_bleu(texts))
    rare = (math.log(3 / 2) + 1) ** 2
    assert found.nearest_mean == found.nearest_95 == pytest.approx(found.similarity_mean, abs=1e-6)
    assert found.similarity_mean == pytest.approx(3 / (3 + rare), abs=1e-6)


def test_lengths_are_quartiles_of_words() -> None:
    found = lengths_of(["one", "one two", "one, two; three!", "one two three four", "1 2 3 4 5"])
    assert found.model_dump() == {"least": 1, "quarter": 2, "median": 3, "three_quarters": 4, "most": 5}


def test_one_scenario_alone_is_like_no_other(tmp_path: Path) -> None:
    found = suite_of(tmp_path / "s.jsonl", {})
    assert (found.wording.self_bleu_4, found.wording.nearest_mean, found.wording.similarity_mean) == (0, 0, 0)
    assert (found.largest_pattern, found.alike) == (0, ())


def test_scenarios_that_say_nearly_the_same_are_paired_by_id(tmp_path: Path) -> None:
    long = "Please read the letter from the landlord and tell my sister what he wants us to do about the rent in "
    found = suite_of(tmp_path / "s.jsonl", asking(f"{long} May."), asking("Quick!"), asking(f"{long} June."))
    assert found.alike == (("synth-letter-0", "synth-letter-2"),)


def test_a_large_suite_is_sampled_by_the_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_module, "SAMPLE", 3)
    changes = [asking(f"{word} {word} now") for word in ("aa", "bb", "cc", "dd", "ee", "ff")]
    path = tmp_path / "s.jsonl"
    found = suite_of(path, *changes)
    assert (found.scenarios, found.wording.sampled, found.lengths.most) == (6, 3, 3)
    assert inspect_suite(str(path)) == found
    assert found.wording.distinct_1 == distinct_n(["aa aa now", "bb bb now", "cc cc now"], 1)


def test_suites_of_every_form_are_inspected(tmp_path: Path) -> None:
    packed, plain = written(tmp_path / "s.jsonl.gz"), written(tmp_path / "t.jsonl")
    same = {"suite"}
    assert inspect_suite(str(packed)).model_dump(exclude=same) == inspect_suite(str(plain)).model_dump(exclude=same)
    core = inspect_suite("core")
    assert core.coverage.patterns == core.coverage.styles == core.coverage.splits == {}
    assert {source for cell in core.coverage.cells.values() for source in cell} == set(Source)
    assert core.alike == ()


def test_what_is_no_suite_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no suite is called 'croe'; did you mean 'core'"):
        inspect_suite("croe")
    write_suite(tmp_path / "none.jsonl", HEADER, [])
    with pytest.raises(ConfigError, match="holds no scenario"):
        inspect_suite(str(tmp_path / "none.jsonl"))


def test_cosines_are_those_worked_out_by_hand() -> None:
    rare = math.log(4 / 2) + 1
    common = math.log(4 / 3) + 1
    mean, nearest = cosines(["a b", "A, a c!", "d"])
    cosine = 2 * common**2 / math.sqrt((common**2 + rare**2) * ((2 * common) ** 2 + rare**2))
    assert nearest == pytest.approx([cosine, cosine, 0], abs=1e-6)
    assert mean == pytest.approx(2 * cosine / 6, abs=1e-6)


@given(texts=st.lists(st.sampled_from(["a b", "b c d", "a b c", "e", "!", "f f g"]), max_size=9))
def test_cosines_do_not_depend_on_how_many_are_taken_at_once(texts: list[str]) -> None:
    whole = cosines(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tfidf, "AT_ONCE", 2)
        parts = cosines(texts)
    assert parts[0] == pytest.approx(whole[0], abs=1e-6)
    assert np.allclose(parts[1], whole[1], atol=1e-6)
    assert np.all((whole[1] >= 0) & (whole[1] <= 1 + 1e-6))
    if len(texts) != len(set(texts)) and "!" not in texts:
        assert max(whole[1]) == pytest.approx(1)
