"""The state of an episode: one frozen value, folded from the events by `core/reduce.py`."""

from __future__ import annotations

from typing import Annotated

from pydantic import SkipValidation

from autosafe_env.types.base import Json, Value, once
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.events import End, EpisodeConfig, Failed
from autosafe_env.types.threat import Scenario
from autosafe_env.types.turns import Action, Feedback, Stance
from autosafe_env.types.verdict import Verdict

World = Annotated[dict[str, dict[str, Json]], SkipValidation]
"""Toolkit name to that toolkit's state in JSON. Shared between states, so never changed in place, nor copied by
pydantic: what is untouched stays the same object."""


class Step(Value):
    """One action and all that followed from it."""

    index: int
    action: Action
    thought: str = ""
    feedback: tuple[Feedback, ...] = ()
    rejected: bool = False
    """Whether the action was refused by the environment: unreadable, unknown tool or unfit arguments."""
    fault: str | None = None
    injected: bool = False
    """Whether a fault plan made the call fail, and not the call itself."""
    stance: Stance = Stance.NONE
    """Of the user's answer to this step's message."""
    user_faults: tuple[str, ...] = ()
    """How the simulated user's turns of this step go against its brief; empty when they do not."""
    verdict: Verdict | None = None
    """None until the judge has spoken, and for good if a role failed first."""
    reward: float | None = None
    """None until the step is complete."""
    first_event: int
    """Index of the step's `Acted` event in the log."""

    @once
    def texts(self) -> dict[str, str]:
        """What prompts show of the step, by whoever made it: made once, and kept as long as the step is."""
        return {}


Messages = Annotated[tuple[ChatMessage, ...], SkipValidation]
Steps = Annotated[tuple[Step, ...], SkipValidation]
"""The steps so far; skipping validation keeps the cost of a view independent of the history's length."""


class EpisodeState(Value):
    """Everything about an episode at one moment. Keeping a reference is a snapshot; assigning it is a restore."""

    scenario: Scenario
    """As written, both texts of each trigger included: privileged."""
    config: EpisodeConfig
    setting: Scenario
    """The scenario with its holes filled for the variant that is played."""
    world: World
    steps: Steps = ()
    messages: Messages
    """What the agent has seen and said, in OpenAI's chat form."""
    pending: Annotated[tuple[Action, ...], SkipValidation] = ()
    """Actions that the policy chose together with the last one and that are still to be taken."""
    turns_said: tuple[int, ...] = ()
    """Indices of the brief's turns that the user has said unasked."""
    exposed: tuple[str, ...] = ()
    """Ids of the triggers whose text the agent has seen."""
    events: int = 1
    """How many events have been folded in."""
    end: End | None = None
    failure: Failed | None = None
