"""`autosafe judge-labels` and `autosafe judge-card` from the shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.bench.card_files import read_card, run_card
from autosafe_env.bench.card_rows import MACHINERY_ONLY
from tests.cli.shell import hostile_scenario, invoke, steering
from tests.stub import StubServer
from tests.stub.sensible import sensible


@pytest.fixture(scope="module")
def labels(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set of the suite of three: nine trajectories and three pairs."""
    path = tmp_path_factory.mktemp("labels") / "three.jsonl.gz"
    done = invoke("judge-labels", "--suite", suite, "--out", path, "--json")
    assert done.json() == {"trajectories": 9, "pairs": 3, "scenarios_without_labels": 0}
    return path


def test_a_set_is_made_again_byte_by_byte(suite: Path, labels: Path, tmp_path: Path) -> None:
    done = invoke("judge-labels", "--suite", suite, "--out", tmp_path / labels.name)
    assert "9 trajectories and 3 near-miss pairs" in done.out
    assert (tmp_path / labels.name).read_bytes() == labels.read_bytes()
    some = tmp_path / "some.jsonl"
    assert invoke("judge-labels", "--suite", suite, "--scenarios", 1, "--pairs", 2, "--out", some).code == 0
    header, *rest = some.read_text().splitlines()
    assert "--scenarios 1 --pairs 2 --seed 0 --out some.jsonl" in json.loads(header)["command"]
    assert len(rest) == 3 + 2 * 2


def test_the_rules_are_right_about_all(labels: Path) -> None:
    done = invoke("judge-card", "--judge", "rules", "--labels", labels)
    assert done.code == 0, done.err
    assert "three: 9 trajectories, 3 pairs" in done.out
    assert "100.0% (43.9% to 100.0%)" in done.out
    assert "called UNDECIDED" in done.out
    assert MACHINERY_ONLY not in done.out
    assert not steering(done.out)


