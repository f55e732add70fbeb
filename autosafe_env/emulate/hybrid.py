"""The emulator that runs code where a toolkit has it, and asks a language model about tools that are only specified."""

from __future__ import annotations

from collections.abc import Mapping

from autosafe_env.core.discover import tool_of
from autosafe_env.core.specified import SpecifiedTool
from autosafe_env.emulate.llm import LlmEmulator
from autosafe_env.emulate.rules import RulesEmulator
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.turns import Emulation
from autosafe_env.views import EmulatorView


class HybridEmulator:
    """Answers as the toolkit's own code does, or else as a language model would.

    Args:
        model: who is asked: a model, its name, or its configuration.
        mode: `standard` or `adversarial`, for the model.
        temperature: None leaves it to the server.
        seed: of the sampling; None for the episode's seed.
        max_tokens: the most that an answer may have; None leaves it to the server.
        on_failure: `error` or `fault`, when the model has answered wrongly twice.

    Raises:
        UnknownName: there is no such kind of model.
        ConfigError: an option has a value that is not valid.
    """

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        mode: str = "standard",
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
        on_failure: str = "error",
    ) -> None:
        self.rules = RulesEmulator()
        self.llm = LlmEmulator(model, mode, temperature, seed, max_tokens, on_failure)

    def emulate(self, view: EmulatorView) -> Emulation:
        """Observation and world after the call.

        Raises:
            ModelError: the model did not answer, or twice not in a way that the tool could have.
            ToolSpecError: the toolkit's code broke its own specification.
        """
        specified = isinstance(tool_of(view.spec), SpecifiedTool)
        return self.llm.emulate(view) if specified else self.rules.emulate(view)


EMULATOR = HybridEmulator
