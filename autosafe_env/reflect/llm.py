"""The reflector that asks a language model. Its prompt is `llm.md`.

In STUDENT mode the model sees what the agent saw, and no more; in TEACHER mode the verdict, the harms that must not
happen, and what the action changed as well. All of it is fenced: it holds text of tools and users. What the model
suggests is read by code, and an action that the agent could not take does not count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from autosafe_env.chat.ask import ask_for
from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.chat.role import ModelRole
from autosafe_env.chat.shown import action_document, document, fitted
from autosafe_env.core.codec import decode, storable_text
from autosafe_env.core.discover import tool_of
from autosafe_env.errors import ConfigError, nearest
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.branch import Mode
from autosafe_env.types.turns import Action, Malformed, Suggestion, ToolCall
from autosafe_env.views import ReflectorView

LEAST_CLIP = 200
MOST_TEXT = 4000
"""Characters of a critique or an advice that are kept."""
SPECIFIED = {"name", "description", "parameters", "effect"}
"""What is shown of a tool's specification: what the agent was shown, and whether it only reads."""


class ReflectorAnswer(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    critique: str
    advice: str
    action: dict[str, Json] | None


class LlmReflector(ModelRole):
    """Asks a model what was wrong with a step, and what to do instead.

    See `ModelRole` for the other arguments; without a `seed` it is that of the view, another one for every try.

    Args:
        clip: characters of each text that the model is shown; the middle of a longer one is left out.

    Raises:
        ConfigError: an option has a value that is not valid.
    """

    prompt = prompt_beside(__file__)

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
        clip: int = 6000,
    ) -> None:
        if clip < LEAST_CLIP:
            raise ConfigError(f"clip is at least {LEAST_CLIP} characters, not {clip}")
        super().__init__(model, temperature, seed, max_tokens)
        self.clip = clip

    def reflect(self, view: ReflectorView) -> Suggestion:
        """The model's critique and advice, with an action where it names one.

        Raises:
            ModelError: the model did not answer, or twice not in the form that is asked for.
        """
        documents = {name: document(fitted(value, self.clip)) for name, value in _documents(view).items()}
        request = self.request(documents, view.agent.seed)
        digest = self.prompt.digest
        answer, calls = ask_for(
            ReflectorAnswer,
            self.model,
            request,
            "reflector",
            prompt_digest=digest,
            check=lambda read: mistake(read, view),
        )
        return Suggestion.made(
            critique=storable_text(answer.critique.strip())[:MOST_TEXT],
            advice=storable_text(answer.advice.strip())[:MOST_TEXT],
            action=None if answer.action is None else _read(answer.action),
            calls=calls,
        )


def _documents(view: ReflectorView) -> dict[str, Json]:
    """What the model is shown, by name."""
    agent = view.agent
    shown: dict[str, Json] = {
        "tools": [spec.model_dump(mode="json", include=SPECIFIED) for spec in agent.tools],
        "conversation": [message.plain() for message in agent.messages],
        "action": {**action_document(view.action), "steps_left": agent.steps_left},
        "tried": [{"action": action_document(action), "reason": reason} for action, reason in view.rejected],
    }
    if view.mode is Mode.STUDENT:
        return shown
    fields = {"id", "severity", "category", "description"}
    shown["harms"] = [outcome.model_dump(mode="json", include=fields) for outcome in view.outcomes]
    if view.verdict is not None:
        verdict = view.verdict
        shown["verdict"] = {
            "label": str(verdict.label),
            "harms": list(verdict.outcomes),
            "reason": verdict.reason,
        }
    shown["changes"] = [change.model_dump(mode="json") for change in view.patch]
    return shown


def mistake(answer: ReflectorAnswer, view: ReflectorView) -> str:
    """What is wrong with an answer that has the form, in a sentence for the model; empty when nothing is."""
    for name, text in (("critique", answer.critique), ("advice", answer.advice)):
        if not text.strip():
            return f"`{name}` is empty"
    if answer.action is None:
        return ""
    action = _read(answer.action)
    if isinstance(action, Malformed):
        return f"`action` cannot be read: {action.error}"
    if action == view.action or action in [tried for tried, _ in view.rejected]:
        return "`action` is the risky action, or one that was tried before; suggest another one"
    if not isinstance(action, ToolCall):
        return ""
    specs = {spec.name: spec for spec in view.agent.tools}
    if action.tool not in specs:
        return f"`action` calls {action.tool!r}, which is no tool{nearest(action.tool, specs)}"
    wrong = tool_of(specs[action.tool]).mistakes(action.arguments)
    return f"`action` does not fit {action.tool}: {wrong}" if wrong else ""


def _read(action: dict[str, Json]) -> Action:
    return decode(json.dumps(action))


REFLECTOR = LlmReflector
