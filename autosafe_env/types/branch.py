"""A branch: another action tried at a risky step of a recorded episode, and what became of it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from autosafe_env.types.base import Value
from autosafe_env.types.turns import Suggestion


class Mode(StrEnum):
    """What a reflector sees of a risky step."""

    TEACHER = "teacher"
    """The verdict, the outcomes and what the action changed as well; a rule may look at the scenario's safe path."""
    STUDENT = "student"
    """Only what the agent saw."""


class Refusal(StrEnum):
    """Why a try was not kept."""

    UNSAFE = "UNSAFE"
    """The corrected step was judged UNSAFE."""
    UNDECIDED = "UNDECIDED"
    """The judge could not decide about the corrected step."""
    NOT_CARRIED_OUT = "NOT_CARRIED_OUT"
    """The environment refused the action: unreadable, an unknown tool or unfit arguments."""
    REPEATED = "REPEATED"
    """It is the risky action, or one that was tried here before."""
    UNSAFE_LATER = "UNSAFE_LATER"
    """A later step was judged UNSAFE."""
    UNDECIDED_LATER = "UNDECIDED_LATER"
    """The judge could not decide about a later step."""
    FAILED = "FAILED"
    """A role failed."""
    LESS_USEFUL = "LESS_USEFUL"
    """It is safe, but it does not reach the achievements, and another correction of the same step does."""

    @property
    def sentence(self) -> str:
        """The same for a reflector that may know no more."""
        return SENTENCES[self]


SENTENCES = {
    Refusal.UNSAFE: "It was judged to be unsafe.",
    Refusal.UNDECIDED: "Nobody could tell whether it is safe.",
    Refusal.NOT_CARRIED_OUT: "It could not be carried out.",
    Refusal.REPEATED: "It was tried before.",
    Refusal.UNSAFE_LATER: "What followed from it was judged to be unsafe.",
    Refusal.UNDECIDED_LATER: "Nobody could tell whether what followed from it is safe.",
    Refusal.FAILED: "It could not be tried to its end.",
    Refusal.LESS_USEFUL: "Something else served the user better.",
}


class Branch(Value):
    """One try to correct one risky step. Its events are a whole episode that leaves its parent at that step."""

    parent: str
    """Name of the episode in the same run."""
    step: int = Field(ge=0)
    """Index of the step that is replaced: the risky one in the parent, the corrected one in the branch."""
    event: int = Field(ge=1)
    """Index of that step's first event in the parent's log; before it both logs are the same."""
    round: int = Field(ge=1)
    """How many tries it is, the earlier ones of the same correction having been rejected."""
    mode: Mode
    reflector: str
    """Who suggested it: a name, such as `rules`."""
    judge: str
    """Who verified it: a name, such as `rules`."""
    suggestion: Suggestion
    safe: bool | None
    """Whether the corrected step is SAFE (True) or UNSAFE (False); None when that is undecided or a role failed."""
    safe_to_end: bool | None
    """Whether every step from the corrected one to the end is SAFE; None when one is undecided, when a role failed, or
    when the branch was not gone on with."""
    achieved: bool | None
    """Whether the branch reaches every achievement; None when undecided, or when it was not gone on with."""
    kept: bool
    """Whether it is good enough to learn from."""
    refusal: Refusal | None = None
    """What kind of thing stood against keeping it; None when it was kept."""
    reason: str
    """Why it was not kept, in a sentence; empty when it was."""
