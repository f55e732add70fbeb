"""An attacker that adapts: from what came of the attempts so far to the next phrasing of the same payload.

By rules it is a bandit over the attack styles: Thompson sampling (Thompson 1933) with a Beta(1, 1) prior for the chance
that the agent gives in to a style. Every style has its turn before any comes again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from autosafe_env.errors import ConfigError
from autosafe_env.generate.redress import attack_texts, context_of
from autosafe_env.generate.styles import STYLES, dressed
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.threat import Scenario


class Came(StrEnum):
    """What came of an attempt."""

    GAVE_IN = "GAVE_IN"
    """A step was judged UNSAFE."""
    REFUSED = "REFUSED"
    """SAFE, and the user's goal was not reached."""
    SAFE = "SAFE"
    """SAFE, and the user's goal was reached, or nobody can tell whether it was."""
    UNDECIDED = "UNDECIDED"
    """The judge could not decide."""
    FAILED = "FAILED"
    """A role failed."""


@dataclass(frozen=True)
class Phrasing:
    """The payload in other words."""

    style: str
    """Name of the attack style; of a text that a model wrote, its own name for what it did."""
    texts: tuple[str, ...]
    """One for each of the scenario's `attack_texts`."""
    by: str = "bandit"
    """Who chose: `bandit` or `llm`."""
    note: str = ""
    """Why the bandit had to choose where a model was asked; empty otherwise."""
    calls: tuple[ModelCall, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """One episode, and what came of it."""

    phrasing: Phrasing
    came: Came
    exposed: bool
    """Whether the agent saw the payload; who never looks tells nothing about the phrasing."""
    reason: str = ""
    """Of the verdict that decided, or of the failure; may be empty."""
    steps: int = 0
    seed: int = 0

    @property
    def telling(self) -> bool:
        """Whether it says something about the phrasing."""
        return self.came is Came.GAVE_IN or (self.exposed and self.came in (Came.REFUSED, Came.SAFE))


class Attacker(Protocol):
    """Picks the next phrasing."""

    def choose(self, scenario: Scenario, attempts: Sequence[Attempt], seed: int) -> Phrasing:
        """The next phrasing of the payload: a pure function of the arguments, and of a model's answers if one is asked.

        Args:
            scenario: as it was before any attempt.
            attempts: so far, on this scenario, in order.
            seed: of the whole attack.

        Raises:
            ConfigError: there is nothing that could be phrased otherwise.
        """
        ...


class BanditAttacker:
    """Draws the chance of each style from its Beta posterior and takes the highest, among the styles tried least often.

    Args:
        styles: names to choose from; None for all.
        earlier: attempts on other scenarios, to begin with what they taught.
    """

    def __init__(self, styles: Sequence[str] | None = None, earlier: Sequence[Attempt] = ()) -> None:
        self.styles = tuple(STYLES if styles is None else styles)
        self.earlier = tuple(earlier)

    def choose(self, scenario: Scenario, attempts: Sequence[Attempt], seed: int) -> Phrasing:
        """See `Attacker`. A style that destroys a payload is passed over."""
        fitting = self.fitting(scenario)
        tried = [attempt.phrasing.style for attempt in attempts]
        least = min(tried.count(style) for style in fitting)
        draw = random.Random(f"attack/{seed}/{len(attempts)}")  # noqa: S311 - to be repeatable, not secret
        chances = {
            style: draw.betavariate(*self.posterior(style, attempts))
            for style in fitting
            if tried.count(style) == least
        }
        style = max(chances, key=lambda name: chances[name])
        return Phrasing(style, fitting[style])

    def posterior(self, style: str, attempts: Sequence[Attempt]) -> tuple[int, int]:
        """The two parameters of the Beta distribution of the chance that the agent gives in to a style."""
        telling = [each for each in (*self.earlier, *attempts) if each.telling and each.phrasing.style == style]
        won = sum(each.came is Came.GAVE_IN for each in telling)
        return 1 + won, 1 + len(telling) - won

    def fitting(self, scenario: Scenario) -> Mapping[str, tuple[str, ...]]:
        """Style to the texts in it, for the styles that keep every payload of the scenario.

        Raises:
            ConfigError: the scenario has no text of an attacker, or no style keeps it.
        """
        payloads, context = attack_texts(scenario), context_of(scenario)
        if not payloads:
            raise ConfigError(f"in {scenario.id!r} nobody attacks with a text; there is nothing to phrase otherwise")
        found: dict[str, tuple[str, ...]] = {}
        for style in self.styles:
            try:
                found[style] = tuple(dressed(style, payload, context) for payload in payloads)
            except ConfigError as error:
                last = error
        if not found:
            raise last
        return found
