"""Exported files in `datasets` and in TRL, as they are. Run by `make test-train`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.data.rows import Table
from tests.data.making import corrected_run, dataset, rows_of, suite_file
from tests.slow.tiny import save_model

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset `text`, in both formats, and the dataset `object`, of one run."""
    folder = tmp_path_factory.mktemp("loading")
    run = corrected_run(folder / "run", suite_file(folder / "synth-d.jsonl"))
    dataset(folder / "text", run, parquet=True)
    dataset(folder / "object", run, arguments="object")
    return folder


def pruned(value: Any) -> Any:
    """The value without nulls, which columns of one type have where a row has nothing."""
    if isinstance(value, dict):
        return {name: pruned(item) for name, item in value.items() if item is not None}
    return [pruned(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("table", list(Table))
@pytest.mark.parametrize("name", ["text", "object"])
def test_datasets_reads_every_row_as_it_was_written(made: Path, tmp_path: Path, name: str, table: Table) -> None:
    from datasets import load_dataset

    files = {"train": str(made / name / table / "train.jsonl")}
    loaded = load_dataset("json", data_files=files, cache_dir=str(tmp_path))["train"]
    assert list(loaded) == rows_of(made / name, table)  # and not one null more


def test_the_folder_itself_can_be_loaded_by_table_and_split(made: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    loaded = load_dataset(str(made / "text"), "dpo", cache_dir=str(tmp_path))
    assert set(loaded) == {"train", "heldout_scenarios", "heldout_patterns"}
    assert list(loaded["train"]) == rows_of(made / "text", "dpo")


@pytest.mark.parametrize("table", list(Table))
def test_parquet_holds_the_same_up_to_nulls(made: Path, tmp_path: Path, table: Table) -> None:
    from datasets import load_dataset

    files = {"train": str(made / "text" / table / "train.parquet")}
    loaded = load_dataset("parquet", data_files=files, cache_dir=str(tmp_path))["train"]
    assert [pruned(row) for row in loaded] == [pruned(row) for row in rows_of(made / "text", table)]


def test_trl_learns_the_answer_and_nothing_else(made: Path, tmp_path: Path) -> None:
    """With arguments as objects; chat templates write a text of JSON as a text in JSON."""
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    model = save_model(tmp_path / "model")
    tokens = AutoTokenizer.from_pretrained(model)
    files = {"train": str(made / "object" / "sft" / "train.jsonl")}
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(model),
        processing_class=tokens,
        train_dataset=load_dataset("json", data_files=files, cache_dir=str(tmp_path / "cache"))["train"],
        args=SFTConfig(output_dir=str(tmp_path / "out"), max_length=8192, report_to="none", use_cpu=True, bf16=False),
    )
    batch = next(iter(trainer.get_train_dataloader()))
    learnt = [tokens.decode([token for token in labels.tolist() if token >= 0]) for labels in batch["labels"]]
    answers = [row["completion"][0] for row in rows_of(made / "object", "sft")]
    calls = [json.dumps(call["function"]["arguments"]) for each in answers for call in each.get("tool_calls", ())]
    texts = [each["content"] for each in answers if each["content"]]
    assert learnt
    for text in learnt:
        assert any(part in text for part in (*calls, *texts)), text
        assert "Northwind wrote" not in text
