"""The benchmark in Markdown: tables of agents with intervals, figures broken down, costs and the Pareto plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autosafe_env.bench.intervals import Estimate
from autosafe_env.bench.measures import BY_NAME, SAFE_ALWAYS, Scale
from autosafe_env.bench.pareto import as_text, points
from autosafe_env.bench.scorecard import BROKEN_DOWN, CONTROLS, Benchmark, Scorecard
from autosafe_env.bench.scored import DIMENSIONS, NONE
from autosafe_env.core.render import printable

FIRST = (
    "safety_rate",
    "harm",
    "benign_achievement_rate",
    "achievement_rate",
    "safe_achievement_rate",
    "exposure_rate",
    "attack_success_given_exposure",
)
"""The figures of the table that is read first."""
SECOND = (
    SAFE_ALWAYS,
    "attack_success_rate",
    "refusal_rate",
    "benign_refusal_rate",
    "over_refusal_rate",
    "asked_first_rate",
    "mean_first_unsafe",
    "steps",
)
THIRD = ("undecided_rate", "failed_rate", "user_fault_rate", "calls", "prompt_tokens", "completion_tokens")
"""How far the others can be trusted, and what they cost."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what could break out of a cell is written out."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


def cell(text: str) -> str:
    """A text that stays inside its cell, and is shown as it is."""
    plain = printable(text).replace("\n", " ")
    for char in "\\|`<>[]":
        plain = plain.replace(char, f"\\{char}")
    return plain


def figure(estimate: Estimate, scale: Scale = Scale.SHARE, *, interval: bool = True) -> str:
    """A figure as a person reads it, with its interval."""
    if estimate.value is None:
        return "-"
    words = _number(estimate.value, scale)
    if not interval or estimate.low is None or estimate.high is None:
        return words
    return f"{words} ({_number(estimate.low, scale)} to {_number(estimate.high, scale)})"


def _number(value: float, scale: Scale) -> str:
    if scale is Scale.SHARE:
        return f"{100 * value:.1f}%"
    return f"{value:.3f}" if scale is Scale.BOUNDED else f"{value:,.1f}"


def scale_of(name: str) -> Scale:
    """Of the measure of this name."""
    return Scale.SHARE if name == SAFE_ALWAYS else BY_NAME[name].scale


def title(name: str, tries: int = 1) -> str:
    """The name of a measure as a column's head."""
    return f"safe^{tries}" if name == SAFE_ALWAYS else name.replace("_", " ")


def agent_name(card: Scorecard) -> str:
    """The agent, starred where it is privileged and marked where it is a control."""
    return f"{card.agent}{' *' if card.privileged else ''}{' (control)' if card.agent in CONTROLS else ''}"


def figures_table(found: Benchmark, names: Sequence[str], *, interval: bool = True) -> str:
    """Some figures of all agents. safe^1 is the safety rate, and left out."""
    names = [name for name in names if name != SAFE_ALWAYS or found.tries > 1]
    rows = (
        [agent_name(card), *(figure(card.figures[name], scale_of(name), interval=interval) for name in names)]
        for card in found.cards
    )
    return table(["agent", *(title(name, found.tries) for name in names)], rows)


def what_was_run(found: Benchmark) -> str:
    """One sentence."""
    part = f", split {found.split}" if found.split else ""
    drawn = f", {found.limit} at most drawn by seed {found.seed}" if found.limit else ""
    dressed = f", payloads in the style {found.attack}" if found.attack else ""
    tries = f"{found.tries} episode{'s' if found.tries > 1 else ''} per agent, scenario and variant"
    judged = ", ".join(found.judges) or "nobody"
    short = found.suite_digest[:12]
    return (
        f"Suite `{found.suite}`{part}{drawn}{dressed}: {found.scenarios} scenarios (digest `{short}`), {tries}, "
        f"seed {found.seed}, judged by {judged}, version {found.version}."
    )


def remarks(found: Benchmark) -> list[str]:
    """What a reader must know besides the figures."""
    told = []
    if found.missing:
        told.append(f"{found.missing} episodes of the run are missing: it is not finished. `--resume` goes on with it.")
    if any(card.privileged for card in found.cards):
        told.append("\\* privileged: given what no agent may see; a control, not a subject.")
    told += [
        f"{cell(card.agent)} is safe because it is useless: it achieves nothing."
        for card in found.cards
        if card.figures["safety_rate"].value == 1.0 and _achieves_nothing(card)
    ]
    for card in found.cards:
        undecided = card.figures["undecided_rate"]
        if undecided.count:
            share = f"{undecided.count} of {undecided.of}"
            told.append(f"Undecided attacked episodes of {cell(card.agent)}: {share}; no figure of safety has them.")
        if card.failed_by_role:
            roles = ", ".join(f"{role} {count}" for role, count in card.failed_by_role.items())
            told.append(f"Failed episodes of {cell(card.agent)} by role: {cell(roles)}.")
    return told


def _achieves_nothing(card: Scorecard) -> bool:
    values = [card.figures[name].value for name in ("achievement_rate", "benign_achievement_rate")]
    known = [value for value in values if value is not None]
    return bool(known) and not any(known)


def judge_card(found: Benchmark) -> str:
    """How often the judge is right, as far as its card tells; a sentence where there is none."""
    if not found.judge_card:
        return "The judge has no card: `autosafe judge-card` makes one, and `--out RUN` puts it where it is found."
    return table(["judge card", ""], found.judge_card)


def breakdown(found: Benchmark, dimension: str) -> str:
    """The figures of all agents under each value of a dimension; empty where there is nothing to tell apart."""
    values = sorted({value for card in found.cards for value in card.by[dimension]})
    if values in ([], [NONE]):
        return ""
    rows = (
        [value, agent_name(card), str(card.by[dimension][value]["safety_rate"].of)]
        + [figure(card.by[dimension][value][name], scale_of(name)) for name in BROKEN_DOWN]
        for value in values
        for card in found.cards
        if value in card.by[dimension]
    )
    return table([dimension, "agent", "decided", *(title(name) for name in BROKEN_DOWN)], rows)


def cost_table(found: Benchmark) -> str:
    """What each agent's episodes cost by role; empty where no model was asked."""
    rows = [
        [
            agent_name(card),
            cost.role,
            f"{cost.calls:,}",
            f"{cost.prompt_tokens:,}",
            f"{cost.completion_tokens:,}",
            "-" if cost.money is None else f"{cost.money:,.4f}",
        ]
        for card in found.cards
        for cost in card.costs
    ]
    return table(["agent", "role", "calls", "prompt tokens", "completion tokens", "money"], rows) if rows else ""


def as_markdown(found: Benchmark) -> str:
    """The whole benchmark."""
    notes = "\n".join(f"- {sentence}" for sentence in remarks(found))
    parts = ["# Benchmark", what_was_run(found), figures_table(found, FIRST), notes]
    parts += ["## More figures", figures_table(found, SECOND), figures_table(found, THIRD)]
    if money := cost_table(found):
        parts += ["## Costs", "Of all episodes together. Money in the currency of the roles file.", money]
    parts += ["## The judge", judge_card(found)]
    parts += ["## Safety against usefulness", f"```\n{printable(as_text(points(found)))}\n```"]
    for dimension in DIMENSIONS:
        if told := breakdown(found, dimension):
            parts += [f"## By {dimension}", told]
    parts.append("Intervals are of 95%; `docs/benchmark.md` defines every figure.")
    return "\n\n".join(part for part in parts if part) + "\n"
