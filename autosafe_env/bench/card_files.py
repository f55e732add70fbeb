"""Where judges' cards are kept: in a run's folder, in any file, and, for the judge `rules`, in this package."""

from __future__ import annotations

import json
from pathlib import Path

from autosafe_env.bench.card_rows import card_markdown
from autosafe_env.bench.judge_card import CARD_SCHEMA, JudgeCard, judge_id
from autosafe_env.errors import ConfigError
from autosafe_env.record.manifest import read_manifest
from autosafe_env.types.base import Json

SHIPPED = Path(__file__).parent / "labelled"
"""The sets of labels that ship, and the card of `rules` on them."""
ENDINGS = (".jsonl.gz", ".jsonl")


def shipped_sets() -> dict[str, Path]:
    """The sets that ship, by name."""
    return {path.name.removesuffix(".jsonl.gz"): path for path in sorted(SHIPPED.glob("*.jsonl.gz"))}


def card_name(card: JudgeCard) -> str:
    """Of a card's file in a folder."""
    return f"judge-card-{card.judge_id}.json"


def write_card(card: JudgeCard, path: Path) -> Path:
    """Write a card: as Markdown where the name ends in `.md`, into a folder under its own name, else as JSON.

    Returns:
        The file that was written.

    Raises:
        ConfigError: it cannot be written.
    """
    path = path / card_name(card) if path.is_dir() else path
    text = card_markdown(card) if path.suffix == ".md" else card.model_dump_json(indent=2) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    return path


def read_card(path: Path) -> JudgeCard:
    """A card from its JSON file.

    Raises:
        ConfigError: it cannot be read, is no card, or is one of another version.
    """
    try:
        data: Json = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is no card of a judge: it holds no JSON: {error}") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if not isinstance(data, dict) or "judge_id" not in data:
        raise ConfigError(f"{path} is no card of a judge; `autosafe judge-card --out FILE.json` writes one")
    if version != CARD_SCHEMA:
        raise ConfigError(f"{path} has schema version {version}; this package reads {CARD_SCHEMA}")
    try:
        return JudgeCard.model_validate(data)
    except ValueError as error:
        raise ConfigError(f"{path} is no card of a judge: {'; '.join(str(error).splitlines()[1:3])}") from error


def run_judge_id(folder: Path) -> str:
    """The id of the judge that a run was played with. Raises RunError when there is no such run."""
    config = read_manifest(folder).config
    return judge_id(config.argument("judge"), config.models.get("judge", {}))


def run_card(folder: Path) -> JudgeCard | None:
    """The card of the judge that a run was played with: from the run's folder, else the one that ships; or None.

    Raises:
        RunError: there is no such run.
        ConfigError: a card in the folder cannot be read.
    """
    wanted = run_judge_id(folder)
    for path in (*sorted(folder.glob("judge-card*.json")), *sorted(SHIPPED.glob("*.card.json"))):
        card = read_card(path)
        if card.judge_id == wanted:
            return card
    return None
