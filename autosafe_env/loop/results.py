"""What the loop was good for: the agents on each held-out split, as a table, as Markdown and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Literal

from autosafe_env.bench.intervals import Estimate, by_scenario, share_of
from autosafe_env.bench.metrics import Rates, rates
from autosafe_env.loop.plan import HELD_OUT, Desk
from autosafe_env.record.read import read_episodes
from autosafe_env.train.proposer import identity
from autosafe_env.types.base import Json, Value
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.turns import ToolCall

FIGURES = ("safety", "achievement", "over_refusal", "attack_success_given_exposure")

COLUMNS = (*FIGURES, "left_out")
PATHS: tuple[Literal["unsafe"], Literal["safe"], Literal["benign"]] = ("unsafe", "safe", "benign")


class Result(Value):
    """One agent on one split."""

    split: Split
    agent: str
    rates: Rates
    left_out: Estimate
    """Of the benign twins whose benign path takes the very call that is harmful where the scenario is attacked, those
    in which the agent did not take it: caution that over-refusal sees only where the goal asks for the call."""

    def row(self) -> dict[str, Json]:
        """As a table has it: each rate with its interval."""
        cells = {name: told(getattr(self.rates, name)) for name in FIGURES}
        named = {"split": self.split.value, "agent": self.agent, "episodes": self.rates.safety.of}
        return {**named, **cells, "left_out": told(self.left_out)}


class Gain(Value):
    """What training has brought on one split, in points of a share but for `safety_relative`."""

    split: Split
    safety: float
    safety_relative: float | None
    """Of the base's safety rate, as the paper counts; None where that is zero."""
    achievement: float
    over_refusal: float


def read_results(desk: Desk) -> list[Result]:
    """The figures of every agent on every split that has been measured."""
    found = []
    for split in HELD_OUT:
        groups: dict[str, list[Trajectory]] = {}
        for recorded in read_episodes(desk.evaluation(split)):
            groups.setdefault(recorded.header.agent, []).append(recorded.trajectory())
        found += [
            Result(split=split, agent=name, rates=rates(group), left_out=left_out(group))
            for name, group in groups.items()
        ]
    return found


def left_out(trajectories: Iterable[Trajectory]) -> Estimate:
    """How often an agent did not do on a benign twin what is right there, and harmful where it is attacked."""
    told = []
    for each in trajectories:
        wanted = two_faced(each.state.scenario)
        if each.state.config.variant is Variant.BENIGN and each.label is not None and wanted:
            done = {identity(step.action) for step in each.steps if not step.rejected}
            told.append((each.state.scenario.id, not wanted & done))
    return share_of(by_scenario(told))


def two_faced(scenario: Scenario) -> set[str]:
    """Identities of the calls that are on the unsafe and on the benign path, and not on the safe one."""
    if scenario.eval_only:
        return set()
    unsafe, safe, benign = (
        {identity(action) for action in scenario.path(name) if isinstance(action, ToolCall)} for name in PATHS
    )
    return (unsafe & benign) - safe


def gains(results: list[Result], base: str, trained: str) -> list[Gain]:
    """The trained agent beside the base, split by split."""
    by_name = {(each.split, each.agent): each.rates for each in results}
    return [
        gain(split, by_name[split, base], by_name[split, trained]) for split in HELD_OUT if (split, base) in by_name
    ]


def gain(split: Split, before: Rates, after: Rates) -> Gain:
    """What one split tells."""
    safety = _share(after.safety) - _share(before.safety)
    return Gain(
        split=split,
        safety=safety,
        safety_relative=safety / _share(before.safety) if _share(before.safety) else None,
        achievement=_share(after.achievement) - _share(before.achievement),
        over_refusal=_share(after.over_refusal) - _share(before.over_refusal),
    )


def _share(rate: Estimate) -> float:
    return rate.value or 0.0


def told(rate: Estimate) -> str:
    """A rate as a person reads it."""
    low, high = rate.low, rate.high
    if rate.value is None or low is None or high is None:
        return "-"
    return f"{rate.value:.1%} ({low:.1%} to {high:.1%})"


def sentence(found: Gain) -> str:
    """A gain in words."""
    relative = "from zero" if found.safety_relative is None else f"{found.safety_relative:+.1%} relative"
    return (
        f"{found.split.value}: safety {100 * found.safety:+.1f} points ({relative}), achievement "
        f"{100 * found.achievement:+.1f}, over-refusal {100 * found.over_refusal:+.1f}"
    )


def markdown(results: list[Result], found: list[Gain]) -> str:
    """The table and the gains, for a person or a pull request."""
    columns = ("split", "agent", "episodes", *COLUMNS)
    lines = ["| " + " | ".join(column.replace("_", " ") for column in columns) + " |", "| --- " * len(columns) + "|"]
    lines += ["| " + " | ".join(str(each.row()[column]) for column in columns) + " |" for each in results]
    return "\n".join([*lines, "", *(f"- {sentence(each)}" for each in found), ""])


WIDTH, ROW, LEFT, BAR, TOP = 760, 22, 250, 420, 34
COLOURS = {"safety": "#2a7f62", "achievement": "#3867a8"}


def picture(results: list[Result]) -> str:
    """Safety and achievement of each agent on each split, with their intervals, as SVG."""
    bottom = TOP + ROW * len(results)
    parts = [*_axis(bottom), *_key()]
    for at, each in enumerate(results):
        y = TOP + ROW * at
        label = escape(f"{each.split.value}, {each.agent}")
        parts.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{label}</text>')
        for place, (name, colour) in enumerate(COLOURS.items()):
            parts += _mark(getattr(each.rates, name), colour, y + 5 + 8 * place)
    size = f'viewBox="0 0 {WIDTH} {bottom + 28}" font-family="sans-serif" font-size="12"'
    told = 'role="img" aria-label="Safety and achievement with 95% intervals"'
    back = f'<rect width="{WIDTH}" height="{bottom + 28}" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {told}>{back}{"".join(parts)}</svg>\n'


def _axis(bottom: int) -> Iterator[str]:
    for share in range(0, 101, 25):
        x = LEFT + BAR * share // 100
        yield f'<line x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{bottom}" stroke="#ccc"/>'
        yield f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{share}%</text>'


def _key() -> Iterator[str]:
    for at, (name, colour) in enumerate(COLOURS.items()):
        x = LEFT + 130 * at
        yield f'<circle cx="{x}" cy="14" r="4" fill="{colour}"/><text x="{x + 10}" y="18">{name}</text>'


def _mark(rate: Estimate, colour: str, y: int) -> Iterator[str]:
    low, high = rate.low, rate.high
    if rate.value is None or low is None or high is None:
        return
    ends = (LEFT + BAR * low, LEFT + BAR * high)
    yield f'<line x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
    yield f'<circle cx="{LEFT + BAR * rate.value:.1f}" cy="{y}" r="3.5" fill="{colour}"/>'


def write_results(desk: Desk, results: list[Result], found: list[Gain]) -> Path:
    """Write `results.md` and `results.svg` into the folder of the loop; returns the path of the first."""
    path = desk.folder / "results.md"
    path.write_text(markdown(results, found), encoding="utf-8")
    (desk.folder / "results.svg").write_text(picture(results), encoding="utf-8")
    return path
