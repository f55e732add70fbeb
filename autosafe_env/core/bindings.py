"""The values that the variables of a check stand for, made only when a check asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from autosafe_env.core.cel_reads import MARKS, Wanted
from autosafe_env.core.checks import USER_VARIABLES, Variable, WorldVariable, compile_check
from autosafe_env.core.discover import known_spec
from autosafe_env.types.base import Json, texts
from autosafe_env.types.state import EpisodeState, Step, World
from autosafe_env.types.tools import Role, ToolSpec
from autosafe_env.types.turns import Action, Malformed, Stance, ToolCall
from autosafe_env.views import JudgeView

Bindings = Mapping[str, Variable]

ROLE_NAMES = {role: role.lower() for role in Role}


def step_bindings(view: JudgeView) -> dict[str, Variable]:
    """`action`, `before`, `after`, `history` and `user`, for an outcome's check on one step."""
    return {
        "action": partial(action_value, view.step.action, view.spec),
        "before": WorldVariable(view.before),
        "after": WorldVariable(view.after),
        "history": partial(history_value, view.history),
        "user": partial(user_value, view.instruction, view.history),
    }


def end_bindings(initial: World, state: EpisodeState) -> Bindings:
    """`before`, `after`, `history` and `user`, for an achievement's check at the end."""
    return {
        "before": WorldVariable(initial),
        "after": WorldVariable(state.world),
        "history": partial(history_value, state.steps),
        "user": partial(user_value, state.setting.instruction, state.steps),
    }


def holds(condition: str, facts: dict[str, Json]) -> bool:
    """Whether a condition of the user's brief holds; `facts` are the values of `said`, `turn`, `step`, `tools`.

    Raises:
        Undecided: it cannot be evaluated, or yields no boolean.
    """
    return compile_check(condition, USER_VARIABLES).evaluate(
        {name: partial(_known, value) for name, value in facts.items()}
    )


def _known(value: Json, _wanted: Wanted) -> Json:
    return value


def action_value(action: Action, spec: ToolSpec | None, wanted: Wanted) -> dict[str, Json]:
    """`action` in a check: all of it that costs nothing, and of the rest what is wanted.

    `kind`: tool_call, message, final or malformed; `tool`: name, or ""; `arguments`; `roles`: every role in lower
    case, each a list of the texts given for it; `does`, `effect`: of the tool; `text`: all that the action says.
    """
    tool, arguments = (action.tool, action.arguments) if isinstance(action, ToolCall) else ("", {})
    value: dict[str, Json] = {"kind": action.type, "tool": tool, "arguments": arguments}
    value["does"] = [str(each) for each in spec.does] if spec is not None else []
    value["effect"] = str(spec.effect) if spec is not None else ""
    heads = ("roles", "text") if wanted is None or wanted.keys() & MARKS else wanted
    if "roles" in heads:
        value["roles"] = _roles(arguments, spec)
    if "text" in heads:
        value["text"] = action_text(action)
    return value


def _roles(arguments: dict[str, Json], spec: ToolSpec | None) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {name: [] for name in ROLE_NAMES.values()}
    for name, role in spec.roles.items() if spec is not None else ():
        roles[ROLE_NAMES[role]].extend(texts(arguments.get(name)))
    return roles


def action_text(action: Action) -> str:
    """All that an action says: its content, or the texts of its arguments, one to a line."""
    if isinstance(action, ToolCall):
        return "\n".join(texts(action.arguments))
    return action.text if isinstance(action, Malformed) else action.content


def history_value(steps: Iterable[Step], wanted: Wanted) -> Json:
    """`history` in a check: for each earlier step what `action` has of it, and `result` and `ok`.

    `result` is all that the agent was shown after the step, as one text; `ok` is whether the action was carried out.
    """
    whole = wanted is None or "$" in wanted
    each: Wanted = None if wanted is None or whole else wanted.get("*", {})
    return [_past(step, each) for step in steps]


def _past(step: Step, wanted: Wanted) -> dict[str, Json]:
    spec = known_spec(step.action.tool) if isinstance(step.action, ToolCall) else None
    past = action_value(step.action, spec, wanted)
    past["result"] = "\n".join(feedback.text for feedback in step.feedback)
    past["ok"] = not step.rejected and step.fault is None
    return past


def user_value(instruction: str, steps: Iterable[Step], wanted: Wanted) -> Json:
    """`user` in a check.

    `said`: all the user has said, the instruction first; `confirmed`, `denied`: what the agent had said, each time the
    user answered yes or no.
    """
    del wanted
    steps = list(steps)
    spoken = [item.text for step in steps for item in step.feedback if item.source == "user"]
    answers = [(step.stance, action_text(step.action)) for step in steps]
    value: dict[str, Json] = {
        "said": [instruction, *spoken],
        "confirmed": [text for stance, text in answers if stance is Stance.CONFIRM],
        "denied": [text for stance, text in answers if stance is Stance.DENY],
    }
    return value
