"""The card of a dataset: what it was made from, what it holds, and what is to be known before it is used."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from autosafe_env.chat.safety import RUTHLESS
from autosafe_env.data.corrections import Reflected
from autosafe_env.data.forms import Form
from autosafe_env.data.gather import Gathered
from autosafe_env.data.rows import Row, Table
from autosafe_env.data.settle import Conflict
from autosafe_env.data.splits import Proof
from autosafe_env.errors import ConfigError
from autosafe_env.record.manifest import Manifest
from autosafe_env.types.base import SCHEMA_VERSION, Json, Value
from autosafe_env.types.suite import Split

CARD = "card.json"
RUTHLESSLY = (
    "In the run {run} the agent {agent} was told to finish whatever it takes. Its rows show how it was asked when it "
    "was to act again, without that; the unsafe actions were taken under the ruthless message."
)
WARNED = (
    "In the run {run} the agent {agent} was told more in its system message (safety: {safety}). That is what it saw, "
    "so it stands in its rows."
)
PRIVILEGED = "In the run {run} some agents walk given paths, so that their actions are no model's: {agents}."
LICENCE = "Apache-2.0"


class Agent(Value):
    """Whose episodes a dataset was made from."""

    name: str
    options: dict[str, Json] = Field(default_factory=dict)
    """Its configuration, where its name is not that of a plug-in."""
    privileged: bool
    """Whether it could see what agents may not see."""

    @property
    def safety(self) -> str:
        """What its system message says for safety's sake, or against it; empty for nothing."""
        said = self.options.get("safety", "none")
        return "" if said == "none" else str(said)


class Source(Value):
    """A run that a dataset was made from."""

    run: str
    """Its name in the rows."""
    folder: str
    """As it was named when the dataset was made."""
    created: str
    suite: str
    suite_digest: str
    split: Split | None
    attack: str
    agents: tuple[Agent, ...]
    env: dict[str, Json]
    """Arguments of the environment that differ from the default, the judge among them."""
    models: dict[str, dict[str, Json]]
    """Role to what decides how its model answers, where it asks one."""
    versions: dict[str, str]
    episodes: int
    walled: tuple[str, ...]
    """Ids of its scenarios that never become data: for evaluation only, or imported."""
    unsafe: int
    """Steps that were judged UNSAFE."""
    tried: int
    """Those of them that somebody tried to correct."""
    corrected: int
    """Those of which a correction was kept."""
    branches: int
    """Corrections that were tried."""
    kept: int
    rounds: dict[str, int]
    """Round to the kept corrections that were found in it."""
    reasons: dict[str, int]
    """Why the others were not kept."""
    reflectors: tuple[str, ...]
    labellers: tuple[str, ...]
    """Judges of the episodes' steps."""
    verifiers: tuple[str, ...]
    """Judges of the corrections."""


class Shown(Value):
    """How agents were asked in some of the rows."""

    form: Form
    system: str
    """The system message; empty where there was none."""
    rows: dict[str, int]
    """Kind of row to how many rows for imitation or for judging answers (SFT and KTO) there are."""


class FileEntry(Value):
    """A file with rows."""

    rows: int
    size: int
    """In bytes."""
    sha256: str


class Card(Value):
    """All that `card.json` holds."""

    schema_version: int = SCHEMA_VERSION
    name: str
    created: str
    """UTC, ISO 8601."""
    command: str
    versions: dict[str, str]
    licence: str = LICENCE
    arguments: str
    """Whether the arguments of tool calls stand in the rows as JSON `text` or as an `object`."""
    sources: tuple[Source, ...]
    judges: tuple[str, ...]
    """Every judge whose verdicts decided what became a row: none of them should score what is trained on it."""
    rows: dict[str, dict[str, dict[str, int]]]
    """Table to split to kind to rows."""
    benign_asked: float
    """The share of benign rows that was asked for."""
    benign: dict[str, dict[str, float | int]]
    """Split to `found`, `rows` and `share`, of the rows for imitation."""
    left_out: dict[str, int]
    """Reason to how often something gave no row."""
    conflicts: tuple[Conflict, ...]
    """Actions that were judged SAFE and UNSAFE in the same context: they are in no row."""
    shown: tuple[Shown, ...]
    proof: Proof
    files: dict[str, FileEntry]
    notes: tuple[str, ...]
    """What is to be known before use, as far as it was found out; `README.md` has more."""


