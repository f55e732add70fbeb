"""Second verdicts on a run, beside its log: `verdicts-<name>.jsonl`. The log and its own verdicts stay as they are.

{"line":"judging","schema_version":1,"judge":{"kind":"llm",...},"basis":null,"per":"action","created":"2026-03-16T09:00:00+00:00"}
{"line":"judgement","episode":"core-x/attacked/random/0","digest":"5f...","steps":[{"step":0,"verdict":{...}}],"whole":null}
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_core import to_json

from autosafe_env.errors import ConfigError, RunError
from autosafe_env.record.sink import TornLog
from autosafe_env.types.base import SCHEMA_VERSION, Json, Value
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.verdict import Basis, EpisodeVerdict, Verdict

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
Unit = Literal["action", "trajectory"]


class Judging(Value):
    """How a run is judged again. First line of the file."""

    line: Literal["judging"] = "judging"
    schema_version: int = SCHEMA_VERSION
    judge: Json
    """Configuration of the judge: its name, or `{"kind": <name>, <option>: ...}`."""
    basis: Basis | None = None
    """None for the basis with which each episode was played."""
    per: Unit = "action"
    """Whether each step is judged, or each episode as a whole."""
    models: dict[str, Json] = Field(default_factory=dict)
    """What decides how the judge's model answers, where it is not in `judge`: model, temperature, seed, max_tokens."""
    created: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    """UTC, ISO 8601."""


class StepVerdict(Value):
    """The second verdict on one step."""

    step: int
    verdict: Verdict


class Judgement(Value):
    """The second verdicts on one episode."""

    line: Literal["judgement"] = "judgement"
    episode: str
    digest: str
    """Of the episode as it was recorded: one that was played again since is another."""
    steps: tuple[StepVerdict, ...] = ()
    """Each step that a judge saw, in order; empty when the episode was judged as a whole."""
    whole: EpisodeVerdict | None = None
    """The verdict on the whole episode; None when its steps were judged, or when no step was there to be judged."""
    stopped: str = ""
    """Why the judging ended before the last step; empty when it did not."""
    calls: tuple[ModelCall, ...] = ()
    """Calls beside those of the verdicts: of questions that were asked again since, without their messages."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """All verdicts, in order."""
        whole = () if self.whole is None else (self.whole.verdict,)
        return (*(item.verdict for item in self.steps), *whole)

    @property
    def all_calls(self) -> tuple[ModelCall, ...]:
        """Every call that the judging has cost so far."""
        return (*self.calls, *(call for verdict in self.verdicts for call in verdict.calls))

    @property
    def failed(self) -> bool:
        """Whether asking again may help: the judge failed somewhere, or was stopped."""
        return self.stopped != "" or any(verdict.cause for verdict in self.verdicts)


def lines_digest(lines: bytes) -> str:
    """Names an episode as recorded: equal for equal lines, 32 hex digits."""
    return blake2b(lines, digest_size=16).hexdigest()


def verdicts_path(folder: Path, name: str) -> Path:
    """The file of the second verdicts of this name. Raises ConfigError when the name is none for a file."""
    if not NAME.fullmatch(name):
        raise ConfigError(f"the name {name!r} must be letters, digits, dots, dashes and underscores, at most 61")
    return folder / f"verdicts-{name}.jsonl"


def read_judgements(path: Path) -> tuple[Judging, Mapping[str, Judgement]]:
    """How the run was judged, and the last judgement of each episode by its name.

    A line that cannot be read is left out with a `TornLog` warning.

    Raises:
        RunError: there is no such file, or its first line is not that of second verdicts.
    """
    try:
        first, *rest = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}") from error
    found: dict[str, Judgement] = {}
    for number, line in enumerate(rest, start=2):
        if not line:
            continue
        try:
            judgement = Judgement.model_validate_json(line)
        except ValueError as error:
            warnings.warn(f"{path}: line {number} is skipped: {str(error).splitlines()[0]}", TornLog, stacklevel=2)
        else:
            found[judgement.episode] = judgement
    return _judging(path, first), found


def _judging(path: Path, line: bytes) -> Judging:
    try:
        data = json.loads(line)
        version = data.get("schema_version") if isinstance(data, dict) else None
        if version != SCHEMA_VERSION:
            raise RunError(f"{path} has schema version {version}; this package reads {SCHEMA_VERSION}")
        return Judging.model_validate(data)
    except ValueError as error:
        raise RunError(f"{path} does not begin as second verdicts do: {str(error).splitlines()[0]}") from error


class VerdictSink:
    """The one writer of a file of second verdicts: each judgement is on disk before it counts.

    Args:
        path: of the file, see `verdicts_path`; made if it is not there.
        judging: how the run is judged.
        resume: whether to go on with what the file holds already.

    Raises:
        RunError: the file holds verdicts and `resume` is off, or holds those of another judge, or somebody is writing.
    """

    def __init__(self, path: Path, judging: Judging, resume: bool) -> None:
        self.path = path
        self.done: Mapping[str, Judgement] = {}
        """Episode name to the judgement that the file held when it was opened."""
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise RunError(f"{path} cannot be written: {error.strerror}") from error
        with ExitStack() as undo:
            undo.callback(self._file.close)
            self._begin(judging, resume)
            undo.pop_all()

    def _begin(self, judging: Judging, resume: bool) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RunError(f"another process is writing to {self.path}") from error
        self._drop_torn_tail()
        if not self.path.stat().st_size:
            self._write(to_json(judging))
            return
        if not resume:
            raise RunError(f"{self.path} holds verdicts already; go on with --resume, or give another --name")
        begun, self.done = read_judgements(self.path)
        for field in ("judge", "basis", "per", "models"):
            was, now = getattr(begun, field), getattr(judging, field)
            if was != now:
                raise RunError(f"{self.path} was begun with {field} = {was!r}, not {now!r}; give another --name")

    def _drop_torn_tail(self) -> None:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._file.fileno(), whole)
            warnings.warn(
                f"{self.path}: the last line was not written to its end and is dropped", TornLog, stacklevel=4
            )

    def append(self, judgement: Judgement) -> None:
        """Add one judgement. Raises RunError when it cannot be written."""
        self._write(to_json(judgement))

    def _write(self, line: bytes) -> None:
        size = os.fstat(self._file.fileno()).st_size
        rest = memoryview(line + b"\n")
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            os.ftruncate(self._file.fileno(), size)
            raise RunError(f"{self.path} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
