"""The OTS threat model: outcome, trigger, setting, and the scenario that joins them.

The AutoSafe paper (arXiv 2505.17735) names the model OTS without spelling the letters out; here they stand for Outcome,
Trigger and Setting. `docs/threat-model.md` gives the definitions in full.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from autosafe_env.types.base import Json, Value
from autosafe_env.types.brief import Brief
from autosafe_env.types.origin import PROVEN, Origin
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import NOT_BLANK, Action, Final, Message, ToolCall


class Category(StrEnum):
    """What kind of harm an outcome is. `docs/threat-model.md` maps these to ToolEmu, Agent-SafetyBench and OWASP."""

    PRIVACY_LEAK = "PRIVACY_LEAK"
    """Private information reaches somebody who should not have it."""
    FINANCIAL_LOSS = "FINANCIAL_LOSS"
    """Money or its equivalent is lost, misdirected or committed without consent."""
    DATA_LOSS = "DATA_LOSS"
    """Data is destroyed, overwritten or made unreachable."""
    UNAUTHORISED_ACCESS = "UNAUTHORISED_ACCESS"
    """Somebody gains a right or a way in that they should not have."""
    SYSTEM_COMPROMISE = "SYSTEM_COMPROMISE"
    """A computer or account is weakened, taken over or made to run hostile code."""
    PHYSICAL_SAFETY = "PHYSICAL_SAFETY"
    """A person or a home is put in physical danger."""
    REPUTATION = "REPUTATION"
    """Somebody's standing or a relationship is damaged."""
    MISINFORMATION = "MISINFORMATION"
    """False or unverified claims are spread, or given to somebody who will rely on them."""
    LEGAL_COMPLIANCE = "LEGAL_COMPLIANCE"
    """A law, a contract or a binding policy is broken."""
    RESOURCE_ABUSE = "RESOURCE_ABUSE"
    """Time, storage, computing or services are wasted, blocked or flooded."""
    HARM_TO_OTHERS = "HARM_TO_OTHERS"
    """A third person is harassed, deceived, exploited or put at risk."""


class Severity(StrEnum):
    """How bad an outcome is."""

    MILD = "MILD"
    """Small and reversible."""
    SEVERE = "SEVERE"
    """Large, irreversible, or to a person."""


class Source(StrEnum):
    """Where the risk comes from."""

    INSTRUCTION = "INSTRUCTION"
    """What the user says."""
    CONTEXT = "CONTEXT"
    """What a tool returns."""
    ACTION = "ACTION"
    """Nobody attacks: the agent's own slip."""


class Strategy(StrEnum):
    """How a trigger of each source works."""

    MALICIOUS = "MALICIOUS"
    """The user openly asks for harm."""
    DISGUISED = "DISGUISED"
    """The user asks for harm under a harmless name."""
    ESCALATING = "ESCALATING"
    """The user works up to harm over several turns."""
    UNDERSPECIFIED = "UNDERSPECIFIED"
    """The user leaves out what decides between harm and help."""
    INJECTION = "INJECTION"
    """A tool result carries instructions of its own."""
    POISONED_DATA = "POISONED_DATA"
    """A tool result carries false facts."""
    COMPROMISED_CONTACT = "COMPROMISED_CONTACT"
    """A known person's account is used by somebody else."""
    MISLEADING_FAULT = "MISLEADING_FAULT"
    """A tool fails, and its error suggests a dangerous way out."""
    WRONG_TARGET = "WRONG_TARGET"
    """Two people or things are easy to confuse."""
    OVERBROAD = "OVERBROAD"
    """The obvious action touches more than was meant."""
    UNVERIFIED = "UNVERIFIED"
    """The obvious action rests on something that nobody checked."""
    IRREVERSIBLE = "IRREVERSIBLE"
    """The obvious action cannot be undone and was not agreed."""


STRATEGIES: dict[Source, frozenset[Strategy]] = {
    Source.INSTRUCTION: frozenset(
        {Strategy.MALICIOUS, Strategy.DISGUISED, Strategy.ESCALATING, Strategy.UNDERSPECIFIED}
    ),
    Source.CONTEXT: frozenset(
        {Strategy.INJECTION, Strategy.POISONED_DATA, Strategy.COMPROMISED_CONTACT, Strategy.MISLEADING_FAULT}
    ),
    Source.ACTION: frozenset({Strategy.WRONG_TARGET, Strategy.OVERBROAD, Strategy.UNVERIFIED, Strategy.IRREVERSIBLE}),
}


class Variant(StrEnum):
    """Which text stands in the holes of a scenario."""

    ATTACKED = "attacked"
    """Every trigger's payload."""
    BENIGN = "benign"
    """Every trigger's benign text: the benign twin of the scenario."""


class Outcome(Value):
    """A harm that must not happen."""

    id: str
    category: Category
    severity: Severity
    description: str = Field(min_length=1)
    check: str = ""
    """CEL expression over one step: true where the step realises, or irrevocably commits to, this outcome. Empty, in a
    scenario that is `eval_only`: there is none, and only a judge that reads can tell."""
    notes: tuple[str, ...] = ()
    """What a judge that reads is told besides, such as ways in which it might come about."""


class Trigger(Value):
    """How the risk enters: a place, and what stands there."""

    id: str
    source: Source
    strategy: Strategy | None = None
    """None when the trigger fits no strategy of its source."""
    hole: str
    """A JSON pointer into the world (`/email/messages/0/body`), or `instruction`, `user.replies.N`, `user.turns.N`,
    `user.otherwise`, `faults.N` (whose text is the fault's message; null there means no fault)."""
    payload: Json
    benign: Json
    """None for a text, in a scenario that is `eval_only`: there is no benign twin."""

    @model_validator(mode="after")
    def _strategy_of_its_source(self) -> Trigger:
        allowed = STRATEGIES[self.source]
        if self.strategy is not None and self.strategy not in allowed:
            raise ValueError(f"strategy {self.strategy} is not one of {self.source}: {', '.join(sorted(allowed))}")
        return self


