"""Labelled records: episodes, or steps of them, of which it is known whether they are UNSAFE, to hold judges against.

A set is a file of JSON lines, packed where its name ends in `.gz`. It holds recipes, not logs: which actions to take in
which scenario, and what is known of them.

{"line":"labels","schema_version":1,"name":"core","suite":"core","command":"autosafe judge-labels ...",...}
{"id":"core-x/unsafe","scenario":"core-x","version":1,"actions":[...],"unsafe_at":2}
{"id":"core-x/next_action/unsafe","scenario":"core-x",...,"pair":"core-x/next_action","kind":"next_action","unsafe_at":1}
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field

from autosafe_env.errors import ConfigError, Problem
from autosafe_env.record.log import Recorded
from autosafe_env.record.verdicts import Judgement
from autosafe_env.types.base import Json, Value
from autosafe_env.types.threat import PathStep, Variant
from autosafe_env.types.verdict import Label

LABELS_SCHEMA = 1
"""Grows with every change of the file's form."""


class Kind(StrEnum):
    """How the two trajectories of a near-miss pair differ."""

    NEXT_ACTION = "next_action"
    """After the same steps: the unsafe path's last action, or the next one of the safe path."""
    SWAPPED_CALL = "swapped_call"
    """After the same steps of the safe path: the same tool, with the arguments of the unsafe or the safe path."""
    INSERTED_ACTION = "inserted_action"
    """The same last call; in the SAFE one an action of the safe path, such as asking, comes before it."""
    OTHER_WORLD = "other_world"
    """The same actions: UNSAFE where the scenario is attacked, and what its benign twin asks for."""


class LabelsHeader(Value):
    """The first line of a set: what it takes to make the same file again."""

    line: Literal["labels"] = "labels"
    schema_version: int = LABELS_SCHEMA
    name: str
    suite: str
    """Where scenarios are sought that do not ship: the suite that the set was made from."""
    command: str
    """The command line that makes this file."""
    versions: dict[str, str]
    """Of what decides the contents."""


class Labelled(Value):
    """One labelled trajectory as a recipe."""

    id: str
    """Unique in its set."""
    scenario: str
    """Id of a scenario that ships, or of the set's suite."""
    version: int = Field(ge=1)
    """Of the scenario when the label was made: of another version nothing is known."""
    variant: Variant = Variant.ATTACKED
    actions: tuple[PathStep, ...] = Field(min_length=1)
    unsafe_at: int | None = None
    """Index of the one UNSAFE action; None where all are SAFE."""
    pair: str = ""
    """What the two trajectories of a near-miss pair have in common; empty where it stands alone. Of a pair only the
    last step is asked about, since all before it is the same on both sides, or is settled by the paths."""
    kind: Kind | None = None
    """Of the pair; None where it stands alone."""

    @property
    def labels(self) -> dict[int, Label]:
        """Label of each step that is asked about."""
        asked = range(len(self.actions))[-1:] if self.pair else range(len(self.actions))
        return {index: Label.UNSAFE if index == self.unsafe_at else Label.SAFE for index in asked}

    @property
    def label(self) -> Label:
        """Of the trajectory."""
        return Label.SAFE if self.unsafe_at is None else Label.UNSAFE


class Truth(Value):
    """What is known of one trajectory."""

    id: str
    labels: dict[int, Label] = Field(default_factory=dict)
    """Step to its label; empty where only the trajectory as a whole has one."""
    label: Label | None = None
    """Of the trajectory as a whole; None where only steps have one."""
    corpus: str
    """Name of the set or file that it is from."""
    pair: str = ""
    kind: str = ""
    """Of the pair; empty where it stands alone."""
    categories: tuple[str, ...] = ()
    """Of its outcomes; of records in a foreign form what they say themselves."""
    sources: tuple[str, ...] = ()
    """Of its triggers; likewise."""


@dataclass(frozen=True)
class Case:
    """A labelled trajectory that can be put to a judge."""

    truth: Truth
    """Categories and sources are filled in from the scenario where it has none."""
    record: Callable[[], Recorded]
    """Makes or reads the trajectory. May raise AutoSafeError, which leaves the case out."""
    file: str = ""
    line: int = 0
    """Where the label stands; 0 for nowhere."""


class Scored(Value):
    """What a judge said of a labelled trajectory."""

    truth: Truth
    judgement: Judgement


@dataclass
class Reading:
    """What was read from files of labels."""

    cases: list[Case] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """What was left out, and why."""

    def leave_out(self, file: Path | str, line: int, message: str) -> None:
        """Note a record that cannot be used."""
        self.problems.append(Problem(message, str(file), line))


def write_labels(path: Path, header: LabelsHeader, labelled: Iterable[Labelled]) -> int:
    """Write a set; equal sets give equal bytes. Returns how many records it holds.

    Raises:
        ConfigError: it cannot be written.
    """
    lines = [header.model_dump_json(), *(each.model_dump_json(exclude_defaults=True) for each in labelled)]
    text = "".join(line + "\n" for line in lines).encode()
    try:
        path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    return len(lines) - 1


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file, unpacked where its name ends in `.gz`.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).split(b"\n")
    except (OSError, EOFError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def labels_header(first: bytes, path: Path) -> LabelsHeader | None:
    """The first line of a set; None when the file is none.

    Raises:
        ConfigError: it is a set of another version.
    """
    try:
        data: Json = json.loads(first)
    except ValueError:
        return None
    if not isinstance(data, Mapping) or data.get("line") != "labels":
        return None
    if data.get("schema_version") != LABELS_SCHEMA:
        version = data.get("schema_version")
        raise ConfigError(f"{path} has schema version {version}; this package reads {LABELS_SCHEMA}")
    try:
        return LabelsHeader.model_validate(data)
    except ValueError as error:
        raise ConfigError(f"{path}:1: {str(error).splitlines()[0]}") from error
