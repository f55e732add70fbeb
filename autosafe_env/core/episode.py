"""One running episode: an action in, events out. Gymnasium's face of it is `core/env.py`.

A step is: the action is logged; a tool call goes to the emulator, a message to the simulated user; the user may speak
up unasked; the judge speaks; the reward and, perhaps, the end are logged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic_core import from_json, to_json

from autosafe_env.core.audit import user_fault
from autosafe_env.core.bindings import end_bindings, holds
from autosafe_env.core.checks import END_VARIABLES, Undecided, compile_check
from autosafe_env.core.codec import storable_text
from autosafe_env.core.exposure import Marks, exposed, marks_of
from autosafe_env.core.reduce import apply, begin
from autosafe_env.core.rewards import Rewards
from autosafe_env.core.ruling import ruling
from autosafe_env.core.toolspec import Tool
from autosafe_env.core.worlds import world_diff
from autosafe_env.errors import (
    EmulatorError,
    EpisodeOver,
    RoleError,
    ToolSpecError,
    UserError,
    boundary,
    nearest,
)
from autosafe_env.protocols import Judge, ToolEmulator, UserSimulator
from autosafe_env.types.events import (
    Acted,
    End,
    EndReason,
    EpisodeConfig,
    Event,
    Failed,
    Judged,
    Rejected,
    Started,
    Stepped,
    ToolReturned,
    UserLeft,
    UserSaid,
)
from autosafe_env.types.state import EpisodeState, World
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Decision, Emulation, Final, Left, Malformed, Message, Say, ToolCall
from autosafe_env.types.verdict import Label
from autosafe_env.views import AgentView, UserView, agent_view, emulator_view, judge_view, user_facts, user_view


@dataclass(frozen=True)
class Roles:
    """Who plays the environment's side."""

    emulator: ToolEmulator
    user: UserSimulator
    judge: Judge


@dataclass
class Episode:
    """One running episode. `log` is the truth; `state` is always the fold of it."""

    roles: Roles
    tools: dict[str, Tool]
    rewards: Rewards
    state: EpisodeState
    log: tuple[Event, ...]
    marks: Marks

    @classmethod
    def start(
        cls, scenario: Scenario, config: EpisodeConfig, roles: Roles, tools: dict[str, Tool], rewards: Rewards
    ) -> Episode:
        """A new episode, before its first action."""
        started = Started.made(scenario=scenario, config=config)
        marks = marks_of(scenario) if config.variant is Variant.ATTACKED else {}
        return cls(roles, tools, rewards, begin(started), (started,), marks)

    def fork(self) -> Episode:
        """An episode that goes on from here by itself. Shares everything that lies behind."""
        return replace(self)

    def view(self) -> AgentView:
        """What the agent sees now."""
        return agent_view(self.state, tuple(tool.spec for tool in self.tools.values()))

    def step(self, decision: Decision) -> Stepped:
        """Take one action; returns the event that completes the step.

        Raises:
            EpisodeOver: the episode has ended.
        """
        if self.state.end is not None:
            raise EpisodeOver("the episode has ended; call reset() first")
        before = self.state.world
        self._emit(
            Acted.made(action=decision.action, thought=decision.thought, then=decision.then, calls=decision.calls)
        )
        try:
            self._answer()
            self._interject()
            self._judge(before)
        except RoleError as error:
            self._emit(_failed(error))
        return self._close()

    def fail(self, error: RoleError) -> Stepped:
        """End the episode because a role outside it, such as the policy, failed; returns the closing event."""
        if self.state.end is not None:
            raise EpisodeOver("the episode has ended; call reset() first")
        self._emit(_failed(error))
        return self._close()

    def _emit(self, event: Event) -> None:
        self.state = apply(self.state, event)  # first: an event that cannot be applied is not logged either
        self.log = (*self.log, event)

    def _answer(self) -> None:
        """Let whoever is addressed answer; a final answer addresses nobody."""
        action = self.state.steps[-1].action
        if isinstance(action, ToolCall):
            self._call_tool(action)
        elif isinstance(action, Message):
            self._ask_user(None)
        elif isinstance(action, Malformed):
            self._emit(Rejected(error=action.error))

    def _call_tool(self, call: ToolCall) -> None:
        tool = self.tools.get(call.tool)
        if tool is None:
            error = f"There is no tool {call.tool!r}{nearest(call.tool, self.tools)}"
        elif mistakes := tool.mistakes(call.arguments):
            error = f"{call.tool} was not called: {mistakes}"
        else:
            self._emulate(tool, call)
            return
        self._emit(Rejected(error=error))

    def _emulate(self, tool: Tool, call: ToolCall) -> None:
        before = self.state.world
        with boundary(EmulatorError):
            try:
                result = self.roles.emulator.emulate(emulator_view(self.state, tool.spec, call))
            except ToolSpecError as error:  # a broken toolkit met in mid-episode costs the episode, not the run
                raise EmulatorError(str(error)) from error
            if not isinstance(result, Emulation):
                raise TypeError(f"the emulator answered with a {type(result).__name__} and not with an emulation")
            event = ToolReturned.made(
                observation=result.observation,
                fault=result.fault,
                injected=result.injected,
                patch=world_diff(before, result.world),
                calls=result.calls,
            )
            if not getattr(self.roles.emulator, "needs_code", False):
                # Toolkits answer with JSON; whoever else does not fails here and not in the log.
                _must_be_json(event)
            self._emit(event)

    def _ask_user(self, turn: int | None) -> None:
        due = None if turn is None else self.state.setting.user.turns[turn].say
        view = user_view(self.state, due)
        with boundary(UserError):
            event = _spoken(view, self.roles.user.reply(view), turn)
        self._emit(event)

    def _interject(self) -> None:
        """Let the user say the first turn of the brief that is due and unsaid."""
        turns = self.state.setting.user.turns
        if not turns or isinstance(self.state.steps[-1].action, Final) or isinstance(self.log[-1], UserLeft):
            return
        for index, turn in enumerate(turns):
            if index in self.state.turns_said:
                continue
            try:
                due = holds(turn.when, user_facts(self.state))
            except Undecided as error:
                raise UserError(str(error)) from error
            if due:
                self._ask_user(index)
                return

    def _judge(self, before: World) -> None:
        action = self.state.steps[-1].action
        tool = self.tools.get(action.tool) if isinstance(action, ToolCall) else None
        view = judge_view(before, self.state, tool.spec if tool else None)
        self._emit(Judged.made(verdict=ruling(self.roles.judge, view)))

    def _close(self) -> Stepped:
        state = self.state
        unseen = {name: lines for name, lines in self.marks.items() if name not in state.exposed}
        news = exposed(unseen, _shown(state)) if unseen else ()
        reason = self._end_reason()
        end = None if reason is None else End.made(reason=reason, achieved=self._achieved())
        verdict = state.steps[-1].verdict if state.steps and state.failure is None else None
        stepped = Stepped.made(
            reward=self.rewards(verdict, end, end is not None and _was_safe(state)), exposed=news, end=end
        )
        self._emit(stepped)
        return stepped

    def _achieved(self) -> tuple[bool | None, ...]:
        """Whether each achievement is reached. An outside suite's emulator may know it of those without a check."""
        state, known = self.state, achieved(self.state)
        asked = getattr(self.roles.emulator, "achieved", None)
        if asked is None or None not in known or not state.steps:
            return known
        try:
            with boundary(EmulatorError):
                told = asked(judge_view(state.setting.world, state, None))
                return tuple(own if own is not None else other for own, other in zip(known, told, strict=True))
        except EmulatorError:
            return known

    def _end_reason(self) -> EndReason | None:
        """Why the episode ends with the last step; None while it goes on."""
        state = self.state
        if state.failure is not None:
            return EndReason.FAILED
        step, config = state.steps[-1], state.config
        if config.stop_on_unsafe and step.verdict is not None and step.verdict.label is Label.UNSAFE:
            return EndReason.UNSAFE
        if isinstance(step.action, Final):
            return EndReason.FINAL
        if UserLeft in map(type, self.log[step.first_event :]):
            return EndReason.USER_LEFT
        recent = state.steps[-config.max_rejected :] if step.rejected else ()
        if len(recent) == config.max_rejected and all(past.rejected for past in recent):
            return EndReason.REJECTED
        return EndReason.STEPS if len(state.steps) >= state.setting.max_steps else None


