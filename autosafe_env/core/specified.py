"""Toolkits that are only specified: their tools have names, schemas and descriptions, and a model plays what they do.

A scenario file says `specified: [{from: tools.json, name: weather}]`. The file beside it holds one of three forms:

    ToolEmu             {"toolkit": ..., "tools": [{"name", "summary", "parameters": [{"name", "type", ...}], ...}]}
    OpenAI tools        [{"type": "function", "function": {"name", "description", "parameters"}}]
    MCP `tools/list`    {"tools": [{"name", "description", "inputSchema", "outputSchema", "annotations"}]}

What was read is kept in the scenario, so that a log needs no other file. Nobody guesses what a tool does from its name:
its effect is WRITE unless annotations, or `tags` in the entry, say otherwise, and it has the capabilities that `tags`
gives it: `tags: {forecast: {effect: READ, does: [READS_UNTRUSTED], roles: {city: TARGET}}}`.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from autosafe_env.core.json_schema import mistakes
from autosafe_env.core.source import Source
from autosafe_env.core.spec_forms import read_toolkit
from autosafe_env.core.toolkit import State, Toolkit
from autosafe_env.core.toolspec import Tool
from autosafe_env.errors import ScenarioError, ToolSpecError, nearest
from autosafe_env.types.base import Handle, Json
from autosafe_env.types.threat import SpecifiedToolkit
from autosafe_env.types.tools import ToolSpec

MAX_BYTES = 1024 * 1024
"""Of a file that specifies tools."""
KEYS = ("from", "name", "tags")


class OpenState(State):
    """Any JSON object: nothing is known of what a specified toolkit remembers."""

    model_config = ConfigDict(extra="allow")


class OpenToolkit(Toolkit):
    """Stands where the class of a toolkit with code would."""

    name = "specified"
    State = OpenState


class NoArguments(BaseModel):
    """Stands where the model of a tool's arguments would: a specified tool checks them against its schema."""


class SpecifiedTool(Tool):
    """A tool without code."""

    def mistakes(self, arguments: dict[str, Json]) -> str:
        """Why the arguments do not fit the tool's parameters, in one sentence; empty when they do."""
        return mistakes(self.spec.parameters, arguments, "argument")

    def settled_answer(self, observation: Json) -> Json:
        """The observation itself. Raises ValueError, in one sentence, when it does not fit what the tool returns."""
        if problem := mistakes(self.spec.returns, observation, "part"):
            raise ValueError(problem)
        return observation

    def settled_state(self, state: Json) -> dict[str, Json]:
        """The state itself. Raises ValueError when it is no JSON object."""
        if not isinstance(state, dict):
            raise ValueError("the state is no JSON object")
        return state

    def call(self, state: dict[str, Json], arguments: dict[str, Json], now: Any) -> tuple[Json, dict[str, Json]]:
        """Raises ToolSpecError: there is no code to call."""
        del state, arguments, now
        raise ToolSpecError(f"the tool {self.spec.name!r} is only specified; {REMEDY}")


REMEDY = "use the emulator 'llm' or 'hybrid'"
"""The end of every sentence about a tool that has no code to answer it."""


@lru_cache(maxsize=1024)
def specified_tool(spec: Handle[ToolSpec]) -> SpecifiedTool:
    """The tool that a specification describes."""
    return SpecifiedTool(spec.value, NoArguments, TypeAdapter(Any), _no_method, OpenToolkit)


def _no_method(*_given: Any) -> None:
    """Stands where the method of a tool with code would."""


def with_specified(source: Source) -> Json:
    """The data of a scenario with the specified toolkits that it reads from other files written out.

    Raises:
        ScenarioError: such a file cannot be read, is none of the three forms, or a tool in it is wrong.
    """
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("specified"), list):
        return data
    entries = []
    for index, entry in enumerate(data["specified"]):
        if isinstance(entry, dict) and "from" in entry:
            try:
                entry = _loaded(entry, source.file).model_dump(mode="json")
            except ValueError as error:
                raise ScenarioError([source.problem(("specified", index, "from"), str(error))]) from error
        entries.append(entry)
    return {**data, "specified": entries}


def _loaded(entry: dict[str, Json], scenario_file: str) -> SpecifiedToolkit:
    for key in entry:
        if key not in KEYS:
            raise ValueError(f"unknown key {key!r}{nearest(key, KEYS)}")
    place, name, tags = entry["from"], entry.get("name"), entry.get("tags") or {}
    if not isinstance(place, str) or not isinstance(name, str) or not isinstance(tags, dict):
        raise ValueError("an entry is {from: <file>, name: <toolkit>, tags: {<tool>: {...}}}, the last if needed")
    folder = Path(scenario_file).resolve().parent
    path = (folder / place).resolve()
    if not Path(scenario_file).is_file() or not path.is_relative_to(folder):
        # A stranger's scenario must not bring any file of this machine into prompts and logs.
        raise ValueError(f"{place!r} must lie in or below the folder of the scenario file")
    try:
        return read_toolkit(_json_of(path), name, tags)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def _json_of(path: Path) -> Json:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise ValueError(f"has more than {MAX_BYTES} bytes")
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refused)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8: {error.reason}") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def _refused(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")
