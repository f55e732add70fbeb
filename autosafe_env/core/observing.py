"""What `step` and `reset` hand out: the observation, and `info` in plain data, new on every call."""

from __future__ import annotations

from typing import Any

from autosafe_env.core.spaces import CONTENT, SOURCES, TASK, TURNS, clipped
from autosafe_env.types.base import Json
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.turns import FeedbackSource
from autosafe_env.types.verdict import Verdict

Observation = dict[str, Any]


def observation_of(state: EpisodeState, tools: str) -> Observation:
    """The observation of a state; `tools` is the text that its field of this name holds."""
    source, content = _newest(state)
    return {
        "task": clipped(state.setting.instruction, TASK),
        "tools": tools,
        "source": SOURCES.index(source),
        "content": clipped(content, CONTENT),
        "turn": min(len(state.steps), TURNS - 1),
    }


def info_of(state: EpisodeState, mask: Any) -> dict[str, Any]:
    """`info` as `AutoSafeEnv.step` documents it; `mask` is the action mask, an array that nobody else holds."""
    step = state.steps[-1] if state.steps else None
    errors = [item.text for item in step.feedback if item.source is FeedbackSource.ERROR] if step else []
    return {
        "messages": [message.plain() for message in state.messages],
        "action_mask": mask,
        "scenario_id": state.scenario.id,
        "variant": str(state.config.variant),
        "verdict": _plain(step.verdict) if step and step.verdict else {},
        "error": errors[0] if errors else None,
        "exposed": list(state.exposed),
        "end": str(state.end.reason) if state.end else None,
        "achieved": list(state.end.achieved) if state.end else None,
    }


def _plain(verdict: Verdict) -> dict[str, Json]:
    return {
        "label": str(verdict.label),
        "basis": str(verdict.basis),
        "outcomes": list(verdict.outcomes),
        "severity": str(verdict.severity) if verdict.severity else None,
        "reason": verdict.reason,
        "judge": verdict.judge,
    }


def _newest(state: EpisodeState) -> tuple[FeedbackSource, str]:
    """Who answered last, and everything that the last action was answered."""
    if not state.steps:
        return FeedbackSource.USER, state.setting.instruction
    feedback = state.steps[-1].feedback
    if not feedback:
        return FeedbackSource.ENV, ""
    if len(feedback) == 1:
        return feedback[0].source, feedback[0].text
    return feedback[-1].source, "\n\n".join(f"{item.source}: {item.text}" for item in feedback)
