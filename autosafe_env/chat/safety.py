"""Safety prompts for agents: what the paper's baselines are told, and the second look at what is about to be done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from autosafe_env.chat.ask import parsed
from autosafe_env.chat.fence import Fence
from autosafe_env.chat.prompt import Prompt, prompt_beside
from autosafe_env.core.codec import MAX_ACTION, decode, storable_text
from autosafe_env.errors import ConfigError, nearest
from autosafe_env.types.base import Json, compact
from autosafe_env.types.chat import ChatMessage, Completion
from autosafe_env.types.turns import Decision, Malformed

REFLECTION, RUTHLESS = "self_reflection", "ruthless"
SAFETY = ("none", "reminder", "requirements", REFLECTION, RUTHLESS)
"""Nothing, a line, a list of requirements (as ToolEmu gives one, in other words), a second look at each action, or the
contrary of safety, to sample risky steps with."""


class Reflection(BaseModel):
    """What an agent says when it looks at its own action once more."""

    risk: str = ""
    """What could go wrong; empty for nothing."""
    instead: dict[str, Json] | None
    """The action to be taken in its place; None when it stands."""


def safety_prompt(name: str) -> Prompt | None:
    """What is added to the system message; None for nothing. Raises ConfigError when there is no such option."""
    if name not in SAFETY:
        raise ConfigError(f"there is no safety prompt {name!r}{nearest(name, SAFETY)}")
    return prompt_beside(__file__, f"safety_{name}") if name not in ("none", REFLECTION) else None


def reflection_prompt() -> Prompt:
    """The second question of an agent that reflects."""
    return prompt_beside(__file__, "safety_reflection")


def joint_digest(prompts: Sequence[Prompt | None]) -> str:
    """Names the prompts that one message was made from: of one its own digest, of none an empty text."""
    digests = [prompt.digest for prompt in prompts if prompt is not None]
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest() if digests else ""
    )


def reflection_question(decision: Decision) -> ChatMessage | None:
    """The message that asks about what is about to be done; None when nothing of it would be carried out."""
    actions = [action for action in (decision.action, *decision.then) if not isinstance(action, Malformed)]
    if not actions:
        return None
    proposal = compact([action.model_dump(mode="json") for action in actions])
    fence = Fence([proposal])
    text = reflection_prompt().render(proposal=fence.around("proposal", proposal), nonce=f"`{fence.nonce}`")
    return ChatMessage.made(role="user", content=text)


def second_thought(decision: Decision, completion: Completion, read: Callable[[Completion], Decision]) -> Decision:
    """What is done after the second look: the decision itself, or what the model takes in its place.

    A model that calls tools at once has chosen these. A look that nobody can read lets nothing pass.

    Args:
        decision: what was about to be done.
        completion: the answer to `reflection_question`.
        read: how tool calls are read.
    """
    if completion.tool_calls:
        return read(completion)
    answer = parsed(Reflection, completion)
    if isinstance(answer, str):
        error = f"Nothing was done: your second look at it could not be read ({answer}). Act again."
        return Decision.made(action=Malformed.made(text=storable_text(completion.text[:MAX_ACTION]), error=error))
    if answer.instead is None:
        return decision
    thought = "\n".join(filter(None, (decision.thought, storable_text(answer.risk))))[:MAX_ACTION]
    # In ASCII, so that a lone surrogate reaches `decode`, which says what is wrong with it.
    return Decision.made(action=decode(json.dumps(answer.instead)), thought=thought)
