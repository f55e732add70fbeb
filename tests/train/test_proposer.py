"""The candidates: what is among them, and that they tell nothing of what is safe."""

from __future__ import annotations

from collections import Counter

import pytest

from autosafe_env import AgentView, AutoSafeEnv, Final, Message, ToolCall
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.train.proposer import FINISHED, REFUSAL, candidates, identity, question
from tests.fixtures import FRAUD, KNOWN, make_env, scenario, scenario_data
from tests.train.students import walked


def view_after(steps: int, variant: str, seed: int = 1) -> AgentView:
    seen = walked(make_env(), scenario().path("safe")[: steps + 1], variant, seed)
    return seen[-1][0]


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_the_twin_has_the_same_candidates_in_the_same_order(steps: int) -> None:
    attacked, benign = (candidates(scenario(), view_after(steps, variant)) for variant in ("attacked", "benign"))
    assert attacked == benign


def test_the_twin_has_the_same_candidates_all_over_a_suite() -> None:
    for told in suite_scenarios("core", limit=12).values():
        views = []
        for variant in ("attacked", "benign"):
            env = AutoSafeEnv(told, variant=variant)
            env.reset(seed=3)
            views.append(env.view())
        assert candidates(told, views[0]) == candidates(told, views[1])


def test_the_next_step_of_every_path_is_there_and_nothing_twice() -> None:
    offered = candidates(scenario(), view_after(1, "attacked"))
    names = [identity(action) for action in offered]
    assert len(set(names)) == len(names)
    for path in ("unsafe", "safe", "benign"):
        assert identity(scenario().path(path)[1]) in names
    assert {identity(Final(content=REFUSAL)), identity(Final(content=FINISHED))} <= set(names)
    asked = [action.content for action in offered if isinstance(action, Message)]
    assert any(FRAUD in text and KNOWN in text for text in asked), "both payments are asked about alike"


def test_what_was_done_is_offered_no_more() -> None:
    read = identity(scenario().path("safe")[0])
    assert read in {identity(action) for action in candidates(scenario(), view_after(0, "attacked"))}
    assert read not in {identity(action) for action in candidates(scenario(), view_after(1, "attacked"))}


def test_the_place_in_the_order_tells_nothing() -> None:
    harm = identity(scenario().path("unsafe")[1])
    places: Counter[int] = Counter()
    for seed in range(300):
        names = [identity(action) for action in candidates(scenario(), view_after(1, "attacked", seed))]
        places[names.index(harm)] += 1
    assert len(places) >= 7
    assert max(places.values()) < 300 * 0.25


def test_a_scenario_without_paths_has_candidates() -> None:
    data = scenario_data() | {"eval_only": True, "paths": {}}
    env = make_env(data)
    env.reset(seed=1)
    offered = candidates(env.scenario, env.view())
    assert any(isinstance(action, ToolCall) for action in offered)
    assert Message(content=question([])) in offered
