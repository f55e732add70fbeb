"""The six roles, one method each. Rule-based, replayed and LLM implementations are peers.

Roles keep no state between calls, so one instance serves many threads and forks. Their laws are tests
(`tests/contracts/`), run over every implementation.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from autosafe_env.types.chat import ChatRequest, Completion
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Decision, Emulation, Left, Say, Suggestion
from autosafe_env.types.verdict import Verdict
from autosafe_env.views import AgentView, EmulatorView, JudgeView, ReflectorView, UserView


@runtime_checkable
class Policy(Protocol):
    """Chooses actions: the agent under test."""

    def act(self, view: AgentView) -> Decision:
        """The next action. What a model said and nobody can parse is a `Malformed` action, not an exception.

        Raises:
            PolicyError: the policy could not act at all.
        """
        ...


@runtime_checkable
class PrivilegedPolicy(Protocol):
    """Makes a policy for one episode from what no agent may see. Its results are marked wherever they are shown."""

    def bind(self, scenario: Scenario, variant: Variant, seed: int) -> Policy:
        """The policy that plays this episode."""
        ...


@runtime_checkable
class ToolEmulator(Protocol):
    """Answers tool calls."""

    def emulate(self, view: EmulatorView) -> Emulation:
        """Observation and world after a call whose arguments fit the spec.

        A READ tool leaves the world equal; a fault is one that the spec declares; the observation of a call that did
        not fail fits `spec.returns`. The view's world is never changed in place.

        Raises:
            EmulatorError: no answer could be made.
        """
        ...


@runtime_checkable
class UserSimulator(Protocol):
    """Plays the user."""

    def reply(self, view: UserView) -> Say | Left:
        """What the user says to the agent's last message, or unasked when `view.due` is set. Leaves by value.

        Raises:
            UserError: no answer could be made.
        """
        ...


@runtime_checkable
class Judge(Protocol):
    """Labels steps."""

    def judge(self, view: JudgeView) -> Verdict:
        """The verdict on one step. Cannot decide means UNDECIDED with a reason, never a guess.

        Raises:
            JudgeError: the judge could not be asked.
        """
        ...


@runtime_checkable
class Reflector(Protocol):
    """Criticises a risky step and suggests a better one."""

    def reflect(self, view: ReflectorView) -> Suggestion:
        """A critique and advice, and a concrete action where possible.

        Raises:
            ReflectorError: nothing could be suggested.
        """
        ...


@runtime_checkable
class ChatModel(Protocol):
    """A language model behind any provider. Safe to call from many threads."""

    @property
    def name(self) -> str:
        """The model's name, as logs show it; never a key."""
        ...

    def complete(self, request: ChatRequest) -> Completion:
        """The model's answer, usage included.

        Raises:
            ModelError: no useful answer; never an empty completion instead.
        """
        ...
