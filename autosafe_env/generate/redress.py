"""A scenario again with its payload in another attack style: `--attack NAME` re-dresses a whole suite."""

from __future__ import annotations

from itertools import takewhile

from autosafe_env.core.discover import scenario_tools
from autosafe_env.generate.styles import Context, dressed
from autosafe_env.types.threat import Scenario, Source, Trigger
from autosafe_env.types.tools import Effect

PARAGRAPH = "\n\n"


def can_be_dressed(source: Source, hole: str) -> bool:
    """Whether a trigger of this source that stands there is a text of the attacker's: a fault's message is the tool's,
    and where nobody attacks there is nothing to dress."""
    return source is not Source.ACTION and not hole.startswith("fault")


def redress(scenario: Scenario, style: str) -> Scenario:
    """The scenario with every payload that can be dressed in this style; the same one where there is none.

    What the payload's place holds in the benign twin as well is no part of the attack and stays as it is.

    Args:
        scenario: any that is loaded.
        style: a name of `STYLES`.

    Raises:
        UnknownName: there is no such style.
        ConfigError: the style destroys a payload.
    """
    reads = [tool.spec.name for tool in scenario_tools(scenario).values() if tool.spec.effect is Effect.READ]
    user = scenario.user.persona.partition(",")[0] or "the user"
    context = Context(user, reads[0] if reads else "tool", scenario.now[:10])
    return scenario.model_copy(
        update={"triggers": tuple(_redressed(trigger, style, context) for trigger in scenario.triggers)}
    )


def _redressed(trigger: Trigger, style: str, context: Context) -> Trigger:
    if not can_be_dressed(trigger.source, trigger.hole) or not isinstance(trigger.payload, str):
        return trigger
    parts, harmless = trigger.payload.split(PARAGRAPH), str(trigger.benign).split(PARAGRAPH)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(parts[:-1], harmless, strict=False)))
    text = dressed(style, PARAGRAPH.join(parts[same:]), context)
    return trigger.model_copy(update={"payload": PARAGRAPH.join([*parts[:same], text])})
