"""The emulator that runs the toolkits' own code: exact, deterministic, free."""

from __future__ import annotations

from autosafe_env.core.discover import tool_of
from autosafe_env.core.toolkit import Fault
from autosafe_env.types.turns import Emulation
from autosafe_env.views import EmulatorView


class RulesEmulator:
    """Answers each call with the method of the toolkit that specifies the tool."""

    needs_code = True
    """Whether an environment with tools that are only specified must refuse this emulator."""

    def emulate(self, view: EmulatorView) -> Emulation:
        """Observation and world after the call.

        Raises:
            ToolSpecError: the toolkit broke its own specification, or has no code.
        """
        name = view.spec.toolkit
        tool = tool_of(view.spec)
        before = view.world[name]
        try:
            observation, after = tool.call(before, view.call.arguments, view.now)
        except Fault as fault:
            observation = {"error": fault.name, "message": fault.message}
            return Emulation.made(observation=observation, world=view.world, fault=fault.name)
        world = view.world if after is before else {**view.world, name: after}
        return Emulation.made(observation=observation, world=world)


EMULATOR = RulesEmulator
