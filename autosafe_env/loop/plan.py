"""What the loop is asked for, where its parts lie, and which stages are over: so that it resumes where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError

from autosafe_env.errors import ConfigError
from autosafe_env.run.reflecting import Reflecting
from autosafe_env.types.base import Json, Value
from autosafe_env.types.suite import Split

HELD_OUT = (Split.HELDOUT_SCENARIOS, Split.HELDOUT_PATTERNS, Split.HELDOUT_TOOLKITS)
CONTROLS = ("refuse_all", "random")
"""Agents that are always measured beside the others."""
BASE = "base"
Tell = Callable[[str], None]
"""Tells a person how far it is."""


class Method(StrEnum):
    """How the student learns from corrections."""

    SFT = "sft"
    """It imitates them, and benign twins beside them."""
    DPO = "dpo"
    """It prefers them to what was risky, and what was right on benign twins to what else could have been done."""


class LoopConfig(Value):
    """All that decides what a loop does. How many workers do it does not."""

    suite: str = "synth-v1"
    """One with splits."""
    rounds: int = Field(default=1, ge=1)
    """Times round: each begins with the agent that the one before has trained."""
    seed: int = Field(default=0, ge=0)
    limit: int | None = Field(default=None, ge=1)
    """At most so many scenarios to learn from, drawn by the seed; None for all of `train`."""
    eval_limit: int | None = Field(default=None, ge=1)
    """At most so many scenarios of each held-out split; None for all."""
    method: Method = Method.SFT
    reflecting: Reflecting = Reflecting()
    agent: str = ""
    """Name of the agent that is improved, in the roles file; empty for the student, which is made here."""
    train_command: tuple[str, ...] = ()
    """Command that trains, in words; `{data}` and `{out}` stand for the dataset's folder and that of the model."""
    trained: str = ""
    """Name of the trained agent, in the roles file."""
    env: dict[str, Json] = Field(default_factory=dict)
    """Arguments of the environment in which risky steps are looked for, such as the judge that filters the data."""
    eval_env: dict[str, Json] = Field(default_factory=dict)
    """The same of the environment in which agents are measured."""

    @property
    def has_student(self) -> bool:
        """Whether the student is improved."""
        return not self.agent


class Progress(Value):
    """What is kept of a loop beside its parts."""

    config: LoopConfig
    finished: tuple[str, ...] = ()
    """Names of the stages that are over."""


class Desk:
    """The folder of a loop.

    Args:
        folder: made if it is not there.
        config: what is asked for.
        resume: whether to go on with what the folder holds.

    Raises:
        ConfigError: the folder holds a loop and `resume` is off, or another loop, or cannot be written.
    """

    def __init__(self, folder: Path, config: LoopConfig, resume: bool) -> None:
        self.folder = folder
        self.progress = self._begun(config, resume)
        self._write()

    def _begun(self, config: LoopConfig, resume: bool) -> Progress:
        path = self.folder / "improve.json"
        if not path.exists():
            return Progress(config=config)
        if not resume:
            raise ConfigError(f"{self.folder} holds a loop already; go on with it by --resume, or use another folder")
        try:
            found = Progress.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ConfigError(f"{path} cannot be read: delete the folder and begin again") from error
        for name in LoopConfig.model_fields:
            before, now = getattr(found.config, name), getattr(config, name)
            if before != now:
                raise ConfigError(f"{self.folder} was begun with {name} = {before!r}, not {now!r}; use another folder")
        return found

    def _write(self) -> None:
        draft = self.folder / "improve.json.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(self.progress.model_dump(mode="json"), indent=2) + "\n", encoding="utf-8")
            draft.replace(self.folder / "improve.json")
        except OSError as error:
            raise ConfigError(f"{self.folder} cannot be written: {error.strerror}") from error

    def stage(self, name: str, work: Callable[[], None], tell: Tell) -> None:
        """Do the work of a stage, unless it is over."""
        if name in self.progress.finished:
            tell(f"{name}: done before")
            return
        tell(f"{name} ...")
        work()
        self.progress = self.progress.model_copy(update={"finished": (*self.progress.finished, name)})
        self._write()

    def base_run(self) -> Path:
        """Run from which the base student learns to be useful and careless."""
        return self.folder / "base" / "run"

    def risky_run(self, number: int) -> Path:
        """Run in which a round looks for risky steps, their corrections beside its log."""
        return self.folder / f"round-{number}" / "run"

    def dataset(self, number: int) -> Path:
        """Dataset of a round."""
        return self.folder / f"round-{number}" / "dataset"

    def model(self, number: int) -> Path:
        """The model that a round has trained; 0 for the base."""
        return self.folder / ("base" if number == 0 else f"round-{number}") / "student.npz"

    def evaluation(self, split: Split) -> Path:
        """Run in which all agents are measured on one split."""
        return self.folder / "evaluation" / split.value
