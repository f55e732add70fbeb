"""The one configuration file of fine-tuning: what SFT, DPO and GRPO have in common, and a section for each.

    seed: 1
    batch_size: 2
    lora: {rank: 16, alpha: 32}
    sft: {epochs: 3, learning_rate: 1e-4}

The defaults are what is usual for LoRA on a chat model of some billion parameters, on one GPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, Field, ValidationError

from autosafe_env.core.source import Place, Source
from autosafe_env.core.yaml_source import read_yaml
from autosafe_env.errors import ConfigError, Problem, nearest
from autosafe_env.types.base import Value
from autosafe_env.types.suite import Split


class Method(StrEnum):
    """How a model is fine-tuned."""

    SFT = "sft"
    """Cross-entropy on what should be said next."""
    DPO = "dpo"
    """Preference of the corrected action over the rejected one."""
    GRPO = "grpo"
    """Reinforcement in the environment: groups of episodes, rewarded by the judge's verdicts."""


class Precision(StrEnum):
    """Numbers that a model is computed in."""

    AUTO = "auto"
    """bf16 where the GPU has it, else fp32."""
    BF16 = "bf16"
    FP32 = "fp32"


class Lora(Value):
    """The adapter that is trained; the model itself stays as it is."""

    rank: int = Field(default=16, ge=1)
    alpha: int = Field(default=32, ge=1)
    """The adapter counts by alpha / rank."""
    dropout: float = Field(default=0.05, ge=0.0, lt=1.0)
    targets: tuple[str, ...] = ()
    """Names of the layers that get one; none for every linear layer but the output."""


class Sft(Value):
    """What is particular to SFT."""

    learning_rate: float = Field(default=1e-4, gt=0.0, allow_inf_nan=False)
    epochs: float = Field(default=3.0, gt=0.0, allow_inf_nan=False)


class Dpo(Value):
    """What is particular to DPO."""

    learning_rate: float = Field(default=5e-6, gt=0.0, allow_inf_nan=False)
    epochs: float = Field(default=1.0, gt=0.0, allow_inf_nan=False)
    beta: float = Field(default=0.1, gt=0.0, allow_inf_nan=False)
    """How dear it is to leave the model that training began with."""


class Grpo(Value):
    """What is particular to GRPO."""

    learning_rate: float = Field(default=1e-5, gt=0.0, allow_inf_nan=False)
    epochs: float = Field(default=1.0, gt=0.0, allow_inf_nan=False)
    generations: int = Field(default=8, ge=2)
    """Episodes of one scenario and variant, of which each is measured against their mean."""
    temperature: float = Field(default=1.0, gt=0.0, allow_inf_nan=False)
    beta: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)
    """Weight of the distance from the model that training began with; 0 keeps no such model."""
    episode_tokens: int = Field(default=4096, ge=1)
    """The most that one episode may have after its prompt, answers of tools included."""


class TuningConfig(Value):
    """A whole configuration file."""

    seed: int = Field(default=0, ge=0)
    batch_size: int = Field(default=2, ge=1)
    """Rows on one device at once; with GRPO, episodes."""
    accumulation: int = Field(default=8, ge=1)
    """Batches to one step of the optimiser."""
    max_length: int = Field(default=8192, ge=1)
    """Tokens; a row with more is left out and counted, since to cut it would cut what is to be learnt. Not in GRPO."""
    max_steps: int | None = Field(default=None, ge=1)
    """Steps of the optimiser; None for what the epochs take."""
    warmup: float = Field(default=0.03, ge=0.0, lt=1.0)
    """Share of the steps in which the learning rate rises."""
    scheduler: str = "cosine"
    """How it falls afterwards, by its name in transformers."""
    weight_decay: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)
    precision: Precision = Precision.AUTO
    recompute: bool = True
    """Whether activations are computed again in the backward pass on a GPU: slower, in far less memory."""
    save_every: int = Field(default=50, ge=1)
    """Steps between checkpoints, which is what an interrupt can cost. The last two are kept."""
    eval_split: Split | None = None
    """Rows whose loss is told before and after; None for the first split of the dataset that is held out, where it has
    one. Not in GRPO."""
    eval_rows: int = Field(default=200, ge=0)
    """At most so many of them, the first ones; 0 for no such loss."""
    lora: Lora = Lora()
    sft: Sft = Sft()
    dpo: Dpo = Dpo()
    grpo: Grpo = Grpo()

    def section(self, method: Method) -> Sft | Dpo | Grpo:
        """What is particular to a method."""
        found: Sft | Dpo | Grpo = getattr(self, method.value)
        return found


def read_config(path: Path | None) -> TuningConfig:
    """The configuration in a YAML file; the defaults for None.

    Raises:
        ConfigError: it cannot be read or does not have the form; with file and line.
    """
    if path is None:
        return TuningConfig()
    source = read_yaml(path)
    if not isinstance(source.data, dict | None):
        raise ConfigError(str(source.problem((), "a configuration is a mapping: seed, batch_size, lora, sft ...")))
    try:
        return TuningConfig.model_validate(source.data or {})
    except ValidationError as error:
        raise ConfigError("\n".join(map(str, _problems(error, source)))) from error


def _problems(error: ValidationError, source: Source) -> Iterator[Problem]:
    for item in error.errors(include_url=False, include_input=False):
        place = tuple(item["loc"])
        words = ".".join(map(str, place))
        if item["type"] == "extra_forbidden":
            yield source.problem(place, f"unknown setting {words!r}{nearest(str(place[-1]), _fields_at(place[:-1]))}")
        else:
            yield source.problem(place, f"{words}: {item['msg']}")


def _fields_at(place: Place) -> list[str]:
    """The names that may stand at a place of the file."""
    model: type[BaseModel] = TuningConfig
    for name in place:
        annotation: Any = model.model_fields[str(name)].annotation
        parts = (annotation, *get_args(annotation))
        model = next(part for part in parts if isinstance(part, type) and issubclass(part, BaseModel))
    return list(model.model_fields)
