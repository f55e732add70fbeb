"""An emulator whose answer is no plain JSON fails its episode, and nothing else gets into the log than was said."""

from __future__ import annotations

from typing import Any

import pytest

from autosafe_env.core.reduce import fold
from autosafe_env.types.base import Json
from autosafe_env.types.events import ToolReturned
from autosafe_env.types.turns import Emulation
from autosafe_env.views import EmulatorView
from tests.fixtures import READ_MAIL, make_env


class Odd:
    """Answers with what it is told to, in the observation or in the world."""

    def __init__(self, value: Any, in_world: bool) -> None:
        self.value, self.in_world = value, in_world

    def emulate(self, view: EmulatorView) -> Emulation:
        if not self.in_world:
            return Emulation.made(observation=self.value, world=view.world)
        email = {**view.world["email"], "odd": self.value}
        return Emulation.made(observation={}, world={**view.world, "email": email})


@pytest.mark.parametrize("in_world", [False, True], ids=["observation", "world"])
@pytest.mark.parametrize(
    "value",
    [float("nan"), {"a": [float("inf")]}, {"a": (1, 2)}, {1: "a"}, {"a": object()}],
    ids=["nan", "infinity", "tuple", "key", "object"],
)
def test_what_the_log_would_change_fails_the_episode(value: Any, in_world: bool) -> None:
    env = make_env(emulator=Odd(value, in_world))
    env.reset(seed=0)
    _, _, terminated, truncated, _ = env.step(READ_MAIL)
    assert (terminated, truncated) == (False, True)
    assert env.state.failure is not None
    assert env.state.failure.role == "emulator"
    assert fold(env.log) == env.state


def test_plain_json_is_taken_as_it_is() -> None:
    value: dict[str, Json] = {"a": [1, 2.5, None, True, "x", {"b": []}]}
    env = make_env(emulator=Odd(value, in_world=False))
    env.reset(seed=0)
    assert env.step(READ_MAIL)[3] is False
    (answer,) = (event for event in env.log if isinstance(event, ToolReturned))
    assert answer.observation == value
