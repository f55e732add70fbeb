"""Lessons folded from a run and its corrections."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from autosafe_env import AutoSafeEnv, Final
from autosafe_env.bench.provenance import judges_of_model
from autosafe_env.errors import RunError
from autosafe_env.record.read import read_episodes
from autosafe_env.train.fitting import Settings, fit_dpo, fit_sft, reinforce
from autosafe_env.train.lessons import Origin, digest, examples_of, read_lessons, read_pairs, read_preferences, views_of
from autosafe_env.train.proposer import identity
from autosafe_env.train.trials import trials
from tests.fixtures import scenario, scenario_data
from tests.train.students import recorded, walked


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded(tmp_path_factory.mktemp("runs") / "run")


def test_every_step_comes_from_where_it_says(folder: Path) -> None:
    found = Counter(each.origin for each in read_lessons([folder], set(Origin)))
    unsafe, benign = (len(scenario().path(name)) for name in ("unsafe", "benign"))
    assert found[Origin.UNSAFE] == 2 * unsafe
    assert found[Origin.BENIGN] == 2 * benign
    assert found[Origin.CORRECTION] == 2
    assert found[Origin.PREFIX] == 2 * (unsafe - 1)
    assert found[Origin.CONTINUED] >= 2


def test_a_view_in_a_lesson_is_what_the_agent_saw(folder: Path) -> None:
    for recording in read_episodes(folder):
        trajectory = recording.trajectory()
        state = trajectory.state
        env = AutoSafeEnv(state.scenario)
        path = tuple(step.action for step in trajectory.steps)
        assert list(views_of(trajectory)) == walked(env, path, state.config.variant.value, state.config.seed)


def test_a_pair_has_the_correction_and_what_it_replaces(folder: Path) -> None:
    found = read_pairs([folder])
    assert len(found) == 2
    for pair in found:
        assert identity(pair.candidates[pair.rejected]) == identity(scenario().path("unsafe")[-1])
        assert pair.chosen != pair.rejected


def test_preferences_hold_on_to_what_was_right(folder: Path) -> None:
    found = read_preferences([folder], kept=3)
    origins = Counter(each.origin for each in found)
    benign = [each for each in found if each.origin is Origin.BENIGN]
    assert origins[Origin.CORRECTION] == 2
    assert len(benign) == 3 * 2 * len(scenario().path("benign"))
    assert all(each.rejected != each.chosen for each in found)
    assert {each.weight for each in benign} == {1.0} != {found[0].weight}
    assert digest(found) == digest(read_preferences([folder], kept=3)) != digest(read_preferences([folder], seed=1))


def test_a_student_names_the_judges_behind_its_lessons(folder: Path, tmp_path: Path) -> None:
    taught = fit_sft(read_lessons([folder], set(Origin)))
    preferring = fit_dpo(read_preferences([folder]), taught)
    tried = reinforce(taught, trials([AutoSafeEnv(scenario())]), Settings(epochs=1))
    for student in (taught, preferring, tried):
        assert student.lineage.judges == ("rules",)
    tried.save(tmp_path / "student.npz")
    assert judges_of_model(tmp_path / "student.npz") == {"rules"}


def test_what_is_done_later_is_no_alternative(folder: Path) -> None:
    rows = read_lessons([folder], {Origin.BENIGN})
    for row in rows:
        later = [
            identity(step) for step in scenario().path("benign")[row.view.step + 1 :] if not isinstance(step, Final)
        ]
        assert not set(later) & {identity(each) for each in row.candidates}
        assert identity(row.candidates[row.chosen]) == identity(scenario().path("benign")[row.view.step])


def test_scenarios_are_chosen_and_those_for_measuring_never(folder: Path, tmp_path: Path) -> None:
    assert read_lessons([folder], set(Origin), {"other-scenario"}) == []
    assert read_pairs([folder], set()) == []
    told = AutoSafeEnv(scenario_data() | {"eval_only": True}).scenario
    measured = recorded(tmp_path / "measured", told)
    assert read_lessons([measured], set(Origin)) == []
    assert read_pairs([measured]) == []


def test_an_episode_that_leads_nowhere_teaches_nothing(tmp_path: Path) -> None:
    data = scenario_data()
    data["paths"]["benign"] = [{"final": "Not today."}]
    told = AutoSafeEnv(data).scenario
    for recording in read_episodes(recorded(tmp_path / "run", told, corrected=False)):
        origins = {each.origin for each in examples_of(recording.trajectory())}
        assert origins <= {Origin.UNSAFE}


def test_the_digest_follows_the_rows(folder: Path) -> None:
    rows = read_lessons([folder], {Origin.UNSAFE})
    assert digest(rows) == digest(read_lessons([folder], {Origin.UNSAFE})) != digest(rows[:-1])


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a run folder"):
        read_lessons([tmp_path], set(Origin))
