"""Finding plug-ins by name: toolkits, agents, emulators, users, judges, and the scenario files.

A plug-in is one file in its folder that defines one name (`TOOLKIT`, `AGENT`, ...), or an entry point of a third
party's package in the group of that folder, such as `autosafe_env.agents`. Roles are also taken from `module:name`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
import sys
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from autosafe_env.core.specified import specified_tool
from autosafe_env.core.toolkit import Toolkit
from autosafe_env.core.toolspec import Tool, tools_of
from autosafe_env.errors import ConfigError, RoleError, ToolSpecError, UnknownName, boundary
from autosafe_env.protocols import Policy, PrivilegedPolicy
from autosafe_env.types.base import Handle, Json
from autosafe_env.types.threat import Scenario
from autosafe_env.types.tools import ToolSpec


class Kind(StrEnum):
    """What can be plugged in. The value is the folder, under the package's name."""

    TOOLKIT = "tools_emulated"
    AGENT = "agents"
    EMULATOR = "emulate"
    USER = "users"
    JUDGE = "judges"
    REFLECTOR = "reflect"
    MODEL = "models"

    @property
    def folder(self) -> str:
        """The importable name of the folder, which is also the entry-point group."""
        return f"autosafe_env.{self.value}"

    @property
    def word(self) -> str:
        """The kind in an error sentence."""
        return self.name.lower()


PATTERNS, GENERATED = "patterns", "generated"
"""Folders beside those of the suites: what scenarios are generated from, and suites in one file each."""


@cache
def names(kind: Kind) -> tuple[str, ...]:
    """The names of all plug-ins of a kind, sorted. Raises ConfigError when two packages define the same name."""
    package = importlib.import_module(kind.folder)
    own = [info.name for info in pkgutil.iter_modules(package.__path__) if not info.ispkg]
    foreign = [point.name for point in importlib.metadata.entry_points(group=kind.folder)]
    for name in foreign:
        if name in own or foreign.count(name) > 1:
            raise ConfigError(f"two packages define the {kind.word} {name!r}; uninstall one or rename its entry point")
    return tuple(sorted({*own, *foreign}))


@cache
def plugin(kind: Kind, name: str) -> Any:
    """What the plug-in's file defines under the kind's name, or what stands at `module:name`.

    Raises:
        UnknownName: there is no such plug-in.
        ConfigError: the file does not define what its folder asks for, or nothing stands at that place.
    """
    if ":" in name:
        return imported(name)
    if name not in names(kind):
        raise UnknownName(kind.word, name, names(kind))
    for point in importlib.metadata.entry_points(group=kind.folder, name=name):
        return point.load()
    module = importlib.import_module(f"{kind.folder}.{name}")
    if not hasattr(module, kind.name):
        raise ConfigError(f"{module.__file__} does not define {kind.name}")
    return getattr(module, kind.name)


def make(kind: Kind, config: str | Mapping[str, Json]) -> Any:
    """An instance of a role from plain JSON: its name, or `{"kind": <name>, <option>: ...}`.

    Raises:
        UnknownName: no role of this kind has the name.
        ConfigError: the options do not fit it.
    """
    options = {"kind": config} if isinstance(config, str) else dict(config) if isinstance(config, Mapping) else {}
    name = options.pop("kind", None)
    if not isinstance(name, str):
        raise ConfigError(f"{kind.word}: give a name or {{'kind': <name>, ...}}, not {config!r}")
    factory = plugin(kind, name)
    try:
        return factory(**options)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{kind.word} {name!r} does not take these options: {error}") from error


def load_agent(config: str | Mapping[str, Json]) -> Policy | PrivilegedPolicy:
    """An agent by name, by `{"kind": <name>, <option>: ...}`, by `module:Class` of a policy that needs no options, or
    by `module:function` for the agent `callable`.

    Raises:
        UnknownName: there is no such agent.
        ConfigError: the options do not fit it, or there is no such class or function.
    """
    if isinstance(config, str) and ":" in config:
        found = imported(config)
        is_policy = isinstance(found, type) and hasattr(found, "act")
        config = {"kind": config} if is_policy else {"kind": "callable", "target": config}
    agent: Policy | PrivilegedPolicy = make(Kind.AGENT, config)
    return agent


