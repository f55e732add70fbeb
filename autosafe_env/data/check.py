"""Is a dataset what its card says, and is each row true? Every row is walked to again, in the environment.

What steps the environment is given to this module, which reads files only.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from autosafe_env.data.card import Card
from autosafe_env.data.export import OBJECT, with_objects
from autosafe_env.data.forms import Asked, Prompt, answer_of, prompt_of
from autosafe_env.data.rows import Kind, Provenance, Row, Table, action_of
from autosafe_env.data.splits import Tally
from autosafe_env.errors import AutoSafeError
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.turns import Action
from autosafe_env.types.verdict import Label, Verdict
from autosafe_env.views import AgentView


class Standing(Protocol):
    """A place in an episode; see `run/rewalk.py`."""

    @property
    def view(self) -> AgentView:
        """What the agent sees there."""
        ...

    def judged(self, action: Action) -> Verdict:
        """How an action is judged there. Raises AutoSafeError when it cannot be."""
        ...


class Walk(Protocol):
    """Walks to where a row comes from; `recording` names the episode or branch whose recorded answers are used.

    Raises AutoSafeError when there is no way.
    """

    def __call__(self, origin: Provenance, recording: str) -> Standing:
        """The place before the row's step."""
        ...


@dataclass(frozen=True)
class Found:
    """Something that is wrong with a dataset."""

    file: str
    line: int
    """Counted from 1; 0 for the file as a whole."""
    place: str
    """Where the row comes from: `<run>:<episode or branch>:<step>`; empty where that is not known."""
    problem: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.place}: {self.problem}" if self.place else f"{where}: {self.problem}"


@dataclass
class Checked:
    """What came of a check."""

    rows: Counter[str] = field(default_factory=Counter)
    """Table to rows that were walked to."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Kind to rows that were walked to."""
    total: int = 0
    """Rows that there are."""
    found: list[Found] = field(default_factory=list)


def check(folder: Path, card: Card, walk: Walk, sample: int | None = None, seed: int = 0) -> Checked:
    """Check files, splits and rows of a dataset.

    Args:
        folder: of the dataset.
        card: of it.
        walk: walks in the environment.
        sample: so many rows at most are walked to; None for all.
        seed: of the sample.
    """
    checked = Checked()
    lines: list[tuple[str, int, bytes]] = []
    for name, entry in card.files.items():
        try:
            data = (folder / name).read_bytes()
        except OSError as error:
            checked.found.append(Found(name, 0, "", f"cannot be read: {error.strerror}"))
            continue
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            checked.found.append(Found(name, 0, "", "is not the file that the card tells of: the digests differ"))
        if name.endswith(".jsonl"):
            lines += [(name, number, line) for number, line in enumerate(data.splitlines(), start=1)]
    checked.total = len(lines)
    _check_splits(card, lines, checked)
    if sample is not None and sample < len(lines):
        ranked = sorted(lines, key=lambda line: hashlib.sha256(f"{seed}/{line[0]}/{line[1]}".encode()).digest())
        lines = sorted(ranked[:sample], key=lambda line: (line[0], line[1]))
    for name, number, line in lines:
        _check_row(name, number, line, card, walk, checked)
    return checked


def _check_splits(card: Card, lines: Sequence[tuple[str, int, bytes]], checked: Checked) -> None:
    """Count again what the splits share."""
    tally = Tally()
    walled = {name for source in card.sources for name in source.walled}
    for name, number, line in lines:
        try:
            table, data, origin = _read(name, line)
        except ValueError as error:
            checked.found.append(Found(name, number, "", f"is no row: {str(error).splitlines()[0]}"))
            continue
        if name != f"{table}/{origin.split}.jsonl":
            checked.found.append(Found(name, number, place_of(origin), f"belongs to the split {origin.split}"))
        if origin.scenario in walled:
            checked.found.append(Found(name, number, place_of(origin), "comes from a scenario for evaluation only"))
        asked = json.dumps([data.get("prompt", data.get("context")), data.get("tools")])
        tally.add(origin, hashlib.sha256(f"{table is Table.JUDGE}{asked}".encode()).hexdigest())
    proof = tally.proof()
    for each in proof.broken:
        one, other = each.splits
        checked.found.append(Found("card.json", 0, "", f"{one} and {other} share {each.count} {each.what}"))
    if [(each.split, each.digests) for each in proof.members] != [
        (each.split, each.digests) for each in card.proof.members
    ]:
        checked.found.append(Found("card.json", 0, "", "tells of other scenarios, patterns or toolkits than the rows"))


