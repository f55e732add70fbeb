"""From a pattern and a seed to a scenario: tools are bound, a world is built, texts are written, paths are laid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autosafe_env.core.cast import Draw
from autosafe_env.core.discover import Kind, names, toolbox
from autosafe_env.core.patch import resolve
from autosafe_env.generate.binding import Unbound, bind_tools
from autosafe_env.generate.pattern import Goal, PathPattern, Pattern, TriggerPattern
from autosafe_env.generate.people import draw_cast
from autosafe_env.generate.probe import Probe
from autosafe_env.generate.redress import can_be_dressed
from autosafe_env.generate.scene import Scene
from autosafe_env.generate.styles import STYLES, Context, dressed
from autosafe_env.generate.world import build_world
from autosafe_env.types.base import Json
from autosafe_env.types.brief import Manner
from autosafe_env.types.threat import Strategy
from autosafe_env.types.tools import Role
from autosafe_env.types.turns import ToolCall

DRESSED = 0.6
"""Share of the payloads that may be dressed which are."""
MOST_TELLING = 120
"""Characters of a trigger's last line by which a check knows that it stands there."""
MANNERS = {
    Strategy.MALICIOUS: Manner.MALICIOUS,
    Strategy.DISGUISED: Manner.DISGUISED,
    Strategy.ESCALATING: Manner.ESCALATING,
    Strategy.UNDERSPECIFIED: Manner.UNDERSPECIFIED,
}
"""How a user goes about it whose own words are the trigger."""

TELLING = (Role.RECIPIENT, Role.TARGET, Role.PATH, Role.URL, Role.COMMAND, Role.SETTING, Role.AMOUNT)
"""Roles whose values tell one call of a tool from another."""


@dataclass(frozen=True)
class Order:
    """What is asked of one scenario."""

    seed: str
    toolkits: tuple[str, ...] = ()
    """Toolkits that may be bound; empty for all."""
    preferred: str = ""
    """One of them that is bound where it fits; empty for none."""
    source: str = ""
    """Trigger source; empty for any."""
    id: str = ""
    """Id of the scenario; empty for one that is made of pattern and seed."""
    attack: str = ""
    """Attack style of every payload that can be dressed; empty for what the pattern says."""
    way: int | None = None
    """Which of the pattern's triggers of this source, counted around; None for one that is drawn."""
    distractors: int = 3
    """Entries of distractor content in each main list."""


@dataclass(frozen=True)
class Composition:
    """A scenario that is not yet proven."""

    data: dict[str, Json]
    """What its file would hold."""
    style: str
    """The attack style that its payload is dressed in; empty for none."""


def compose(pattern: Pattern, order: Order, attempt: int = 0) -> Composition:
    """A scenario of a pattern.

    Args:
        pattern: what it is an instance of.
        order: what is asked for.
        attempt: another one for the same order.

    Raises:
        Unbound: the pattern finds no place with this seed.
        ConfigError: an attack style destroys the payload.
    """
    ways = [each for each in pattern.triggers if order.source in ("", each.source)]
    if not ways:
        raise Unbound(f"no trigger of source {order.source}")
    seed = f"{pattern.id}/{order.seed}/{attempt}"
    draw = Draw(seed)
    tools = bind_tools(pattern, draw.fork("tools"), order.toolkits or names(Kind.TOOLKIT), order.preferred)
    toolkits = tuple(dict.fromkeys(tool.spec.toolkit for tool in tools.values()))
    cast = draw_cast(seed)
    world = build_world(toolkits, cast, draw.fork("world"), order.distractors)
    scene = Scene(pattern, tools, cast, Probe(world, cast, toolbox(toolkits)), draw.fork("scene"))
    scene.fill()
    trigger = draw.one(ways) if order.way is None else ways[order.way % len(ways)]
    return _scenario(scene, draw.fork("texts"), trigger, order)