def _must_be_json(event: ToolReturned) -> None:
    """Raises ValueError where an answer is no JSON, or would be read back from the log as another one."""
    for value in (event.observation, *(operation.value for operation in event.patch)):
        if from_json(to_json(value), allow_inf_nan=False) != value:
            raise ValueError(f"the emulator's answer is no plain JSON: {value!r:.200}")


def _spoken(view: UserView, answer: Say | Left, turn: int | None) -> UserSaid | UserLeft:
    """The event of what the user answered, checked against the brief."""
    fault = user_fault(view, answer)
    if isinstance(answer, Left):
        return UserLeft(content=answer.content, fault=fault, calls=answer.calls)
    return UserSaid(content=answer.content, stance=answer.stance, turn=turn, fault=fault, calls=answer.calls)


def _failed(error: RoleError) -> Failed:
    text = storable_text(str(error))
    return Failed(role=error.role, error=text, cause=error.cause, stops_run=error.stops_run, calls=error.calls)


def _shown(state: EpisodeState) -> list[str]:
    """What the agent was shown with the last step, and, with the first one, the task."""
    if not state.steps:
        return []
    task = [state.setting.instruction] if len(state.steps) == 1 else []
    return [*task, *(item.text for item in state.steps[-1].feedback)]


def _was_safe(state: EpisodeState) -> bool:
    """Whether every step before the last was judged SAFE."""
    return all(step.verdict is not None and step.verdict.label is Label.SAFE for step in state.steps[:-1])


def achieved(state: EpisodeState) -> tuple[bool | None, ...]:
    """Whether each achievement is reached in this state; None where its check cannot be decided or is missing."""
    bindings = end_bindings(state.setting.world, state)
    results: list[bool | None] = []
    for achievement in state.setting.achievements:
        if not achievement.check:
            results.append(None)
            continue
        try:
            results.append(compile_check(achievement.check, END_VARIABLES).evaluate(bindings))
        except Undecided:
            results.append(None)
    return tuple(results)
