"""Runs as Inspect logs, CSV and Parquet."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.integrations.episode_table import COLUMNS, row_of, write_csv
from autosafe_env.integrations.inspect_log import write_inspect
from autosafe_env.integrations.telemetry import call_attributes, tool_attributes, verdict_attributes
from autosafe_env.record.manifest import RunConfig, read_manifest
from autosafe_env.record.read import read_episodes
from autosafe_env.run.pool import run
from autosafe_env.types.chat import Completion, ModelCall, Usage
from autosafe_env.types.threat import Variant
from tests.cli.shell import invoke
from tests.fixtures import scenario

AGENTS = ("oracle_safe", "oracle_unsafe", "refuse_all")
EPISODES = len(AGENTS) * 2 * 2
READER = """
import json, sys
from inspect_ai.log import read_eval_log, read_eval_log_sample, read_eval_log_sample_summaries
log = read_eval_log(sys.argv[1])
heads = read_eval_log_sample_summaries(sys.argv[1])
again = [read_eval_log_sample(sys.argv[1], id=head.id, epoch=head.epoch) for head in heads]
print(json.dumps({
    "status": log.status, "model": log.eval.model, "samples": [sample.uuid for sample in log.samples],
    "verdicts": [sample.scores["verdict"].value for sample in log.samples if sample.scores],
    "heads": [head.scores["verdict"].value for head in heads if head.scores],
    "again": [sample.uuid for sample in again],
    "messages": [[message.role for message in sample.messages] for sample in log.samples],
    "events": sorted({event.event for sample in log.samples for event in sample.events}),
    "scores": {each.name: {name: metric.value for name, metric in each.metrics.items()} for each in log.results.scores},
}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one scenario: three agents, both variants, two tries."""
    place = tmp_path_factory.mktemp("export") / "run"
    one = scenario()
    config = RunConfig(suite="core", scenarios=(one.id,), agents=AGENTS, variants=tuple(Variant), episodes=2)
    assert run(config, {one.id: one}, place) == EPISODES
    return place


def samples(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as file:
        return {name: json.loads(file.read(name)) for name in file.namelist()}


def test_an_inspect_log_holds_every_episode_once(folder: Path, tmp_path: Path) -> None:
    done = invoke("export", folder, "--out", tmp_path / "run.eval")
    assert (done.code, done.out) == (0, "")
    files = samples(tmp_path / "run.eval")
    held = {data["uuid"]: data for name, data in files.items() if name.startswith("samples/")}
    recorded = {each.header.episode: each.trajectory() for each in read_episodes(folder)}
    assert held.keys() == recorded.keys()
    assert len(held) == EPISODES == len(files["summaries.json"])
    for name, trajectory in recorded.items():
        assert held[name]["scores"]["verdict"]["value"] == trajectory.label
        assert len(held[name]["messages"]) == len(trajectory.state.messages)
        assert held[name]["epoch"] == int(name[-1]) + 1
    assert {"header.json", "_journal/start.json"} <= files.keys()
    assert files["header.json"]["eval"] == files["_journal/start.json"]["eval"]


def test_equal_runs_make_equal_files(folder: Path, tmp_path: Path) -> None:
    for name in ("one.eval", "two.eval"):
        write_inspect(read_episodes(folder), read_manifest(folder), tmp_path / name)
    assert (tmp_path / "one.eval").read_bytes() == (tmp_path / "two.eval").read_bytes()


def test_one_agent_can_be_exported_alone(folder: Path, tmp_path: Path) -> None:
    assert invoke("export", folder, "--agent", "refuse_all", "--out", tmp_path / "one.eval").code == 0
    header = samples(tmp_path / "one.eval")["header.json"]
    assert header["eval"]["model"] == "autosafe/refuse_all"
    assert [score["name"] for score in header["results"]["scores"]] == ["refuse_all"]
    assert header["results"]["total_samples"] == 4


@pytest.mark.skipif(importlib.util.find_spec("inspect_ai") is None, reason="the extra inspect is not installed")
def test_inspect_reads_the_log(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.eval"
    write_inspect(read_episodes(folder), read_manifest(folder), path)
    command = [sys.executable, "-W", "ignore", "-c", READER, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr
    log = json.loads(done.stdout.splitlines()[-1])
    labels = sorted(str(each.trajectory().label) for each in read_episodes(folder))
    assert log["status"] == "success"
    assert sorted(log["verdicts"]) == sorted(log["heads"]) == labels
    assert sorted(log["samples"]) == sorted(log["again"])
    assert {"user", "assistant", "tool"} == {role for roles in log["messages"] for role in roles}
    assert log["events"] == ["info", "tool"]
    assert log["scores"]["oracle_safe"]["safety_rate"] == 1.0
    assert log["scores"]["oracle_unsafe"]["safety_rate"] == 0.0


def test_a_csv_has_a_row_per_episode_and_the_columns_that_it_says(folder: Path, tmp_path: Path) -> None:
    assert invoke("export", folder, "--to", "csv", "--out", tmp_path / "run.csv").code == 0
    with (tmp_path / "run.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == EPISODES
    assert list(rows[0]) == list(COLUMNS)
    unsafe = [row for row in rows if row["label"] == "UNSAFE"]
    assert {row["gen_ai.agent.name"] for row in unsafe} == {"oracle_unsafe"}
    assert all(row["first_unsafe"].isdecimal() for row in unsafe)
    assert {row["first_unsafe"] for row in rows if row["label"] == "SAFE"} == {""}


def test_no_cell_of_a_csv_is_a_formula(folder: Path, tmp_path: Path) -> None:
    row = row_of(next(iter(read_episodes(folder))), read_manifest(folder))
    hostile = ("=HYPERLINK(1)", "+1", "-1", "@sum", '"\r\n=1')
    rows = [{**row, "failure": text, "reward": -1.0} for text in hostile]
    assert write_csv(rows, tmp_path / "x.csv") == len(hostile)
    read = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text(encoding="utf-8"), newline="")))
    assert [each["failure"][0] for each in read] == ["'", "'", "'", "'", '"']
    assert {each["reward"] for each in read} == {"-1.0"}


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="the extra parquet is not installed")
@pytest.mark.filterwarnings("ignore")
def test_parquet_keeps_types_and_nulls(folder: Path, tmp_path: Path) -> None:
    assert invoke("export", folder, "--to", "parquet", "--out", tmp_path / "run.parquet").code == 0
    from pyarrow import parquet

    table = parquet.read_table(tmp_path / "run.parquet")
    assert {field.name: str(field.type) for field in table.schema} == COLUMNS
    manifest = read_manifest(folder)
    assert table.to_pylist() == [row_of(each, manifest) for each in read_episodes(folder)]


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_parquet_without_pyarrow_says_what_to_install(folder: Path, tmp_path: Path) -> None:
    done = invoke("export", folder, "--to", "parquet", "--out", tmp_path / "run.parquet")
    assert done.code == 2
    assert "autosafe-env[parquet]" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--to", "csvs", "--out", "x.csv"), "did you mean 'csv'"),
        (("--out", "x.zip"), "call it x.eval"),
        (("--agent", "refuse", "--out", "x.eval"), "did you mean 'refuse_all'"),
    ],
)
def test_what_cannot_be_exported_is_a_sentence(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    done = invoke("export", folder, *arguments)
    assert done.code == 2
    assert told in done.err
    assert done.err.count("\n") == 1


def test_a_file_is_not_written_over_unless_told_to(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    out.write_text("mine", encoding="utf-8")
    refused = invoke("export", folder, "--to", "csv", "--out", out)
    assert (refused.code, out.read_text(encoding="utf-8")) == (2, "mine")
    assert invoke("export", folder, "--to", "csv", "--out", out, "--force").code == 0
    assert out.read_text(encoding="utf-8") != "mine"
    nothing = invoke("export", tmp_path, "--to", "csv", "--out", tmp_path / "y.csv")
    assert (nothing.code, "not a run folder" in nothing.err) == (2, True)


def test_calls_are_told_in_the_names_of_opentelemetry(folder: Path) -> None:
    usage = Usage(prompt_tokens=7, completion_tokens=2)
    call = ModelCall(role="policy", model="m", digest="d", completion=Completion(text="x", cut=True, usage=usage))
    assert call_attributes(call, {"model": "m", "temperature": 0.5}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.request.temperature": 0.5,
        "autosafe.role": "policy",
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.response.finish_reasons": ["length"],
    }
    failed = call.model_copy(update={"completion": None, "error": "TimedOut: 60 s"})
    assert call_attributes(failed)["error.type"] == "TimedOut"
    steps = [step for each in read_episodes(folder) for step in each.trajectory().steps]
    tools = [attributes for step in steps if (attributes := tool_attributes(step))]
    assert {"gen_ai.tool.name", "gen_ai.tool.call.id"} <= tools[0].keys()
    assert {verdict_attributes(step)["gen_ai.evaluation.score.label"] for step in steps} == {"SAFE", "UNSAFE"}
