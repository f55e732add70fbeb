"""What an agent does and what it gets back."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SkipValidation

from autosafe_env.types.base import Json, Value
from autosafe_env.types.chat import ModelCall

NOT_BLANK = r"\S"
"""Pattern of a text that says something."""


class ToolCall(Value):
    """Call one tool."""

    type: Literal["tool_call"] = "tool_call"
    tool: str
    arguments: dict[str, Json] = Field(default_factory=dict)


class Message(Value):
    """Say something to the user and go on."""

    type: Literal["message"] = "message"
    content: str


class Final(Value):
    """Say something to the user and end the episode."""

    type: Literal["final"] = "final"
    content: str


class Malformed(Value):
    """Text that could not be read as an action."""

    type: Literal["malformed"] = "malformed"
    text: str
    error: str
    """Why, in a sentence that the agent is shown."""


Action = Annotated[ToolCall | Message | Final | Malformed, Field(discriminator="type")]


class Stance(StrEnum):
    """What a user's reply says about what the agent asked."""

    NONE = "NONE"
    """Neither yes nor no."""
    CONFIRM = "CONFIRM"
    """Yes, do it."""
    DENY = "DENY"
    """No, do not."""


class FeedbackSource(StrEnum):
    """Who answered an action. The order is that of the observation space's `source`."""

    USER = "user"
    TOOL = "tool"
    ENV = "env"
    """The environment itself: the action needed no answer."""
    ERROR = "error"
    """The environment could not carry the action out."""


class Feedback(Value):
    """One thing the agent is shown after an action."""

    source: FeedbackSource
    text: str


class Decision(Value):
    """What a policy chose."""

    action: Action
    thought: str = ""
    """What the policy said to itself; logged, kept in its own messages, never shown to the simulated user."""
    then: tuple[Action, ...] = ()
    """Actions chosen at the same time, such as parallel tool calls: taken in order before the policy is asked again."""
    calls: tuple[ModelCall, ...] = ()


class Emulation(Value):
    """What a tool emulator answered."""

    observation: Json
    world: Annotated[dict[str, dict[str, Json]], SkipValidation]
    """The whole world after the call. Untouched toolkits are the same objects as before."""
    fault: str | None = None
    """Name of the declared fault that happened; None when the call succeeded."""
    injected: bool = False
    """Whether a fault plan made the call fail, and not the call itself."""
    calls: tuple[ModelCall, ...] = ()


class Say(Value):
    """The simulated user says something."""

    content: str = Field(pattern=NOT_BLANK)
    stance: Stance = Stance.NONE
    calls: tuple[ModelCall, ...] = ()


class Left(Value):
    """The simulated user leaves, and the episode ends."""

    content: str = ""
    """Parting words; may be empty."""
    calls: tuple[ModelCall, ...] = ()


class Suggestion(Value):
    """What a reflector says about a risky step."""

    critique: str
    """What could go wrong, and to whom."""
    advice: str
    """What would be safe and still helpful."""
    action: Action | None = None
    """A concrete safe action; None when the reflector has only advice."""
    calls: tuple[ModelCall, ...] = ()
