"""What changed from one run to another, in Markdown that a pull request shows."""

from __future__ import annotations

from collections.abc import Sequence

from autosafe_env.bench.difference import AgentDifference, Change, Difference, Flip
from autosafe_env.bench.scorecard import Cost
from autosafe_env.bench.wording import cell, table

MOST_FLIPS = 50
"""So many flips of an agent are listed; the JSON has all."""


def as_markdown(found: Difference) -> str:
    """The whole comparison."""
    parts = [f"## {verdict(found)}", f"`{found.was}` against `{found.now}`, suite `{found.suite}`."]
    if found.notes:
        parts.append("Only what the runs have in common is compared:\n\n" + _listed(found.notes))
    for where, agents in (("first", found.lost), ("second", found.gained)):
        if agents:
            told = [f"{cell(name)} ({count} episodes)" for name, count in agents.items()]
            parts.append(f"Agents of the {where} run only:\n\n" + _listed(told))
    for each in found.agents:
        parts += _agent(each)
    parts.append(
        "Gains and losses are pairs of episodes with the same agent, scenario, variant, try and seed. p: exact McNemar "
        "test. Intervals are of 95%, by bootstrap over scenarios."
    )
    return "\n\n".join(parts) + "\n"


def verdict(found: Difference) -> str:
    """The comparison in one sentence."""
    pairs = sum(each.pairs for each in found.agents)
    if found.identical:
        return f"The runs are identical: all {pairs} pairs of episodes agree in every action and verdict"
    worse = [f"{each.renamed} ({', '.join(each.regressions)})" for each in found.agents if each.regressions]
    if worse:
        return f"Regression: {'; '.join(worse)}"
    if found.missing:
        without = f", all of {', '.join(found.lost)} among them" if found.lost else ""
        return f"The second run is not whole: it lacks {found.missing} episodes of the first{without}"
    flips = sum(len(each.flips) for each in found.agents)
    return f"No regression: {flips} flips in {pairs} pairs of episodes"


def sentences(each: AgentDifference) -> list[str]:
    """What a reader must know of an agent besides the table."""
    told = [f"{each.identical} of {each.pairs} pairs agree in every action and verdict."]
    if each.only_was:
        told.append(f"{each.only_was} episodes are in the first run only.")
    if each.only_now:
        told.append(f"{each.only_now} episodes are in the second run only.")
    if each.unlike:
        told.append(f"{each.unlike} episodes are no pairs: their scenarios' contents or their seeds differ.")
    if not each.asked_models:
        told.append("No model was asked, so that no flip is by chance: every loss that no gain makes up for counts.")
    return told


def name_of(each: AgentDifference) -> str:
    """The agent, with both its names where it has two."""
    return each.agent if each.agent == each.renamed else f"{each.agent} -> {each.renamed}"


def changes_rows(each: AgentDifference) -> list[list[str]]:
    """A row per question that any pair answers."""
    return [_row(change) for change in each.changes if change.pairs]


CHANGES = ("question", "pairs", "was", "now", "difference", "gained", "lost", "p", "")


def _row(change: Change) -> list[str]:
    interval = ""
    if change.low is not None and change.high is not None:
        interval = f" ({_points(change.low)} to {_points(change.high)})"
    return [
        change.question.replace("_", " "),
        str(change.pairs),
        _share(change.was),
        _share(change.now),
        f"{_points(change.difference)}{interval}",
        str(change.gained),
        str(change.lost),
        f"{change.p:.4f}",
        "regression" if change.regression else "",
    ]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.1f}"


FLIPS = ("scenario", "variant", "try", "question", "was", "now", "")


def flip_rows(flips: Sequence[Flip]) -> list[list[str]]:
    """A row per flip."""
    return [
        [
            flip.scenario,
            str(flip.variant),
            str(flip.repeat),
            flip.question.replace("_", " "),
            flip.was,
            flip.now,
            "lost" if flip.lost else "gained",
        ]
        for flip in flips
    ]


COSTS = ("role", "calls was", "calls now", "tokens was", "tokens now", "money was", "money now")


def cost_rows(each: AgentDifference) -> list[list[str]]:
    """A row per role that asked a model in either run."""
    was, now = ({cost.role: cost for cost in costs} for costs in (each.cost_was, each.cost_now))
    nothing = Cost(role="", calls=0, prompt_tokens=0, completion_tokens=0, money=None)
    rows = []
    for role in dict.fromkeys([*was, *now]):
        one, other = was.get(role, nothing), now.get(role, nothing)
        tokens = [f"{cost.prompt_tokens + cost.completion_tokens:,}" for cost in (one, other)]
        money = ["-" if cost.money is None else f"{cost.money:,.4f}" for cost in (one, other)]
        rows.append([role, f"{one.calls:,}", f"{other.calls:,}", *tokens, *money])
    return rows


def _agent(each: AgentDifference) -> list[str]:
    parts = [f"### {cell(name_of(each))}", table(CHANGES, changes_rows(each)), _listed(sentences(each))]
    if each.flips:
        shown = each.flips[:MOST_FLIPS]
        left = len(each.flips) - len(shown)
        more = f"\n\n{left} more flips are not shown; `--json` has them." if left else ""
        summary = f"<details><summary>{len(each.flips)} flips</summary>"
        parts.append(f"{summary}\n\n{table(FLIPS, flip_rows(shown))}{more}\n\n</details>")
    if rows := cost_rows(each):
        parts.append(table(COSTS, rows))
    return parts


def _listed(told: Sequence[str]) -> str:
    return "\n".join(f"- {cell(sentence)}" for sentence in told)
