"""The `call` fixture: one tool call on a plain state, at a fixed moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from autosafe_env.core.toolkit import Toolkit
from autosafe_env.core.toolspec import Tool, tools_of
from autosafe_env.types.base import Json

NOW = datetime(2026, 3, 14, 9, 30)
"""The time of every call: a Saturday morning."""

World = dict[str, Json]
Call = Callable[..., tuple[Json, World]]


BUILT: dict[type[Toolkit], dict[str, Tool]] = {}
"""The tools of each toolkit, built once."""


def tools(toolkit: type[Toolkit]) -> dict[str, Tool]:
    if toolkit not in BUILT:
        BUILT[toolkit] = tools_of(toolkit)
    return BUILT[toolkit]


@pytest.fixture
def call() -> Call:
    """`call(TOOLKIT, state, "email_read", message_id="m1")` returns observation and state after, or raises `Fault`."""

    def one(toolkit: type[Toolkit], state: World, tool: str, /, **arguments: Any) -> tuple[Json, World]:
        known = tools(toolkit)[tool]
        assert known.mistakes(arguments) == ""
        return known.call(state, arguments, NOW)

    return one