def _read(name: str, line: bytes) -> tuple[Table, dict[str, Json], Provenance]:
    """What a line holds. Raises ValueError when it is no row."""
    data = json.loads(line)
    if not isinstance(data, dict) or "provenance" not in data:
        raise ValueError("it has no provenance")
    return Table(name.partition("/")[0]), data, Provenance.model_validate(data["provenance"])


def place_of(origin: Provenance) -> str:
    """Where a row comes from, in short."""
    return f"{origin.run}:{origin.branch or origin.episode}:{origin.step}"


def _check_row(name: str, number: int, line: bytes, card: Card, walk: Walk, checked: Checked) -> None:
    try:
        table, data, origin = _read(name, line)
    except ValueError:
        return  # told already
    checked.rows[table] += 1
    checked.kinds[origin.kind] += 1
    try:
        problems = list(_problems(table, data, origin, card, walk))
    except (AutoSafeError, ValueError) as error:
        problems = [str(error).splitlines()[0]]
    checked.found += [Found(name, number, place_of(origin), problem) for problem in problems]


def _problems(table: Table, data: dict[str, Json], origin: Provenance, card: Card, walk: Walk) -> Iterator[str]:
    """What is wrong with one row. Raises AutoSafeError or ValueError when nobody can tell."""
    standing = walk(origin, origin.branch or origin.episode)
    action = action_of(origin.action)
    rejected = action_of(origin.rejected) if origin.rejected else None
    yield from _other_text(table, data, origin, standing.view, action, rejected, card)
    wanted = _label_of(table, data, origin)
    label = standing.judged(action).label
    if label is not wanted:
        yield f"the action is judged {label}, not {wanted}: {origin.action}"
    if rejected is not None:
        label = walk(origin, origin.episode).judged(rejected).label
        if label is not Label.UNSAFE:
            yield f"the rejected action is judged {label}, not UNSAFE: {origin.rejected}"


def _label_of(table: Table, data: dict[str, Json], origin: Provenance) -> Label:
    if table is Table.JUDGE:
        return Label(data["label"])
    if table is Table.KTO and data["label"] != (origin.kind is not Kind.UNSAFE):
        raise ValueError(f"the label is {data['label']} for a row of the kind {origin.kind}")
    return Label.UNSAFE if origin.kind is Kind.UNSAFE else Label.SAFE


def _other_text(
    table: Table,
    data: dict[str, Json],
    origin: Provenance,
    view: AgentView,
    action: Action,
    rejected: Action | None,
    card: Card,
) -> Iterator[str]:
    """Where prompt and answers are not what the environment shows and the actions say."""
    if table is Table.JUDGE:
        row = Row(table, Prompt(view.messages, ()), origin, label=Label(data["label"]))
    elif origin.form is None:
        raise ValueError("its provenance does not say in which form it is written")
    else:
        asked = Asked(origin.form, _system(data["prompt"]))
        answer = answer_of(action, asked, view)
        other = answer_of(rejected, asked, view) if rejected is not None else None
        label = _label_of(table, data, origin)
        row = Row(table, prompt_of(view, asked), origin, answer, other, label)
    expected = {field: json.loads(value) for field, value in row.fields()}
    del expected["provenance"]
    given = {name: value for name, value in data.items() if name != "provenance"}
    if card.arguments == OBJECT:
        expected = with_objects(expected)
    for name in sorted({*expected, *given}):
        if expected.get(name) != given.get(name):
            yield f"its {name} is not what the environment shows there"


def _system(prompt: list[dict[str, Json]]) -> tuple[ChatMessage, ...]:
    """The system message of a prompt, which no environment knows."""
    return tuple(ChatMessage(role="system", content=each["content"]) for each in prompt[:1] if each["role"] == "system")
