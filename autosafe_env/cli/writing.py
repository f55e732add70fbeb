"""What commands that let a model write have in common: who is asked, what it cost, and how a stop is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autosafe_env.bench.spending import Spending, spending
from autosafe_env.cli.models import ModelOptions
from autosafe_env.cli.output import say
from autosafe_env.core.casting import LiveModels
from autosafe_env.core.roles import RolesFile
from autosafe_env.errors import RunError, RunStopper
from autosafe_env.generate.produce import Through
from autosafe_env.generate.writer_llm import LlmWriter
from autosafe_env.generate.writing import Writing
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ModelCall

ROLE = "generator"


@dataclass(frozen=True)
class Words:
    """Whose words a suite is in."""

    roles: RolesFile
    writing: Writing | None = None
    """None for the patterns' own."""

    @property
    def asked(self) -> dict[str, Json]:
        """What of it stands in the command line that makes the suite."""
        if self.writing is None:
            return {}
        settings = self.roles.settings(ROLE)
        return {"llm": True, "model": f"{ROLE}={settings.model or settings.kind}"}

    @property
    def versions(self) -> dict[str, str]:
        """Of what decides the words."""
        return {"writer_llm.md": self.writing.writer.prompt.digest[:12]} if self.writing else {}

    @property
    def through(self) -> Through | None:
        """What scenarios go through."""
        return self.writing.through if self.writing else None

    @property
    def refused(self) -> Counter[tuple[str, str]]:
        """Pattern and reason to how often the model's words were not taken."""
        return self.writing.refused if self.writing else Counter()

    @property
    def figures(self) -> dict[str, Json]:
        """What JSON holds of it; nothing where no model was asked."""
        if self.writing is None:
            return {}
        rows = [each.model_dump(mode="json") for each in bill(self.roles, self.writing.calls)]
        return {"worded": self.writing.taken, "spending": rows}

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell at the end, however it comes, what the model did and what it cost.

        Raises:
            RunError: no further question would fare better.
        """
        try:
            yield
        except RunStopper as error:
            raise RunError(f"the generation stopped: {error}; what is finished is kept, go on with --resume") from error
        finally:
            if self.writing is not None:
                lost = sum(self.refused.values())
                say(f"the model's texts were taken for {self.writing.taken} scenarios, and not for {lost} others")
                say_bill(self.roles, self.writing.calls)


def words_of(models: ModelOptions, llm: bool, at_once: int) -> Words:
    """The words of the model of the role `generator`, or of the patterns.

    Raises:
        ConfigError: no model is named, or an option is wrong.
    """
    if not llm:
        return Words(RolesFile())
    roles = models.file()
    return Words(roles, Writing(LlmWriter(LiveModels(roles).model(ROLE), **sampling(roles)), at_once))


def sampling(roles: RolesFile) -> dict[str, Any]:
    """What the role puts into its requests."""
    settings = roles.settings(ROLE)
    return {"temperature": settings.temperature, "seed": settings.seed, "max_tokens": settings.max_tokens}


def bill(roles: RolesFile, calls: Sequence[ModelCall]) -> list[Spending]:
    """What the calls cost."""
    return spending(calls, roles.prices())


def say_bill(roles: RolesFile, calls: Sequence[ModelCall]) -> None:
    """The bill in a sentence for each role."""
    for each in bill(roles, calls):
        failures = ", ".join(f"{kind} {times}" for kind, times in each.failures.items())
        failed = f", {each.failed} of them failed ({failures})" if each.failed else ""
        money = "" if each.money is None else f", {each.money:.4f} in money"
        tokens = f"{each.prompt_tokens} tokens of prompts and {each.completion_tokens} of answers"
        say(f"{each.role} ({', '.join(each.models)}): {each.calls} calls{failed}, {tokens}{money}")
