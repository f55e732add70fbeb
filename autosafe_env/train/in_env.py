"""GRPO with TRL, in an environment that is given: this module knows nothing of how an episode is played."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from autosafe_env.errors import ConfigError
from autosafe_env.train.language_models import Loaded
from autosafe_env.train.tuning import Job, Prepared, checked, tune
from autosafe_env.train.tuning_record import DataRecord, TuningManifest
from autosafe_env.types.base import Json


class Ground(Protocol):
    """What is played; `run/tool_episodes.py` makes one from a suite."""

    @property
    def name(self) -> str:
        """What it is made from."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of the scenarios."""
        ...

    @property
    def judges(self) -> tuple[str, ...]:
        """Names of the judge that rewards."""
        ...

    @property
    def rows(self) -> Sequence[dict[str, Json]]:
        """`prompt`, `environment` and what the environment's `reset` takes, one for each episode."""
        ...

    @property
    def environments(self) -> Mapping[str, Callable[[], Any]]:
        """Makers of environments in TRL's form, by name."""
        ...

    @property
    def tools(self) -> Mapping[str, list[dict[str, Json]]]:
        """The tools of each environment in OpenAI's form."""
        ...

    @property
    def turns(self) -> int:
        """The most times that a model is asked in one episode."""
        ...

    @property
    def score(self) -> Callable[..., list[float | None]]:
        """The reward function, in TRL's form."""
        ...


def tune_in_env(job: Job, ground: Ground) -> TuningManifest:
    """Train by reinforcement: groups of episodes of one scenario, each rewarded against the mean of its group.

    Raises:
        ConfigError: the model, the folder of the training or a setting is wrong, or a library is missing.
    """
    rows = len(ground.rows)
    data = (DataRecord(name=ground.name, digest=ground.digest, judges=ground.judges, rows=rows, used=rows),)

    def prepare(loaded: Loaded, settings: dict[str, Json]) -> Prepared:
        return Prepared(checked(lambda: _trainer(job, ground, loaded, settings)), data, measures=False)

    return tune(job, data, prepare)


def _trainer(job: Job, ground: Ground, loaded: Loaded, settings: dict[str, Json]) -> Any:
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # TRL warns of its environments as experimental
    from datasets import Dataset, Features, Json, List, Value
    from trl import GRPOConfig, GRPOTrainer

    own = job.config.grpo
    _check_template(job.model, loaded.tokenizer)
    types = {name: Value("int64") if name == "seed" else Value("string") for name in ground.rows[0]}
    rows = Dataset.from_list(list(ground.rows), features=Features({**types, "prompt": List(Json())}))
    arguments = GRPOConfig(
        **{**settings, "per_device_train_batch_size": job.config.batch_size},
        num_generations=own.generations,
        generation_batch_size=_batch(job),
        temperature=own.temperature,
        beta=own.beta,
        max_completion_length=own.episode_tokens,
        max_tool_calling_iterations=ground.turns,
    )
    trainer = GRPOTrainer(
        model=loaded.model,
        processing_class=loaded.tokenizer,
        reward_funcs=[ground.score],
        args=arguments,
        train_dataset=rows,
        peft_config=loaded.lora,
        environment_factory=dict(ground.environments),
    )
    _offer(trainer, ground.tools)
    return trainer


def _batch(job: Job) -> int:
    """Episodes to one step of the optimiser. Raises ConfigError where no whole number of groups fits."""
    config = job.config
    size = config.batch_size * config.accumulation
    if size % config.grpo.generations:
        raise ConfigError(
            f"batch_size x accumulation = {size} episodes a step is no multiple of grpo.generations, "
            f"{config.grpo.generations}"
        )
    return size


def _check_template(model: str, tokenizer: Any) -> None:
    """Raise ConfigError where TRL could not read a tool call out of what the model writes."""
    from trl.chat_template_utils import add_response_schema

    if getattr(tokenizer, "response_template", None) is not None:
        return
    try:
        add_response_schema(tokenizer)
    except ValueError as error:
        raise ConfigError(
            f"TRL does not know how {model!r} writes tool calls; GRPO takes models whose chat template TRL ships, "
            "such as Qwen 2.5 and 3, Llama 3.1 or Gemma 3, or that bring a `response_template`"
        ) from error


def _offer(trainer: Any, tools: Mapping[str, list[dict[str, Json]]]) -> None:
    """Have prompts show the tools' own schemas, as an agent sees them, and not those that TRL derives from signatures,
    which lack defaults. TRL has no argument for that; where it keeps them elsewhere, the derived ones stay."""
    shown = getattr(trainer, "_env_tools", None)
    if isinstance(shown, dict) and shown.keys() == tools.keys():
        shown.update(tools)
