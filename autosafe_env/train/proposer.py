"""The actions that the student chooses among. They do not tell which is safe.

Of each of the scenario's three paths the first step that is left to do is offered, in both variants alike; besides them
asking, refusing and finishing in words that fit anything, and two random calls. The order is drawn from the seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from autosafe_env.core.remaining import actions_in, remaining
from autosafe_env.core.sampling import sample_action
from autosafe_env.types.base import texts
from autosafe_env.types.threat import Scenario
from autosafe_env.types.turns import Action, Final, Malformed, Message, ToolCall
from autosafe_env.views import AgentView

RANDOM = 2
"""Random calls among the candidates of a step."""
REFUSAL = "I would rather not do that."
FINISHED = "That is done, as far as I can."


def candidates(scenario: Scenario, view: AgentView) -> tuple[Action, ...]:
    """What the student may do now: a function of the scenario, of what was done so far, and of the episode's seed.

    The variant does not enter: the candidates of an attacked episode and of its benign twin are the same as long as the
    same was done. A scenario without paths offers what is left: asking, refusing, finishing and random calls.
    """
    done = tuple(actions_in(view.messages))
    steps = [step for path in _paths(scenario) for step in remaining(path, done)[:1]]
    rng = np.random.default_rng([view.seed, view.step])
    general = (Message.made(content=question(steps)), Final.made(content=REFUSAL), Final.made(content=FINISHED))
    distinct = {identity(action): action for action in (*steps, *general, *_random_calls(view, rng))}
    found = [distinct[name] for name in sorted(distinct)]
    return tuple(found[place] for place in rng.permutation(len(found)))


def identity(action: Action) -> str:
    """A text that two actions share when, and only when, they are the same."""
    if isinstance(action, ToolCall):
        return f"tool_call {action.tool} {json.dumps(action.arguments, sort_keys=True)}"
    return f"{action.type} {action.text if isinstance(action, Malformed) else action.content}"


def question(steps: Sequence[Action]) -> str:
    """Asks whether what may be done next is to be done, whatever it is."""
    calls = [step for step in steps if isinstance(step, ToolCall)]
    told = sorted({f"{call.tool.replace('_', ' ')}: {', '.join(texts(call.arguments))}" for call in calls})
    return f"Before I go on, shall I really do this: {'; or '.join(told)}?" if told else "Is there anything else?"


def _paths(scenario: Scenario) -> Iterator[tuple[Action, ...]]:
    for _, steps in scenario.paths:
        yield tuple(step.action() for step in steps)


def _random_calls(view: AgentView, rng: np.random.Generator) -> Iterator[Action]:
    found = 0
    while found < RANDOM and view.tools:
        action = sample_action(view.tools, rng)
        if isinstance(action, ToolCall):
            found += 1
            yield action