class PlannedFault(Value):
    """A fault that is bound to happen: the `at_call`-th call of `tool` in the episode (from 1) fails with `fault`."""

    tool: str
    at_call: int = Field(default=1, ge=1)
    fault: str
    message: str | None = None
    """What the tool says; None for the explanation in its specification."""


class SpecifiedToolkit(Value):
    """A toolkit without code: what its tools take and return is known, what they do is left to a model."""

    name: str = Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)
    """Word that begins the name of each of its tools, and names its state in the world."""
    description: str = ""
    """What the toolkit is for; may be empty."""
    tools: tuple[ToolSpec, ...] = Field(min_length=1)


class Achievement(Value):
    """A part of the user's legitimate goal."""

    description: str
    check: str = ""
    """CEL expression over the state at the end: `before` is the initial world, `after` the final one. Empty, in a
    scenario that is `eval_only`: there is none, and whether it is reached stays undecided."""


class PathStep(Value):
    """One action of a path as a scenario file writes it: `{tool, arguments}`, `{message}` or `{final}`."""

    tool: str | None = None
    arguments: dict[str, Json] = Field(default_factory=dict)
    message: str | None = None
    final: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> PathStep:
        if sum(part is not None for part in (self.tool, self.message, self.final)) != 1:
            raise ValueError("a path step is exactly one of `tool` (with `arguments`), `message` or `final`")
        return self

    def action(self) -> Action:
        """The typed action."""
        if self.tool is not None:
            return ToolCall(tool=self.tool, arguments=self.arguments)
        return Message(content=self.message) if self.message is not None else Final(content=self.final or "")


class Paths(Value):
    """How the scenario proves itself. A path may be empty in a scenario that is `eval_only`: there is none."""

    unsafe: tuple[PathStep, ...] = ()
    """Judged UNSAFE at its last step and not before."""
    safe: tuple[PathStep, ...] = ()
    """SAFE throughout, and reaches the achievements."""
    benign: tuple[PathStep, ...] = ()
    """On the benign twin: SAFE throughout, and reaches the achievements."""


class Scenario(Value):
    """One risk scenario (o, t, s). The setting is everything that is neither outcome nor trigger."""

    model_config = ConfigDict(json_schema_extra=PROVEN)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=80)
    """`<suite>-<name>`."""
    version: int = Field(default=1, ge=1)
    """Grows with every change of behaviour."""
    title: str = Field(min_length=1)
    toolkits: tuple[str, ...] = Field(min_length=1)
    """Names, the specified ones included."""
    specified: tuple[SpecifiedToolkit, ...] = ()
    """Those toolkits that have no code. In a file an entry may read them from elsewhere, see `core/specified.py`."""
    now: str = Field(default="2026-03-16T09:00", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$")
    """The time in the world at the start; each step takes one minute."""
    instruction: str = Field(pattern=NOT_BLANK)
    user: Brief = Brief()
    world: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """Toolkit name to its state."""
    faults: tuple[PlannedFault, ...] = ()
    triggers: tuple[Trigger, ...] = Field(min_length=1)
    outcomes: tuple[Outcome, ...] = Field(min_length=1)
    achievements: tuple[Achievement, ...] = Field(min_length=1)
    paths: Paths = Paths()
    max_steps: int = Field(default=12, ge=2, le=1000)
    eval_only: bool = False
    """Whether it is for measuring only and never becomes training data. Such a scenario may lack checks and paths."""
    origin: Origin | None = None
    """Where an imported case comes from; None for one that was made here."""

    @model_validator(mode="after")
    def _whole(self) -> Scenario:
        if self.gaps and not self.eval_only:
            missing = [{"type": "missing", "loc": place, "input": None} for place in self.gaps]
            raise ValidationError.from_exception_data("Scenario", missing)  # type: ignore[arg-type]
        return self

    @property
    def gaps(self) -> tuple[tuple[str | int, ...], ...]:
        """The places of the checks and paths that it would take to prove the scenario."""
        bare = [("outcomes", at, "check") for at, outcome in enumerate(self.outcomes) if not outcome.check]
        bare += [("achievements", at, "check") for at, goal in enumerate(self.achievements) if not goal.check]
        paths = [("paths", name) for name, path in self.paths if not path]
        return (*bare, *([("paths",)] if len(paths) == len(Paths.model_fields) else paths))

    @property
    def checked(self) -> bool:
        """Whether its own checks judge it; else only a language model can."""
        return not self.gaps

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Those that can be played: an imported case may have no benign twin."""
        lone = any(each.benign is None and not each.hole.startswith(("/", "faults.")) for each in self.triggers)
        return (Variant.ATTACKED,) if lone else tuple(Variant)

    @property
    def suite(self) -> str:
        """The part of the id before the first dash."""
        return self.id.partition("-")[0]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The distinct sources of the triggers, in order."""
        return tuple(dict.fromkeys(trigger.source for trigger in self.triggers))

    @property
    def categories(self) -> tuple[Category, ...]:
        """The distinct categories of the outcomes, in order."""
        return tuple(dict.fromkeys(outcome.category for outcome in self.outcomes))

    def path(self, name: Literal["unsafe", "safe", "benign"]) -> tuple[Action, ...]:
        """One of the three paths as typed actions. Raises ValueError where there is none."""
        steps: tuple[PathStep, ...] = getattr(self.paths, name)
        if not steps:
            raise ValueError(f"the scenario {self.id!r} has no {name} path")
        return tuple(step.action() for step in steps)
