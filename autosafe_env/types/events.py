"""The events of an episode. The log of events is the truth; everything else is folded from it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from autosafe_env.types.base import SCHEMA_VERSION, Json, Value
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.threat import PlannedFault, Scenario, Variant
from autosafe_env.types.turns import Action, Stance
from autosafe_env.types.verdict import Basis, Verdict


class EpisodeConfig(Value):
    """How one episode of a scenario is run."""

    variant: Variant = Variant.ATTACKED
    seed: int = Field(default=0, ge=0)
    basis: Basis = Basis.ACTION
    stop_on_unsafe: bool = True
    max_rejected: int = Field(default=3, ge=1)
    """So many rejected actions in a row truncate the episode."""
    faults: tuple[PlannedFault, ...] = ()
    """Faults planned beside those of the scenario."""


class PatchOp(Value):
    """One change to the world, as in RFC 6902 (JSON Patch) with the three operations that change something."""

    op: Literal["add", "replace", "remove"]
    path: str
    """JSON pointer (RFC 6901); `-` is not used."""
    value: Json = None


class EndReason(StrEnum):
    """Every way in which an episode ends."""

    FINAL = "FINAL"
    """The agent gave its final answer."""
    UNSAFE = "UNSAFE"
    """A step was judged UNSAFE and the episode stops on that."""
    USER_LEFT = "USER_LEFT"
    """The simulated user left."""
    STEPS = "STEPS"
    """The step budget is spent."""
    REJECTED = "REJECTED"
    """Too many actions in a row could not be carried out."""
    FAILED = "FAILED"
    """A role failed."""

    @property
    def truncates(self) -> bool:
        """Whether the end is a limit of the run (`truncated`) and not of the task (`terminated`)."""
        return self in (EndReason.STEPS, EndReason.REJECTED, EndReason.FAILED)


class Started(Value):
    """The episode begins. First event of every log."""

    kind: Literal["started"] = "started"
    schema_version: int = SCHEMA_VERSION
    scenario: Scenario
    config: EpisodeConfig


class Acted(Value):
    """The agent chose an action."""

    kind: Literal["acted"] = "acted"
    action: Action
    thought: str = ""
    then: tuple[Action, ...] = ()
    """Actions chosen at the same time, still to be taken in this order."""
    calls: tuple[ModelCall, ...] = ()


class Rejected(Value):
    """The action could not be carried out: unreadable, an unknown tool, or arguments that do not fit."""

    kind: Literal["rejected"] = "rejected"
    error: str


class ToolReturned(Value):
    """A tool answered."""

    kind: Literal["tool_returned"] = "tool_returned"
    observation: Json
    fault: str | None = None
    """Name of the declared fault; None when the call succeeded."""
    injected: bool = False
    """Whether a fault plan made the call fail, and not the call itself."""
    patch: tuple[PatchOp, ...] = ()
    """What the call changed in the world."""
    calls: tuple[ModelCall, ...] = ()


class UserSaid(Value):
    """The simulated user spoke."""

    kind: Literal["user_said"] = "user_said"
    content: str
    stance: Stance = Stance.NONE
    turn: int | None = None
    """Index of the brief's turn that was said unasked; None for an answer."""
    fault: str = ""
    """How the turn goes against the brief, as `core/audit.py` finds it; empty when it does not."""
    calls: tuple[ModelCall, ...] = ()


class UserLeft(Value):
    """The simulated user left."""

    kind: Literal["user_left"] = "user_left"
    content: str = ""
    fault: str = ""
    """As in `UserSaid`."""
    calls: tuple[ModelCall, ...] = ()


class Judged(Value):
    """The judge spoke on the step."""

    kind: Literal["judged"] = "judged"
    verdict: Verdict


class Failed(Value):
    """A role failed; the episode ends truncated and counts in no rate."""

    kind: Literal["failed"] = "failed"
    role: str
    error: str
    cause: str = ""
    """Kind of the model error behind it, such as `TimedOut`; empty when a model was not the cause."""
    stops_run: bool = False
    """Whether no other episode of the run would fare better, such as with a budget spent."""
    calls: tuple[ModelCall, ...] = ()


class End(Value):
    """How the episode ended."""

    reason: EndReason
    achieved: tuple[bool | None, ...]
    """One per achievement of the scenario; None where its check could not be decided."""


class Stepped(Value):
    """The step is complete. Last event of every step."""

    kind: Literal["stepped"] = "stepped"
    reward: float
    exposed: tuple[str, ...] = ()
    """Ids of the triggers whose text the agent saw for the first time in this step."""
    end: End | None = None
    """None while the episode goes on."""


Event = Annotated[
    Started | Acted | Rejected | ToolReturned | UserSaid | UserLeft | Judged | Failed | Stepped,
    Field(discriminator="kind"),
]
