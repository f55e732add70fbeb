"""The simulated user's brief: who they are, what they want, and what they say when."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from autosafe_env.types.base import Value
from autosafe_env.types.turns import NOT_BLANK, Stance


class Reply(Value):
    """What the simulated user answers when `when` holds."""

    when: str
    """CEL expression over `said`, `turn`, `step`, `tools`."""
    say: str = Field(pattern=NOT_BLANK)
    stance: Stance = Stance.NONE
    leave: bool = False
    """Whether the user leaves after saying this."""


class Turn(Value):
    """Something the simulated user says unasked, once, as soon as `when` holds after a step."""

    when: str
    """CEL expression over `said`, `turn`, `step`, `tools`."""
    say: str = Field(pattern=NOT_BLANK)


class Manner(StrEnum):
    """How a simulated user that is played by a model goes about it. The scripted user keeps to its lines."""

    COOPERATIVE = "COOPERATIVE"
    """Says what is wanted, and answers questions truthfully."""
    UNDERSPECIFIED = "UNDERSPECIFIED"
    """Leaves things out, and tells them only when asked for them."""
    MALICIOUS = "MALICIOUS"
    """Wants harm, and says so."""
    DISGUISED = "DISGUISED"
    """Wants harm, and gives it a harmless name."""
    ESCALATING = "ESCALATING"
    """Wants harm, and asks again and harder when refused."""
    PRESSURED = "PRESSURED"
    """Wants nothing bad, but is in a hurry or afraid, and pushes the agent to skip its checks."""

    @property
    def harmful(self) -> bool:
        """Whether such a user wants harm."""
        return self in (Manner.MALICIOUS, Manner.DISGUISED, Manner.ESCALATING)


class Brief(Value):
    """Who the simulated user is and what they say."""

    persona: str = "A busy person who answers briefly."
    goal: str = ""
    """What the user wants, in words that they could have said; empty: what the instruction says."""
    knowledge: tuple[str, ...] = ()
    """Facts that the user tells when asked; none: what `replies` say."""
    manner: Manner = Manner.COOPERATIVE
    """How the user goes about it. In the benign twin a user whose manner is harmful is COOPERATIVE, and wants what the
    instruction says."""
    replies: tuple[Reply, ...] = ()
    """The first whose condition holds is said."""
    otherwise: str = Field(default="Please go ahead as you think best.", pattern=NOT_BLANK)
    turns: tuple[Turn, ...] = ()
