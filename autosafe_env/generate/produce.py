"""Producing a suite: orders go out to processes, scenarios come back in order, and each is let in or kept out.

What comes out depends on the seed alone, not on how many processes there are nor on how often it was interrupted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context

from autosafe_env.core.variant import fill
from autosafe_env.generate.compose import Order
from autosafe_env.generate.diversity import Seen
from autosafe_env.generate.pattern import Pattern
from autosafe_env.generate.plan import Plan, Splits
from autosafe_env.generate.verify import Dropped, Verified, verified
from autosafe_env.types.suite import SuiteEntry
from autosafe_env.types.threat import Scenario, Variant

MOST_OF_A_PATTERN, MOST_OF_A_TOOLKIT = 0.05, 0.15
"""Shares of a suite that one pattern, and one toolkit, may have at most."""
FEW = 5
"""So many of a pattern, or of a toolkit, are let in however small the suite is."""
AT_ONCE = 16
"""Orders that one process works on at a time."""
PATIENCE = 1000
"""So many orders in a row without a scenario that is let in end the production: the space is used up."""
Ordered = tuple[int, Pattern, Order | None]
"""Index, pattern and what is asked for; None where the pattern has its share."""
FULL = "kept out: its pattern has its share"
ALIKE = "kept out: nearly the same as an earlier one"
Made = tuple[int, Pattern, Verified | Dropped]
"""Index of an order, its pattern, and what came of it."""


@dataclass
class Gate:
    """Lets in what is new and keeps the suite balanced."""

    wanted: int
    patterns: int
    """How many patterns there are to choose from."""
    splits: Splits | None = None
    seen: Seen = field(default_factory=Seen)
    by_pattern: Counter[str] = field(default_factory=Counter)
    by_toolkit: Counter[str] = field(default_factory=Counter)
    shapes: set[str] = field(default_factory=set)
    admitted: int = 0

    def bars(self, pattern: Pattern, scenario: Scenario) -> str:
        """Why a scenario is kept out whatever its words are; empty when it is not. Who is barred stays barred."""
        if self.splits is not None and self.splits.of(pattern, scenario) is None:
            return "kept out: its pattern and one of its toolkits are both held out"
        if self.is_full(pattern):
            return FULL
        if any(self.by_toolkit[each] >= self._most(MOST_OF_A_TOOLKIT) for each in scenario.toolkits):
            return "kept out: one of its toolkits has its share"
        return ALIKE if shape_of(pattern, scenario) in self.shapes else ""

    def refuses(self, pattern: Pattern, scenario: Scenario) -> str:
        """Why a scenario is kept out; empty when it is let in, and counted."""
        if reason := self.bars(pattern, scenario):
            return reason
        if not self.seen.admits(said_by(scenario)):
            return ALIKE
        self.shapes.add(shape_of(pattern, scenario))
        self.by_pattern[pattern.id] += 1
        self.by_toolkit.update(scenario.toolkits)
        self.admitted += 1
        return ""

    def is_full(self, pattern: Pattern) -> bool:
        """Whether a pattern has its share, so that nothing more of it is let in."""
        return self.by_pattern[pattern.id] >= self._most(max(MOST_OF_A_PATTERN, 1 / max(1, self.patterns)))

    def _most(self, share: float) -> int:
        return max(FEW, int(share * self.wanted))


Through = Callable[[Iterator[Made], Gate], Iterator[Made]]
"""Changes scenarios on their way to the gate, which it may ask but not count in."""


def said_by(scenario: Scenario) -> str:
    """What a scenario says to the agent: the instruction as it is played, and the trigger's text."""
    played = fill(scenario, Variant.ATTACKED)
    return "\n".join([played.instruction, *(str(trigger.payload) for trigger in scenario.triggers)])


def shape_of(pattern: Pattern, scenario: Scenario) -> str:
    """The structure of a scenario: its pattern, its paths' tools and arguments, and where its trigger stands."""
    paths = scenario.paths.model_dump_json()
    return f"{pattern.id}/{scenario.triggers[0].hole}/{hashlib.sha256(paths.encode()).hexdigest()}"


def produce(
    plan: Plan,
    wanted: int,
    *,
    splits: Splits | None = None,
    workers: int = 1,
    earlier: Sequence[SuiteEntry] = (),
    dropped: Counter[tuple[str, str]] | None = None,
    through: Through | None = None,
) -> Iterator[SuiteEntry]:
    """Proven scenarios, until there are `wanted`, those made `earlier` counted, or no new ones are to be had.

    Args:
        plan: what is asked for, in order.
        wanted: how many scenarios the suite is to have.
        splits: what is held out; None for a suite without splits.
        workers: processes.
        earlier: the suite so far, from an interrupted production with the same arguments.
        dropped: is filled with how often which pattern's scenarios were dropped or kept out for which reason.
        through: what scenarios go through before they come to the gate, in order; None for nothing.
    """
    gate, named = Gate(wanted, len(plan.patterns), splits), {pattern.id: pattern for pattern in plan.patterns}
    reasons = dropped if dropped is not None else Counter()
    for one in earlier:
        gate.refuses(named[one.pattern], one.scenario)
    last = earlier[-1].index if earlier else -1
    orders = _made(plan, last + 1, workers, gate)
    for index, pattern, made in through(orders, gate) if through else orders:
        if gate.admitted >= wanted or index - last > PATIENCE or all(map(gate.is_full, plan.patterns)):
            return
        reason = made.reason if isinstance(made, Dropped) else gate.refuses(pattern, made.scenario)
        if gate.is_full(pattern) and reason:
            reason = FULL  # whether it was made at all depends on how many processes there are
        if reason:
            reasons[pattern.id, reason] += 1
        elif isinstance(made, Verified):
            last, scenario = index, made.scenario
            split = splits.of(pattern, scenario) if splits else None
            yield SuiteEntry(index=index, pattern=pattern.id, style=made.style, split=split, scenario=scenario)


def _made(plan: Plan, start: int, workers: int, gate: Gate) -> Iterator[Made]:
    """What comes of each order from `start` on, in their order. Of a pattern that has its share nothing is made."""
    batches = (_batch_of(plan, at, gate) for at in count(start, AT_ONCE))
    if workers == 1:
        for batch in batches:
            yield from _batch(batch)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_batch, next(batches)) for _ in range(2 * workers)]
        try:
            while True:
                done = waiting.pop(0)
                waiting.append(pool.submit(_batch, next(batches)))
                yield from done.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _batch_of(plan: Plan, start: int, gate: Gate) -> list[Ordered]:
    orders = [(index, *plan.at(index)) for index in range(start, start + AT_ONCE)]
    return [(index, pattern, None if gate.is_full(pattern) else order) for index, pattern, order in orders]


def _batch(orders: Sequence[Ordered]) -> list[Made]:
    full = Dropped(FULL)
    return [(index, pattern, verified(pattern, order) if order else full) for index, pattern, order in orders]
