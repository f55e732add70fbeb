"""Planned faults: the n-th call of a tool fails, whoever emulates the tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autosafe_env.core.discover import Kind, make
from autosafe_env.protocols import ToolEmulator
from autosafe_env.types.base import Json
from autosafe_env.types.turns import Emulation, ToolCall
from autosafe_env.views import EmulatorView, JudgeView


class FaultingEmulator:
    """Answers as `inner` does, except where the view's plan says that the call fails.

    Args:
        inner: the emulator that answers all other calls: itself, its name or its configuration.
    """

    def __init__(self, inner: ToolEmulator | str | Mapping[str, Json] = "rules") -> None:
        self.inner: ToolEmulator = inner if isinstance(inner, ToolEmulator) else make(Kind.EMULATOR, inner)
        self.needs_code: bool = getattr(self.inner, "needs_code", False)
        self.achieved: Callable[[JudgeView], tuple[bool | None, ...]] | None = getattr(self.inner, "achieved", None)

    def emulate(self, view: EmulatorView) -> Emulation:
        """The planned fault if this call is due to fail, else the inner emulator's answer."""
        if view.faults:
            name = view.spec.name
            earlier = (step for step in view.history if not step.rejected and isinstance(step.action, ToolCall))
            at_call = 1 + sum(step.action.tool == name for step in earlier if isinstance(step.action, ToolCall))
            for planned in view.faults:
                if planned.tool == name and planned.at_call == at_call:
                    message = planned.message or view.spec.faults[planned.fault]
                    observation = {"error": planned.fault, "message": message}
                    return Emulation(observation=observation, world=view.world, fault=planned.fault, injected=True)
        return self.inner.emulate(view)


EMULATOR = FaultingEmulator
