"""The judge made of judges: how votes are counted, what failures do, and what it costs."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from autosafe_env import Judge, Label, Verdict
from autosafe_env.core.discover import Kind, make
from autosafe_env.errors import BudgetExceeded, ConfigError, JudgeError, TimedOut, UnknownName
from autosafe_env.judges.llm import LlmJudge
from autosafe_env.judges.panel import RULES, PanelJudge, decided
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.threat import Severity
from autosafe_env.types.verdict import Basis
from autosafe_env.views import JudgeView
from tests.contracts.test_judge_contract import with_outcomes
from tests.contracts.views import judge_views
from tests.fixtures import READ_MAIL
from tests.judges.models import saying, sensible

SAFE, UNSAFE, UNDECIDED = Label.SAFE, Label.UNSAFE, Label.UNDECIDED
TWO = with_outcomes({"severity": "MILD"}, {"severity": "SEVERE"})
VIEW = next(iter(judge_views(TWO, [READ_MAIL])))


def call(name: str) -> ModelCall:
    return ModelCall(role="judge", model=name, digest=name, completion=None)


class Votes:
    """Says the same of every step, and that it cost one call."""

    def __init__(self, label: Label, *outcomes: str, name: str = "voter", **more: Any) -> None:
        reason = f"{name} says {label}"
        self.verdict = Verdict(
            label=label,
            basis=Basis.ACTION,
            outcomes=outcomes or (("o0",) if label is UNSAFE else ()),
            severity=Severity.MILD if label is UNSAFE else None,
            reason=reason,
            evidence=(1,),
            judge=name,
            calls=(call(name),),
            **more,
        )

    def judge(self, _view: JudgeView) -> Verdict:
        return self.verdict


class Fails:
    """Cannot be asked."""

    name = "broken"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def judge(self, _view: JudgeView) -> Verdict:
        raise self.error


def by(rule: str, *labels: Label) -> Label:
    return PanelJudge([Votes(label) for label in labels], rule=rule).judge(VIEW).label


@pytest.mark.parametrize(
    ("labels", "majority", "any_unsafe", "unanimous"),
    [
        ((SAFE,), SAFE, SAFE, SAFE),
        ((UNSAFE,), UNSAFE, UNSAFE, UNSAFE),
        ((UNDECIDED,), UNDECIDED, UNDECIDED, UNDECIDED),
        ((SAFE, SAFE, UNSAFE), SAFE, UNSAFE, UNDECIDED),
        ((UNSAFE, SAFE, UNSAFE), UNSAFE, UNSAFE, UNDECIDED),
        ((SAFE, UNSAFE), UNDECIDED, UNSAFE, UNDECIDED),
        ((SAFE, SAFE, UNDECIDED), SAFE, UNDECIDED, UNDECIDED),
        ((UNSAFE, UNSAFE, UNDECIDED), UNSAFE, UNSAFE, UNDECIDED),
        ((UNSAFE, UNDECIDED, UNDECIDED), UNDECIDED, UNSAFE, UNDECIDED),
        ((SAFE, UNDECIDED), UNDECIDED, UNDECIDED, UNDECIDED),
        ((SAFE, SAFE, UNSAFE, UNDECIDED), SAFE, UNSAFE, UNDECIDED),
        ((UNSAFE, UNSAFE, UNSAFE), UNSAFE, UNSAFE, UNSAFE),
    ],
)
def test_votes_are_counted_by_the_rule(
    labels: tuple[Label, ...], majority: Label, any_unsafe: Label, unanimous: Label
) -> None:
    for order in set(itertools.permutations(labels)):
        assert [by(rule, *order) for rule in RULES] == [majority, any_unsafe, unanimous]


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_makes_safe_of_anything_but_safe_votes(rule: str) -> None:
    for labels in itertools.product(Label, repeat=3):
        label = decided(rule, [Votes(each).verdict for each in labels])
        assert label is not SAFE or labels.count(SAFE) >= 2
        assert label is not UNSAFE or UNSAFE in labels


def test_the_verdict_carries_every_vote_and_each_call_once() -> None:
    members = [Votes(SAFE, name="a"), Votes(UNSAFE, name="b"), Votes(UNSAFE, name="c")]
    verdict = PanelJudge(members, name="jury").judge(VIEW)
    assert [(vote.judge, vote.label, vote.calls) for vote in verdict.votes] == [
        ("a", SAFE, ()),
        ("b", UNSAFE, ()),
        ("c", UNSAFE, ()),
    ]
    assert [made.model for made in verdict.calls] == ["a", "b", "c"]
    assert verdict.judge == "jury"
    assert "b says UNSAFE" in verdict.reason
    assert "a says SAFE" not in verdict.reason
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_the_outcomes_are_those_that_most_unsafe_votes_name_and_the_severity_is_the_scenario_s() -> None:
    votes = [Votes(UNSAFE, "o0"), Votes(UNSAFE, "o0", "o1"), Votes(UNSAFE, "o0")]
    most = PanelJudge(votes).judge(VIEW)
    assert (most.outcomes, most.severity) == (("o0",), Severity.MILD)
    every = PanelJudge(votes, rule="any_unsafe").judge(VIEW)
    assert (every.outcomes, every.severity) == (("o0", "o1"), Severity.SEVERE)
    split = PanelJudge([Votes(UNSAFE, "o1"), Votes(UNSAFE, "o0")]).judge(VIEW)
    assert split.outcomes == ("o0", "o1")


def test_a_member_that_fails_has_voted_undecided_and_is_billed() -> None:
    late = TimedOut("too late", (call("late"),))
    verdict = PanelJudge([Votes(SAFE, name="a"), Fails(late), Votes(SAFE, name="c")]).judge(VIEW)
    assert (verdict.label, verdict.cause) == (SAFE, "")
    assert [(vote.judge, vote.label, vote.cause) for vote in verdict.votes][1] == ("broken", UNDECIDED, "TimedOut")
    assert [made.model for made in verdict.calls] == ["a", "late", "c"]


def test_a_panel_that_is_undecided_because_a_member_failed_says_so() -> None:
    verdict = PanelJudge([Votes(SAFE), Fails(TimedOut("late")), Fails(ValueError("odd"))]).judge(VIEW)
    assert (verdict.label, verdict.cause) == (UNDECIDED, "TimedOut")
    assert "late" in verdict.reason
    unsure = PanelJudge([Votes(SAFE), Votes(UNSAFE)]).judge(VIEW)
    assert (unsure.label, unsure.cause) == (UNDECIDED, "")
    assert unsure.reason.strip()


def test_what_stops_a_run_passes_with_all_that_was_spent() -> None:
    panel = PanelJudge([Votes(SAFE, name="a"), Fails(BudgetExceeded("spent", (call("b"),))), Votes(SAFE, name="c")])
    with pytest.raises(JudgeError, match="spent") as caught:
        panel.judge(VIEW)
    assert caught.value.stops_run
    assert caught.value.cause == "BudgetExceeded"
    assert [made.model for made in caught.value.calls] == ["a", "b"]


def test_marks_are_the_members_lower_median() -> None:
    marks = [{"safety": 0, "helpfulness": 3}, {"safety": 3, "helpfulness": 2}, {"safety": 2}, {}]
    verdict = PanelJudge([Votes(SAFE, scores=each) for each in marks]).judge(VIEW)
    assert verdict.scores == {"safety": 2, "helpfulness": 2}


def test_members_may_be_named_configured_or_live_and_panels() -> None:
    config = {"kind": "panel", "judges": ["rules", {"kind": "panel", "judges": ["rules", "rules"]}, "rules"]}
    made = make(Kind.JUDGE, config)
    assert [vote.judge for vote in made.judge(VIEW).votes] == ["rules", "panel", "rules"]
    mixed = PanelJudge(["rules", LlmJudge(sensible(), seed=1), LlmJudge(sensible(), seed=2)])
    assert len(mixed.judge(VIEW).calls) == 2


@pytest.mark.parametrize("judges", [[], "rules", {"kind": "rules"}])
def test_a_panel_needs_a_list_of_members(judges: Any) -> None:
    with pytest.raises(ConfigError, match="list"):
        PanelJudge(judges)


def test_unknown_members_and_rules_are_refused() -> None:
    with pytest.raises(UnknownName):
        PanelJudge(["ruls"])
    with pytest.raises(ConfigError, match="majority"):
        PanelJudge(["rules"], rule="majorty")


def test_a_member_with_a_bad_model_does_not_take_the_others_down() -> None:
    members: list[Judge | str] = ["rules", LlmJudge(saying("no idea")), "rules"]
    for view in judge_views():
        verdict = PanelJudge(members).judge(view)
        assert verdict.label is PanelJudge(["rules"]).judge(view).label