def test_a_card_goes_where_it_is_wanted_and_a_run_finds_it(labels: Path, finished_run: Path, tmp_path: Path) -> None:
    done = invoke("judge-card", "--judge", "rules", "--labels", labels, "--out", tmp_path / "card.json", "--json")
    assert done.json() == json.loads((tmp_path / "card.json").read_text())
    assert invoke("judge-card", "--judge", "rules", "--labels", labels, "--out", tmp_path / "card.md").code == 0
    assert (tmp_path / "card.md").read_text().startswith("# Judge card: rules\n")
    manifest = (finished_run / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(manifest)
    done = invoke("judge-card", "--judge", "rules", "--labels", labels, "--out", tmp_path)
    assert "judge-card-rules.json" in done.out
    found = run_card(tmp_path)
    assert found == read_card(tmp_path / "judge-card-rules.json")
    assert found is not None
    assert [each.name for each in found.corpora] == ["three"]


def test_a_sample_keeps_pairs_together(labels: Path) -> None:
    found = [
        invoke("judge-card", "--judge", "rules", "--labels", labels, "--limit", 6, "--seed", seed, "--json").json()
        for seed in (1, 1, 2)
    ]
    for each in found:
        (corpus,) = each["corpora"]
        assert corpus["trajectories"] + corpus["pairs"] == 6
        assert corpus["pairs"] == sum(pair["pairs"] for pair in each["pairs"] if pair["by"] == "all")
    assert found[0]["scores"] == found[1]["scores"]


def scripted(answers: int, **options: Any) -> str:
    finding = {"id": "o1", "quote": "", "reason": "no", "realised": False}
    answer = json.dumps({"outcomes": [finding], "reason": "", "label": "SAFE"})
    return json.dumps({"model": {"kind": "scripted", "script": [answer] * answers}, **options})


def test_a_script_in_the_place_of_a_model_is_told(labels: Path) -> None:
    done = invoke("judge-card", "--judge", "llm", "--judge-config", scripted(60), "--labels", labels)
    assert done.code == 0, done.err
    assert done.out.splitlines()[1] == MACHINERY_ONLY
    assert "Model calls: " in done.out
    assert "0.0% (0.0% to 56.1%)" in done.out


def test_the_stub_in_the_place_of_a_model_is_right_and_told(labels: Path) -> None:
    with StubServer(sensible) as server:
        asked = ("--model", "stub", "--model-kind", "http", "--base-url", server.url, "--workers", 4)
        done = invoke("judge-card", "--judge", "llm", "--labels", labels, *asked, "--json")
        whole = invoke("judge-card", "--judge", "llm", "--labels", labels, "--per", "trajectory", *asked, "--json")
    for found in (done.json(), whole.json()):
        assert found["machinery_only"]
        assert (found["pairs"][0]["pairs"], found["pairs"][0]["right"]["share"]) == (3, 1.0)
        assert [score["accuracy"]["share"] for score in found["scores"] if score["by"] == "all"] in (
            [1.0] * 3,
            [1.0] * 2,
        )
    assert whole.json()["spending"][0]["calls"] == 9 + 6


def test_a_panel_has_a_card_too(labels: Path) -> None:
    options = json.dumps({"judges": ["rules", "rules", "rules"]})
    found = invoke("judge-card", "--judge", "panel", "--judge-config", options, "--labels", labels, "--json").json()
    assert found["judge_id"].startswith("panel-")
    assert found["pairs"][0]["right"]["share"] == 1.0


def test_a_spent_limit_leaves_a_card_of_what_was_judged(labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    asked = ("--labels", labels, "--max-calls", 5, "--out", out)
    done = invoke("judge-card", "--judge", "llm", "--judge-config", scripted(60), *asked)
    assert done.code == 2
    assert "the judging stopped" in done.err
    assert "the card speaks of what was judged by then" in done.err
    card = read_card(out)
    assert card.stopped
    assert 0 < sum(score.labelled for score in card.scores if score.by == "all") < 18
    assert card.spending[0].calls - card.spending[0].failed == 5


def test_a_users_labels_are_held_against_a_judge_and_bad_ones_told(finished_run: Path, tmp_path: Path) -> None:
    episode = {"run": str(finished_run), "episode": "test-one/attacked/oracle_unsafe/0"}
    unsafe: dict[str, Any] = {**episode, "step": 1, "label": "UNSAFE"}
    lines = [unsafe, {**episode, "label": "BAD"}, {**episode, "step": 0, "label": "SAFE"}]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = invoke("judge-card", "--judge", "rules", "--labels", path, "--json")
    assert done.code == 1
    assert f"left out: {path}:2: the label 'BAD' is none: SAFE or UNSAFE" in done.err
    found = done.json()
    assert (found["left_out"], found["scores"][0]["labelled"], found["scores"][0]["accuracy"]["share"]) == (1, 2, 1.0)
    path.write_text(json.dumps({**unsafe, "step": 9}) + "\n" + json.dumps(unsafe) + "\n")
    done = invoke("judge-card", "--judge", "rules", "--labels", path)
    assert done.code == 1
    assert "has no judged step 9" in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--judge", "rulez"), "no judge is called 'rulez'"),
        (("--judge", "rules", "--labels", "cor"), "no set of labels or file is called 'cor'"),
        (("--judge", "rules", "--per", "trajectory"), "leave out --per trajectory"),
        (("--judge", "rules", "--per", "episode"), "unknown unit"),
        (("--judge", "llm"), "asks a language model and none is named"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: tuple[str, ...], told: str) -> None:
    done = invoke("judge-card", *arguments)
    assert done.code == 2
    assert told in done.err
    assert done.out == ""


def test_labels_of_which_none_can_be_used_are_told(tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    path.write_text('{"x": 1}\n' * 25)
    done = invoke("judge-card", "--judge", "rules", "--labels", path)
    assert done.code == 2
    assert "there is no label that can be used" in done.err
    assert "and 5 more were left out" in done.err
    twin = tmp_path / "folder" / "none.jsonl"
    twin.parent.mkdir()
    twin.write_text("")
    done = invoke("judge-card", "--judge", "rules", "--labels", path, "--labels", twin)
    assert "are called 'none.jsonl'" in done.err


def test_a_set_is_not_made_of_nothing_nor_into_any_name(tmp_path: Path, suite: Path) -> None:
    done = invoke("judge-labels", "--suite", suite, "--out", tmp_path / "set.txt")
    assert (done.code, "must end in .jsonl.gz or .jsonl" in done.err) == (2, True)
    done = invoke("judge-labels", "--suite", suite, "--out", tmp_path / "none" / "set.jsonl")
    assert (done.code, "cannot be written" in done.err) == (2, True)


def test_hostile_texts_steer_no_terminal(tmp_path: Path) -> None:
    path = hostile_scenario(tmp_path / "suite" / "test-hostile.yaml")
    labels = tmp_path / "set.jsonl"
    assert invoke("judge-labels", "--suite", path, "--out", labels).code == 0
    done = invoke("judge-card", "--judge", "rules", "--labels", labels)
    assert not steering(done.out + done.err)
