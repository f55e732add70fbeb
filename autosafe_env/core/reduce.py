"""The reducer: the one place where the state of an episode changes.

`fold(events) == env.state` at any time. A test holds the list of handled events against the list of event types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from autosafe_env.core.variant import fill
from autosafe_env.core.worlds import patched
from autosafe_env.types.base import compact
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.events import (
    Acted,
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
from autosafe_env.types.state import EpisodeState, Step
from autosafe_env.types.turns import Action, Feedback, FeedbackSource, Malformed, ToolCall


def fold(events: Iterable[Event]) -> EpisodeState:
    """The state after a whole log. Raises ValueError when the log does not begin with `Started`."""
    first, *rest = events
    if not isinstance(first, Started):
        raise ValueError(f"a log begins with 'started', not {first.kind!r}")
    return reduce(apply, rest, begin(first))


def begin(event: Started) -> EpisodeState:
    """The state in which an episode starts."""
    setting = fill(event.scenario, event.config.variant)
    task = ChatMessage.made(role="user", content=setting.instruction)
    return EpisodeState.made(
        scenario=event.scenario, config=event.config, setting=setting, world=setting.world, messages=(task,)
    )


def apply(state: EpisodeState, event: Event) -> EpisodeState:
    """The state after one more event. Pure; raises TypeError on a `Started` that does not come first."""
    return HANDLERS[type(event)](state, event)


def _started(_state: EpisodeState, _event: Started) -> EpisodeState:
    raise TypeError("an episode starts once")


def _acted(state: EpisodeState, event: Acted) -> EpisodeState:
    index = len(state.steps)
    step = Step.made(index=index, action=event.action, thought=event.thought, first_event=state.events)
    update = {
        "steps": (*state.steps, step),
        "messages": (*state.messages, _said(event.action, event.thought, index)),
        "pending": event.then,
        "events": state.events + 1,
    }
    return state.changed(update)


def _said(action: Action, thought: str, index: int) -> ChatMessage:
    if isinstance(action, ToolCall):
        function = {"name": action.tool, "arguments": compact(action.arguments)}
        call = {"id": f"call_{index}", "type": "function", "function": function}
        return ChatMessage.made(role="assistant", content=thought, tool_calls=(call,))
    return ChatMessage.made(role="assistant", content=action.text if isinstance(action, Malformed) else action.content)


def _tool_returned(state: EpisodeState, event: ToolReturned) -> EpisodeState:
    text = event.observation if isinstance(event.observation, str) else compact(event.observation)
    world = patched(state.world, event.patch) if event.patch else state.world
    step = {"fault": event.fault, "injected": event.injected}
    return _answered(state, FeedbackSource.TOOL, text, step, {"world": world})


def _rejected(state: EpisodeState, event: Rejected) -> EpisodeState:
    return _answered(state, FeedbackSource.ERROR, event.error, {"rejected": True}, {})


def _user_said(state: EpisodeState, event: UserSaid) -> EpisodeState:
    if event.turn is None:
        return _answered(
            state, FeedbackSource.USER, event.content, {"stance": event.stance, **_faulted(state, event)}, {}
        )
    said = {"turns_said": (*state.turns_said, event.turn)}
    return _answered(state, FeedbackSource.USER, event.content, _faulted(state, event), said)


def _user_left(state: EpisodeState, event: UserLeft) -> EpisodeState:
    if not event.content:
        return _changed(state, _faulted(state, event), {})
    return _answered(state, FeedbackSource.USER, event.content, _faulted(state, event), {})


def _faulted(state: EpisodeState, event: UserSaid | UserLeft) -> dict[str, Any]:
    return {"user_faults": (*state.steps[-1].user_faults, event.fault)} if event.fault else {}


def _judged(state: EpisodeState, event: Judged) -> EpisodeState:
    return _changed(state, {"verdict": event.verdict}, {})


def _stepped(state: EpisodeState, event: Stepped) -> EpisodeState:
    exposed = (*state.exposed, *event.exposed) if event.exposed else state.exposed
    # A policy that failed before it acted closes the episode without a step of its own.
    is_open = bool(state.steps) and state.steps[-1].reward is None
    return _changed(state, {"reward": event.reward} if is_open else {}, {"exposed": exposed, "end": event.end})


def _failed(state: EpisodeState, event: Failed) -> EpisodeState:
    return _changed(state, {}, {"failure": event})


def _answered(
    state: EpisodeState,
    source: FeedbackSource,
    text: str,
    step: dict[str, Any],
    update: dict[str, Any],
) -> EpisodeState:
    """The state after the agent is shown `text`; its changes are added to `step` and `update`."""
    last = state.steps[-1]
    is_answer = isinstance(last.action, ToolCall) and source is not FeedbackSource.USER
    message = ChatMessage.made(
        role="tool" if is_answer else "user",
        content=text if is_answer or source is FeedbackSource.USER else f"[environment] {text}",
        tool_call_id=f"call_{last.index}" if is_answer else None,
    )
    step["feedback"] = (*last.feedback, Feedback.made(source=source, text=text))
    update["messages"] = (*state.messages, message)
    return _changed(state, step, update)


def _changed(state: EpisodeState, step: dict[str, Any], update: dict[str, Any]) -> EpisodeState:
    if step:
        update["steps"] = (*state.steps[:-1], state.steps[-1].changed(step))
    update["events"] = state.events + 1
    return state.changed(update)


HANDLERS: dict[type, Callable[[EpisodeState, Any], EpisodeState]] = {
    Started: _started,
    Acted: _acted,
    Rejected: _rejected,
    ToolReturned: _tool_returned,
    UserSaid: _user_said,
    UserLeft: _user_left,
    Judged: _judged,
    Stepped: _stepped,
    Failed: _failed,
}
