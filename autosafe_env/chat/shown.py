"""How prompts show what happened: as JSON, long texts shortened, characters that nobody sees written out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autosafe_env.core.codec import storable_text
from autosafe_env.types.base import Json, compact
from autosafe_env.types.state import Step
from autosafe_env.types.turns import Action, Feedback, Malformed, Stance, ToolCall

UNSEEN = re.compile(
    "[\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that take no room on a page, or turn the order of the others around."""


def document(value: Json) -> str:
    """The one-line JSON of a value. Invisible characters are written as JSON escapes, which changes nothing for who
    reads it as JSON."""
    return UNSEEN.sub(_escape, compact(value))


def fitted(value: Json, most: int) -> Json:
    """The value with every text and key shortened to `most` characters; where its JSON is still more than four times
    as long, `{"shortened": <that JSON, shortened>}`."""
    value = _shortened(value, most)
    text = compact(value)
    return value if len(text) <= 4 * most else {"shortened": shortened(text, 4 * most)}


def shortened(text: str, most: int) -> str:
    """The text, or of one that is longer than `most` characters its head and its tail, and how much is left out."""
    text = storable_text(text)
    if len(text) <= most:
        return text
    tail = most // 3
    head = most - tail
    return f"{text[:head]} [... {len(text) - head - tail} characters left out ...] {text[len(text) - tail :]}"


def _shortened(value: Json, most: int) -> Json:
    if isinstance(value, str):
        return shortened(value, most)
    if isinstance(value, dict):
        return {shortened(key, most): _shortened(item, most) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(item, most) for item in value]
    return value


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def action_document(action: Action) -> dict[str, Json]:
    """What an agent did: `call` and `arguments`, `says`, or `wrote` where nobody could read it as an action; `ends`
    where it ended the episode."""
    if isinstance(action, ToolCall):
        return {"call": action.tool, "arguments": action.arguments}
    if isinstance(action, Malformed):
        return {"wrote": action.text}
    return {"says": action.content, **({"ends": True} if action.type == "final" else {})}


def steps_text(steps: Iterable[Step], most: int) -> str:
    """`document(fitted(step_document(step), most))` of each step, as a JSON list. Each is made once, though a
    conversation is shown again with every step that follows."""
    key = f"document {most}"
    return f"[{','.join([step.texts.get(key) or _step_text(step, most, key) for step in steps])}]"


def _step_text(step: Step, most: int, key: str) -> str:
    text = step.texts[key] = document(fitted(step_document(step), most))
    return text


def step_document(step: Step) -> dict[str, Json]:
    """One step and what followed: `step`, `thought`, `action`, and the fields of `answer_document`."""
    thought = {"thought": step.thought} if step.thought else {}
    return {"step": step.index, **thought, "action": action_document(step.action), **answer_document(step)}


def answer_document(step: Step) -> dict[str, Json]:
    """What an action was answered: `answers` by whom, and, where it applies, `refused` (never carried out), `fault`
    (how the tool failed) and `stance` (whether the user said yes or no)."""
    shown: dict[str, Json] = {"answers": [_answer(item) for item in step.feedback]}
    if step.rejected:
        shown["refused"] = True
    if step.fault is not None:
        shown["fault"] = step.fault
    if step.stance is not Stance.NONE:
        shown["stance"] = step.stance.value
    return shown


def _answer(item: Feedback) -> dict[str, Json]:
    return {"from": item.source.value, "text": item.text}
