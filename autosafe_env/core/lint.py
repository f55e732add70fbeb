"""What can be wrong with a scenario whose schema is right: each rule yields the place and a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import ValidationError

from autosafe_env.core.cel_text import without_strings
from autosafe_env.core.checks import (
    END_VARIABLES,
    STEP_VARIABLES,
    USER_VARIABLES,
    BadCheck,
    compile_check,
)
from autosafe_env.core.discover import Kind, names, scenario_tools
from autosafe_env.core.json_schema import self_contained
from autosafe_env.core.patch import parse_pointer
from autosafe_env.core.source import Place
from autosafe_env.core.toolkit import STANDARD_FAULTS
from autosafe_env.core.toolspec import Tool
from autosafe_env.core.variant import fill, text_at
from autosafe_env.errors import nearest
from autosafe_env.types.base import Json
from autosafe_env.types.threat import PathStep, PlannedFault, Scenario
from autosafe_env.types.tools import Role

Finding = tuple[Place, str]

FIELDS = {
    "action": ("kind", "tool", "arguments", "roles", "does", "effect", "text"),
    "user": ("said", "confirmed", "denied"),
    "roles": tuple(role.lower() for role in Role),
}
"""The fields that a check may read of a variable with a fixed shape."""
FIELD = re.compile(r"(?<![\w.])(?:action\.)?(action|user|roles|before|after)\.([A-Za-z_]\w*)")
TOOL_NAME = re.compile(r"""\.tool\s*(?:==|!=)\s*["'](\w*)["']|["'](\w+)["']\s+in\s+tools\b""")


def lint(scenario: Scenario) -> Iterator[Finding]:
    """Every finding, in the order of the file. Nothing found means that the scenario can be played."""
    unknown = [*_specified(scenario), *_toolkits(scenario)]
    yield from unknown
    if unknown:  # nothing else can be told without the tools
        return
    tools = scenario_tools(scenario)
    yield from _ids(scenario)
    holes = list(_holes(scenario))
    yield from holes
    if not holes:
        yield from _worlds(scenario, tools)
    yield from _faults(scenario, tools)
    yield from _checks(scenario, tools)
    yield from _paths(scenario, tools)


def _toolkits(scenario: Scenario) -> Iterator[Finding]:
    known = (*names(Kind.TOOLKIT), *(each.name for each in scenario.specified))
    for index, name in enumerate(scenario.toolkits):
        if name not in known:
            yield ("toolkits", index), f"unknown toolkit {name!r}{nearest(name, known)}"
        elif name in scenario.toolkits[:index]:
            yield ("toolkits", index), f"toolkit {name!r} stands twice"
    for name in scenario.world:
        if name not in scenario.toolkits:
            yield ("world", name), f"no toolkit of this scenario is called {name!r}{nearest(name, scenario.toolkits)}"


def _specified(scenario: Scenario) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, toolkit in enumerate(scenario.specified):
        place: Place = ("specified", index)
        if toolkit.name in names(Kind.TOOLKIT):
            yield place, f"the toolkit {toolkit.name!r} is installed; give the specified one another name"
        if toolkit.name not in scenario.toolkits:
            yield place, f"name {toolkit.name!r} among the `toolkits` as well"
        for number, spec in enumerate(toolkit.tools):
            place = ("specified", index, "tools", number)
            if spec.toolkit != toolkit.name or not spec.name.startswith(f"{toolkit.name}_") or spec.name in seen:
                yield place, f"the tool {spec.name!r} must be called '{toolkit.name}_<something>', and stand once"
            if missing := STANDARD_FAULTS.keys() - spec.faults.keys():
                yield place, f"the tool {spec.name!r} must declare the faults {', '.join(sorted(missing))}"
            seen.add(spec.name)
            for field in ("parameters", "returns"):
                if problem := _schema_problem(getattr(spec, field)):
                    yield (*place, field), f"the tool {spec.name!r}: {field}: {problem}"


def _schema_problem(schema: dict[str, Json]) -> str:
    try:
        return "" if self_contained(schema) == schema else "the schema must be self-contained: read it with `from`"
    except ValueError as error:
        return str(error)


def _ids(scenario: Scenario) -> Iterator[Finding]:
    for field, ids in (
        ("triggers", [trigger.id for trigger in scenario.triggers]),
        ("outcomes", [outcome.id for outcome in scenario.outcomes]),
    ):
        for index, name in enumerate(ids):
            if name in ids[:index]:
                yield (field, index, "id"), f"the id {name!r} stands twice in {field}"


def _holes(scenario: Scenario) -> Iterator[Finding]:
    for index, trigger in enumerate(scenario.triggers):
        try:
            text_at(scenario, trigger.hole)
        except KeyError as error:
            where = nearest(str(error.args[0]), _names_near(scenario, trigger.hole))
            yield ("triggers", index, "hole"), f"the hole {trigger.hole!r} leads nowhere: there is no {error}{where}"
            continue
        if trigger.payload == trigger.benign:
            yield ("triggers", index), f"trigger {trigger.id!r}: payload and benign text are the same"
        for field in ("payload", "benign"):
            text = getattr(trigger, field)
            may_lack = trigger.hole.startswith("faults.") or (scenario.eval_only and field == "benign")
            if may_lack and text is None:
                continue
            if not trigger.hole.startswith("/") and not (isinstance(text, str) and text.strip()):
                yield ("triggers", index, field), f"what fills {trigger.hole!r} must be a text"


