"""SFT and DPO with TRL, from the files of a dataset folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autosafe_env.errors import ConfigError
from autosafe_env.train.examples import SPOKEN, Examples, read_examples, splits_of
from autosafe_env.train.language_models import Loaded, lengths, require_libraries
from autosafe_env.train.tuning import Job, Prepared, checked, tune
from autosafe_env.train.tuning_config import Method
from autosafe_env.train.tuning_record import DataRecord, TuningManifest
from autosafe_env.types.base import Json
from autosafe_env.types.suite import Split


def tune_from_files(job: Job, folder: Path) -> TuningManifest:
    """Fine-tune on the rows of a dataset folder: on the completion of each (SFT), or on each pair (DPO).

    Raises:
        ConfigError: the data, the model, the folder of the training or a setting is wrong, or a library is missing.
    """
    require_libraries()
    examples = read_examples(folder, job.method, Split.TRAIN)
    measured = _held_out(job, folder)

    def prepare(loaded: Loaded, settings: dict[str, Json]) -> Prepared:
        rows, record = _fitting(examples, loaded, job, None)
        eval_rows, eval_record = _fitting(measured, loaded, job, job.config.eval_rows) if measured else (None, None)
        records = (record,) if eval_record is None else (record, eval_record)
        trainer = checked(lambda: _trainer(job, loaded, settings, rows, eval_rows))
        return Prepared(trainer, records, eval_rows is not None)

    records = tuple(_record(each, 0) for each in (examples, measured) if each is not None)
    return tune(job, records, prepare)


def _held_out(job: Job, folder: Path) -> Examples | None:
    """The rows that a loss is told on; None where there are none, or none are wanted."""
    if job.config.eval_rows == 0:
        return None
    there = [split for split in Split if split is not Split.TRAIN and split in splits_of(folder, job.method)]
    chosen = job.config.eval_split or next(iter(there), None)
    if chosen is None:
        job.report(f"{folder} has no {job.method} rows that are held out, so no loss on such is told")
        return None
    return read_examples(folder, job.method, chosen)


def _record(examples: Examples, used: int) -> DataRecord:
    return DataRecord(
        name=examples.file, digest=examples.digest, judges=examples.judges, rows=len(examples.rows), used=used
    )


def _fitting(examples: Examples, loaded: Loaded, job: Job, most: int | None) -> tuple[Any, DataRecord]:
    """The rows that are no longer than allowed, as a `Dataset`, and what to note of them."""
    rows = examples.rows[:most]
    endings = SPOKEN[job.method][1:]
    whole = [(row["prompt"] + row[name], json.loads(row["tools"])) for row in rows for name in endings]
    found = lengths(loaded.tokenizer, whole)
    longest = [max(found[at : at + len(endings)]) for at in range(0, len(found), len(endings))]
    kept = [row for row, length in zip(rows, longest, strict=True) if length <= job.config.max_length]
    if not kept:
        raise ConfigError(
            f"every row of {examples.file} is longer than max_length, {job.config.max_length} tokens; "
            f"the shortest has {min(longest)}"
        )
    if len(kept) < len(rows):
        job.report(f"{len(rows) - len(kept)} of {len(rows)} rows of {examples.file} are too long and left out")
    return _dataset(kept), _record(examples, len(kept))


def _dataset(rows: list[dict[str, Json]]) -> Any:
    """The rows as a `Dataset`. Messages stay JSON: one struct for all would put a null for each argument that another
    row's call has, and a model would learn to write it."""
    from datasets import Dataset, Features, Json, List, Value

    types = {name: Value("string") if name == "tools" else List(Json()) for name in rows[0]}
    return Dataset.from_list(rows, features=Features(types))


def _trainer(job: Job, loaded: Loaded, settings: dict[str, Json], rows: Any, eval_rows: Any) -> Any:
    from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

    shared = {**settings, "max_length": None}  # rows that are too long are left out already
    kwargs = {
        "model": loaded.model,
        "processing_class": loaded.tokenizer,
        "train_dataset": rows,
        "eval_dataset": eval_rows,
        "peft_config": loaded.lora,
    }
    if job.method is Method.SFT:
        return SFTTrainer(args=SFTConfig(**shared, completion_only_loss=True), **kwargs)
    return DPOTrainer(args=DPOConfig(**shared, beta=job.config.dpo.beta), **kwargs)
