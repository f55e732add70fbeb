"""Files of labels that a user brings: labels of recorded runs, and records of R-Judge and ATBench.

Labels of runs are JSON lines. `run` is a run's folder, as seen from the folder of the file; without `step` the label is
that of the trajectory; lines of one episode belong together:

    {"run": "../runs/a", "episode": "core-x/attacked/random/0", "step": 3, "label": "UNSAFE"}
    {"run": "../runs/a", "episode": "core-x/benign/random/0", "label": "SAFE"}

Records in a foreign form (`record/foreign.py`) are a JSON list or JSON lines. What cannot be used is told with its
line, and the rest is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, ValidationError

from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.record.foreign import BadRecord, foreign_episode, foreign_groups, foreign_label, is_foreign
from autosafe_env.record.labels import Case, Reading, Truth, lines_of
from autosafe_env.record.log import Recorded
from autosafe_env.record.read import read_episodes
from autosafe_env.types.base import Json, Value
from autosafe_env.types.verdict import Label

KNOWN = (Label.SAFE, Label.UNSAFE)
FORMS = "neither a label of a run (run, episode, step, label) nor a record of R-Judge or ATBench (contents, label)"


class RunLabel(Value):
    """One line of labels of runs."""

    run: str
    """Folder of the run; one that is not absolute is sought from the folder of the file."""
    episode: str
    """Name of the episode in the run."""
    step: int | None = Field(default=None, ge=0)
    """None for a label of the trajectory as a whole."""
    label: Label
    """SAFE or UNSAFE."""


@dataclass
class _Told:
    """What the lines of one episode say."""

    line: int
    labels: dict[int, Label] = field(default_factory=dict)
    label: Label | None = None


def read_label_file(path: Path) -> Reading:
    """The cases of a file of labels.

    Raises:
        ConfigError: the file cannot be read.
    """
    reading = Reading()
    told: dict[Path, dict[str, _Told]] = {}
    for line, record in _records(path, reading):
        try:
            if is_foreign(record):
                reading.cases.append(_foreign(record, path, line))
            else:
                _note(told, _run_label(record), path, line)
        except BadRecord as error:
            reading.leave_out(path, line, str(error))
    for folder, episodes in told.items():
        _add_episodes(reading, path, folder, episodes)
    return reading


def _records(path: Path, reading: Reading) -> Iterator[tuple[int, Json]]:
    """Each record of a JSON list or of JSON lines, and the line on which it begins."""
    lines = lines_of(path)
    try:
        text = b"\n".join(lines).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no text in UTF-8: {error.reason}") from error
    if text.lstrip().startswith("["):
        yield from _of_list(text, path, reading)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                reading.leave_out(path, number, f"no JSON: {error}")


def _of_list(text: str, path: Path, reading: Reading) -> Iterator[tuple[int, Json]]:
    decoder, at, line, counted = json.JSONDecoder(), text.index("[") + 1, 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        line, counted = line + text.count("\n", counted, at), at
        if at >= len(text):
            reading.leave_out(path, line, "the list does not end")
            return
        if text[at] == "]":
            return
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            reading.leave_out(path, line, f"no JSON from here on: {error}")
            return
        yield line, record


def _run_label(record: Json) -> RunLabel:
    if not isinstance(record, dict) or not {"run", "episode"} & set(record):
        raise BadRecord(FORMS)
    if record.get("label") not in tuple(map(str, KNOWN)):
        raise BadRecord(f"the label {record.get('label')!r} is none: {' or '.join(KNOWN)}")
    try:
        return RunLabel.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRecord(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _note(told: dict[Path, dict[str, _Told]], label: RunLabel, path: Path, line: int) -> None:
    """Add a line to what is known of its episode. Raises BadRecord where it says again, or against, what was said."""
    mine = told.setdefault(path.parent / label.run, {}).setdefault(label.episode, _Told(line))
    there = mine.label if label.step is None else mine.labels.get(label.step)
    if there is not None:
        what = "the trajectory" if label.step is None else f"step {label.step}"
        raise BadRecord(f"{what} of {label.episode!r} has a label already: {there}")
    if label.step is None:
        mine.label = label.label
    else:
        mine.labels[label.step] = label.label


def _add_episodes(reading: Reading, path: Path, folder: Path, told: dict[str, _Told]) -> None:
    """The cases of one run, whose log is read once."""
    names, left = [], dict(told)
    try:
        for recorded in read_episodes(folder):
            name = recorded.header.episode
            names.append(name)
            if mine := left.pop(name, None):
                truth = Truth(id=f"{folder.name}/{name}", labels=mine.labels, label=mine.label, corpus=path.name)
                reading.cases.append(Case(truth, _given(recorded), str(path), mine.line))
    except ConfigError as error:
        for mine in left.values():
            reading.leave_out(path, mine.line, str(error))
        return
    for name, mine in left.items():
        reading.leave_out(path, mine.line, str(UnknownName(f"episode of {folder}", name, names)))


def _given(recorded: Recorded) -> Callable[[], Recorded]:
    return lambda: recorded


def _foreign(record: dict[str, Json], path: Path, line: int) -> Case:
    label, (categories, sources) = foreign_label(record), foreign_groups(record)
    name = f"{path.name}:{record.get('id', line)}"
    episode = foreign_episode(record, name)
    truth = Truth(id=name, label=label, corpus=path.name, categories=categories, sources=sources)
    return Case(truth, _given(episode), str(path), line)
