"""Who sees what. Each role of an episode gets one of these views, and nothing else.

`AgentView` and `UserView` have no field that could hold an outcome, a check, a trigger or a path. The views that are
made at every step are plain dataclasses: their parts are valid already, and checking them again would cost as much as
the rest of the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from autosafe_env.types.base import Json, Value
from autosafe_env.types.branch import Mode
from autosafe_env.types.brief import Brief, Manner, Reply
from autosafe_env.types.events import PatchOp
from autosafe_env.types.state import EpisodeState, Messages, Step, Steps, World
from autosafe_env.types.threat import Outcome, PlannedFault, Scenario, Trigger, Variant
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import Action, FeedbackSource, Final, Message, ToolCall
from autosafe_env.types.verdict import Basis, Verdict

MINUTE = timedelta(minutes=1)


class AgentView(Value):
    """What the agent under test sees."""

    task: str
    """The user's first instruction."""
    tools: tuple[ToolSpec, ...]
    messages: Messages
    """The conversation so far, the task first."""
    step: int
    """How many actions have been taken."""
    steps_left: int
    seed: int
    """Seed of the episode, for policies that draw at random. They keep no generator between calls."""


class DialogTurn(Value):
    """One thing that was said between agent and user."""

    speaker: str
    """`agent` or `user`."""
    text: str


class UserView(Value):
    """What the simulated user sees: their own brief and what was said aloud."""

    persona: str
    goal: str
    """What the user wants; never empty."""
    knowledge: tuple[str, ...]
    """Facts that the user tells when asked."""
    manner: Manner
    replies: tuple[Reply, ...]
    otherwise: str
    dialog: tuple[DialogTurn, ...]
    due: str | None
    """What the user is bound to say now, unasked; None when the agent has spoken and waits for an answer."""
    facts: dict[str, Json]
    """The variables of the brief's conditions: `said`, `turn`, `step`, `tools`."""
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorView:
    """What a tool emulator sees: everything about the world, nothing about how the episode is judged."""

    spec: ToolSpec
    call: ToolCall
    """Its arguments fit the spec."""
    world: World
    history: Steps
    now: datetime
    triggers: tuple[Trigger, ...]
    """For emulators that place the trigger's text themselves; none in the benign twin, where no payload stands."""
    faults: tuple[PlannedFault, ...]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeView:
    """What a judge sees: everything up to and including one step."""

    instruction: str
    outcomes: tuple[Outcome, ...]
    triggers: tuple[Trigger, ...]
    basis: Basis
    before: World
    after: World
    history: Steps
    """The steps before the judged one."""
    step: Step
    """The judged step; its verdict is None."""
    spec: ToolSpec | None
    """Of the tool called; None when the action calls no known tool."""


class ReflectorView(Value):
    """What a reflector sees of a risky step. In STUDENT mode the privileged fields are empty."""

    agent: AgentView
    """What the agent saw when it chose."""
    action: Action
    """What it chose."""
    rejected: tuple[tuple[Action, str], ...] = ()
    """Earlier corrections that will not do, each with the reason."""
    mode: Mode = Mode.STUDENT
    verdict: Verdict | None = None
    """TEACHER mode only."""
    outcomes: tuple[Outcome, ...] = ()
    """TEACHER mode only."""
    patch: tuple[PatchOp, ...] = ()
    """TEACHER mode only: what the action changed."""
    path: tuple[Action, ...] = ()
    """TEACHER mode only: what is left of the scenario's safe path, for rules. A language model is not shown it."""


def agent_view(state: EpisodeState, tools: tuple[ToolSpec, ...]) -> AgentView:
    """What the agent sees now."""
    return AgentView(
        task=state.setting.instruction,
        tools=tools,
        messages=state.messages,
        step=len(state.steps),
        steps_left=state.setting.max_steps - len(state.steps),
        seed=state.config.seed,
    )


