"""`autosafe train sft`, `dpo` and `grpo`: language models, fine-tuned. They need the extra `train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.models import role_config
from autosafe_env.cli.output import JsonFlag, command, say, write, write_json
from autosafe_env.run.tool_episodes import playground
from autosafe_env.train.from_files import tune_from_files
from autosafe_env.train.in_env import tune_in_env
from autosafe_env.train.language_models import require_libraries
from autosafe_env.train.tuning import Job
from autosafe_env.train.tuning_config import Method, read_config
from autosafe_env.train.tuning_record import ADAPTER, TuningManifest
from autosafe_env.types.suite import Split

Data = Annotated[Path, typer.Option("--data", help="Folder that `autosafe dataset` has written.")]
Model = Annotated[
    str, typer.Option("--model", help="Path or name of a chat model, or path of an adapter to go on with.")
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the training; made if it is not there.")]
Config = Annotated[
    Path | None, typer.Option("--config", help="A YAML file: seed, batch_size, lora, sft, dpo, grpo ...")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the training that --out holds.")]


@command
def sft(
    data: Data, model: Model, out: Out, config: Config = None, resume: Resume = False, as_json: bool = JsonFlag
) -> None:
    """Fine-tune a model on what it should have done, with TRL and LoRA; the loss is that of the completion alone."""
    _from_files(Method.SFT, data, model, out, config, resume, as_json)


@command
def dpo(
    data: Data, model: Model, out: Out, config: Config = None, resume: Resume = False, as_json: bool = JsonFlag
) -> None:
    """Fine-tune a model to prefer corrected actions to rejected ones, with TRL and LoRA."""
    _from_files(Method.DPO, data, model, out, config, resume, as_json)


def _from_files(
    method: Method, data: Path, model: str, out: Path, config: Path | None, resume: bool, as_json: bool
) -> None:
    job = Job(method, model, out, read_config(config), resume, say)
    _show(tune_from_files(job, data), out, as_json)


@command
def grpo(
    model: Model,
    out: Out,
    suite: Annotated[str, typer.Option("--suite", help="A suite's name or file.")] = "synth-v1",
    split: Annotated[
        str,
        typer.Option("--split", help="`train`, or empty for a suite without splits: nothing held out is learnt from."),
    ] = Split.TRAIN.value,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many scenarios, drawn by the seed.")
    ] = None,
    judge: Annotated[str, typer.Option("--judge", help="Who judges, and so rewards.")] = "rules",
    roles: Annotated[Path | None, typer.Option("--roles", help="A roles file, for a judge that asks a model.")] = None,
    config: Config = None,
    resume: Resume = False,
    as_json: bool = JsonFlag,
) -> None:
    """Train a model in the environment with TRL's GRPO: attacked scenarios and benign twins, rewarded by the judge."""
    require_libraries()
    settings = read_config(config)
    options = {"judge": role_config(judge), **({} if roles is None else {"roles": str(roles)})}
    ground = playground(suite, split, limit, settings.seed, options)
    _show(tune_in_env(Job(Method.GRPO, model, out, settings, resume, say), ground), out, as_json)


def _show(manifest: TuningManifest, out: Path, as_json: bool) -> None:
    if as_json:
        write_json(manifest.model_dump(mode="json"))
        return
    losses = manifest.losses
    word = "reward" if manifest.method is Method.GRPO else "loss"
    write(f"{word} {_figure(losses.first)} at the first step, {_figure(losses.last)} at the last")
    if losses.eval_before is not None:
        write(f"held-out loss {_figure(losses.eval_before)} before, {_figure(losses.eval_after)} after")
    write(f"{manifest.seconds:.1f} s on {manifest.device}; the adapter is in {out / ADAPTER}")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
