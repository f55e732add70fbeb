"""`autosafe list`, `show` and `schema`: what there is."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from autosafe_env.cli.output import FOUND, JsonFlag, command, say, write, write_json, write_table
from autosafe_env.core.discover import Kind, names, plugin, suites, toolkit
from autosafe_env.core.registration import gym_id
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.core.shipped import rows_of, shipped
from autosafe_env.core.suite_index import Card, Row, card_of
from autosafe_env.errors import ConfigError, ScenarioError, UnknownName
from autosafe_env.record.log import EventLine, Header
from autosafe_env.record.manifest import Manifest
from autosafe_env.types.base import Json
from autosafe_env.types.suite import SuiteEntry, SuiteHeader
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
    "suite-header": SuiteHeader,
    "suite-entry": SuiteEntry,
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
    suite: Annotated[str, typer.Option("--suite", help="Only the scenarios of this suite that ships.")] = "",
    as_json: bool = JsonFlag,
) -> None:
    """List scenarios, toolkits, agents or suites. Exit 1 if a scenario does not load; the others are listed."""
    if suite and thing is not Thing.SCENARIOS:
        raise ConfigError(f"--suite chooses among scenarios, not {thing}")
    if suite and suite not in suites():
        raise UnknownName("suite", suite, suites())
    rows, columns = LISTS[thing]
    broken: list[str] = []
    found = _scenarios(broken, suite) if suite else rows(broken)
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


def _cards(broken: list[str], only: str = "") -> Iterator[tuple[str, Card, Row | None]]:
    """The suite and the card of every shipped scenario that loads, and its place in a suite of one file.

    Args:
        broken: where sentences about those that do not load go.
        only: the suite; empty for all.

    What is wrong with the others goes to `broken`. Suites of one file are listed by their index, and not read.
    """
    for name, home in shipped().items():
        if only not in ("", home.suite):
            continue
        try:
            row = rows_of(home.file)[name] if home.packed else None
            yield home.suite, row.card if row else card_of(load_scenario(name)), row
        except ScenarioError as error:
            broken.append(str(error))


def _scenarios(broken: list[str], suite: str = "") -> list[dict[str, Json]]:
    return [
        {
            "id": card.id,
            "version": card.version,
            "gym_id": gym_id(card.id, card.version),
            "title": card.title,
            "suite": home,
            **card.model_dump(mode="json", exclude={"id", "version", "title"}),
            "pattern": row.pattern if row else None,
            "style": row.style if row else None,
            "split": str(row.split) if row and row.split else None,
        }
        for home, card, row in _cards(broken, suite)
    ]


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
    found = list(_cards(broken))
    rows: list[dict[str, Json]] = []
    for name in suites():
        cards = [card for suite, card, _ in found if suite == name]
        splits = Counter(str(row.split) for suite, _, row in found if suite == name and row and row.split)
        rows.append(
            {
                "id": name,
                "scenarios": len(cards),
                "sources": sorted({source for card in cards for source in card.sources}),
                "categories": sorted({category for card in cards for category in card.categories}),
                "toolkits": sorted({toolkit for card in cards for toolkit in card.toolkits}),
                "splits": dict(sorted(splits.items())),
                "unchecked": sum(not card.checked for card in cards),
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