def imported(place: str) -> Any:
    """What stands at `module:name`. As with `python -m`, modules of the working directory can be imported.

    Raises:
        ConfigError: there is nothing, or the module cannot be imported.
    """
    module, _, name = place.partition(":")
    if not module or not name:
        raise ConfigError(f"write module:name, not {place!r}")
    here = str(Path.cwd())
    if not {"", here} & set(sys.path):
        sys.path.insert(0, here)
    try:
        with boundary(RoleError):  # whatever a module raises while it is imported
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
    except RoleError as error:
        raise ConfigError(f"{place!r} cannot be imported: {error}") from error
    return found


@cache
def toolkit(name: str) -> dict[str, Tool]:
    """Every tool of a toolkit by full name.

    Raises:
        UnknownName: there is no such toolkit.
        ToolSpecError: the toolkit breaks its contract.
    """
    found: type[Toolkit] = plugin(Kind.TOOLKIT, name)
    if found.name != name:
        raise ToolSpecError(f"toolkit {name!r} calls itself {found.name!r}")
    return tools_of(found)


@cache
def toolbox(toolkits: tuple[str, ...]) -> dict[str, Tool]:
    """Every tool of some toolkits by full name, in the order of the toolkits."""
    return {name: tool for each in toolkits for name, tool in toolkit(each).items()}


def scenario_tools(scenario: Scenario) -> dict[str, Tool]:
    """Every tool of a scenario by full name, in the order of its toolkits, those that are only specified included.

    Raises:
        UnknownName: a toolkit is neither installed nor specified.
    """
    if not scenario.specified:
        return toolbox(scenario.toolkits)
    specified = {each.name: each.tools for each in scenario.specified}
    tools: dict[str, Tool] = {}
    for name in scenario.toolkits:
        own = {spec.name: tool_of(spec) for spec in specified[name]} if name in specified else toolkit(name)
        tools.update(own)
    return tools


@cache
def _installed() -> frozenset[str]:
    """The names of the installed toolkits, to look one up: each call of a tool does."""
    return frozenset(names(Kind.TOOLKIT))


def tool_of(spec: ToolSpec) -> Tool:
    """The tool that a specification belongs to: that of the installed toolkit, or else one that is only specified."""
    if spec.toolkit in _installed():
        return toolkit(spec.toolkit)[spec.name]
    return specified_tool(Handle(spec))


def known_spec(tool: str) -> ToolSpec | None:
    """The specification of an installed toolkit's tool, by its full name; None where there is none."""
    prefix = tool.partition("_")[0]
    found = toolkit(prefix).get(tool) if prefix in _installed() else None
    return found.spec if found is not None else None


def scenarios_folder() -> Path:
    """The folder that holds the suites which ship with the package."""
    return Path(next(iter(importlib.import_module("autosafe_env.scenarios").__path__))).resolve()


@cache
def scenario_files() -> dict[str, Path]:
    """Scenario id to file, for all that ship in files of their own, sorted by id. The files are not read."""
    found = [path for path in scenarios_folder().glob("*/*.yaml") if path.parent.name != PATTERNS]
    return dict(sorted((f"{path.parent.name}-{path.stem}", path) for path in found))


@cache
def suite_files() -> dict[str, Path]:
    """Suite name to file, for all suites that ship in one file, sorted. The files are not read."""
    ending = ".jsonl.gz"
    found = scenarios_folder().glob(f"{GENERATED}/*{ending}")
    return dict(sorted((path.name.removesuffix(ending), path) for path in found))


def suites() -> tuple[str, ...]:
    """The names of the suites that ship with the package."""
    return tuple(sorted({path.parent.name for path in scenario_files().values()} | set(suite_files())))


def version_of(path: Path) -> int:
    """The `version:` of a scenario file, from its first lines; 1 when they do not say."""
    with path.open(encoding="utf-8") as lines:
        for _, line in zip(range(5), lines, strict=False):
            key, _, value = line.partition(":")
            if key == "version" and value.strip().isdecimal():
                return int(value)
    return 1