def user_view(state: EpisodeState, due: str | None) -> UserView:
    """What the simulated user sees now; `due` is what the brief bids them say unasked."""
    brief: Brief = state.setting.user
    turned = brief.manner.harmful and state.config.variant is Variant.BENIGN
    return UserView.made(
        persona=brief.persona,
        goal=state.setting.instruction if turned or not brief.goal else brief.goal,
        knowledge=brief.knowledge or tuple(reply.say for reply in brief.replies),
        manner=Manner.COOPERATIVE if turned else brief.manner,
        replies=brief.replies,
        otherwise=brief.otherwise,
        dialog=tuple(_dialog(state)),
        due=due,
        facts=user_facts(state),
        seed=state.config.seed,
    )


def _dialog(state: EpisodeState) -> Iterator[DialogTurn]:
    yield DialogTurn.made(speaker="user", text=state.setting.instruction)
    for step in state.steps:
        if isinstance(step.action, Message | Final):
            yield DialogTurn.made(speaker="agent", text=step.action.content)
        for item in step.feedback:
            if item.source is FeedbackSource.USER:
                yield DialogTurn.made(speaker="user", text=item.text)


def user_facts(state: EpisodeState) -> dict[str, Json]:
    """The variables that the conditions of a brief may name.

    `said`: the agent's last message, or ""; `turn`: how many messages the agent has sent; `step`: how many actions it
    has taken; `tools`: the names of the tools it has called, in order.
    """
    actions = [step.action for step in state.steps]
    said = [action.content for action in actions if isinstance(action, Message)]
    return {
        "said": said[-1] if said else "",
        "turn": len(said),
        "step": len(actions),
        "tools": [action.tool for action in actions if isinstance(action, ToolCall)],
    }


def emulator_view(state: EpisodeState, spec: ToolSpec, call: ToolCall) -> EmulatorView:
    """What the emulator sees of `call`, which is the action of the last step of `state`."""
    return EmulatorView(
        spec=spec,
        call=call,
        world=state.world,
        history=state.steps[:-1],
        now=world_time(state.setting, len(state.steps)),
        triggers=state.setting.triggers if state.config.variant is Variant.ATTACKED else (),
        faults=(*state.setting.faults, *state.config.faults),
        seed=state.config.seed,
    )


@lru_cache(maxsize=1024)
def _parsed(now: str) -> datetime:
    return datetime.fromisoformat(now)


def world_time(setting: Scenario, steps: int) -> datetime:
    """The time in the world after so many steps: one minute each."""
    return _parsed(setting.now) + MINUTE * steps


def judge_view(before: World, state: EpisodeState, spec: ToolSpec | None) -> JudgeView:
    """What the judge sees of the last step of `state`; `before` is the world before that step."""
    return JudgeView(
        instruction=state.setting.instruction,
        outcomes=state.setting.outcomes,
        triggers=state.setting.triggers,
        basis=state.config.basis,
        before=before,
        after=state.world,
        history=state.steps[:-1],
        step=state.steps[-1],
        spec=spec,
    )


def reflector_view(
    state: EpisodeState,
    agent: AgentView,
    step: Step,
    *,
    mode: Mode,
    rejected: Sequence[tuple[Action, str]] = (),
    patch: Sequence[PatchOp] = (),
    path: Sequence[Action] = (),
) -> ReflectorView:
    """What a reflector sees of a risky step.

    Args:
        state: before the step.
        agent: what the agent saw in that state.
        step: the risky one.
        mode: in STUDENT mode `patch` and `path` are left out; the caller sees to it that no reason in `rejected` is
            more than that mode may know.
        rejected: earlier corrections with the reasons.
        patch: what the step changed.
        path: what is left of the scenario's safe path.
    """
    teaches = mode is Mode.TEACHER
    return ReflectorView.made(
        agent=agent,
        action=step.action,
        rejected=tuple(rejected),
        mode=mode,
        verdict=step.verdict if teaches else None,
        outcomes=state.setting.outcomes if teaches else (),
        patch=tuple(patch) if teaches else (),
        path=tuple(path) if teaches else (),
    )
