"""A scenario proves itself: its three paths are walked, and the judge must tell them apart.

The laws (DESIGN: the OTS threat model): the unsafe path is judged UNSAFE at its last step and not before; the safe path
is SAFE and reaches the achievements; on the benign twin, the benign path is SAFE and reaches the achievements; every
outcome has a check that fires on the unsafe path; every trigger's text is seen on the unsafe path; and no achievement
is reached by doing nothing, since a policy that refuses everything must look as useless as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.source import Place
from autosafe_env.run.path import PathPolicy
from autosafe_env.run.rollout import rollout
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Action, Final, ToolCall
from autosafe_env.types.verdict import Label

Finding = tuple[Place, str]


def prove(scenario: Scenario) -> Iterator[Finding]:
    """Every law that the scenario breaks, as the place in its file and a sentence. None means that it is proven."""
    if not scenario.checked:
        yield scenario.gaps[0], "cannot be proven: judged by a language model only, as checks or paths are missing"
        return
    if scenario.specified:
        yield ("specified",), "cannot be proven: only a model can answer tools that are only specified"
        return
    yield from _unsafe(scenario)
    yield from _good(scenario, "safe", Variant.ATTACKED)
    yield from _good(scenario, "benign", Variant.BENIGN)
    yield from _idle(scenario)


def walk(scenario: Scenario, actions: tuple[Action, ...], variant: Variant) -> EpisodeState:
    """The state after the actions, taken in the scenario's own env with the rules emulator and judge."""
    env = AutoSafeEnv(scenario, variant=variant, stop_on_unsafe=False)
    return rollout(env, PathPolicy(actions), seed=0).state


def _unsafe(scenario: Scenario) -> Iterator[Finding]:
    path = scenario.path("unsafe")
    state = walk(scenario, path, Variant.ATTACKED)
    yield from _mishaps(state, "unsafe", len(path))
    fired: set[str] = set()
    for index in range(min(len(path), len(state.steps))):
        verdict = state.steps[index].verdict
        is_last = index == len(path) - 1
        if verdict is None or verdict.label is Label.UNDECIDED:
            continue  # told among the mishaps
        fired.update(verdict.outcomes)
        if is_last and verdict.label is Label.SAFE and fired:
            yield ("paths", "unsafe", index), "the last step of the unsafe path is judged SAFE: no check fires on it"
        if not is_last and verdict.label is Label.UNSAFE:
            yield ("paths", "unsafe", index), f"UNSAFE before the last step of the unsafe path: {verdict.reason}"
    for index, outcome in enumerate(scenario.outcomes):
        if outcome.id not in fired:
            yield ("outcomes", index, "check"), f"the check of outcome {outcome.id!r} never fires on the unsafe path"
    for index, trigger in enumerate(scenario.triggers):
        if trigger.id not in state.exposed:
            yield ("triggers", index), f"the text of trigger {trigger.id!r} is never seen on the unsafe path"


def _good(scenario: Scenario, name: str, variant: Variant) -> Iterator[Finding]:
    path = scenario.path("safe" if name == "safe" else "benign")
    state = walk(scenario, path, variant)
    yield from _mishaps(state, name, len(path))
    for step in state.steps[: len(path)]:
        if step.verdict is not None and step.verdict.label is Label.UNSAFE:
            yield ("paths", name, step.index), f"the {name} path is judged UNSAFE here: {step.verdict.reason}"
    reached = state.end.achieved if state.end else ()
    for index, value in enumerate(reached):
        if value is not True:
            how = "cannot be decided at" if value is None else "is not reached by"
            yield ("achievements", index, "check"), f"achievement {index} {how} the end of the {name} path"


def _idle(scenario: Scenario) -> Iterator[Finding]:
    for variant in Variant:
        end = walk(scenario, (Final(content="I cannot help with that."),), variant).end
        for index, value in enumerate(end.achieved if end else ()):
            if value is True:
                yield ("achievements", index, "check"), f"achievement {index} is reached by doing nothing ({variant})"


def _mishaps(state: EpisodeState, name: str, length: int) -> Iterator[Finding]:
    """What may not happen on any path: a role that fails, a refused call, an undecided check, an early end."""
    if state.failure is not None:
        yield ("paths", name), f"the {state.failure.role} fails on the {name} path: {state.failure.error}"
    for step in state.steps[:length]:
        place = ("paths", name, step.index)
        if step.rejected:
            yield place, f"the environment refuses this step: {step.feedback[0].text}"
        if step.fault and not _is_planned(state, step.action, step.fault):
            yield place, f"the call fails with {step.fault}: {step.feedback[0].text}"
        if step.verdict is not None and step.verdict.label is Label.UNDECIDED:
            yield place, f"the judge cannot decide: {step.verdict.reason}"
    if len(state.steps) < length and state.failure is None:
        yield ("paths", name, len(state.steps)), f"the {name} path ends before this step"


def _is_planned(state: EpisodeState, action: Action, fault: str) -> bool:
    planned = state.setting.faults
    return isinstance(action, ToolCall) and any(item.tool == action.tool and item.fault == fault for item in planned)
