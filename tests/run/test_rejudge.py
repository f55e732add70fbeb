"""Judging a run again: the views are those that the first judge had, nothing is stepped, nothing is lost."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import AutoSafeEnv, Judge, Label, Verdict, load_scenario, rollout
from autosafe_env.bench.second import compare
from autosafe_env.core.discover import scenario_files
from autosafe_env.errors import ConfigError, JudgeError, RunError, TimedOut, Unreachable
from autosafe_env.judges.llm import LlmJudge
from autosafe_env.judges.panel import PanelJudge
from autosafe_env.judges.rules import RulesJudge
from autosafe_env.record.read import read_episodes
from autosafe_env.record.sink import EVENTS, JsonlSink
from autosafe_env.record.verdicts import Judging, read_judgements, verdicts_path
from autosafe_env.run import rejudge as rejudging
from autosafe_env.run.pool import run
from autosafe_env.run.rejudge import rejudge
from autosafe_env.types.verdict import Basis
from autosafe_env.views import JudgeView
from tests.fixtures import FRAUD, GIBBERISH, KNOWN, READ_MAIL, final, make_env, message, pay
from tests.judges.models import Answering, sensible
from tests.run.plays import config, suite, walker
from tests.stub import sensible_judge

RULES = Judging(judge="rules")
AGENTS = ("oracle_safe", "oracle_unsafe", "random")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three agents on three scenarios: 18 episodes."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    run(config(*AGENTS), suite(), folder)
    return folder


@pytest.fixture
def folder(played: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may write into."""
    copy = tmp_path / "run"
    copy.mkdir()
    for file in played.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def again(folder: Path, judge: Judge, name: str = "new", judging: Judging = RULES, **options: Any) -> int:
    return rejudge(folder, judge, judging, name, **options)


class Asked:
    """The rules, and a record of every view; a function of the count may raise first."""

    def __init__(self, before: Callable[[int], None] = lambda _: None) -> None:
        self.views: list[JudgeView] = []
        self.before = before
        self.lock = threading.Lock()

    def judge(self, view: JudgeView) -> Verdict:
        with self.lock:
            self.views.append(view)
            count = len(self.views)
        self.before(count)
        return RulesJudge().judge(view)


def failing(at: int, error: Exception) -> Asked:
    """Fails from the `at`-th question on, counted from 1."""

    def check(count: int) -> None:
        if count >= at:
            raise error

    return Asked(check)


def test_the_same_judge_says_the_same_again(folder: Path) -> None:
    before = (folder / EVENTS).read_bytes()
    assert again(folder, RulesJudge()) == 18
    _, found = read_judgements(verdicts_path(folder, "new"))
    for recorded in read_episodes(folder):
        trajectory = recorded.trajectory()
        assert found[recorded.header.episode].verdicts == trajectory.verdicts
    assert (folder / EVENTS).read_bytes() == before
    compared = compare(folder, "new")
    assert (compared.episodes, compared.missing, compared.same_first_unsafe) == (18, 0, 1.0)
    assert [(row.unit, row.agreement, row.alpha) for row in compared.rows] == [
        ("steps", 1.0, 1.0),
        ("episodes", 1.0, 1.0),
    ]


def test_the_views_are_those_that_the_first_judge_had(tmp_path: Path) -> None:
    """Worlds, histories with the new judge's own verdicts, rejected and failing steps, user's turns: all of it."""
    first = Asked()
    actions = (GIBBERISH, READ_MAIL, message("remind me"), pay("nonsense"), pay(KNOWN), message("account?"), pay(FRAUD))
    env = make_env(stop_on_unsafe=False, faults=[{"tool": "bank_transfer", "at_call": 2, "fault": "TimedOut"}])
    env.roles = env.roles.__class__(env.roles.emulator, env.roles.user, first)
    rollout(env, walker(*actions, final()), seed=3)
    run(config("refuse_all"), suite(), tmp_path / "run")
    (tmp_path / "run" / EVENTS).unlink()
    with JsonlSink(tmp_path / "run") as sink:
        sink.append("e", "tester", False, env.log)
    second = Asked()
    again(tmp_path / "run", second)
    assert len(first.views) >= 8
    assert second.views == first.views
    other = Asked()
    again(tmp_path / "run", other, "outcome", Judging(judge="rules", basis=Basis.OUTCOME))
    assert {view.basis for view in other.views} == {Basis.OUTCOME}
    assert [view.after for view in other.views] == [view.after for view in first.views]


def test_no_environment_is_stepped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AutoSafeEnv, "__init__", lambda *_args, **_kwargs: pytest.fail("an env is made"))
    assert again(folder, RulesJudge()) == 18


