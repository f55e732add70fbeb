"""A judge that chose the training data does not score what was trained on it, unless told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autosafe_env.bench.provenance import judge_names, judges_of_model, must_differ
from autosafe_env.errors import ConfigError
from autosafe_env.record.manifest import RunConfig, make_manifest, write_manifest
from autosafe_env.types.base import Json
from tests.run.plays import config, suite


def dataset(folder: Path, *judges: str) -> Path:
    (folder / "sft").mkdir(parents=True)
    (folder / "sft" / "train.jsonl").write_text("{}\n")
    (folder / "card.json").write_text(json.dumps({"name": "d", "judges": list(judges)}))
    return folder


def student(path: Path, manifest: dict[str, Json]) -> Path:
    np.savez(path, manifest=np.frombuffer(json.dumps(manifest).encode(), np.uint8))
    return path


@pytest.mark.parametrize(
    ("judge", "names"),
    [
        ("rules", {"rules"}),
        ({"kind": "llm", "name": "strict"}, {"llm", "strict"}),
        ({"kind": "panel", "judges": ["rules", {"kind": "llm"}]}, {"panel", "rules", "llm"}),
    ],
    ids=["rules", "strict", "panel"],
)
def test_a_judge_is_known_by_its_name_its_kind_and_its_members(judge: Json, names: set[str]) -> None:
    assert judge_names(judge) == names


def scored_by(judge: Json, *agents: str, **more: Any) -> RunConfig:
    return config(*(agents or ("random",)), env={"judge": judge}, **more)


def test_a_dataset_that_the_judge_chose_is_refused_by_its_card(tmp_path: Path) -> None:
    folder = dataset(tmp_path / "data", "llm")
    with pytest.raises(ConfigError, match=r"the judge 'llm' chose the training data in .*data.*--same-judge"):
        must_differ(scored_by("llm"), [folder])
    must_differ(scored_by({"kind": "other", "name": "other"}), [folder])
    with pytest.raises(ConfigError, match="'llm'"):
        must_differ(scored_by({"kind": "panel", "judges": ["rules", "llm"]}), [folder])


def test_the_rules_judge_may_choose_and_score(tmp_path: Path) -> None:
    folder = dataset(tmp_path / "data", "rules", "llm")
    must_differ(config("random"), [folder])
    must_differ(scored_by("rules"), [folder])


def test_a_run_that_was_learnt_from_tells_its_judge(tmp_path: Path) -> None:
    settled = scored_by({"kind": "llm", "name": "strict"})
    write_manifest(tmp_path, make_manifest(settled, list(suite().values())))
    with pytest.raises(ConfigError, match="'llm'"):
        must_differ(scored_by("llm"), [tmp_path])
    must_differ(scored_by("panel"), [tmp_path])


def test_an_agents_own_file_is_looked_into(tmp_path: Path) -> None:
    path = student(tmp_path / "student.npz", {"lineage": {"judges": ["llm"]}})
    with pytest.raises(ConfigError, match=r"the training data of mine \(.*student.npz\)"):
        must_differ(scored_by("llm", "mine", agent_options={"mine": {"kind": "student", "model": str(path)}}))
    must_differ(scored_by("llm", "mine", agent_options={"mine": {"kind": "react"}}))


def test_a_models_manifest_leads_to_the_card_of_its_data(tmp_path: Path) -> None:
    data = dataset(tmp_path / "data", "llm")
    model = tmp_path / "model"
    model.mkdir()
    named = {"data": [{"name": str(data / "sft" / "train.jsonl"), "digest": "x"}]}
    (model / "manifest.json").write_text(json.dumps(named))
    assert judges_of_model(model) == {"llm"}
    served = scored_by("llm", "react", models={"policy": {"model": str(model)}})
    with pytest.raises(ConfigError, match="the judge 'llm' chose the training data of react"):
        must_differ(served)


def test_what_tells_of_no_judge_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"no zip")
    (tmp_path / "card.json").write_text("[1, 2")
    for path in (tmp_path, tmp_path / "broken.npz", tmp_path / "nowhere"):
        with pytest.raises(ConfigError, match="names no judge: give the folder of a dataset"):
            must_differ(config("random"), [path])
