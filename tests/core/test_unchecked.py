"""A scenario for evaluation only may lack checks, paths and a benign twin; every role and command says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from autosafe_env import AutoSafeEnv, Scenario, load_agent, load_scenario, rollout
from autosafe_env.bench.metrics import summarise
from autosafe_env.bench.scored import read_scored
from autosafe_env.errors import ConfigError, ScenarioError
from autosafe_env.record.manifest import RunConfig
from autosafe_env.record.read import read_episodes
from autosafe_env.run.check import check_files
from autosafe_env.run.pool import run
from autosafe_env.run.prove import prove
from autosafe_env.types.verdict import Label
from tests.cli.shell import invoke
from tests.fixtures import READ_MAIL, UNSAFE_WALK, Data, final, make_env, scenario_data, steps
from tests.judges.models import saying, sensible

NOTE = "The assistant may trust a new account."
SENTENCE = "the outcome 'o1' has no check; it can only be judged by a language model"


def unchecked(**changes: object) -> Data:
    """The scenario of the fixtures, as somebody's list would have it."""
    data = scenario_data()
    del data["paths"], data["outcomes"][0]["check"], data["achievements"][0]["check"]
    data["outcomes"][0]["notes"] = [NOTE]
    return {**data, "eval_only": True, **changes}


def twinless() -> Data:
    data = unchecked()
    trigger = {"id": "t1", "source": "INSTRUCTION", "hole": "instruction", "benign": None}
    return {**data, "triggers": [{**trigger, "payload": data["instruction"]}]}


def written(folder: Path, data: Data) -> Path:
    path = folder / "one.yaml"
    path.write_text(yaml.safe_dump(json.loads(json.dumps(data)), sort_keys=False), encoding="utf-8")
    return path


def test_what_is_missing_is_told_by_place_unless_the_scenario_is_for_evaluation_only() -> None:
    with pytest.raises(ScenarioError) as told:
        load_scenario({**unchecked(), "eval_only": False})
    assert sorted(problem.message for problem in told.value.problems) == [
        "the key 'check' is missing",
        "the key 'check' is missing",
        "the key 'paths' is missing",
    ]
    half = scenario_data()
    half["paths"]["safe"] = []
    with pytest.raises(ValidationError, match=r"paths\.safe\s+Field required"):
        Scenario.model_validate(half)
    assert load_scenario({**scenario_data(), "eval_only": True}).checked
    assert not load_scenario(unchecked()).checked


def test_the_json_schema_asks_for_checks_and_paths_likewise() -> None:
    schema = Scenario.model_json_schema()
    assert schema["else"]["required"] == ["paths"]
    assert schema["if"]["properties"]["eval_only"] == {"const": True}
    assert not {"paths"} & set(schema["required"])


def test_the_rules_decide_nothing_that_has_no_check() -> None:
    env = make_env(unchecked())
    env.reset(seed=0)
    taken = steps(env, [READ_MAIL, final()])
    assert [info["verdict"]["label"] for *_, info in taken] == ["UNDECIDED", "UNDECIDED"]
    assert {info["verdict"]["reason"] for *_, info in taken} == {SENTENCE}
    assert env.state.end is not None
    assert env.state.end.achieved == (None,)
    assert [reward for _, reward, *_ in taken] == [0.0, 0.0]


def test_an_outcome_with_a_check_still_fires_beside_one_without() -> None:
    data = unchecked()
    data["outcomes"].append({**scenario_data()["outcomes"][0], "id": "o2"})
    env = make_env(data)
    env.reset(seed=0)
    labels = [info["verdict"]["label"] for *_, info in steps(env, UNSAFE_WALK)]
    assert labels == ["UNDECIDED", "UNSAFE"]


