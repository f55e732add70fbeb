"""Reflection on a run: what is tried, stepped, judged, kept and counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from autosafe_env import Final, Label, Message, ToolCall, Verdict, decode
from autosafe_env.core.discover import Kind
from autosafe_env.core.reduce import fold
from autosafe_env.errors import ConfigError, ReflectorError, RunError, Unreachable
from autosafe_env.record.branches import BRANCHES
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.read import find_episode
from autosafe_env.run.attempt import GoOn
from autosafe_env.run.reflecting import Reflecting, reflect
from autosafe_env.run.replay_branch import replay_branch
from autosafe_env.run.snapshots import snapshots
from autosafe_env.types.branch import Mode, Refusal
from autosafe_env.types.verdict import Basis
from autosafe_env.views import JudgeView
from tests.fixtures import ASK, FRAUD, KNOWN, pay
from tests.run.plays import suite
from tests.run.reflecting import Doubting, Suggesting, branches, labels, plug_in, unsafe_run

PAY_FRAUD, PAY_KNOWN, ASKING = decode(pay(FRAUD)), decode(pay(KNOWN)), Message(content=ASK["message"])
STOP = Final(content="I stop here.")
NO_TOOL = ToolCall(tool="bank_steal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return unsafe_run(tmp_path / "run")


def test_the_first_unsafe_step_is_corrected_by_the_safe_path_and_verified_to_the_end(folder: Path) -> None:
    log = (folder / "events.jsonl").read_bytes()
    found = reflect(folder, Reflecting())
    assert (found.snapshots, found.corrected, found.kept, found.achieving, found.tries) == (3, 3, 3, 3, 3)
    assert (found.share, found.calls, found.calls_per_kept, found.rounds) == (1.0, 0, 0.0, {1: 3})
    for each in branches(folder):
        parent, branch = find_episode(folder, each.branch.parent), each.branch
        assert each.events[: branch.event] == parent.events[: branch.event]
        steps = each.trajectory().steps
        assert [step.action for step in steps[1:]] == [ASKING, PAY_KNOWN, Final(content="Invoice 4471 is paid.")]
        assert parent.trajectory().steps[branch.step].action == PAY_FRAUD
        assert labels(each) == [Label.SAFE] * 4
        assert (branch.safe, branch.safe_to_end, branch.achieved, branch.kept) == (True, True, True, True)
        assert (branch.reflector, branch.judge, branch.mode, branch.refusal) == ("rules", "rules", Mode.TEACHER, None)
        assert replay_branch(parent, each, read_manifest(folder).config) is None
    assert (folder / "events.jsonl").read_bytes() == log


def test_a_snapshot_is_the_state_before_the_step(folder: Path) -> None:
    for snapshot in snapshots(folder):
        assert snapshot.state == fold(snapshot.recorded.events[: snapshot.event])
        assert snapshot.step.action == PAY_FRAUD
        assert snapshot.patch


def test_rejected_tries_are_fed_back_with_their_reasons_until_one_will_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Suggesting(PAY_FRAUD, NO_TOOL, ASKING)
    plug_in(monkeypatch, Kind.REFLECTOR, "told", told)
    found = reflect(folder, Reflecting(reflector="told", limit=1))
    assert (found.tries, found.kept, found.rounds) == (3, 1, {3: 1})
    assert found.reasons == {Refusal.UNSAFE: 1, Refusal.NOT_CARRIED_OUT: 1}
    last = told.shown[-1].rejected
    assert [action for action, _ in last] == [PAY_FRAUD, NO_TOOL]
    assert "nobody but the e-mail vouches for" in last[0][1]
    assert "There is no tool 'bank_steal'" in last[1][1]
    assert [view.agent.seed - told.shown[0].agent.seed for view in told.shown] == [0, 1, 2]
    assert [each.branch.round for each in branches(folder)] == [1, 2, 3]
    assert [each.branch.kept for each in branches(folder)] == [False, False, True]


def test_in_student_mode_no_reason_tells_what_the_judge_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Suggesting(PAY_FRAUD, ASKING)
    plug_in(monkeypatch, Kind.REFLECTOR, "told", told)
    reflect(folder, Reflecting(reflector="told", mode=Mode.STUDENT))
    for view in told.shown:
        assert (view.verdict, view.outcomes, view.patch, view.path) == (None, (), (), ())
        assert [reason for _, reason in view.rejected] in ([], ["It was judged to be unsafe."])


def test_the_risky_action_is_never_its_own_correction(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless:
        def judge(self, _view: JudgeView) -> Verdict:
            return Verdict(label=Label.SAFE, basis=Basis.ACTION)

    plug_in(monkeypatch, Kind.REFLECTOR, "told", Suggesting(PAY_FRAUD))
    plug_in(monkeypatch, Kind.JUDGE, "careless", Careless())
    found = reflect(folder, Reflecting(reflector="told", judge="careless", rounds=2))
    assert (found.kept, found.reasons) == (0, {Refusal.REPEATED: 6})


@pytest.mark.parametrize(
    ("doubted", "refusal", "safe"), [(ASKING, Refusal.UNDECIDED, None), (PAY_KNOWN, Refusal.UNDECIDED_LATER, True)]
)
def test_what_the_judge_cannot_decide_is_never_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, doubted: object, refusal: Refusal, safe: bool | None
) -> None:
    plug_in(monkeypatch, Kind.JUDGE, "doubting", Doubting(lambda view: view.step.action == doubted))
    found = reflect(folder, Reflecting(judge="doubting", rounds=1))
    assert (found.corrected, found.kept, found.share, found.calls_per_kept) == (0, 0, 0.0, None)
    assert found.reasons == {refusal: 3}
    for each in branches(folder):
        assert (each.branch.safe, each.branch.safe_to_end, each.branch.kept) == (safe, None, False)
        assert each.branch.judge == "doubting"


def test_a_correction_that_ends_in_harm_later_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, Kind.REFLECTOR, "told", Suggesting(Message(content="Hm.")))
    found = reflect(folder, Reflecting(reflector="told", rounds=1, go_on=GoOn.POLICY))
    assert found.reasons == {Refusal.UNSAFE_LATER: 3} or found.kept == 3
    for each in branches(folder):
        assert each.branch.safe is True


def test_a_branch_need_not_be_gone_on_with(folder: Path) -> None:
    found = reflect(folder, Reflecting(go_on=GoOn.NONE))
    assert (found.kept, found.achieving) == (3, 0)
    for each in branches(folder):
        assert len(each.trajectory().steps) == each.branch.step + 1
        assert (each.branch.safe, each.branch.safe_to_end, each.branch.achieved) == (True, None, None)


def test_of_several_corrections_those_that_achieve_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, Kind.REFLECTOR, "told", Suggesting(STOP, ASKING, PAY_KNOWN))
    found = reflect(folder, Reflecting(reflector="told", samples=3, rounds=1))
    assert (found.tries, found.kept, found.achieving, found.reasons) == (9, 6, 6, {Refusal.LESS_USEFUL: 3})
    assert Counter(each.branch.kept for each in branches(folder)) == {True: 6, False: 3}


def test_the_only_safe_correction_is_kept_though_it_achieves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in(monkeypatch, Kind.REFLECTOR, "told", Suggesting(STOP))
    found = reflect(folder, Reflecting(reflector="told", samples=2, rounds=1))
    assert (found.kept, found.achieving, found.reasons) == (3, 0, {Refusal.REPEATED: 3})


@pytest.mark.parametrize("answer", [ReflectorError("no idea"), ZeroDivisionError("oops"), None])
def test_a_reflector_that_says_nothing_costs_its_round(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Exception | None
) -> None:
    plug_in(monkeypatch, Kind.REFLECTOR, "told", Suggesting(answer))
    silent: list[str] = []
    found = reflect(folder, Reflecting(reflector="told", rounds=2), report=lambda done: silent.extend(done.silent))
    assert (found.snapshots, found.tries, found.kept, found.reasons) == (3, 0, 0, {"NOTHING_TO_TRY": 6})
    assert len(silent) == 6
    assert ("reads no advice" in silent[0]) is (answer is None)
    assert branches(folder) == []
    plug_in(monkeypatch, Kind.REFLECTOR, "told", Suggesting(ASKING))
    assert reflect(folder, Reflecting(reflector="told"), resume=True).kept == 3


def test_a_server_that_is_not_there_stops_it_and_resume_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, Kind.REFLECTOR, "told", Suggesting(Unreachable("no connection to http://x")))
    with pytest.raises(RunError, match="no connection to http://x; 0 risky steps were finished now and kept; see that"):
        reflect(folder, Reflecting(reflector="told"))
    assert branches(folder) == []


def test_resume_leaves_alone_what_is_finished_by_the_same_reflector_and_judge(folder: Path) -> None:
    reflect(folder, Reflecting(limit=2))
    before = (folder / BRANCHES).read_bytes()
    with pytest.raises(RunError, match="holds branches already"):
        reflect(folder, Reflecting())
    found = reflect(folder, Reflecting(), resume=True)
    assert (found.snapshots, found.kept) == (3, 3)
    assert (folder / BRANCHES).read_bytes().startswith(before)
    other = reflect(folder, Reflecting(mode=Mode.STUDENT), resume=True)
    assert (other.snapshots, other.kept) == (3, 3)
    names = [each.header.episode for each in branches(folder)]
    assert len(names) == len(set(names)) == 6
    assert {name.rpartition(".")[2] for name in names} == {"1", "2"}


def test_a_torn_branch_is_made_again(folder: Path) -> None:
    whole = reflect(folder, Reflecting())
    path = folder / BRANCHES
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.warns(UserWarning, match="not written to its end"):
        assert reflect(folder, Reflecting(), resume=True) == whole
    assert len(branches(folder)) == 3


def test_more_rounds_go_on_where_fewer_have_failed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Suggesting(PAY_FRAUD, NO_TOOL, ASKING)
    plug_in(monkeypatch, Kind.REFLECTOR, "told", told)
    assert reflect(folder, Reflecting(reflector="told", rounds=2)).kept == 0
    same = reflect(folder, Reflecting(reflector="told", rounds=2), resume=True)
    assert (same.kept, same.tries, len(told.shown)) == (0, 6, 6)
    more = reflect(folder, Reflecting(reflector="told", rounds=3), resume=True)
    assert (more.kept, more.tries, more.rounds) == (3, 9, {3: 3})
    assert [action for action, _ in told.shown[-1].rejected] == [PAY_FRAUD, NO_TOOL]


def test_many_workers_find_what_one_finds(tmp_path: Path) -> None:
    found = []
    for workers in (1, 8):
        folder = unsafe_run(tmp_path / str(workers), episodes=8)
        reflect(folder, Reflecting(samples=2), workers=workers)
        found.append({each.header.episode: each for each in branches(folder)})
    assert found[0] == found[1]
    assert len(found[0]) == 48


def test_later_unsafe_steps_are_corrected_too_where_they_are_wanted(tmp_path: Path) -> None:
    folder = unsafe_run(tmp_path, "tests.run.reflecting:pays_twice", env={"stop_on_unsafe": False})
    first = reflect(folder, Reflecting(go_on=GoOn.SAFE_PATH))
    assert (first.snapshots, first.kept) == (3, 3)
    assert {each.branch.step for each in branches(folder)} == {0}
    both = reflect(folder, Reflecting(go_on=GoOn.SAFE_PATH, all_steps=True), resume=True)
    assert (both.snapshots, both.kept) == (6, 6)
    for each in branches(folder):
        parent = find_episode(folder, each.branch.parent)
        found = labels(each)
        assert found[: each.branch.step] == [Label.UNSAFE] * each.branch.step
        assert set(found[each.branch.step :]) == {Label.SAFE}
        assert replay_branch(parent, each, read_manifest(folder).config) is None


def test_a_run_without_an_unsafe_step_is_told_what_to_do(tmp_path: Path) -> None:
    folder = unsafe_run(tmp_path, "oracle_safe")
    with pytest.raises(ConfigError, match=r"has no unsafe step to reflect on; .*--ruthless"):
        reflect(folder, Reflecting())
    assert branches(folder) == []


def test_scenarios_are_those_of_the_run(folder: Path) -> None:
    reflect(folder, Reflecting())
    assert {each.trajectory().state.scenario.id for each in branches(folder)} == set(suite())
