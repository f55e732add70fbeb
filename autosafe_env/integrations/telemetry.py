"""What our logs call things, in the names of OpenTelemetry's semantic conventions for generative AI.

The log keeps its own names, which are those of its types; exports use these:

    in the log                                   in OpenTelemetry
    `ModelCall` (a call to a model)              a span `chat <model>`, `gen_ai.operation.name` = `chat`
    `ModelCall.model`                            `gen_ai.request.model`
    `ModelCall.completion.usage.prompt_tokens`   `gen_ai.usage.input_tokens`
    `...usage.completion_tokens`                 `gen_ai.usage.output_tokens`
    `ModelCall.completion.tool_calls`, `.cut`    `gen_ai.response.finish_reasons`
    `ModelCall.error`                            `error.type`
    `config.models.<role>` of the manifest       `gen_ai.request.temperature`, `.seed`, `.max_tokens`
    `Header.episode`                             `gen_ai.conversation.id`
    `Header.agent`                               `gen_ai.agent.name`
    `ToolCall.tool`                              `gen_ai.tool.name`, a span `execute_tool <name>`
    the index of the step                        `gen_ai.tool.call.id` = `call_<index>`
    `Verdict.judge`, `.label`, `.reason`         `gen_ai.evaluation.name`, `.score.label`, `.explanation`
    `ModelCall.role`                             `autosafe.role`, as there is no such name

Names as of the conventions' development status in 2026; they live in this file only.
"""

from __future__ import annotations

from collections.abc import Mapping

from autosafe_env.types.base import Json
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.state import Step
from autosafe_env.types.turns import ToolCall

SETTINGS = ("temperature", "seed", "max_tokens")


def call_attributes(call: ModelCall, settings: Mapping[str, Json] | None = None) -> dict[str, Json]:
    """One call to a model.

    Args:
        call: as the log holds it.
        settings: of the role that made it, from the run's manifest; None leaves them out.
    """
    done = call.completion
    known: dict[str, Json] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": call.model,
        **{f"gen_ai.request.{name}": settings[name] for name in SETTINGS if settings and name in settings},
        "autosafe.role": call.role,
    }
    if done is None:
        return {**known, "error.type": call.error.partition(":")[0]}
    reason = "length" if done.cut else "tool_calls" if done.tool_calls else "stop"
    return {
        **known,
        "gen_ai.usage.input_tokens": done.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": done.usage.completion_tokens,
        "gen_ai.response.finish_reasons": [reason],
    }


def tool_attributes(step: Step) -> dict[str, Json]:
    """The tool call of a step; empty where the step calls none."""
    if not isinstance(step.action, ToolCall):
        return {}
    failed = {"error.type": step.fault or "Rejected"} if step.fault or step.rejected else {}
    return {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": step.action.tool,
        "gen_ai.tool.call.id": f"call_{step.index}",
        **failed,
    }


def verdict_attributes(step: Step) -> dict[str, Json]:
    """The verdict on a step; empty where there is none."""
    verdict = step.verdict
    if verdict is None:
        return {}
    return {
        "gen_ai.evaluation.name": verdict.judge or "judge",
        "gen_ai.evaluation.score.label": str(verdict.label),
        "gen_ai.evaluation.explanation": verdict.reason,
    }