def _names_near(scenario: Scenario, hole: str) -> list[str]:
    """The names that could stand where a hole goes astray."""
    if not hole.startswith("/"):
        parts = {"user.replies": scenario.user.replies, "user.turns": scenario.user.turns, "faults": scenario.faults}
        places = [f"{name}.{index}" for name, part in parts.items() for index in range(len(part))]
        return ["instruction", "user.otherwise", *places]
    value: Json = scenario.world
    for key in parse_pointer(hole):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            break
    return (
        list(value)
        if isinstance(value, dict)
        else [str(i) for i in range(len(value))]
        if isinstance(value, list)
        else []
    )


def _worlds(scenario: Scenario, tools: dict[str, Tool]) -> Iterator[Finding]:
    states = {tool.spec.toolkit: tool.toolkit.State for tool in tools.values()}
    seen = set()
    for variant in scenario.variants:
        world = fill(scenario, variant).world
        for name, state in states.items():
            try:
                state.model_validate(world.get(name, {}), strict=True)
            except ValidationError as error:
                for item in error.errors(include_url=False, include_input=False):
                    place: Place = ("world", name, *item["loc"])
                    known = ""
                    if item["type"] == "extra_forbidden":
                        known = nearest(str(item["loc"][-1]), _fields_at(state.model_json_schema(), item["loc"][:-1]))
                    finding = (place, f"{'.'.join(map(str, place))}: {item['msg']}{known}")
                    if finding not in seen:
                        seen.add(finding)
                        yield finding


def _fields_at(schema: dict[str, Json], place: Place) -> list[str]:
    """The fields that a state's schema allows at a place."""
    part = schema
    for key in (None, *place):
        if isinstance(key, int):
            part = part.get("items", {})
        elif key is not None:
            part = part.get("properties", {}).get(key) or part.get("additionalProperties") or {}
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]]
    return list(part.get("properties", {}))


def _faults(scenario: Scenario, tools: dict[str, Tool]) -> Iterator[Finding]:
    for index, planned in enumerate(scenario.faults):
        if problem := fault_problem(planned, tools):
            yield ("faults", index), problem


def fault_problem(planned: PlannedFault, tools: dict[str, Tool]) -> str:
    """Why a planned fault cannot happen with these tools, in one sentence; empty when it can."""
    if planned.tool not in tools:
        return f"unknown tool {planned.tool!r}{nearest(planned.tool, tools)}"
    declared = tools[planned.tool].spec.faults
    if planned.fault not in declared:
        return f"{planned.tool} does not declare the fault {planned.fault!r}{nearest(planned.fault, declared)}"
    return ""


def _checks(scenario: Scenario, tools: dict[str, Tool]) -> Iterator[Finding]:
    for index, outcome in enumerate(scenario.outcomes):
        yield from _check(("outcomes", index, "check"), outcome.check, STEP_VARIABLES, scenario, tools)
    for index, achievement in enumerate(scenario.achievements):
        yield from _check(("achievements", index, "check"), achievement.check, END_VARIABLES, scenario, tools)
    for index, reply in enumerate(scenario.user.replies):
        yield from _check(("user", "replies", index, "when"), reply.when, USER_VARIABLES, scenario, tools)
    for index, turn in enumerate(scenario.user.turns):
        yield from _check(("user", "turns", index, "when"), turn.when, USER_VARIABLES, scenario, tools)


def _check(
    place: Place, source: str, allowed: frozenset[str], scenario: Scenario, tools: dict[str, Tool]
) -> Iterator[Finding]:
    if not source and scenario.eval_only and place[0] in ("outcomes", "achievements"):
        return
    try:
        compile_check(source, allowed)
    except BadCheck as error:
        yield place, str(error)
        return
    for variable, field in FIELD.findall(without_strings(source)):
        known = scenario.toolkits if variable in ("before", "after") else FIELDS[variable]
        if field not in known:
            yield place, f"`{variable}` has no field {field!r}{nearest(field, known)}"
    for pair in TOOL_NAME.findall(source):
        name = "".join(pair)
        if name and name not in tools:
            yield place, f"unknown tool {name!r}{nearest(name, tools)}"


def _paths(scenario: Scenario, tools: dict[str, Tool]) -> Iterator[Finding]:
    for path in ("unsafe", "safe", "benign"):
        steps: tuple[PathStep, ...] = getattr(scenario.paths, path)
        if not steps:  # the schema allows that to a scenario that is for evaluation only
            continue
        for index, step in enumerate(steps):
            if step.tool is not None and step.tool not in tools:
                yield ("paths", path, index), f"unknown tool {step.tool!r}{nearest(step.tool, tools)}"
            elif step.tool is not None and (mistakes := tools[step.tool].mistakes(step.arguments)):
                yield ("paths", path, index), f"{step.tool}: {mistakes}"
            if step.final is not None and index < len(steps) - 1:
                yield ("paths", path, index), "a final answer ends the episode; nothing may follow it"
        if path != "unsafe" and steps[-1].final is None:
            yield ("paths", path, len(steps) - 1), f"the {path} path must end with a final answer"
        if len(steps) > scenario.max_steps:
            yield ("paths", path), f"the {path} path has {len(steps)} steps; max_steps is {scenario.max_steps}"
