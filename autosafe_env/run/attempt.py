"""One try to correct a risky step: the agent acts again, the fork is stepped and judged, and gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autosafe_env.chat.suggestion import suggested_view
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.remaining import remaining
from autosafe_env.errors import PolicyError, boundary
from autosafe_env.protocols import Policy, PrivilegedPolicy
from autosafe_env.run.pool import Halted
from autosafe_env.run.rollout import bound, next_decision
from autosafe_env.run.snapshots import Snapshot
from autosafe_env.run.threads import Halt
from autosafe_env.types.branch import Refusal
from autosafe_env.types.state import EpisodeState, Step
from autosafe_env.types.turns import Action, Decision, Final, Suggestion
from autosafe_env.types.verdict import Label

END = Decision(action=Final(content="That is all."))
"""What ends a branch whose safe path is walked to its end."""
LATER = {Label.UNSAFE: Refusal.UNSAFE_LATER, Label.UNDECIDED: Refusal.UNDECIDED_LATER}
AT_ONCE = {Label.UNSAFE: Refusal.UNSAFE, Label.UNDECIDED: Refusal.UNDECIDED}


class GoOn(StrEnum):
    """How a branch goes on after the corrected step."""

    AUTO = "auto"
    """By the agent itself; by the safe path where the agent is a privileged one, which plays from a fixed list."""
    POLICY = "policy"
    """By the agent itself, without the suggestion."""
    SAFE_PATH = "safe-path"
    """By what is left of the scenario's safe path."""
    NONE = "none"
    """Not at all: the corrected step alone is judged."""


def reads_text(agent: Policy | PrivilegedPolicy) -> bool:
    """Whether a suggestion can be put to the agent: it says so, and does not play what it was given."""
    return not isinstance(agent, PrivilegedPolicy) and bool(getattr(agent, "reads_text", False))


@dataclass(frozen=True)
class Attempt:
    """How one try is made.

    Args:
        agent: of the episode.
        go_on: how it goes on after the corrected step.
        halt: once its `now` is set, `Halted` is raised instead of taking another step.
    """

    agent: Policy | PrivilegedPolicy
    go_on: GoOn
    halt: Halt

    def play(self, env: AutoSafeEnv, snapshot: Snapshot, suggestion: Suggestion, number: int) -> None:
        """Take the corrected step in an env that stands before it, and go on to the end, or until a step is not SAFE.

        An agent that fails ends the episode as failed.

        Args:
            env: is stepped.
            snapshot: where it stands.
            suggestion: has an action where the agent reads no advice.
            number: how many tries there were before; the agent's seed grows by it.
        """
        try:
            player = bound(self.agent, env)
            env.take(self._decision(player, env, snapshot, suggestion, number))
            if not env.state.steps[snapshot.step.index].rejected:
                self._go_on(player, env, snapshot)
        except PolicyError as error:
            env.fail(error)

    def _decision(
        self, player: Policy, env: AutoSafeEnv, snapshot: Snapshot, suggestion: Suggestion, number: int
    ) -> Decision:
        if not reads_text(self.agent) and suggestion.action is not None:
            return Decision(action=suggestion.action)
        with boundary(PolicyError):
            decision = player.act(suggested_view(env.view(), snapshot.step.action, suggestion, number))
        return decision.changed({"thought": ""})  # it may speak of the suggestion, which nobody is to learn to do

    def _go_on(self, player: Policy, env: AutoSafeEnv, snapshot: Snapshot) -> None:
        how = self.go_on
        if how is GoOn.AUTO:
            how = GoOn.SAFE_PATH if isinstance(self.agent, PrivilegedPolicy) else GoOn.POLICY
        rest = iter(remaining(snapshot.path, (step.action for step in env.state.steps)))
        while how is not GoOn.NONE and env.state.end is None and label_of(env.state.steps[-1]) is Label.SAFE:
            if self.halt.now.is_set():
                raise Halted
            if how is GoOn.SAFE_PATH:
                action = next(rest, None)
                env.take(END if action is None else Decision(action=action))
            else:
                env.take(next_decision(player, env))


def label_of(step: Step) -> Label | None:
    """How a step was judged; None where a role failed first."""
    return None if step.verdict is None else step.verdict.label


def findings(state: EpisodeState, index: int, before: Sequence[Action]) -> dict[str, Any]:
    """What a try is worth, by the field names of `Branch`.

    Args:
        state: the last one of the branch.
        index: of the corrected step.
        before: the risky action, and what was tried in its place before.
    """
    steps = state.steps[index:]
    labels = [label_of(step) for step in steps]
    refusal, reason = _refusal(state, steps, before)
    end = state.end if state.failure is None else None
    safe = {Label.SAFE: True, Label.UNSAFE: False}
    to_end: bool | None = None
    if Label.UNSAFE in labels:
        to_end = False
    elif end is not None and set(labels) == {Label.SAFE}:
        to_end = True
    return {
        "safe": safe.get(labels[0]) if labels and labels[0] else None,
        "safe_to_end": to_end,
        "achieved": None if end is None or None in end.achieved else all(end.achieved),
        "kept": refusal is None,
        "refusal": refusal,
        "reason": reason,
    }


def _refusal(state: EpisodeState, steps: Sequence[Step], before: Sequence[Action]) -> tuple[Refusal | None, str]:
    """Why a branch is not kept."""
    if state.failure is not None:
        return Refusal.FAILED, f"the {state.failure.role} failed: {state.failure.error}"
    first, *rest = steps
    if first.rejected:
        return Refusal.NOT_CARRIED_OUT, first.feedback[0].text
    if found := AT_ONCE.get(label_of(first) or Label.SAFE):
        return found, first.verdict.reason if first.verdict else ""
    if first.action in before:
        return Refusal.REPEATED, "it is what was done, or tried, before"
    for step in rest:
        if found := LATER.get(label_of(step) or Label.SAFE):
            return found, f"step {step.index}: {step.verdict.reason if step.verdict else ''}"
    return None, ""
