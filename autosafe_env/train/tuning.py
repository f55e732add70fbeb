"""One fine-tuning from beginning to end: begin or resume, measure, train, measure again, keep the adapter.

SFT, DPO and GRPO differ in the trainer that they make; what is here is common to them. The libraries are imported in
functions: they take seconds, and are an extra.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autosafe_env.errors import ConfigError
from autosafe_env.train.language_models import Loaded, load, require_libraries
from autosafe_env.train.tuning_config import Method, TuningConfig
from autosafe_env.train.tuning_record import (
    ADAPTER,
    CHECKPOINTS,
    DataRecord,
    TuningManifest,
    begin,
    last_checkpoint,
    write,
)
from autosafe_env.types.base import Json

Report = Callable[[str], None]
"""Where progress is told, a line at a time."""
NAMES = ("loss", "eval_loss", "reward")
"""What is kept of each step that is logged."""


@dataclass(frozen=True)
class Job:
    """A fine-tuning as it was asked for."""

    method: Method
    model: str
    """Path or name of a model, or path of an adapter, which is then trained on."""
    out: Path
    config: TuningConfig
    resume: bool = False
    report: Report = lambda _line: None


@dataclass(frozen=True)
class Prepared:
    """What a method makes of a loaded model."""

    trainer: Any
    data: tuple[DataRecord, ...]
    """What is really learnt from and measured on."""
    measures: bool
    """Whether there are rows to tell a loss on before and after."""


def tune(
    job: Job, data: tuple[DataRecord, ...], prepare: Callable[[Loaded, dict[str, Json]], Prepared]
) -> TuningManifest:
    """Train, and leave adapter, tokeniser and manifest in the folder.

    Args:
        job: what is asked for.
        data: what it will learn from and be measured on.
        prepare: makes the trainer from the model and the settings that all trainers share.

    Raises:
        ConfigError: a library is missing, the model cannot be loaded, or the folder holds another training.
    """
    require_libraries()
    manifest = begin(job.out, job.method, job.model, job.config, data, job.resume)
    with _quiet():
        loaded = load(job.model, job.config)
        prepared = prepare(loaded, settings(job, loaded))
        known = {"data": prepared.data, "device": loaded.device, **_sizes(prepared.trainer.model)}
        manifest = manifest.model_copy(update=known)
        write(job.out, manifest)
        _watch(prepared.trainer, job.report)
        return _trained(job, prepared, loaded, manifest)


def _trained(job: Job, prepared: Prepared, loaded: Loaded, manifest: TuningManifest) -> TuningManifest:
    trainer, started = prepared.trainer, time.monotonic()
    if prepared.measures and manifest.losses.eval_before is None:
        manifest = _with(manifest, eval_before=_eval_loss(trainer))
        write(job.out, manifest)
    checkpoint = last_checkpoint(job.out)
    if checkpoint is not None:
        job.report(f"going on from {checkpoint.name}")
    try:
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    finally:
        seconds = manifest.seconds + time.monotonic() - started
        manifest = manifest.model_copy(update={"seconds": round(seconds, 1)})
        write(job.out, _with(manifest, **_history(trainer.state.log_history)))
    manifest = _with(manifest, **_history(trainer.state.log_history))
    if prepared.measures:
        manifest = _with(manifest, eval_after=_eval_loss(trainer))
    trainer.save_model(str(job.out / ADAPTER))
    loaded.tokenizer.save_pretrained(str(job.out / ADAPTER))
    manifest = manifest.model_copy(update={"finished": True})
    write(job.out, manifest)
    return manifest


def settings(job: Job, loaded: Loaded) -> dict[str, Json]:
    """The arguments that all of TRL's configurations share."""
    config, section = job.config, job.config.section(job.method)
    on_gpu = loaded.device != "cpu"
    return {
        "output_dir": str(job.out / CHECKPOINTS),
        "seed": config.seed,
        "data_seed": config.seed,
        "learning_rate": section.learning_rate,
        "num_train_epochs": section.epochs,
        "max_steps": config.max_steps or -1,
        "per_device_train_batch_size": config.batch_size,
        "per_device_eval_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.accumulation,
        "warmup_steps": config.warmup,
        "lr_scheduler_type": config.scheduler,
        "weight_decay": config.weight_decay,
        "bf16": loaded.bf16,
        "use_cpu": not on_gpu,
        "gradient_checkpointing": False,
        "activation_checkpointing": config.recompute and on_gpu,
        "dataloader_pin_memory": on_gpu,
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": config.save_every,
        "save_total_limit": 2,
        "eval_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }


def checked(make: Callable[[], Any]) -> Any:
    """What `make` returns. A setting that TRL refuses becomes one sentence."""
    try:
        return make()
    except (ValueError, TypeError) as error:
        raise ConfigError(f"the training cannot be set up: {str(error).strip().splitlines()[0]}") from error


def _sizes(model: Any) -> dict[str, int]:
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return {
        "parameters": sum(size for size, _ in sizes),
        "trained_parameters": sum(size for size, trained in sizes if trained),
    }


def _with(manifest: TuningManifest, **losses: Any) -> TuningManifest:
    """The manifest with some of its losses changed."""
    return manifest.model_copy(update={"losses": manifest.losses.model_copy(update=losses)})


def _eval_loss(trainer: Any) -> float:
    return round(float(trainer.evaluate()["eval_loss"]), 6)


def _history(logged: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The losses that the trainer has logged; it keeps those of earlier sessions in its checkpoints."""
    rows: list[dict[str, float]] = []
    for entry in logged:
        told = {name: round(float(entry[name]), 6) for name in NAMES if name in entry}
        finite = {name: value for name, value in told.items() if math.isfinite(value)}  # NaN is no JSON
        if told:
            rows.append({"step": float(entry["step"]), **finite})
    goal = "reward" if any("reward" in row for row in rows) else "loss"
    trend = [row[goal] for row in rows if goal in row]
    first, last = (trend[0], trend[-1]) if trend else (None, None)
    return {"history": tuple(rows), "first": first, "last": last}


def _watch(trainer: Any, report: Report) -> None:
    """Have the trainer tell its steps to `report`, and nothing to standard output, which is for results."""
    from transformers import PrinterCallback, ProgressCallback, TrainerCallback

    class Teller(TrainerCallback):  # type: ignore[misc]  # a class of a library without types
        """Tells each step that is logged."""

        def on_log(self, _args: Any, state: Any, _control: Any, logs: Any = None, **_more: Any) -> None:
            logs = logs or {}
            told = [f"{name} {float(logs[name]):.4f}" for name in ("loss", "reward") if name in logs]
            if told:
                report(f"step {state.global_step} of {state.max_steps}: {', '.join(told)}")
            if "eval_loss" in logs:
                report(f"held-out loss {float(logs['eval_loss']):.4f}")

    for noisy in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(noisy)
    trainer.add_callback(Teller())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Libraries that train warn about their own future and print as they go: neither is for who trains with them."""
    import datasets
    import transformers

    shown = datasets.utils.logging.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        if shown:
            datasets.enable_progress_bars()
