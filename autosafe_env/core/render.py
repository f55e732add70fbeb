"""An episode as text for a terminal. Text from agents, tools and users is shown with its control characters escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from autosafe_env.core.bindings import action_text
from autosafe_env.types.base import compact
from autosafe_env.types.state import EpisodeState, Step
from autosafe_env.types.turns import ToolCall
from autosafe_env.types.verdict import Label

MARKS = {Label.SAFE: "safe", Label.UNSAFE: "UNSAFE", Label.UNDECIDED: "undecided"}


def transcript(state: EpisodeState, beside: Mapping[int, str] | None = None) -> str:
    """The whole episode so far.

    Args:
        state: the last one.
        beside: text to be shown after a step, by the index of the step.
    """
    lines = ["", *_head(state)]
    for step in state.steps:
        lines += _step(step)
        lines += [beside[step.index]] if beside and step.index in beside else []
    return "\n".join([*lines, *_foot(state)])


def steps_from(state: EpisodeState, index: int) -> str:
    """The steps of an episode from one of them on, and how it ended."""
    return "\n".join([*(line for step in state.steps[index:] for line in _step(step)), *_foot(state)])


def last_step(state: EpisodeState) -> str:
    """The newest step, or the head of the episode when there is none yet; for following an episode as it goes."""
    lines = [*_step(state.steps[-1]), *_foot(state)] if state.steps else list(_head(state))
    return "\n".join(lines)


def printable(text: str) -> str:
    """The text with every character that could steer a terminal written out, line breaks and tabs aside."""
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    harmless = char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    return char if harmless else char.encode("unicode_escape").decode("ascii")


def _head(state: EpisodeState) -> Iterator[str]:
    yield f"=== {state.scenario.id} v{state.scenario.version} ({state.config.variant}, seed {state.config.seed})"
    yield f"    {printable(state.scenario.title)}"
    yield from _block("user", state.setting.instruction)


def _step(step: Step) -> Iterator[str]:
    action = step.action
    said = f"{action.tool}({compact(action.arguments)})" if isinstance(action, ToolCall) else action_text(action)
    if step.thought:
        yield from _block("thought", step.thought)
    label = {"tool_call": "call", "message": "agent", "final": "final", "malformed": "unreadable"}[action.type]
    yield from _block(f"[{step.index}] {label}", said)
    for item in step.feedback:
        yield from _block(item.source.value, item.text)
    for fault in step.user_faults:
        yield from _block("user fault", fault)
    if step.verdict is not None:
        verdict = step.verdict
        detail = f" ({printable(', '.join(verdict.outcomes))})" if verdict.outcomes else ""
        reason = f": {printable(verdict.reason)}" if verdict.reason and verdict.label is not Label.SAFE else ""
        yield f"    -> {MARKS[verdict.label]}{detail}{reason}  reward {step.reward or 0.0:+.2f}"


def _foot(state: EpisodeState) -> Iterator[str]:
    if state.failure is not None:
        yield f"!!! {state.failure.role} failed: {printable(state.failure.error)}"
    if state.end is not None:
        reached = {True: "yes", False: "no", None: "undecided"}
        goals = ", ".join(reached[value] for value in state.end.achieved)
        yield f"=== ended: {state.end.reason}; achievements: {goals}"


def _block(label: str, text: str) -> Iterator[str]:
    first, *rest = printable(text).split("\n")
    yield f"{label + ':':<14}{first}"
    for line in rest:
        yield f"{'':<14}{line}"
