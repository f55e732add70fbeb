"""Safety against usefulness: which agents are beaten on both by another, as SVG and as text.

Privileged agents are drawn and stand outside the contest: they were given what no agent may see, and would beat all.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from autosafe_env.bench.intervals import Estimate
from autosafe_env.bench.scorecard import Benchmark, Scorecard
from autosafe_env.core.render import printable
from autosafe_env.types.base import Value

SAFETY, USES = "safety_rate", ("benign_achievement_rate", "achievement_rate")
"""Usefulness is what is achieved on benign twins; where no agent has any, what is achieved under attack."""
SIDE, LEFT, TOP = 360, 60, 24
"""Of the plot, and what is left free beside it, in pixels."""
MOST_LETTERS = 26
"""Of a name in the plot; the whole one shows when it is pointed at."""
COLUMNS, LINES = 41, 11
"""Of the plot as text."""
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1f2328}.grid{stroke:#d0d7de}.front{fill:none;stroke:#0969da;"
    "stroke-width:1.5}.bar{stroke:#57606a;stroke-width:1}.best{fill:#0969da}.beaten{fill:#9a6700}"
    ".privileged{fill:#fff;stroke:#57606a;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#30363d}.bar{stroke:#8b949e}"
    ".best{fill:#58a6ff}.front{stroke:#58a6ff}.beaten{fill:#d29922}.privileged{fill:#0d1117;stroke:#8b949e}}"
)


class Point(Value):
    """One agent in the plot."""

    agent: str
    privileged: bool
    safety: Estimate
    usefulness: Estimate
    dominated_by: tuple[str, ...] = ()
    """Agents that are as safe and as useful, and better in one of the two; none of them privileged."""

    @property
    def place(self) -> tuple[float, float]:
        """Usefulness and safety, from 0 to 1."""
        return self.usefulness.value or 0.0, self.safety.value or 0.0


def usefulness_of(cards: Sequence[Scorecard]) -> str:
    """Name of the measure that stands for usefulness, the same for all."""
    return next((name for name in USES if any(card.figures[name].of for card in cards)), USES[0])


def points(found: Benchmark) -> list[Point]:
    """A point per agent of which both figures are known."""
    use = usefulness_of(found.cards)
    bare = [
        Point(
            agent=card.agent,
            privileged=card.privileged,
            safety=card.figures[SAFETY],
            usefulness=card.figures[use],
        )
        for card in found.cards
        if card.figures[SAFETY].value is not None and card.figures[use].value is not None
    ]
    rivals = [point for point in bare if not point.privileged]
    return [
        point
        if point.privileged
        else point.changed({"dominated_by": tuple(other.agent for other in rivals if dominates(other, point))})
        for point in bare
    ]


def dominates(other: Point, point: Point) -> bool:
    """Whether `other` is nowhere worse and somewhere better."""
    pairs = list(zip(other.place, point.place, strict=True))
    return all(theirs >= ours for theirs, ours in pairs) and any(theirs > ours for theirs, ours in pairs)


def _x(share: float) -> float:
    return round(LEFT + SIDE * share, 1)


def _y(share: float) -> float:
    return round(TOP + SIDE * (1 - share), 1)


def as_svg(found: Sequence[Point]) -> str:
    """The plot as one SVG document, light or dark as its reader likes it."""
    width, height = LEFT + SIDE + 170, TOP + SIDE + 48
    front = sorted(point.place for point in found if not point.privileged and not point.dominated_by)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="Safety against usefulness">',
        f"<style>{STYLE}</style>",
        *_axes(),
    ]
    if len(front) > 1:
        corners = " ".join(f"{_x(use)},{_y(safe)}" for use, safe in front)
        parts.append(f'<polyline class="front" points="{corners}"/>')
    labels = _label_heights(found)
    for point in sorted(found, key=lambda each: each.agent):
        parts += _mark(point, labels[point.agent])
    return "\n".join([*parts, "</svg>", ""])


def _axes() -> list[str]:
    parts = []
    for tenth in range(0, 11, 2):
        at = tenth / 10
        x, y, words = _x(at), _y(at), f"{10 * tenth}%"
        parts += [
            f'<line class="grid" x1="{x}" y1="{_y(0)}" x2="{x}" y2="{_y(1)}"/>',
            f'<line class="grid" x1="{_x(0)}" y1="{y}" x2="{_x(1)}" y2="{y}"/>',
            f'<text x="{x}" y="{_y(0) + 18}" text-anchor="middle">{words}</text>',
            f'<text x="{_x(0) - 8}" y="{y + 4}" text-anchor="end">{words}</text>',
        ]
    parts.append(f'<text x="{_x(0.5)}" y="{_y(0) + 38}" text-anchor="middle">usefulness</text>')
    turned = f'transform="rotate(-90 14 {_y(0.5)})"'
    return [*parts, f'<text x="14" y="{_y(0.5)}" text-anchor="middle" {turned}>safety</text>']


def _label_heights(found: Sequence[Point]) -> dict[str, float]:
    """Agent to where its name stands, so that names of agents in one place do not lie on one another."""
    heights: dict[str, float] = {}
    taken: list[tuple[float, float]] = []
    for point in sorted(found, key=lambda each: (-each.place[1], each.agent)):
        x, height = _x(point.place[0]), _y(point.place[1]) + 4
        while any(abs(x - other) < 90 and abs(height - at) < 13 for other, at in taken):
            height += 13
        taken.append((x, height))
        heights[point.agent] = height
    return heights


def _mark(point: Point, label: float) -> list[str]:
    use, safe = point.place
    kind = "privileged" if point.privileged else "beaten" if point.dominated_by else "best"
    words = f"{point.agent}{' *' if point.privileged else ' (dominated)' if point.dominated_by else ''}"
    parts = []
    for estimate, across in ((point.usefulness, True), (point.safety, False)):
        low, high = estimate.low, estimate.high
        if low is None or high is None:
            continue
        ends = (_x(low), _y(safe), _x(high), _y(safe)) if across else (_x(use), _y(low), _x(use), _y(high))
        parts.append('<line class="bar" x1="{}" y1="{}" x2="{}" y2="{}"/>'.format(*ends))
    title = f"{words}: safety {safe:.1%}, usefulness {use:.1%}"
    parts.append(f'<circle class="{kind}" cx="{_x(use)}" cy="{_y(safe)}" r="5"><title>{_text(title)}</title></circle>')
    shown = words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…"
    return [*parts, f'<text x="{_x(use) + 9}" y="{label}">{_text(shown)}</text>']


def _text(words: str) -> str:
    return escape(printable(words))


def as_text(found: Sequence[Point]) -> str:
    """The plot in characters: a letter per agent, small where it is dominated, and what the letters mean."""
    grid = [[" "] * COLUMNS for _ in range(LINES)]
    meanings = []
    for index, point in enumerate(found):
        letter = chr(ord("A") + index % 26)
        letter = letter.lower() if point.dominated_by else letter
        use, safe = point.place
        line, column = round((LINES - 1) * (1 - safe)), round((COLUMNS - 1) * use)
        while column < COLUMNS - 1 and grid[line][column] != " ":
            column += 1
        while column > 0 and grid[line][column] != " ":
            column -= 1
        grid[line][column] = letter
        told = ", privileged" if point.privileged else ""
        if point.dominated_by:
            told = f", dominated by {', '.join(point.dominated_by)}"
        meanings.append(f"{letter}  {point.agent}: safety {safe:.1%}, usefulness {use:.1%}{told}")
    scale = {0: "100%", LINES // 2: " 50%", LINES - 1: "  0%"}
    rows = [f"{scale.get(number, ''):>4} |{''.join(row).rstrip()}" for number, row in enumerate(grid)]
    foot = f"     +{'-' * COLUMNS}\n      0%{'usefulness':^{COLUMNS - 6}}100%"
    return "\n".join(["safety", *rows, foot, "", *meanings])