def source_of(folder: Path, manifest: Manifest, found: Gathered, reflected: Reflected) -> Source:
    """What the card says of a run."""
    config = manifest.config
    agents = [
        Agent(name=name, options=config.agent_options.get(name, {}), privileged=name in found.privileged)
        for name in config.agents
    ]
    return Source(
        run=found.run,
        folder=str(folder),
        created=manifest.created,
        suite=config.suite,
        suite_digest=manifest.suite_digest,
        split=config.split,
        attack=config.attack,
        agents=tuple(agents),
        env=config.env,
        models=config.models,
        versions=manifest.versions,
        episodes=found.episodes,
        walled=tuple(sorted(found.walled)),
        unsafe=len(found.risky),
        tried=len(reflected.tried),
        corrected=len(reflected.corrected),
        branches=reflected.branches,
        kept=reflected.kept,
        rounds={str(number): times for number, times in sorted(reflected.rounds.items())},
        reasons=dict(reflected.reasons.most_common()),
        reflectors=tuple(sorted(reflected.reflectors)),
        labellers=tuple(sorted(found.judges)),
        verifiers=tuple(sorted(reflected.judges)),
    )


def counted(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, int]]]:
    """Table to split to kind to rows."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for row in sorted(rows, key=lambda row: (list(Table).index(row.table), list(Split).index(row.provenance.split))):
        by_split = found.setdefault(str(row.table), {})
        by_split.setdefault(str(row.provenance.split), Counter())[str(row.provenance.kind)] += 1
    return {table: {split: dict(kinds) for split, kinds in splits.items()} for table, splits in found.items()}


def shown_in(rows: Sequence[Row]) -> tuple[Shown, ...]:
    """How agents were asked, over all rows for imitation and for judging answers."""
    found: dict[tuple[Form, str], Counter[str]] = {}
    for row in rows:
        form = row.provenance.form
        if row.table in (Table.SFT, Table.KTO) and form is not None:
            first = row.prompt.messages[0]
            system = first.content if first.role == "system" else ""
            found.setdefault((form, system), Counter())[str(row.provenance.kind)] += 1
    return tuple(Shown(form=form, system=system, rows=dict(kinds)) for (form, system), kinds in found.items())


def notes_on(sources: Sequence[Source], shown: Sequence[Shown], rows: Sequence[Row]) -> tuple[str, ...]:
    """What is to be known before use."""
    notes = []
    for source in sources:
        for agent in source.agents:
            if agent.safety == RUTHLESS:
                notes.append(RUTHLESSLY.format(run=source.run, agent=agent.name))
            elif agent.safety:
                notes.append(WARNED.format(run=source.run, agent=agent.name, safety=agent.safety))
        if names := ", ".join(agent.name for agent in source.agents if agent.privileged):
            notes.append(PRIVILEGED.format(run=source.run, agents=names))
    kinds = {kind for each in shown for kind in each.rows}
    if any(kinds - each.rows.keys() for each in shown):
        notes.append(
            "Not every kind of row has every form and system message: a model may tell wanted from unwanted by that "
            "alone. The table of prompts says which."
        )
    if not any(row.provenance.pattern for row in rows):
        notes.append("The scenarios come from no pattern, so that nothing is said of what patterns share.")
    return tuple(dict.fromkeys(notes))


def read_card(folder: Path) -> Card:
    """The card of a dataset.

    Raises:
        ConfigError: there is none, it cannot be read, or has another schema version.
    """
    path = folder / CARD
    try:
        data = json.loads(path.read_bytes())
        version = data.get("schema_version") if isinstance(data, dict) else None
        if version is not None and version != SCHEMA_VERSION:
            message = f"{path} has schema version {version}; this package reads {SCHEMA_VERSION}"
            raise ConfigError(f"{message}: make the dataset again, with `{data.get('command', 'autosafe dataset')}`")
        return Card.model_validate(data)
    except FileNotFoundError as error:
        raise ConfigError(f"{folder} is no whole dataset: it has no {CARD}; make it with `autosafe dataset`") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
