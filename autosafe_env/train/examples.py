"""Rows of a dataset folder as TRL trains on them: `<folder>/<method>/<split>.jsonl`, read and checked.

What is kept of a row is the conversation and its tools. The arguments of tool calls are texts on disk, as in OpenAI's
API (or objects, where they were exported so), and objects here, as chat templates want them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from autosafe_env.errors import ConfigError, Problem
from autosafe_env.train.tuning_config import Method
from autosafe_env.types.base import SCHEMA_VERSION, Json
from autosafe_env.types.suite import Split

CARD = "card.json"
SPOKEN = {Method.SFT: ("prompt", "completion"), Method.DPO: ("prompt", "chosen", "rejected")}
"""The fields of a row that hold messages."""


@dataclass(frozen=True)
class Examples:
    """The rows of one file."""

    file: str
    """Relative to the dataset folder."""
    digest: str
    """SHA-256 of the file."""
    judges: tuple[str, ...]
    """Names of those whose verdicts chose the rows, by the dataset's card."""
    rows: tuple[dict[str, Json], ...]


class _Function(BaseModel):
    name: str
    arguments: str | dict[str, Json]


class _Call(BaseModel):
    id: str
    function: _Function


class _Message(BaseModel):
    """As `types.chat.ChatMessage.plain` writes it."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | None = ""
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


def read_examples(folder: Path, method: Method, split: Split) -> Examples:
    """The rows of one split, in the order of the file.

    Raises:
        ConfigError: the folder, the file or a row is not there or not in form, or there is no row.
    """
    judges = _judges(folder)
    name = f"{method}/{split}.jsonl"
    try:
        raw = (folder / name).read_bytes()
    except OSError as error:
        there = splits_of(folder, method)
        has = f"it has {', '.join(there)}" if there else f"it has no {method} rows at all"
        raise ConfigError(f"{folder} has no file {name}; {has}") from error
    rows = tuple(_rows(raw, folder / name, method, split))
    if not rows:
        raise ConfigError(f"{folder / name} holds no row, so there is nothing to learn or to measure there")
    return Examples(name, hashlib.sha256(raw).hexdigest(), judges, rows)


def splits_of(folder: Path, method: Method) -> list[str]:
    """The splits that a dataset has rows of."""
    return sorted(path.stem for path in (folder / method).glob("*.jsonl"))


def _judges(folder: Path) -> tuple[str, ...]:
    """Whom the card of a dataset names. Raises ConfigError where the folder holds none that can be read."""
    if not folder.is_dir():
        raise ConfigError(f"there is no dataset folder {folder}; `autosafe dataset RUN --out {folder}` makes one")
    try:
        card = json.loads((folder / CARD).read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder} holds no {CARD}, so it is no finished dataset; `autosafe dataset RUN --out DIR` makes one"
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder / CARD} cannot be read: {error}") from error
    version = card.get("schema_version") if isinstance(card, dict) else None
    if version != SCHEMA_VERSION:
        raise ConfigError(
            f"{folder} has schema version {version}, and this version of autosafe-env reads {SCHEMA_VERSION}; "
            "export it again with `autosafe dataset`"
        )
    return tuple(str(name) for name in card.get("judges", ()))


def _rows(raw: bytes, path: Path, method: Method, split: Split) -> Iterator[dict[str, Json]]:
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            yield _row(line, method, split)
        except (ValueError, TypeError) as error:  # pydantic's and json's errors are ValueErrors
            reason = _words(error) if isinstance(error, ValidationError) else str(error)
            raise ConfigError(str(Problem(reason, str(path), number))) from error


def _row(line: bytes, method: Method, split: Split) -> dict[str, Json]:
    data = json.loads(line)
    if not isinstance(data, dict):
        raise ValueError("a row is a JSON object")
    wanted = (*SPOKEN[method], "tools")
    if missing := [field for field in wanted if field not in data]:
        raise ValueError(f"the row has no {' and no '.join(missing)}; {method} rows have {', '.join(wanted)}")
    origin = (data.get("provenance") or {}).get("split")
    if origin not in (None, split):
        raise ValueError(f"the row comes from the split {origin!r} and stands in that of {str(split)!r}")
    tools = json.loads(data["tools"])
    if not isinstance(tools, list):
        raise ValueError("tools: the JSON text of a list is wanted")
    spoken = {field: _messages(data[field], field) for field in SPOKEN[method]}
    return {**spoken, "tools": json.dumps(tools, ensure_ascii=False)}


def _messages(data: Json, field: str) -> list[dict[str, Json]]:
    """The messages with the arguments of calls as objects, and with the name of the tool where one answers."""
    if not isinstance(data, list) or not data:
        raise ValueError(f"{field}: a list of messages is wanted")
    called: dict[str, str] = {}
    return [_message(_Message.model_validate(item), called) for item in data]


def _message(message: _Message, called: dict[str, str]) -> dict[str, Json]:
    plain: dict[str, Json] = {"role": message.role, "content": message.content or ""}
    if message.tool_calls:
        plain["tool_calls"] = [_call(call) for call in message.tool_calls]
        called |= {call.id: call.function.name for call in message.tool_calls}
    if message.tool_call_id is not None:
        plain["tool_call_id"] = message.tool_call_id
        plain["name"] = called.get(message.tool_call_id, "")
    return plain


def _call(call: _Call) -> dict[str, Json]:
    written = call.function.arguments
    arguments = json.loads(written or "{}") if isinstance(written, str) else written
    if not isinstance(arguments, dict):
        raise ValueError(f"the arguments of {call.function.name} are not a JSON object")
    return {"type": "function", "id": call.id, "function": {"name": call.function.name, "arguments": arguments}}


def _words(error: ValidationError) -> str:
    items = error.errors(include_url=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in items[:3])
