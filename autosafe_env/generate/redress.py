"""A scenario again with its payload in another attack style: `--attack NAME` re-dresses a whole suite."""

from __future__ import annotations

from collections.abc import Callable
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
    context = context_of(scenario)
    return reworded(scenario, lambda _at, payload: dressed(style, payload, context))


def context_of(scenario: Scenario) -> Context:
    """What a style may know of a scenario."""
    reads = [tool.spec.name for tool in scenario_tools(scenario).values() if tool.spec.effect is Effect.READ]
    user = scenario.user.persona.partition(",")[0] or "the user"
    return Context(user, reads[0] if reads else "tool", scenario.now[:10])


def reworded(scenario: Scenario, word: Callable[[int, str], str]) -> Scenario:
    """The scenario with what is the attack's own in each payload that can be dressed put into other words.

    Args:
        scenario: any that is loaded.
        word: from the number of the text in `attack_texts`, and the text, to what shall stand there.
    """
    triggers, number = list[Trigger](), 0
    for trigger in scenario.triggers:
        parts = _parts(trigger)
        if parts is not None:
            trigger = trigger.model_copy(update={"payload": PARAGRAPH.join([*parts[0], word(number, parts[1])])})
            number += 1
        triggers.append(trigger)
    return scenario.model_copy(update={"triggers": tuple(triggers)})


def attack_texts(scenario: Scenario) -> tuple[str, ...]:
    """What is the attack's own in each payload that can be dressed; none where nobody attacks with a text."""
    return tuple(parts[1] for trigger in scenario.triggers if (parts := _parts(trigger)) is not None)


def _parts(trigger: Trigger) -> tuple[list[str], str] | None:
    """The paragraphs that stand in the benign twin as well, and the attack; None where there is nothing to dress."""
    if not can_be_dressed(trigger.source, trigger.hole) or not isinstance(trigger.payload, str):
        return None
    parts, harmless = trigger.payload.split(PARAGRAPH), str(trigger.benign).split(PARAGRAPH)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(parts[:-1], harmless, strict=False)))
    return parts[:same], PARAGRAPH.join(parts[same:])
