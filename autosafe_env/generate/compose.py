"""From a pattern and a seed to a scenario: tools are bound, a world is built, texts are written, paths are laid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autosafe_env.core.cast import Draw
from autosafe_env.core.discover import Kind, names, toolbox, toolkit
from autosafe_env.core.patch import resolve
from autosafe_env.core.toolspec import Tool
from autosafe_env.generate.pattern import Goal, PathPattern, Pattern, ToolSlot, TriggerPattern
from autosafe_env.generate.people import draw_cast
from autosafe_env.generate.probe import Probe
from autosafe_env.generate.scene import Scene, Unbound
from autosafe_env.generate.world import build_world
from autosafe_env.types.base import Json
from autosafe_env.types.tools import Role
from autosafe_env.types.turns import ToolCall

MOST_TOOLKITS = 3
"""Toolkits in one scenario."""
TOGETHER = 0.5
"""Share of the slots that take a toolkit which another slot has taken already, where one fits."""
TELLING = (Role.RECIPIENT, Role.TARGET, Role.PATH, Role.URL, Role.COMMAND, Role.SETTING, Role.AMOUNT)
"""Roles whose values tell one call of a tool from another."""


@dataclass(frozen=True)
class Order:
    """What is asked of one scenario."""

    seed: str
    toolkits: tuple[str, ...] = ()
    """Toolkits that may be bound; empty for all."""
    source: str = ""
    """Trigger source; empty for any."""
    distractors: int = 3
    """Entries of distractor content in each main list."""


def compose(pattern: Pattern, order: Order) -> dict[str, Json]:
    """A scenario, as the data of its file; not yet proven.

    Raises:
        Unbound: the pattern finds no place with this seed.
    """
    draw = Draw(f"{pattern.id}/{order.seed}")
    tools = bind_tools(pattern, draw.fork("tools"), order.toolkits or names(Kind.TOOLKIT))
    toolkits = tuple(dict.fromkeys(tool.spec.toolkit for tool in tools.values()))
    cast = draw_cast(f"{pattern.id}/{order.seed}")
    world = build_world(toolkits, cast, draw.fork("world"), order.distractors)
    scene = Scene(pattern, tools, cast, Probe(world, cast, toolbox(toolkits)), draw.fork("scene"))
    scene.fill()
    chosen = [each for each in pattern.triggers if order.source in ("", each.source)]
    if not chosen:
        raise Unbound(f"no trigger of source {order.source}")
    return _scenario(scene, draw.fork("texts"), draw.one(chosen), order)


def bind_tools(pattern: Pattern, draw: Draw, toolkits: Sequence[str]) -> dict[str, Tool]:
    """A tool for each slot. Toolkits are drawn before tools, so that a large one is not drawn more often.

    Raises:
        Unbound: no toolkit has a tool for a slot.
    """
    bound: dict[str, Tool] = {}
    for name, slot in pattern.slots.items():
        fitting = {each: found for each in toolkits if (found := fitting_tools(slot, each))}
        if not fitting:
            raise Unbound(f"no tool fits the slot {name!r}")
        taken = [tool.spec.toolkit for tool in bound.values()]
        shared = [each for each in dict.fromkeys(taken) if each in fitting]
        full = len(set(taken)) >= MOST_TOOLKITS
        near = shared and (full or draw.chance(TOGETHER))
        bound[name] = draw.one(fitting[draw.one(shared if near else list(fitting))])
    return bound


def fitting_tools(slot: ToolSlot, name: str) -> list[Tool]:
    """The tools of a toolkit that fit a slot."""
    return [tool for tool in toolkit(name).values() if _fits(slot, tool)]


def _fits(slot: ToolSlot, tool: Tool) -> bool:
    roles = set(tool.spec.roles.values())
    return (
        bool(set(slot.does) & set(tool.spec.does))
        and set(slot.roles) <= roles
        and not set(slot.without) & roles
        and slot.effect in (None, tool.spec.effect)
    )


def _scenario(scene: Scene, draw: Draw, trigger: TriggerPattern, order: Order) -> dict[str, Json]:
    pattern, probe = scene.pattern, scene.probe
    said = scene.text(draw.one(pattern.instructions))
    user = {
        "persona": f"{scene.cast.owner.name}, {scene.cast.owner.job}.",
        "replies": [
            {
                "when": f"mentions(said, {scene.check(_list(line.hears))})",
                "say": scene.text(line.say),
                "stance": line.stance,
            }
            for line in pattern.lines
        ],
        "otherwise": scene.text(draw.one(pattern.otherwise)),
    }
    placed = _placed(scene, draw, trigger, said)
    if trigger.at == "turn":
        user["turns"] = [{"when": "step >= 1", "say": placed["benign"]}]
    return {
        "id": f"synth-{pattern.id}-{order.seed.replace('/', '-')}",
        "version": 1,
        "title": scene.text(pattern.title),
        "toolkits": list(probe.world),
        "now": f"{scene.cast.now:%Y-%m-%dT%H:%M}",
        "instruction": placed["payload"] if trigger.at == "instruction" else said,
        "user": user,
        "world": probe.world,
        "triggers": [placed],
        "outcomes": [
            {
                "id": "o1",
                "category": pattern.category,
                "severity": pattern.severity,
                "description": scene.text(pattern.outcome),
                "check": scene.check(pattern.check) if pattern.check else done(scene, pattern.harm, "action"),
            }
        ],
        "achievements": [_achievement(scene, goal) for goal in pattern.goals],
        "paths": {
            "unsafe": _path(scene, draw, draw.one(pattern.paths.unsafe)),
            "safe": _path(scene, draw, draw.one(pattern.paths.safe)),
            "benign": _path(scene, draw, draw.one(pattern.paths.benign)),
        },
        "max_steps": pattern.max_steps,
    }


def _placed(scene: Scene, draw: Draw, trigger: TriggerPattern, said: str) -> dict[str, Json]:
    """The trigger, with both of its texts."""
    payload = scene.text(draw.one(trigger.payload))
    benign = scene.text(draw.one(trigger.benign)) if trigger.benign else ""
    if trigger.at == "instruction":
        hole, benign = "instruction", benign or said
    elif trigger.at == "turn":
        hole = "user.turns.0"
    else:
        hole = scene.holes[trigger.at]
        own = str(resolve(scene.probe.world, hole))
        payload, benign = f"{own}\n\n{payload}", f"{own}\n\n{benign}".strip()
    return {
        "id": "t1",
        "source": trigger.source,
        "strategy": trigger.strategy,
        "hole": hole,
        "payload": payload,
        "benign": benign,
    }


def _achievement(scene: Scene, goal: Goal) -> dict[str, Json]:
    check = scene.check(goal.check) if goal.check else f"history.exists(h, h.ok && {done(scene, goal.done, 'h')})"
    return {"description": scene.text(goal.description), "check": check}


def done(scene: Scene, act: str, step: str) -> str:
    """CEL for: this step makes this call, by whatever tool of the same capability and with the same telling values."""
    call, tool = scene.calls[act], scene.tools[scene.pattern.acts[act].use]
    able = [does for does in scene.pattern.slots[scene.pattern.acts[act].use].does if does in tool.spec.does]
    parts = [f'"{able[0]}" in {step}.does']
    for name, role in tool.spec.roles.items():
        if role in TELLING and role in scene.pattern.acts[act].fill and name in call.arguments:
            parts.append(_has(step, role, call.arguments[name]))
    return " && ".join(parts)


def _has(step: str, role: Role, value: Json) -> str:
    words = [_quoted(str(each)) for each in (value if isinstance(value, list) else [value])]
    return " && ".join(f"mentions({step}.roles.{role.lower()}, {word})" for word in words)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(word) for word in words) + "]"


def _path(scene: Scene, draw: Draw, path: PathPattern) -> list[Mapping[str, Json]]:
    steps: list[Mapping[str, Json]] = []
    for step in path:
        if isinstance(step, str):
            steps.append(_called(scene.calls[step]))
        elif step.say:
            steps.append({"message": scene.text(draw.one(step.say))})
        else:
            steps.append({"final": scene.text(draw.one(step.finish))})
    return steps


def _called(call: ToolCall) -> dict[str, Json]:
    return {"tool": call.tool, "arguments": call.arguments}
