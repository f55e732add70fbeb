"""Labelled sets: made from paths alone, made again alike, each pair a near miss, put to a judge without a verdict."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from autosafe_env import Label, Scenario, Verdict, load_scenario
from autosafe_env.bench.card_files import shipped_sets
from autosafe_env.bench.judge_card import JudgeCard, card_of
from autosafe_env.core.discover import scenario_files
from autosafe_env.errors import ConfigError, JudgeError, Problem, Unreachable
from autosafe_env.judges.llm import LlmJudge
from autosafe_env.judges.rules import RulesJudge
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.record.labels import Case, Kind, Labelled, LabelsHeader, Scored, Truth, lines_of, write_labels
from autosafe_env.record.verdicts import Judging
from autosafe_env.run.labelled import Scoring, judged_steps, played, read_set, replayed
from autosafe_env.run.near_miss import Pair, chosen_pairs, pairs_of, trajectories_of
from autosafe_env.run.suite import sample
from autosafe_env.types.events import Judged
from autosafe_env.types.threat import Variant
from autosafe_env.views import JudgeView
from tests.fixtures import scenario, scenario_data

RULES = Judging(judge="rules")
HEADER = LabelsHeader(name="test", suite="", command="", versions={})


@cache
def shipped(name: str) -> tuple[Labelled, ...]:
    lines = lines_of(shipped_sets()[name])[1:]
    return tuple(Labelled.model_validate_json(line) for line in lines if line)


def pairs_in(name: str) -> dict[str, Pair]:
    """The pairs of a set that ships: UNSAFE and SAFE."""
    found: dict[str, list[Labelled]] = defaultdict(list)
    for each in shipped(name):
        if each.pair:
            found[each.pair].append(each)
    return {pair: (sides[0], sides[1]) for pair, sides in found.items() if len(sides) == 2}


def case(labelled: Labelled) -> Case:
    truth = Truth(
        id=labelled.id,
        labels=labelled.labels,
        label=labelled.label,
        corpus="test",
        pair=labelled.pair,
        kind=str(labelled.kind or ""),
    )
    return Case(truth, lambda: replayed(labelled), "file", 1)


def all_cases(name: str, most: int) -> list[Case]:
    """A sample of the pairs of a set that ships."""
    drawn = sample(pairs_in(name), most, 1, str)
    return [case(side) for pair in drawn for side in pairs_in(name)[pair]]


def card(scored: list[Scored | Problem]) -> JudgeCard:
    assert [each for each in scored if isinstance(each, Problem)] == []
    return card_of([each for each in scored if isinstance(each, Scored)], RULES, version="1")


class Answering:
    """Says the same of every step, or raises after so many."""

    def __init__(self, label: Label, error: Callable[[int], Exception | None] = lambda _: None) -> None:
        self.label, self.error = label, error
        self.views: list[JudgeView] = []
        self.lock = threading.Lock()

    def judge(self, view: JudgeView) -> Verdict:
        with self.lock:
            self.views.append(view)
        if error := self.error(len(self.views)):
            raise error
        return Verdict(label=self.label, basis=view.basis, reason="always")


def test_the_sets_that_ship_hold_pairs_with_two_sides_each() -> None:
    for name in shipped_sets():
        assert len(pairs_in(name)) * 2 == sum(each.pair != "" for each in shipped(name))
        assert len({each.id for each in shipped(name)}) == len(shipped(name))
    assert sum(len(pairs_in(name)) for name in shipped_sets()) >= 300


@pytest.mark.parametrize("name", sorted(shipped_sets()))
def test_the_two_sides_of_a_pair_differ_in_one_action(name: str) -> None:
    for unsafe, safe in pairs_in(name).values():
        assert (unsafe.label, safe.label) == (Label.UNSAFE, Label.SAFE)
        assert (unsafe.scenario, unsafe.kind) == (safe.scenario, safe.kind)
        assert (unsafe.unsafe_at, list(unsafe.labels)) == (len(unsafe.actions) - 1, [len(unsafe.actions) - 1])
        one, other = unsafe.actions, safe.actions
        if unsafe.kind is Kind.OTHER_WORLD:
            assert one == other
            assert (unsafe.variant, safe.variant) == (Variant.ATTACKED, Variant.BENIGN)
            continue
        assert unsafe.variant is safe.variant is Variant.ATTACKED
        if unsafe.kind is Kind.INSERTED_ACTION:
            assert len(other) == len(one) + 1
            assert one[-1] == other[-1]
            assert any((*other[:at], *other[at + 1 :]) == one for at in range(len(other)))
        else:
            assert one[:-1] == other[:-1]
            assert one[-1] != other[-1]
            assert unsafe.kind is Kind.NEXT_ACTION or one[-1].tool == other[-1].tool is not None


def test_the_set_of_core_is_made_again() -> None:
    alone = {each.id: each for each in shipped("core") if not each.pair}
    for name in scenario_files():
        if name.startswith("core-"):
            for made in trajectories_of(load_scenario(name)):
                assert alone.pop(made.id) == made, "a scenario has changed: run `autosafe judge-labels` again"
    assert alone == {}
    for name in sample([each for each in scenario_files() if each.startswith("core-")], 15, 0, str):
        there = {pair: sides for pair, sides in pairs_in("core").items() if sides[0].scenario == name}
        assert {pair[0].pair: pair for pair in pairs_of(load_scenario(name))} == there


def test_a_sample_of_the_generated_set_is_made_again() -> None:
    for pair in sample(pairs_in("synth-v1"), 15, 0, str):
        sides = pairs_in("synth-v1")[pair]
        assert sides in pairs_of(load_scenario(sides[0].scenario))
    alone = [each for each in shipped("synth-v1") if not each.pair]
    for labelled in sample(alone, 15, 0, lambda each: each.id):
        assert labelled in trajectories_of(load_scenario(labelled.scenario))


def test_the_rules_are_right_about_a_sample_of_all_pairs() -> None:
    cases = [*all_cases("core", 20), *all_cases("synth-v1", 30)]
    made = card(list(Scoring(RulesJudge(), RULES).results(cases)))
    (whole,) = (each for each in made.pairs if each.by == "all")
    assert (whole.pairs, whole.undecided, whole.right.count) == (50, 0, 50)


@pytest.mark.parametrize("label", [Label.SAFE, Label.UNSAFE])
def test_a_judge_that_always_says_the_same_gets_no_pair_right(label: Label) -> None:
    made = card(list(Scoring(Answering(label), RULES).results(all_cases("synth-v1", 5))))
    (whole,) = (each for each in made.pairs if each.by == "all")
    assert (whole.pairs, whole.right.count) == (5, 0)
    sides = next(each for each in made.scores if each.by == "all")
    assert (sides.accuracy.share, sides.kappa) == (0.5, 0.0)


def test_of_a_pair_only_the_last_step_is_asked_about() -> None:
    judge, setting = Answering(Label.SAFE), load_scenario("core-invoice-redirect")
    (unsafe, safe), *_ = pairs_of(setting)
    list(Scoring(judge, RULES).results([case(unsafe), case(safe)]))
    assert [view.step.index for view in judge.views] == [len(unsafe.actions) - 1] * 2
    whole, alone = Answering(Label.SAFE), trajectories_of(setting)[1]
    list(Scoring(whole, RULES).results([case(alone)]))
    assert [view.step.index for view in whole.views] == [*range(len(alone.actions))]


def test_no_verdict_has_a_part_in_a_recipe() -> None:
    recorded = played(scenario(), scenario().path("unsafe"), Variant.ATTACKED)
    verdicts = [event.verdict for event in recorded.events if isinstance(event, Judged)]
    assert {verdict.label for verdict in verdicts} == {Label.UNDECIDED}
    assert judged_steps(recorded) == [0, 1]


def test_pairs_are_drawn_evenly_and_by_the_seed() -> None:
    scenarios = [load_scenario(name) for name in sample([*scenario_files()], 12, 0, str)]
    every = chosen_pairs(scenarios, None, 0)
    assert every == [pair for each in scenarios for pair in pairs_of(each)]
    some = chosen_pairs(scenarios, 6, 0)
    assert len(some) == 6
    assert some == chosen_pairs(scenarios, 6, 0) == [pair for pair in every if pair in some]
    assert any(chosen_pairs(scenarios, 6, seed) != some for seed in range(1, 6))
    cells = [(load_scenario(pair[0].scenario).categories[0], pair[0].kind) for pair in some]
    assert len(set(cells)) >= 4


def unlike(change: Mapping[str, object]) -> Scenario:
    data = scenario_data()
    data["paths"] = {**data["paths"], **change}
    return load_scenario(data)


def test_actions_that_fail_make_no_pair() -> None:
    kinds = [pair[0].kind for pair in pairs_of(scenario())]
    assert kinds == [Kind.NEXT_ACTION]
    paths = scenario_data()["paths"]
    broken = {"tool": "email_read", "arguments": {"message_id": "m9"}}
    assert pairs_of(unlike({"safe": [paths["safe"][0], broken, *paths["safe"][1:]]})) == []


def test_a_set_is_written_and_read_and_what_is_broken_is_told(tmp_path: Path) -> None:
    name = "core-invoice-redirect"
    made = trajectories_of(load_scenario(name))
    path = tmp_path / "set.jsonl"
    assert write_labels(path, HEADER, [*made, made[0], made[1].changed({"id": "old", "version": 99})]) == 5
    with path.open("a") as file:
        file.write('{"id": "x"}\nno json\n\n')
        file.write(made[2].changed({"id": "lost", "scenario": "core-invoice-redirekt"}).model_dump_json() + "\n")
    reading = read_set(path)
    assert [(problem.line, problem.file) for problem in reading.problems] == [
        (5, str(path)),
        (7, str(path)),
        (8, str(path)),
    ]
    found = list(Scoring(RulesJudge(), RULES).results(reading.cases))
    problems = [each for each in found if isinstance(each, Problem)]
    assert sorted(problem.line for problem in problems) == [6, 10]
    assert any("version 99" in problem.message for problem in problems)
    assert any("core-invoice-redirect" in problem.message for problem in problems)
    assert len(found) - len(problems) == 3
    packed = tmp_path / "set.jsonl.gz"
    write_labels(packed, HEADER, made)
    assert [each.truth for each in read_set(packed).cases] == [each.truth for each in reading.cases[:3]]
    (tmp_path / "other.jsonl").write_text("{}\n")
    with pytest.raises(ConfigError, match="no set of labels"):
        read_set(tmp_path / "other.jsonl")


def test_a_judge_that_stops_the_run_leaves_what_was_judged() -> None:
    def error(count: int) -> Exception | None:
        return Unreachable("nobody is there") if count > 3 else None

    scoring = Scoring(Answering(Label.SAFE, error), RULES)
    found = list(scoring.results(all_cases("synth-v1", 5)))
    assert len(found) == 3
    assert "nobody is there" in scoring.stopped


def test_a_judge_that_fails_has_not_decided() -> None:
    scoring = Scoring(Answering(Label.SAFE, lambda _: JudgeError("no")), RULES)
    (found,) = scoring.results([case(pairs_in("core")[sorted(pairs_in("core"))[0]][0])])
    assert isinstance(found, Scored)
    assert found.judgement.steps[-1].verdict.label is Label.UNDECIDED
    assert scoring.stopped == ""


def test_labels_that_nobody_asks_about_are_told() -> None:
    labelled = next(each for each in shipped("core") if not each.pair)
    truth = case(labelled).truth
    steps_only = Case(truth.changed({"label": None}), lambda: replayed(labelled), "f", 7)
    too_far = Case(truth.changed({"labels": {99: Label.SAFE}}), lambda: replayed(labelled), "f", 8)
    whole = Judging(judge="llm", per="trajectory")
    (one,) = Scoring(LlmJudge(ScriptedModel([])), whole).results([steps_only])
    (other,) = Scoring(RulesJudge(), RULES).results([too_far])
    assert isinstance(one, Problem)
    assert isinstance(other, Problem)
    assert (one.line, other.line) == (7, 8)
    assert "--per trajectory" in one.message
    assert "no judged step 99" in other.message
    with pytest.raises(ConfigError, match="steps only"):
        Scoring(RulesJudge(), whole)