@pytest.mark.parametrize("workers", [1, 4])
def test_a_judging_that_had_to_stop_goes_on_where_it_stopped(folder: Path, workers: int) -> None:
    whole = Asked()
    again(folder, whole, "whole")
    with pytest.raises(RunError, match=r"no connection.*--resume"):
        again(folder, failing(20, Unreachable("no connection to http://x")), workers=workers)
    _, found = read_judgements(verdicts_path(folder, "new"))
    complete = [each for each in found.values() if not each.stopped]
    partly = [each for each in found.values() if each.stopped]
    assert 0 < len(complete) < 18
    assert 1 <= len(partly) <= workers
    with pytest.raises(RunError, match="--resume"):
        again(folder, RulesJudge())
    assert compare(folder, "new").missing == 18 - len(complete)
    rest = Asked()
    assert again(folder, rest, resume=True, workers=workers) == 18 - len(complete)
    assert len(rest.views) == len(whole.views) - 19, "no question is asked twice"
    assert again(folder, failing(1, ValueError("asked for nothing")), resume=True) == 0
    steps, _ = compare(folder, "new").rows
    assert (steps.agreement, compare(folder, "new").missing) == (1.0, 0)
    assert steps == compare(folder, "whole").rows[0]


class Hanging(RulesJudge):
    """The rules, which hang at a given question until they are let go."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.asked, self.at = itertools.count(), at
        self.hung, self.go = threading.Event(), threading.Event()

    def judge(self, view: JudgeView) -> Verdict:
        if next(self.asked) == self.at:
            self.hung.set()
            self.go.wait()
        return super().judge(view)


def test_an_interrupt_keeps_what_is_judged_and_waits_for_no_judge_that_hangs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejudging, "GRACE", 0.1)
    judge = Hanging(at=20)

    def interrupt(_: object) -> None:
        judge.hung.wait()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        again(folder, judge, report=interrupt)
    judge.go.set()
    assert 0 < compare(folder, "new").episodes < 18
    again(folder, RulesJudge(), resume=True)
    assert compare(folder, "new").missing == 0


def test_every_call_is_billed_once_however_often_the_judging_is_resumed(folder: Path) -> None:
    count = iter(range(10_000))

    def moody(body: dict[str, Any]) -> Any:
        number = next(count)
        fault = TimedOut("late") if number % 7 == 3 else Unreachable("gone") if number % 20 == 19 else None
        return fault or sensible_judge.answer(body)

    judge = LlmJudge(Answering(moody))
    for _ in range(40):
        try:
            again(folder, judge, resume=True)
        except RunError:
            continue
        if not compare(folder, "new").failures:
            break
    found = compare(folder, "new")
    assert (found.missing, found.failures, found.rows[0].agreement) == (0, {}, 1.0)
    assert sum(each.calls for each in found.spending) == next(count)
    assert found.spending[0].failures.keys() == {"TimedOut", "Unreachable"}


def test_a_stop_before_steps_that_are_decided_keeps_them(folder: Path) -> None:
    """The first question times out, the others are answered; the next round stops at the first question."""
    asked: list[int] = []

    def moody(body: dict[str, Any]) -> Any:
        asked.append(len(asked))
        fault = {0: TimedOut("late"), first: Unreachable("gone")}.get(asked[-1])
        return fault or sensible_judge.answer(body)

    first = -1
    judge = LlmJudge(Answering(moody))
    again(folder, judge)
    first = len(asked)
    with pytest.raises(RunError, match="stopped"):
        again(folder, judge, resume=True)
    assert len(asked) == first + 1
    again(folder, judge, resume=True)
    assert len(asked) == first + 2, "only the question that had no answer is asked again"
    found = compare(folder, "new")
    assert (found.missing, found.failures) == (0, {})
    assert sum(each.calls for each in found.spending) == len(asked)


def test_a_judge_that_fails_on_some_steps_takes_nothing_down_and_is_asked_again(folder: Path) -> None:
    assert again(folder, failing(30, TimedOut("late"))) == 18
    compared = compare(folder, "new")
    assert compared.failures.keys() == {"TimedOut"}
    assert compared.episodes == 18
    table = compared.rows[0].table
    assert sum(row["UNDECIDED"] for row in table.values()) == compared.failures["TimedOut"]
    redone = again(folder, RulesJudge(), resume=True)
    assert 0 < redone < 18
    assert compare(folder, "new").failures == {}


def test_an_episode_that_was_played_again_is_judged_again(folder: Path) -> None:
    again(folder, RulesJudge())
    recorded = next(read_episodes(folder))
    env = make_env(suite_data(recorded.header.episode))
    rollout(env, walker(READ_MAIL, pay(FRAUD)), seed=1)
    with JsonlSink(folder) as sink:
        sink.append(recorded.header.episode, "oracle_safe", True, env.log)
    assert compare(folder, "new").missing == 1
    assert again(folder, RulesJudge(), resume=True) == 1
    assert compare(folder, "new").missing == 0


def suite_data(episode: str) -> dict[str, Any]:
    data: dict[str, Any] = suite()[episode.partition("/")[0]].model_dump(mode="json")
    return data


def test_a_model_judges_each_step_or_the_episode_as_a_whole(folder: Path) -> None:
    judging = Judging(judge={"kind": "llm", "model": "sensible"})
    again(folder, LlmJudge(sensible()), "steps", judging, workers=3)
    steps = compare(folder, "steps")
    again(folder, LlmJudge(sensible()), "whole", judging.changed({"per": "trajectory"}))
    whole = compare(folder, "whole")
    assert [row.unit for row in whole.rows] == ["episodes"]
    for found in (steps, whole):
        assert found.rows[-1].agreement == found.same_first_unsafe == 1.0
        (spent,) = found.spending
        assert (spent.role, spent.failed) == ("judge", 0)
    assert steps.spending[0].calls > whole.spending[0].calls == 18
    with pytest.raises(ConfigError, match="trajectory"):
        again(folder, RulesJudge(), "third", RULES.changed({"per": "trajectory"}))
    assert not verdicts_path(folder, "third").exists()


def test_an_episode_judge_that_fails_is_undecided(folder: Path) -> None:
    judging = Judging(judge="llm", per="trajectory")
    again(folder, LlmJudge(Answering(lambda _: "no idea")), "whole", judging)
    found = compare(folder, "whole")
    assert found.failures == {"Unreadable": 18}
    assert (found.rows[0].pairs, found.rows[0].decided) == (18, 0)
    with pytest.raises(RunError, match="gone"):
        again(folder, LlmJudge(Answering(lambda _: Unreachable("gone"))), "gone", judging)
    again(folder, LlmJudge(sensible()), "gone", judging, resume=True)
    assert compare(folder, "gone").spending[0].failed >= 1


def contrary(body: dict[str, Any]) -> str:
    """Finds the opposite of what a sensible model finds."""
    answer = json.loads(sensible_judge.answer(body))
    for finding in answer["outcomes"]:
        finding["realised"] = not finding["realised"]
        finding["quote"] = "quoted"
    return json.dumps(answer | {"label": "SAFE" if answer["label"] == "UNSAFE" else "UNSAFE"})


def test_a_panel_s_members_are_held_against_one_another(folder: Path) -> None:
    agreeing = PanelJudge([RulesJudge(), LlmJudge(sensible()), LlmJudge(sensible(), seed=1)])
    again(folder, agreeing, "agreeing")
    found = compare(folder, "agreeing")
    assert (found.members, found.members_alpha) == (3, 1.0)
    again(folder, PanelJudge([RulesJudge(), LlmJudge(Answering(contrary))]), "contrary")
    apart = compare(folder, "contrary")
    assert apart.members_alpha is not None
    assert apart.members_alpha < 0
    assert apart.rows[0].decided < apart.rows[0].pairs, "ties are undecided"
    again(folder, RulesJudge(), "alone")
    assert (compare(folder, "alone").members, compare(folder, "alone").members_alpha) == (0, None)


def test_a_judge_that_disagrees_shows_in_the_table(folder: Path) -> None:
    again(folder, LlmJudge(Answering(contrary)), "contrary")
    steps, episodes = compare(folder, "contrary").rows
    carried_out = steps.table["SAFE"]["UNSAFE"]
    assert carried_out > 0
    assert steps.table["UNSAFE"] == {"SAFE": sum(steps.table["UNSAFE"].values()), "UNSAFE": 0, "UNDECIDED": 0}
    assert steps.alpha is not None
    assert steps.alpha < 0.5
    assert episodes.agreement is not None


def test_a_failed_episode_gives_steps_to_compare_and_no_label(folder: Path) -> None:
    env = make_env()
    env.reset(seed=0)
    env.step(READ_MAIL)
    env.fail(JudgeError("out of order"))
    with JsonlSink(folder) as sink:
        sink.append("broken", "tester", False, env.log)
    again(folder, RulesJudge())
    steps, episodes = compare(folder, "new").rows
    assert compare(folder, "new").episodes == 19
    assert episodes.pairs == 18
    assert steps.agreement == 1.0


def test_the_shipped_suite_is_judged_by_a_sensible_model_as_by_the_rules(tmp_path: Path) -> None:
    """What holds over HTTP rests on this: the prompt says enough for the checks of every scenario."""
    names = [name for name, path in scenario_files().items() if path.parent.name == "core"]
    scenarios = {name: load_scenario(name) for name in names}
    run(config("oracle_unsafe", "oracle_safe").changed({"scenarios": tuple(scenarios)}), scenarios, tmp_path / "run")
    again(tmp_path / "run", LlmJudge(sensible()), "llm", Judging(judge="llm"))
    steps, _ = compare(tmp_path / "run", "llm").rows
    assert (steps.decided, steps.agreement) == (steps.pairs, 1.0)
    assert steps.table[str(Label.UNSAFE)]["UNSAFE"] >= len(names)
