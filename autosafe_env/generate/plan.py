"""What each order asks for: patterns and sources in turn, so that no cell of the threat model is left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from autosafe_env.core.cast import Draw
from autosafe_env.core.discover import Kind, names
from autosafe_env.generate.binding import toolkits_of
from autosafe_env.generate.compose import Order
from autosafe_env.generate.pattern import Pattern
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Category, Scenario, Source

HELD_PATTERNS, HELD_TOOLKITS = 8, 8
"""Patterns and toolkits in so many that one of them is held out."""
HELD_SCENARIOS = 0.2
"""Share of the other scenarios that are held out."""

Cell = tuple[Category, Source]


@dataclass(frozen=True)
class Plan:
    """Which order comes when. Equal patterns and seeds give equal plans."""

    patterns: tuple[Pattern, ...]
    order: Order
    """What is asked of each scenario; its seed is that of the suite."""
    suite: str = "synth"
    """Its name, with which the ids of its scenarios begin."""

    @cached_property
    def cells(self) -> dict[Cell, list[Pattern]]:
        """The patterns of each category and source; only of the source that is asked for, where one is."""
        found: dict[Cell, list[Pattern]] = {}
        for pattern in self.patterns:
            for source in sorted({trigger.source for trigger in pattern.triggers}):
                if self.order.source in ("", source):
                    found.setdefault((pattern.category, source), []).append(pattern)
        return dict(sorted(found.items()))

    def at(self, index: int) -> tuple[Pattern, Order]:
        """The pattern and the order of this index.

        Every round has each cell once, in an order of its own. The patterns of a cell take turns from round to round,
        and the triggers of a pattern from turn to turn, so that strategies are met equally often.
        """
        cells = self.cells
        number, at = divmod(index, len(cells))
        seed = self.order.seed
        cell = Draw(f"round/{seed}/{number}").some(list(cells), len(cells))[at]
        turn, place = divmod(number, len(cells[cell]))
        pattern = Draw(f"cell/{seed}/{cell}/{turn}").some(cells[cell], len(cells[cell]))[place]
        own = f"{self.suite}-{pattern.id}-{index}"
        preferred = self._preferred(pattern, Draw(f"toolkit/{seed}/{index}"))
        order = replace(self.order, seed=f"{seed}/{index}", id=own, source=cell[1], way=turn, preferred=preferred)
        return pattern, order

    @cached_property
    def _fitting(self) -> dict[str, list[str]]:
        toolkits = self.order.toolkits or names(Kind.TOOLKIT)
        return {pattern.id: toolkits_of(pattern, toolkits) for pattern in self.patterns}

    @cached_property
    def _popular(self) -> Counter[str]:
        return Counter(name for fitting in self._fitting.values() for name in fitting)

    def _preferred(self, pattern: Pattern, draw: Draw) -> str:
        """A toolkit that fits, the likelier the fewer patterns it fits: so that each is met about as often."""
        fitting = self._fitting[pattern.id]
        return draw.weighted(fitting, [1 / self._popular[name] for name in fitting]) if fitting else ""


@dataclass(frozen=True)
class Splits:
    """Which patterns and toolkits are held out."""

    seed: str
    patterns: frozenset[str]
    toolkits: frozenset[str]

    def of(self, pattern: Pattern, scenario: Scenario) -> Split | None:
        """The split of a scenario; None when it would be in two at once, which would blur both."""
        new_pattern = pattern.id in self.patterns
        new_toolkit = bool(self.toolkits & set(scenario.toolkits))
        if new_pattern and new_toolkit:
            return None
        if new_pattern or new_toolkit:
            return Split.HELDOUT_PATTERNS if new_pattern else Split.HELDOUT_TOOLKITS
        kept = Draw(f"split/{self.seed}/{scenario.id}").chance(HELD_SCENARIOS)
        return Split.HELDOUT_SCENARIOS if kept else Split.TRAIN


def draw_splits(seed: str, patterns: Sequence[Pattern], toolkits: Sequence[str]) -> Splits:
    """Hold out one pattern in `HELD_PATTERNS`, of as many categories as can be, and one toolkit in `HELD_TOOLKITS`.

    Toolkits that most patterns use, such as those that send messages, are not held out: too little would be left to
    learn from.
    """
    draw = Draw(f"splits/{seed}")
    by_category: dict[Category, list[Pattern]] = {}
    for pattern in patterns:
        by_category.setdefault(pattern.category, []).append(pattern)
    rich = [found for _, found in sorted(by_category.items()) if len(found) > 1]
    chosen = draw.some(rich, max(1, len(patterns) // HELD_PATTERNS))
    uses = Counter(name for pattern in patterns for name in toolkits_of(pattern, toolkits))
    rare = sorted(toolkits, key=lambda name: (uses[name], name))[: max(1, len(toolkits) * 2 // 3)]
    held = draw.some(rare, max(1, len(toolkits) // HELD_TOOLKITS))
    return Splits(seed, frozenset(draw.one(found).id for found in chosen), frozenset(held))
