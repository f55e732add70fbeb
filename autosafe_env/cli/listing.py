"""`autosafe list`, `show` and `schema`: what there is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json, write_table
from autosafe_env.core.discover import Kind, names, plugin, scenario_files, suites, toolkit
from autosafe_env.core.registration import gym_id
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import ScenarioError, UnknownName
from autosafe_env.record.log import EventLine, Header
from autosafe_env.record.manifest import Manifest
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Scenario
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import Action

SCHEMAS: dict[str, Any] = {
    "scenario": Scenario,
    "action": Action,
    "tool": ToolSpec,
    "header": Header,
    "event": EventLine,
    "manifest": Manifest,
}
SELDOM: dict[str, Json] = {"checked": True, "unchecked": 0}
"""Columns that are shown only where some row says something else than this."""
NO_CHECK = "no check: only a language model can tell"


class Thing(StrEnum):
    """What can be listed."""

    SCENARIOS = "scenarios"
    TOOLKITS = "toolkits"
    AGENTS = "agents"
    SUITES = "suites"


@command
def list_things(
    thing: Annotated[Thing, typer.Argument(help="What to list.")],
    as_json: bool = JsonFlag,
) -> None:
    """List scenarios, toolkits, agents or suites. Exit 1 if a scenario does not load; the others are listed."""
    rows, columns = LISTS[thing]
    broken: list[str] = []
    found = rows(broken)
    if as_json:
        write_json(found)
    else:
        seldom = [name for name in SELDOM if any(row.get(name, SELDOM[name]) != SELDOM[name] for row in found)]
        write_table(found, (*columns, *seldom))
    for sentence in broken:
        say(sentence)
    if broken:
        raise typer.Exit(FOUND)


@command
def show(
    scenario_id: Annotated[str, typer.Argument(metavar="ID", help="A scenario's id, or the path of its file.")],
    as_json: bool = JsonFlag,
) -> None:
    """Show one scenario whole, what agents never see included."""
    scenario = load_scenario(scenario_id)
    if as_json:
        write_json(scenario.model_dump(mode="json"))
        return
    write(f"{scenario.id} v{scenario.version}: {scenario.title}\n\nInstruction: {scenario.instruction}\n")
    for trigger in scenario.triggers:
        strategy = f", {trigger.strategy}" if trigger.strategy else ""
        write(f"Trigger {trigger.id} ({trigger.source}{strategy}) at {trigger.hole}:\n{trigger.payload}\n")
        twin = f"In the benign twin:\n{trigger.benign}" if len(scenario.variants) > 1 else "There is no benign twin."
        write(f"{twin}\n")
    for outcome in scenario.outcomes:
        words = f"Outcome {outcome.id} ({outcome.category}, {outcome.severity}): {outcome.description}"
        write("\n  ".join([words, *(f"note: {note}" for note in outcome.notes), outcome.check or NO_CHECK]))
    for achievement in scenario.achievements:
        write(f"Achievement: {achievement.description}\n  {achievement.check or NO_CHECK}")
    if scenario.eval_only:
        write("For evaluation only: never training data.")


@command
def schema(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(SCHEMAS)}.")] = "scenario",
) -> None:
    """Print the JSON schema of a file format."""
    if name not in SCHEMAS:
        raise UnknownName("schema", name, SCHEMAS)
    write_json(TypeAdapter(SCHEMAS[name]).json_schema())


def _loaded(broken: list[str]) -> Iterator[Scenario]:
    """Every shipped scenario that loads; what is wrong with the others goes to `broken`."""
    for name in scenario_files():
        try:
            yield load_scenario(name)
        except ScenarioError as error:
            broken.append(str(error))


def _scenarios(broken: list[str]) -> list[dict[str, Json]]:
    return [_scenario_row(scenario) for scenario in _loaded(broken)]


def _scenario_row(scenario: Scenario) -> dict[str, Json]:
    return {
        "id": scenario.id,
        "version": scenario.version,
        "gym_id": gym_id(scenario.id, scenario.version),
        "title": scenario.title,
        "suite": scenario.suite,
        "sources": [str(source) for source in scenario.sources],
        "strategies": [str(trigger.strategy) for trigger in scenario.triggers if trigger.strategy],
        "categories": [str(category) for category in scenario.categories],
        "severities": [str(outcome.severity) for outcome in scenario.outcomes],
        "toolkits": list(scenario.toolkits),
        "checked": scenario.checked,
        "eval_only": scenario.eval_only,
    }


def _toolkits(_broken: list[str]) -> list[dict[str, Json]]:
    rows = []
    for name in names(Kind.TOOLKIT):
        specs = [tool.spec for tool in toolkit(name).values()]
        rows.append(
            {
                "id": name,
                "description": _summary(plugin(Kind.TOOLKIT, name)),
                "tool_count": len(specs),
                "capabilities": sorted({str(each) for spec in specs for each in spec.does}),
                "roles": sorted({str(each) for spec in specs for each in spec.roles.values()}),
                "tools": [spec.model_dump(mode="json") for spec in specs],
            }
        )
    return rows


def _agents(_broken: list[str]) -> list[dict[str, Json]]:
    return [
        {
            "id": name,
            "description": _summary(inspect.getmodule(plugin(Kind.AGENT, name))),
            "privileged": hasattr(plugin(Kind.AGENT, name), "bind"),
        }
        for name in names(Kind.AGENT)
    ]


def _suites(broken: list[str]) -> list[dict[str, Json]]:
    scenarios = list(_loaded(broken))
    rows = []
    for name in suites():
        members = [scenario for scenario in scenarios if scenario.suite == name]
        rows.append(
            {
                "id": name,
                "scenarios": len(members),
                "sources": sorted({str(source) for scenario in members for source in scenario.sources}),
                "categories": sorted({str(category) for scenario in members for category in scenario.categories}),
                "toolkits": sorted({name for scenario in members for name in scenario.toolkits}),
                "unchecked": sum(not scenario.checked for scenario in members),
            }
        )
    return rows


def _summary(thing: object) -> str:
    """The first sentence of a docstring, in one line."""
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


LISTS: dict[Thing, tuple[Callable[[list[str]], list[dict[str, Json]]], tuple[str, ...]]] = {
    Thing.SCENARIOS: (_scenarios, ("id", "sources", "categories", "toolkits", "title")),
    Thing.TOOLKITS: (_toolkits, ("id", "tool_count", "capabilities", "description")),
    Thing.AGENTS: (_agents, ("id", "privileged", "description")),
    Thing.SUITES: (_suites, ("id", "scenarios", "sources", "categories", "toolkits")),
}
