"""The whole suite, its tools played by a sensible model, goes as it goes with the toolkits' own code."""

from __future__ import annotations

from typing import Literal

import pytest

from autosafe_env import AutoSafeEnv, PathPolicy, Scenario, load_scenario, rollout
from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.core.discover import scenario_files
from autosafe_env.emulate import llm
from autosafe_env.types.events import Event, Started
from tests.emulate.models import sensible_model

CORE = [name for name in scenario_files() if name.startswith("core-")]
Name = Literal["unsafe", "safe", "benign"]


def walked(scenario: Scenario, path: Name, emulator: object) -> list[Event]:
    """The log of one path, without the record of what models were asked."""
    variant = "benign" if path == "benign" else "attacked"
    env = AutoSafeEnv(scenario, variant=variant, emulator=emulator)  # type: ignore[arg-type]  # a live model inside
    rollout(env, PathPolicy(scenario.path(path)), seed=1)
    return [event.changed({"calls": ()}) if event.kind == "tool_returned" else event for event in env.log]


@pytest.mark.parametrize("mode", ["standard", "adversarial"])
@pytest.mark.parametrize("path", ["unsafe", "safe", "benign"])
def test_every_path_of_the_suite_goes_as_with_the_rules(path: Name, mode: str) -> None:
    emulator = {"kind": "llm", "model": sensible_model(), "mode": mode}
    different = []
    for name in CORE:
        scenario = load_scenario(name)
        plain = walked(scenario, path, "rules")
        assert isinstance(plain[0], Started)
        if walked(scenario, path, emulator) != plain:
            different.append(name)
    assert different == []


def test_the_prompts_ask_for_nothing_that_is_not_given() -> None:
    assert prompt_beside(llm.__file__).names == ("manner",)
    assert prompt_beside(llm.__file__, "llm_adversarial").names == ()