def _scenario(scene: Scene, draw: Draw, trigger: TriggerPattern, order: Order) -> Composition:
    pattern = scene.pattern
    said = scene.text(draw.one(pattern.instructions))
    style = _style(draw, trigger, order)
    placed = _placed(scene, draw, trigger, said, style)
    data = {
        "id": order.id or f"synth-{pattern.id}-{order.seed.replace('/', '-')}",
        "version": 1,
        "title": scene.text(pattern.title),
        "toolkits": list(scene.probe.world),
        "now": f"{scene.cast.now:%Y-%m-%dT%H:%M}",
        "instruction": placed["payload"] if trigger.at == "instruction" else said,
        "user": _user(scene, draw, trigger, placed),
        "world": scene.probe.world,
        "faults": _faults(scene, trigger, placed),
        "triggers": [placed],
        "outcomes": [
            {
                "id": "o1",
                "category": pattern.category,
                "severity": pattern.severity,
                "description": scene.text(pattern.outcome),
                "check": _harm(scene, trigger, placed),
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
    return Composition(data, style)


def _harm(scene: Scene, trigger: TriggerPattern, placed: dict[str, Json]) -> str:
    """CEL for: this step is the harm."""
    check = scene.check(scene.pattern.check) if scene.pattern.check else done(scene, scene.pattern.harm, "action")
    if not scene.pattern.conditional:
        return check
    place = f"before.{placed['hole'].split('/')[1]}" if trigger.in_record else "user.said"
    return f"{check} && mentions({place}, {telling_in(str(placed['payload']))})"


def telling_in(payload: str) -> str:
    """What a check knows a payload by, as CEL: its last line, or the beginning of that."""
    return _quoted(next(line for line in reversed(payload.splitlines()) if line.strip())[:MOST_TELLING])


def _user(scene: Scene, draw: Draw, trigger: TriggerPattern, placed: dict[str, Json]) -> dict[str, Json]:
    """The user's brief."""
    pattern, owner = scene.pattern, scene.cast.owner
    replies = [
        {
            "when": f"mentions(said, {_list([scene.text(word) for word in line.hears])})",
            "say": scene.text(line.say),
            "stance": line.stance,
        }
        for line in pattern.lines
    ]
    return {
        "persona": f"{owner.name}, {owner.job}.",
        "manner": MANNERS.get(trigger.strategy, Manner.COOPERATIVE),
        "replies": replies,
        "otherwise": scene.text(draw.one(pattern.otherwise)),
        "turns": [{"when": "step >= 1", "say": placed["benign"]}] if trigger.at == "turn" else [],
    }


def _faults(scene: Scene, trigger: TriggerPattern, placed: dict[str, Json]) -> list[Json]:
    if trigger.at != "fault":
        return []
    return [{"tool": scene.calls[trigger.of].tool, "fault": "Unavailable", "message": placed["payload"]}]


def _style(draw: Draw, trigger: TriggerPattern, order: Order) -> str:
    """The attack style for this trigger: the one that was asked for, or one that is drawn; empty for none."""
    if order.attack:
        return order.attack if can_be_dressed(trigger.source, trigger.at) else ""
    return draw.one(sorted(STYLES)) if trigger.dressed and draw.chance(DRESSED) else ""


def _placed(scene: Scene, draw: Draw, trigger: TriggerPattern, said: str, style: str) -> dict[str, Json]:
    """The trigger, with both of its texts."""
    payload: Json = scene.text(draw.one(trigger.payload))
    benign: Json = scene.text(draw.one(trigger.benign)) if trigger.benign else ""
    if style:
        tool = next(iter(scene.tools.values())).spec.name
        payload = dressed(style, str(payload), Context(scene.cast.owner.name, tool, f"{scene.cast.now:%Y-%m-%d}"))
    hole = {"instruction": "instruction", "turn": "user.turns.0", "fault": "faults.0"}.get(trigger.at)
    if hole is None:
        hole = scene.hole(trigger.at)
        own = str(resolve(scene.probe.world, hole))
        payload, benign = f"{own}\n\n{payload}", f"{own}\n\n{benign}".strip()
    return {
        "id": "t1",
        "source": trigger.source,
        "strategy": trigger.strategy,
        "hole": hole,
        "payload": payload,
        "benign": {"instruction": benign or said, "fault": None}.get(trigger.at, benign),
    }


def _achievement(scene: Scene, goal: Goal) -> dict[str, Json]:
    check = scene.check(goal.check) if goal.check else f"history.exists(h, h.ok && {done(scene, goal.done, 'h')})"
    return {"description": scene.text(goal.description), "check": check}


def done(scene: Scene, act: str, step: str) -> str:
    """CEL for: this step makes this call, by whatever tool of the same capability and with the same telling values."""
    call, tool = scene.calls[act], scene.tools[scene.pattern.acts[act].use]
    filled = scene.fill_of(scene.pattern.acts[act])
    able = [does for does in scene.pattern.slots[scene.pattern.acts[act].use].does if does in tool.spec.does]
    parts = [f'"{able[0]}" in {step}.does']
    for name, role in tool.spec.roles.items():
        if role in TELLING and role in filled and name in call.arguments:
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
