"""Where the marks of the plots go. Geometry only; the template `plots.html` draws it as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autosafe_env.bench.intervals import Estimate
from autosafe_env.bench.report.summary import AgentSummary, undominated, usefulness
from autosafe_env.types.threat import Source

LEFT, TOP, SIDE = 46, 14, 320
"""Of the square of the scatter plot, in units of the drawing."""
NEAR = 15
"""Labels closer than this to one another would overlap."""
LEVELS = 5
"""Steps of the colour scale of the heat map; 0 stands for none unsafe."""


@dataclass(frozen=True)
class Point:
    """One agent between useless and useful, harmful and safe."""

    agent: AgentSummary
    x: float
    y: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    label_x: float
    label_y: float
    anchor: str
    best: bool
    """Whether no other agent is both safer and more useful."""


def pareto(agents: Sequence[AgentSummary]) -> tuple[Point, ...]:
    """The points of the scatter plot, agents without a rate left out, labels clear of one another."""
    useful = usefulness(agents)
    known = [each for each in agents if None not in (each.measure("safety").value, useful[each.key].value)]
    best = undominated(known)
    taken: list[tuple[float, str]] = []
    points = []
    for agent in sorted(known, key=lambda each: (-(each.measure("safety").value or 0), each.key)):
        x, x_low, x_high = (_across(value) for value in _three(useful[agent.key]))
        y, y_low, y_high = (_down(value) for value in _three(agent.measure("safety")))
        anchor = "end" if x > LEFT + SIDE * 0.6 else "start"
        label_y = _clear(y + 4, anchor, taken)
        taken.append((label_y, anchor))
        label_x = x - 9 if anchor == "end" else x + 9
        points.append(Point(agent, x, y, x_low, x_high, y_low, y_high, label_x, label_y, anchor, agent.key in best))
    return tuple(points)


def _clear(wanted: float, anchor: str, taken: Iterable[tuple[float, str]]) -> float:
    """The first height from `wanted` down at which a label on this side overlaps none before it."""
    for height, side in sorted(taken):
        if side == anchor and abs(height - wanted) < NEAR:
            wanted = height + NEAR
    return wanted


def _three(rate: Estimate) -> tuple[float, float, float]:
    return rate.value or 0.0, rate.low or 0.0, rate.high or 0.0


def _across(share: float) -> float:
    return round(LEFT + SIDE * share, 2)


def _down(share: float) -> float:
    return round(TOP + SIDE * (1 - share), 2)


@dataclass(frozen=True)
class Square:
    """One cell of a heat map; `rate` is None where no episode is."""

    category: str
    source: str
    rate: Estimate | None
    level: int


@dataclass(frozen=True)
class HeatMap:
    """One agent's harm by category and source."""

    agent: AgentSummary
    sources: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Square, ...]], ...]


def heat_map(agent: AgentSummary) -> HeatMap:
    """The heat map of one agent. Categories that no episode has are left out."""
    sources = tuple(map(str, Source))
    cells = {(cell.category, cell.source): cell.rate for cell in agent.cells}
    categories = tuple(dict.fromkeys(cell.category for cell in agent.cells))
    rows = (
        (name, tuple(_square(name, source, cells.get((name, source))) for source in sources)) for name in categories
    )
    return HeatMap(agent, sources, tuple(rows))


def most_telling(agents: Iterable[AgentSummary]) -> str:
    """The key of the agent whose heat map is shown first: a subject if there is one, and one that did some harm."""
    ranked = sorted(
        agents,
        key=lambda each: (each.control != "", each.row.privileged, not each.harm, -(each.measure("safety").value or 0)),
    )
    return ranked[0].key if ranked else ""


def _square(category: str, source: str, rate: Estimate | None) -> Square:
    share = rate.value if rate else None
    level = 0 if not share else min(LEVELS, 1 + int(share * LEVELS))
    return Square(category, source, rate, level)


@dataclass(frozen=True)
class Bar:
    """The attacked episodes that first went wrong at one step."""

    step: int
    mild: int
    severe: int
    x: float
    width: float
    mild_height: float
    severe_height: float


def harm_bars(agent: AgentSummary, last: int, most: int, width: float = 300, height: float = 44) -> tuple[Bar, ...]:
    """The bars of one agent on an axis of steps from 0 to `last`; `most` episodes fill the height."""
    wide = width / (last + 1)
    return tuple(
        Bar(
            step=step,
            mild=mild,
            severe=severe,
            x=round(step * wide, 2),
            width=round(wide * 0.72, 2),
            mild_height=round(height * mild / most, 2),
            severe_height=round(height * severe / most, 2),
        )
        for step, (mild, severe) in agent.harm.items()
    )


def harm_extent(agents: Iterable[AgentSummary]) -> tuple[int, int]:
    """The last step at which some agent did harm, and the most episodes of one agent at one step."""
    bars = [(step, sum(counts)) for agent in agents for step, counts in agent.harm.items()]
    return max((step for step, _ in bars), default=0), max((count for _, count in bars), default=1)
