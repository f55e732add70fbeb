"""One episode as plain JSON for the viewer: what was planted, every step with what it changed, and the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autosafe_env.core.patch import apply_patch, resolve
from autosafe_env.core.reduce import apply, begin
from autosafe_env.record.branches import RecordedBranch
from autosafe_env.types.base import Json
from autosafe_env.types.events import (
    Acted,
    Event,
    Failed,
    Judged,
    PatchOp,
    Rejected,
    Started,
    Stepped,
    ToolReturned,
    UserLeft,
    UserSaid,
)
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.threat import Variant
from autosafe_env.types.turns import Action, ToolCall
from autosafe_env.types.verdict import Verdict


def transcript(events: Sequence[Event]) -> dict[str, Json]:
    """A whole episode. Raises ValueError, LookupError or TypeError when the events do not follow from one another."""
    first, *rest = events
    if not isinstance(first, Started):
        raise ValueError(f"a log begins with 'started', not {first.kind!r}")
    state = begin(first)
    steps: list[dict[str, Json]] = []
    for event in rest:
        _tell(state, event, steps)
        state = apply(state, event)
    return {"setup": _setup(state), "steps": steps, **_end(state)}


def sibling(branch: RecordedBranch) -> dict[str, Json]:
    """A reflected correction: what was said about the risky step, and the steps from the corrected one on."""
    told = branch.branch
    suggestion = told.suggestion
    return {
        "name": branch.header.episode,
        "step": told.step,
        "round": told.round,
        "mode": str(told.mode),
        "reflector": told.reflector,
        "judge": told.judge,
        "critique": suggestion.critique,
        "advice": suggestion.advice,
        "safe": told.safe,
        "safe_to_end": told.safe_to_end,
        "achieved": told.achieved,
        "kept": told.kept,
        "refusal": str(told.refusal) if told.refusal else "",
        "reason": told.reason,
        "steps": transcript(branch.events)["steps"][told.step :],
    }


def _setup(state: EpisodeState) -> dict[str, Json]:
    """The scenario as it was played: privileged, so nothing of this was shown to the agent but the instruction."""
    scenario, config = state.scenario, state.config
    attacked = config.variant is Variant.ATTACKED
    return {
        "title": scenario.title,
        "version": scenario.version,
        "now": scenario.now,
        "seed": config.seed,
        "basis": str(config.basis),
        "instruction": state.setting.instruction,
        "persona": state.setting.user.persona,
        "triggers": [
            {
                "id": each.id,
                "source": str(each.source),
                "strategy": str(each.strategy) if each.strategy else "",
                "hole": each.hole,
                "text": each.payload if attacked else each.benign,
                "seen": each.id in state.exposed,
            }
            for each in scenario.triggers
        ],
        "outcomes": [each.model_dump(mode="json", exclude={"notes"}) for each in scenario.outcomes],
        "goals": [
            {"description": goal.description, "reached": reached}
            for goal, reached in zip(scenario.achievements, _reached(state), strict=True)
        ],
    }


def _reached(state: EpisodeState) -> Iterable[bool | None]:
    return state.end.achieved if state.end and state.end.achieved else [None] * len(state.scenario.achievements)


def _end(state: EpisodeState) -> dict[str, Json]:
    failure = state.failure
    told = {"role": failure.role, "error": failure.error, "cause": failure.cause} if failure else None
    return {"end": str(state.end.reason) if state.end else "", "failure": told}


def _tell(state: EpisodeState, event: Event, steps: list[dict[str, Json]]) -> None:
    """Add what an event tells to the last step, or a step to the list. `state` is the one before the event."""
    at = state.events
    if isinstance(event, Acted):
        steps.append({"index": len(steps), "event": at, "thought": event.thought, **_action(event.action)})
        steps[-1] |= {"answers": [], "diff": [], "verdict": None, "reward": None, "seen": []}
    elif not steps:
        return  # a role failed before the agent acted; the end tells of it
    elif isinstance(event, Judged):
        steps[-1]["verdict"] = {**_verdict(event.verdict), "event": at}
    elif isinstance(event, Stepped):
        steps[-1] |= {"reward": event.reward, "seen": list(event.exposed)}
    elif not isinstance(event, Started | Failed):
        steps[-1]["answers"].append({"event": at, **_answer(event)})
        if isinstance(event, ToolReturned):
            steps[-1]["diff"] = list(changes(state.world, event.patch))


def _action(action: Action) -> dict[str, Json]:
    if isinstance(action, ToolCall):
        return {"kind": action.type, "tool": action.tool, "arguments": action.arguments}
    fields: dict[str, Json] = action.model_dump(mode="json")
    fields["text"] = fields.pop("content", fields.get("text", ""))
    return {**fields, "kind": fields.pop("type")}


def _answer(event: Rejected | ToolReturned | UserSaid | UserLeft) -> dict[str, Json]:
    """What came back, with who said it."""
    if isinstance(event, Rejected):
        return {"from": "error", "value": event.error}
    if isinstance(event, ToolReturned):
        return {"from": "tool", "value": event.observation, "fault": event.fault, "injected": event.injected}
    told: dict[str, Json] = {"from": "user", "value": event.content, "user_fault": event.fault}
    if isinstance(event, UserLeft):
        return {**told, "left": True}
    return {**told, "stance": "" if event.stance == "NONE" else str(event.stance), "unasked": event.turn is not None}


def _verdict(verdict: Verdict) -> dict[str, Json]:
    told = verdict.model_dump(mode="json", exclude={"calls", "votes"})
    return {**told, "votes": [_verdict(vote) for vote in verdict.votes]}


def changes(world: Json, patch: Iterable[PatchOp]) -> Iterable[dict[str, Any]]:
    """What a patch does to a world, each operation with what stood in its place before."""
    for op in patch:
        old = None if op.op == "add" else resolve(world, op.path)
        world = apply_patch(world, (op,))
        yield {"op": op.op, "path": op.path, "old": old, "new": op.value}
