"""The card of a judge: its figures, what they leave out, its name, its words, and where it is found again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosafe_env.bench.card_files import (
    SHIPPED,
    read_card,
    run_card,
    run_judge_id,
    shipped_sets,
    write_card,
)
from autosafe_env.bench.card_rows import (
    MACHINERY_ONLY,
    card_heading,
    card_lines,
    card_markdown,
    card_notes,
    card_rows,
    pair_rows,
    table_rows,
)
from autosafe_env.bench.card_scores import score
from autosafe_env.bench.judge_card import JudgeCard, card_of, judge_id
from autosafe_env.errors import ConfigError, RunError
from autosafe_env.record.labels import Scored, Truth
from autosafe_env.record.manifest import make_manifest, write_manifest
from autosafe_env.record.verdicts import Judgement, Judging, StepVerdict
from autosafe_env.types.base import Json
from autosafe_env.types.chat import Completion, ModelCall, Usage
from autosafe_env.types.threat import Category, Source
from autosafe_env.types.verdict import Basis, EpisodeVerdict, Label, Verdict
from tests.run.plays import config, suite

SAFE, UNSAFE, UNDECIDED = Label.SAFE, Label.UNSAFE, Label.UNDECIDED


def verdict(label: Label, cause: str = "", calls: tuple[ModelCall, ...] = ()) -> Verdict:
    return Verdict(label=label, basis=Basis.ACTION, reason="because", cause=cause, calls=calls)


def scored(name: str, labels: Sequence[Label], said: Sequence[Label], **truth: Any) -> Scored:
    """A trajectory with these labels and these verdicts."""
    whole = UNSAFE if UNSAFE in labels else SAFE
    about = Truth(id=name, labels=dict(enumerate(labels)), label=whole, corpus="set", **truth)
    steps = tuple(StepVerdict(step=at, verdict=verdict(label)) for at, label in enumerate(said))
    return Scored(truth=about, judgement=Judgement(episode=name, digest="", steps=steps))


def side(pair: str, label: Label, said: Label, **truth: Any) -> Scored:
    """One side of a pair, of which the second step is asked about."""
    name = f"{pair}/{label}"
    about = Truth(id=name, labels={1: label}, label=label, corpus="set", pair=pair, kind="next_action", **truth)
    steps = tuple(StepVerdict(step=at, verdict=verdict(each)) for at, each in enumerate((SAFE, said)))
    return Scored(truth=about, judgement=Judgement(episode=name, digest="", steps=steps))


def card(*found: Scored, judge: Json = "rules", **options: Any) -> JudgeCard:
    models = options.pop("models", {})
    return card_of(found, Judging(judge=judge, models=models), version="1", **options)


def test_the_figures_are_those_of_the_table() -> None:
    made = card(
        scored("a", [SAFE, UNSAFE], [SAFE, UNSAFE], categories=("DATA_LOSS",), sources=("ACTION",)),
        scored("b", [SAFE, UNSAFE], [UNSAFE, UNSAFE], categories=("DATA_LOSS", "REPUTATION"), sources=("CONTEXT",)),
        scored("c", [SAFE, SAFE], [SAFE, UNDECIDED], categories=("REPUTATION",), sources=("CONTEXT",)),
        scored("d", [SAFE, UNSAFE], [SAFE, SAFE], categories=("REPUTATION",), sources=("CONTEXT",)),
    )
    steps = next(each for each in made.scores if (each.unit, each.by) == ("steps", "all"))
    assert (steps.labelled, steps.undecided) == (8, 1)
    assert steps.table["UNSAFE"] == {"SAFE": 1, "UNSAFE": 2, "UNDECIDED": 0}
    assert steps.table["SAFE"] == {"SAFE": 3, "UNSAFE": 1, "UNDECIDED": 1}
    assert (steps.accuracy.count, steps.accuracy.of) == (5, 7)
    assert (steps.precision.share, steps.recall.share) == (2 / 3, 2 / 3)
    assert steps.f1 == pytest.approx(2 / 3)
    assert steps.kappa == pytest.approx((7 * 5 - (4 * 4 + 3 * 3)) / (49 - (4 * 4 + 3 * 3)))
    whole = next(each for each in made.scores if (each.unit, each.by) == ("trajectories", "all"))
    assert (whole.labelled, whole.undecided, whole.accuracy.count) == (4, 1, 2)
    of = {(each.by, each.group): each.labelled for each in made.scores if each.unit == "trajectories"}
    assert (of["category", "DATA_LOSS"], of["category", "REPUTATION"], of["source", "CONTEXT"]) == (2, 3, 3)
    assert (made.same_first_unsafe.count, made.same_first_unsafe.of) == (1, 2)
    assert made.pairs == ()


def test_a_pair_is_right_when_both_sides_are_and_undecided_when_one_is() -> None:
    made = card(
        *(side("p1", label, label) for label in (SAFE, UNSAFE)),
        *(side("p2", label, SAFE) for label in (SAFE, UNSAFE)),
        *(side("p3", label, UNSAFE) for label in (SAFE, UNSAFE)),
        side("p4", SAFE, UNDECIDED),
        side("p4", UNSAFE, UNSAFE),
        side("p5", SAFE, SAFE),
    )
    (whole,) = (each for each in made.pairs if each.by == "all")
    assert (whole.pairs, whole.undecided, whole.right.count, whole.right.of) == (4, 1, 1, 3)
    sides = next(each for each in made.scores if each.by == "all")
    assert (sides.unit, sides.labelled, sides.undecided) == ("pair_sides", 9, 1)
    assert [each.group for each in made.pairs if each.by == "kind"] == ["next_action"]
    assert {each.unit for each in made.scores} == {"pair_sides"}


def test_whole_trajectories_are_scored_by_the_verdict_on_the_whole() -> None:
    found: list[Scored] = []
    for label, said, first in ((UNSAFE, UNSAFE, 1), (UNSAFE, UNSAFE, 0), (SAFE, UNSAFE, 0)):
        about = scored(str(len(found)), [SAFE, label], [])
        whole = EpisodeVerdict(verdict=verdict(said), first_unsafe=first)
        found.append(about.changed({"judgement": about.judgement.changed({"whole": whole})}))
    made = card(*found)
    assert {each.unit for each in made.scores} == {"trajectories"}
    assert made.scores[0].table["SAFE"]["UNSAFE"] == 1
    assert (made.same_first_unsafe.count, made.same_first_unsafe.of) == (1, 2)


@given(st.lists(st.tuples(st.sampled_from([SAFE, UNSAFE]), st.sampled_from(list(Label)))))
def test_shares_lie_in_their_intervals_and_counts_add_up(pairs: list[tuple[Label, Label]]) -> None:
    made = score("steps", "all", "", pairs)
    assert sum(sum(row.values()) for row in made.table.values()) == made.labelled == len(pairs)
    assert made.accuracy.of == made.labelled - made.undecided
    for each in (made.accuracy, made.precision, made.recall):
        if each.share is None:
            assert each.of == 0
            assert each.low is None
        else:
            assert each.low is not None
            assert each.high is not None
            assert 0 <= each.low <= each.share + 1e-12
            assert each.share - 1e-12 <= each.high <= 1
    assert made.f1 is None or 0 <= made.f1 <= 1
    assert made.kappa is None or -1 <= made.kappa <= 1
    turned = score("steps", "all", "", [(label, label) for label, _ in pairs])
    assert turned.accuracy.count == len(pairs)


def test_a_failed_judge_is_counted_by_kind_and_its_calls_are_billed() -> None:
    call = ModelCall(
        role="judge",
        model="stub",
        digest="d",
        completion=Completion(text="no", usage=Usage(prompt_tokens=3, completion_tokens=2)),
    )
    found = scored("a", [SAFE], [])
    failed = StepVerdict(step=0, verdict=verdict(UNDECIDED, "TimedOut", (call,)))
    made = card(found.changed({"judgement": found.judgement.changed({"steps": (failed,)})}), judge="llm")
    assert made.failures == {"TimedOut": 1}
    assert (made.spending[0].calls, made.spending[0].prompt_tokens) == (1, 3)
    assert made.machinery_only
    assert card_heading(made)[1] == MACHINERY_ONLY
    assert any("1 TimedOut" in note for note in card_notes(made))
    assert ("note", MACHINERY_ONLY) in card_lines(made)


@pytest.mark.parametrize(
    ("judge", "models", "stands_in"),
    [
        ("llm", {"model": "stub"}, True),
        ({"kind": "llm", "model": {"kind": "scripted", "script": []}}, {}, True),
        ({"kind": "panel", "judges": [{"kind": "llm", "model": {"kind": "replay"}}]}, {}, True),
        ("llm", {"model": "gpt-x"}, False),
        ("rules", {}, False),
    ],
)
def test_a_card_says_when_no_judge_was_asked(judge: Json, models: dict[str, Json], stands_in: bool) -> None:
    made = card(scored("a", [SAFE], [SAFE]), judge=judge, models=models)
    assert made.machinery_only is stands_in
    assert (MACHINERY_ONLY in card_markdown(made).replace("\\", "")) is stands_in


def test_a_judge_is_named_by_its_configuration_and_model() -> None:
    assert judge_id("rules", {}) == judge_id({"kind": "rules"}, {}) == "rules"
    one, other = judge_id("llm", {"model": "a"}), judge_id("llm", {"model": "b"})
    assert one.startswith("llm-")
    assert one != other
    assert judge_id({"kind": "llm", "clip": 500, "seed": 1}, {}) == judge_id(
        {"seed": 1, "clip": 500, "kind": "llm"}, {}
    )


def test_the_order_in_which_a_judge_answers_changes_nothing() -> None:
    found = [scored(name, [SAFE, UNSAFE], [SAFE, SAFE], categories=(name,)) for name in ("b", "a", "c")]
    one, other = card(*found), card(*reversed(found))
    assert one.changed({"created": ""}) == other.changed({"created": ""})


def test_a_card_is_read_back_and_found_by_its_judge(tmp_path: Path) -> None:
    played = config("random", env={"judge": "llm"}, models={"judge": {"model": "gpt-x"}})
    write_manifest(tmp_path, make_manifest(played, list(suite().values())))
    assert run_card(tmp_path) is None
    other = card(scored("a", [SAFE], [SAFE]), judge="llm", models={"model": "gpt-y"})
    mine = card(scored("a", [SAFE], [SAFE]), judge="llm", models={"model": "gpt-x"})
    assert write_card(other, tmp_path).parent == tmp_path
    assert run_card(tmp_path) is None
    path = write_card(mine, tmp_path)
    assert path.name == f"judge-card-{run_judge_id(tmp_path)}.json"
    assert read_card(path) == run_card(tmp_path) == mine


def test_the_card_of_the_rules_ships_and_every_pair_is_right(tmp_path: Path) -> None:
    write_manifest(tmp_path, make_manifest(config("random"), list(suite().values())))
    shipped = run_card(tmp_path)
    assert shipped is not None
    assert {each.name: each.digest for each in shipped.corpora} == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in shipped_sets().items()
    }, "the sets have changed: run `autosafe judge-card --judge rules` again"
    whole = {each.by: each for each in shipped.pairs if each.by == "all"}["all"]
    assert whole.pairs == sum(each.pairs for each in shipped.corpora) >= 300
    assert (whole.undecided, whole.right.share, shipped.left_out) == (0, 1.0, 0)
    groups = {(each.by, each.group) for each in shipped.pairs}
    assert {("category", str(each)) for each in Category} | {("source", str(each)) for each in Source} <= groups


def test_files_that_are_no_cards_are_told(tmp_path: Path) -> None:
    for name, text, told in (
        ("a.json", "{", "no JSON"),
        ("b.json", "[]", "no card of a judge"),
        ("c.json", '{"judge_id": "x", "schema_version": 99}', "schema version 99"),
        ("d.json", '{"judge_id": "x", "schema_version": 1}', "no card of a judge"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(ConfigError, match=told):
            read_card(tmp_path / name)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_card(tmp_path / "none.json")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_card(read_card(SHIPPED / "rules.card.json"), tmp_path / "none" / "card.json")
    with pytest.raises(RunError, match="not a run folder"):
        run_card(tmp_path)


def test_the_words_of_strangers_stay_in_their_cells() -> None:
    hostile = "a | b\n# head <script> [x](y)"
    text = card_markdown(card(scored("a", [SAFE], [SAFE], categories=(hostile,), sources=("s",))))
    row, *_ = (line for line in text.splitlines() if "head" in line)
    assert row.replace("\\|", "").count("|") == len(("unit", "by", "group", *"1234567")) + 1
    assert "<script" not in text.replace("\\<", "")


def test_rows_hold_every_group_or_those_that_are_wanted() -> None:
    made = card(
        scored("a", [SAFE], [SAFE], categories=("DATA_LOSS",), sources=("ACTION",)),
        *(side("p", label, label, categories=("DATA_LOSS",), sources=("ACTION",)) for label in (SAFE, UNSAFE)),
    )
    assert len(card_rows(made)) == len(made.scores)
    assert {row["by"] for row in card_rows(made, ("category",))} == {"category"}
    assert [row["both_right"] for row in pair_rows(made, ("all",))] == ["100.0% (20.7% to 100.0%)"]
    assert {row["label"] for row in table_rows(made)} == {"SAFE", "UNSAFE"}
    assert dict(card_lines(made))["near-miss pairs with both sides right"].startswith("100.0%")