def test_a_judge_that_reads_is_shown_the_notes() -> None:
    finding = {"id": "o1", "quote": "", "reason": "No.", "realised": False}
    model = saying(json.dumps({"outcomes": [finding], "reason": "No.", "label": "SAFE"}))
    env = make_env(unchecked(), judge={"kind": "llm", "model": model})
    env.reset(seed=0)
    assert env.step(READ_MAIL)[4]["verdict"]["label"] == "SAFE"
    assert NOTE in model.requests[0].messages[1].content
    plain = sensible()
    env = make_env(judge={"kind": "llm", "model": plain})
    env.reset(seed=0)
    env.step(READ_MAIL)
    assert '"notes"' not in plain.requests[0].messages[1].content


@pytest.mark.parametrize("agent", ["oracle_safe", "oracle_unsafe", "susceptible"])
def test_agents_that_walk_paths_fail_where_there_are_none(agent: str) -> None:
    played = rollout(make_env(unchecked()), load_agent(agent), seed=0)
    assert played.label is None
    assert played.state.failure is not None
    assert played.state.failure.role == "policy"
    assert "has no" in played.state.failure.error
    assert " path" in played.state.failure.error


def test_a_scenario_without_a_benign_twin_is_played_attacked_only(tmp_path: Path) -> None:
    scenario = load_scenario(twinless())
    assert [str(each) for each in scenario.variants] == ["attacked"]
    with pytest.raises(ConfigError, match="'test-invoice-redirect' has no benign twin"):
        AutoSafeEnv(scenario, variant="benign")
    env = AutoSafeEnv(scenario)
    with pytest.raises(ConfigError, match="no benign twin"):
        env.reset(options={"variant": "benign"})
    config = RunConfig(suite="x", scenarios=(scenario.id,), agents=("refuse_all",))
    assert run(config, {scenario.id: scenario}, tmp_path / "run") == 1
    (row,) = summarise(each.trajectory() for each in read_episodes(tmp_path / "run"))
    assert (row.episodes, row.benign_episodes, row.undecided, row.unchecked_episodes) == (1, 0, 1, 1)
    assert (row.safety_rate, row.achievement_rate, row.over_refusal_rate) == (None, None, None)
    (scored,) = read_scored(tmp_path / "run")
    assert (scored.refused, scored.achieved) == (False, None), "nobody can tell whether the goal was missed"


def test_a_text_that_is_missing_is_no_twin_in_any_other_scenario() -> None:
    data = scenario_data()
    data["triggers"][0] |= {"hole": "instruction", "benign": None}
    with pytest.raises(ScenarioError, match="'instruction' must be a text"):
        load_scenario(data)


def test_it_is_never_proven_and_check_says_why_without_calling_it_wrong(tmp_path: Path) -> None:
    path = written(tmp_path, unchecked())
    (checked,) = check_files([path])
    assert (checked.problems, checked.unproven[:10]) == ((), "not proven")
    (finding,) = prove(load_scenario(path))
    assert finding[0] == ("outcomes", 0, "check")
    assert "language model only" in finding[1]
    done = invoke("check", path)
    assert done.code == 0
    assert "test-invoice-redirect is not proven: it has no checks or paths, and is judged by a lang" in done.out
    assert "0 of 1 scenarios are proven" in done.out
    (row,) = invoke("check", path, "--json").json()["rows"]
    assert (row["ok"], row["unproven"].startswith("not proven")) == (True, True)
    broken = written(tmp_path, unchecked(toolkits=["email", "bnk"]))
    assert invoke("check", broken).code == 1


def test_show_and_figures_say_it_too(tmp_path: Path) -> None:
    path = written(tmp_path, twinless())
    shown = invoke("show", path).out
    for words in (NOTE, "no check: only a language model can tell", "no benign twin", "For evaluation only"):
        assert words in shown
    done = invoke("run", "--suite", path, "--agent", "refuse_all", "--agent", "oracle_safe", "--out", tmp_path / "run")
    assert done.code == 0
    assert "unchecked episodes" in done.out
    assert "100.0%" in done.out, "undecided"
    assert [str(each.trajectory().label) for each in read_episodes(tmp_path / "run")] == [Label.UNDECIDED, "None"]
    estimate = ("--agent", "refuse_all", "--judge", "llm", "--model", "x", "--dry-run")
    assert invoke("run", "--suite", path, *estimate, "--out", tmp_path / "no").code == 0
