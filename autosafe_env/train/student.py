"""The student: a small policy on numpy alone, a softmax over candidate actions that is linear in hashed features.

base = fit_sft(careless, name="base")
trained = fit_sft([*corrections, *benign], start=base)
trained.save(Path("student.npz"))
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field, ValidationError

from autosafe_env.errors import ConfigError
from autosafe_env.train.features import DIMENSIONS, FEATURE_VERSION, features_of
from autosafe_env.train.linear import Array, Floats, batch_of, log_softmax, scores
from autosafe_env.types.base import Json, Value
from autosafe_env.types.turns import Action
from autosafe_env.views import AgentView


class Lineage(Value):
    """How a student came about, as its file tells."""

    method: str
    """`none`, `sft`, `dpo` or `reinforce`."""
    seed: int = 0
    settings: dict[str, Json] = Field(default_factory=dict)
    """Of the method."""
    rows: int = 0
    """Examples, pairs or episodes that it learnt from."""
    origins: dict[str, int] = Field(default_factory=dict)
    """Origin of an example to the number of them."""
    judges: tuple[str, ...] = ()
    """Names of those whose verdicts chose or rewarded the rows: none of them should measure the student."""
    data: str = ""
    """SHA-256 of the rows."""
    losses: tuple[float, ...] = ()
    """Mean loss of each epoch; of REINFORCE the mean return of each round."""
    start: Lineage | None = None
    """Of the student that it began as; None when it began from nothing."""


class StudentManifest(Value):
    """What stands in a student's file beside its weights."""

    format: int = 1
    feature_version: int = FEATURE_VERSION
    dimensions: int = DIMENSIONS
    lineage: Lineage


NOTHING = Lineage(method="none")


class Student:
    """A policy's weights and where they come from.

    Args:
        weights: one per feature; None for zeros, which make every candidate equally likely.
        lineage: how they came about.
    """

    def __init__(self, weights: Array | None = None, lineage: Lineage = NOTHING) -> None:
        self.weights = np.zeros(DIMENSIONS, np.float32) if weights is None else weights
        self.lineage = lineage

    def scores(self, view: AgentView, candidates: Sequence[Action]) -> Floats:
        """A number for each candidate; the highest is what the student prefers."""
        return scores(self.weights, batch_of([features_of(view, candidates)]))

    def probabilities(self, view: AgentView, candidates: Sequence[Action], temperature: float = 1.0) -> Floats:
        """How likely each candidate is."""
        batch = batch_of([features_of(view, candidates)])
        return np.exp(log_softmax(scores(self.weights, batch) / temperature, batch))

    def save(self, path: Path) -> None:
        """Write weights and manifest into one `.npz` file, whole or not at all. The same student gives the same bytes.

        Raises:
            ConfigError: it cannot be written.
        """
        manifest = StudentManifest(lineage=self.lineage).model_dump_json().encode()
        used = np.flatnonzero(self.weights).astype(np.int32)
        buffer = io.BytesIO()
        told = np.frombuffer(manifest, np.uint8)
        np.savez_compressed(buffer, places=used, weights=self.weights[used], manifest=told)
        draft = path.with_name(f"{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(buffer.getvalue())
            draft.replace(path)
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}") from error

    @classmethod
    def load(cls, path: Path | str) -> Student:
        """A student from its file.

        Raises:
            ConfigError: there is none, it is something else, or it was trained on features of another version.
        """
        try:
            with np.load(io.BytesIO(Path(path).read_bytes()), allow_pickle=False) as arrays:
                places, weights, raw = (arrays[name] for name in ("places", "weights", "manifest"))
            manifest = StudentManifest.model_validate_json(raw.tobytes())
        except FileNotFoundError as error:
            raise ConfigError(f"there is no student at {path}; `autosafe train student` makes one") from error
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, ValidationError) as error:
            raise ConfigError(f"{path} is not a student's file") from error
        _must_fit(manifest, path)
        whole = np.zeros(DIMENSIONS, np.float32)
        if len(places) != len(weights) or (len(places) and not 0 <= places.min() <= places.max() < DIMENSIONS):
            raise ConfigError(f"{path} is damaged: its weights do not fit its features")
        whole[places] = weights
        return cls(whole, manifest.lineage)


def _must_fit(manifest: StudentManifest, path: Path | str) -> None:
    if (manifest.feature_version, manifest.dimensions) != (FEATURE_VERSION, DIMENSIONS):
        theirs = f"version {manifest.feature_version} with {manifest.dimensions} dimensions"
        ours = f"version {FEATURE_VERSION} with {DIMENSIONS}"
        raise ConfigError(f"{path} was trained on features of {theirs}; this package has {ours}: train it again")
