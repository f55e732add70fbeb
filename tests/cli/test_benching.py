"""`autosafe bench` and `leaderboard`: controls, files, limits, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autosafe_env.bench.scorecard import Benchmark
from tests.cli.shell import Done, invoke
from tests.stub import Body, Reply, StubServer, refusing
from tests.stub.sensible import role_of, sensible

BREAKING = """
def agent(messages):
    raise RuntimeError("gone")
"""


def bench(suite: Path, out: Path, *arguments: object) -> Done:
    return invoke("bench", "--suite", suite, "--out", out, *arguments)


def test_controls_always_play_and_all_figures_are_written(suite: Path, tmp_path: Path) -> None:
    done = bench(suite, tmp_path / "run", "--agent", "oracle_safe", "--episodes", 2, "--by", "category")
    assert (done.code, done.err) == (0, "")
    for words in (
        "oracle_safe *",
        "refuse_all (control)",
        "random (control)",
        "safe^2",
        "FINANCIAL_LOSS",
        "usefulness",
    ):
        assert words in done.out
    assert "refuse_all is safe because it is useless" in done.out
    found = Benchmark.model_validate_json((tmp_path / "run" / "benchmark.json").read_bytes())
    assert [card.agent for card in found.cards] == ["oracle_safe", "refuse_all", "random"]
    assert [card.episodes for card in found.cards] == [12, 12, 12]
    assert (found.tries, found.missing, found.judges) == (2, 0, ("rules",))
    assert "# Benchmark" in (tmp_path / "run" / "benchmark.md").read_text()
    assert "<svg" in (tmp_path / "run" / "pareto.svg").read_text()


def test_json_is_one_document_and_the_same_as_the_file(suite: Path, tmp_path: Path) -> None:
    done = bench(suite, tmp_path / "run", "--agent", "refuse_all", "--json")
    assert (done.code, done.err) == (0, "")
    told = done.json()
    assert (told.pop("max_failed"), told.pop("over_max_failed")) == (0.05, {})
    assert told == json.loads((tmp_path / "run" / "benchmark.json").read_bytes())
    again = bench(suite, tmp_path / "run", "--agent", "refuse_all", "--json", "--resume")
    assert again.json() == done.json()


def test_too_many_failures_exit_one_and_the_rest_is_kept(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "breaking.py").write_text(BREAKING)
    monkeypatch.syspath_prepend(str(tmp_path))
    done = bench(suite, tmp_path / "run", "--agent", "breaking:agent")
    assert done.code == 1
    assert "breaking:agent: 100.0% of its episodes failed, which is more than 5.0%; --resume" in done.err
    assert "refuse_all (control)" in done.out
    assert "Failed episodes of breaking:agent by role: policy 6." in done.out
    allowed = bench(suite, tmp_path / "run", "--agent", "breaking:agent", "--resume", "--max-failed", 1, "--json")
    assert (allowed.code, allowed.json()["over_max_failed"]) == (0, {})


def test_a_judge_that_chose_the_training_data_is_refused_before_anything_is_played(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "card.json").write_text('{"judges": ["llm"]}')
    arguments = ("--agent", "random", "--trained-on", tmp_path / "data", "--judge", "llm", "--model", "m")
    done = bench(suite, tmp_path / "run", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("the judge 'llm' chose the training data in ")
    assert "--same-judge" in done.err
    assert not (tmp_path / "run").exists()
    assert bench(suite, tmp_path / "run", *arguments, "--same-judge", "--dry-run").code == 0
    assert bench(suite, tmp_path / "run", "--agent", "random", "--trained-on", tmp_path / "data", "--dry-run").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name at least one agent"),
        (("--agent", "susceptable"), "did you mean 'susceptible'"),
        (("--agent", "random", "--by", "categroy"), "no dimension is called 'categroy'; did you mean 'category'"),
        (("--agent", "random", "--split", "train"), "has no splits"),
    ],
    ids=["no agent", "unknown agent", "unknown dimension", "no splits"],
)
def test_what_cannot_be_measured_is_a_sentence(
    suite: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = bench(suite, tmp_path / "run", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not (tmp_path / "run").exists()


def test_a_dry_run_estimates_and_plays_nothing(suite: Path, tmp_path: Path) -> None:
    done = bench(suite, tmp_path / "run", "--agent", "random", "--dry-run")
    assert (done.code, done.out) == (0, "No role asks a language model: the run costs no call.\n")
    assert not (tmp_path / "run").exists()


def test_a_leaderboard_gathers_runs_and_keeps_prose(finished_run: Path, tmp_path: Path) -> None:
    page = tmp_path / "results.md"
    done = invoke("leaderboard", finished_run, "--out", page)
    assert (done.code, done.err) == (0, "")
    first = page.read_text()
    assert "| oracle_unsafe \\*" in first or "| oracle_unsafe *" in first
    page.write_text(first + "\nBy hand.\n")
    assert invoke("leaderboard", finished_run, "--out", page).code == 0
    assert page.read_text() == first + "\nBy hand.\n"
    page.write_text("# Mine\n")
    refused = invoke("leaderboard", finished_run, "--out", page)
    assert (refused.code, page.read_text()) == (2, "# Mine\n")
    missing = invoke("leaderboard", tmp_path / "nowhere", "--out", page)
    assert (missing.code, "is not a run folder" in missing.err) == (2, True)


def test_models_are_billed_by_role_and_their_failures_counted(suite: Path, tmp_path: Path) -> None:
    def reply(body: Body) -> Reply:
        return refusing(500, "The server had an error.") if role_of(body) == "user" else sensible(body)

    with StubServer(reply) as server:
        price = {"price": {"prompt": 100.0, "completion": 1000.0}}
        defaults = {"kind": "http", "model": "stub", "base_url": server.url, "retries": 0}
        roles = tmp_path / "roles.yaml"
        roles.write_text(json.dumps({"defaults": defaults, "policy": price}))
        models = ("--user", "llm", "--roles", roles, "--max-failed", 0.9, "--json")
        document = bench(suite, tmp_path / "run", "--agent", "openai_chat", *models).json()
        asked = [role_of(body) for body in server.bodies]
    card, refusal, random = document["cards"]
    costs = {cost["role"]: cost for cost in card["costs"]}
    assert costs["policy"]["calls"] == asked.count("policy")
    assert costs["policy"]["money"] == pytest.approx(asked.count("policy") * (7 * 100 + 3 * 1000) / 1_000_000)
    assert costs["user"]["money"] is None
    assert sum(cost["calls"] for each in document["cards"] for cost in each["costs"]) == len(asked)
    assert card["figures"]["calls"]["value"] == pytest.approx(sum(each["calls"] for each in card["costs"]) / 6)
    assert card["failed_by_role"] == {"user": round(6 * card["figures"]["failed_rate"]["value"])}
    assert (refusal["costs"], refusal["failed_by_role"]) == ([], {})
    assert set(random["failed_by_role"]) <= {"user"}
    page = (tmp_path / "run" / "benchmark.md").read_text()
    assert "## Costs" in page
    assert "| openai_chat | policy |" in page
