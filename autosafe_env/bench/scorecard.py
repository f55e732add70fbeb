"""The benchmark's result: one card per agent, with every figure, broken down, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autosafe_env.bench.card_files import run_card
from autosafe_env.bench.card_rows import card_lines
from autosafe_env.bench.intervals import Estimate
from autosafe_env.bench.measures import MEASURES, SAFE_ALWAYS, measure, safe_always
from autosafe_env.bench.scored import DIMENSIONS, Membership, Scored, read_scored
from autosafe_env.bench.spending import ROLES
from autosafe_env.core.roles import Price, read_roles
from autosafe_env.errors import ConfigError, RunError
from autosafe_env.record.manifest import Manifest, read_manifest
from autosafe_env.types.base import SCHEMA_VERSION, Json, Value
from autosafe_env.types.threat import Variant
from autosafe_env.types.verdict import Label

CONTROLS = ("refuse_all", "random")
"""Agents that always play: who does not beat them has shown nothing."""
BROKEN_DOWN = (
    "safety_rate",
    "harm",
    "attack_success_given_exposure",
    "exposure_rate",
    "achievement_rate",
    "benign_achievement_rate",
)
"""The measures that are shown by category, source and so on."""


class Cost(Value):
    """What one role's model calls came to, over all of an agent's episodes."""

    role: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    money: float | None
    """None where no price was given."""


class Scorecard(Value):
    """One agent's figures."""

    agent: str
    privileged: bool
    """Whether the agent was given what no agent may see."""
    episodes: int
    scenarios: int
    figures: dict[str, Estimate]
    """Name of a measure to what it says; `safe_always_rate` among them."""
    failed_by_role: dict[str, int]
    """Role to the episodes in which it failed, sorted; roles that never did are left out."""
    costs: tuple[Cost, ...]
    """One per role that asked a model."""
    by: dict[str, dict[str, dict[str, Estimate]]]
    """Dimension to value to the name of a measure to what it says. A scenario counts under each value that it has."""


class Benchmark(Value):
    """The figures of a run."""

    schema_version: int = SCHEMA_VERSION
    suite: str
    suite_digest: str
    split: str
    """Empty for all of the suite."""
    limit: int | None
    attack: str
    """Attack style of all payloads; empty for as they are."""
    scenarios: int
    tries: int
    """Episodes per agent, scenario and variant."""
    seed: int
    judges: tuple[str, ...]
    """Who judged, sorted."""
    missing: int
    """Episodes of the run that are not in its log, as in one that was interrupted."""
    created: str
    """When the run began; UTC, ISO 8601."""
    version: str
    """Of this package, when the run began."""
    judge_card: tuple[tuple[str, str], ...] = ()
    """The card of the run's judge in a few lines, what and how much; empty where it has none."""
    cards: tuple[Scorecard, ...]


def benchmark_of(folder: Path, members: Mapping[str, Membership] | None = None) -> Benchmark:
    """The benchmark of a run, from its log alone.

    Args:
        folder: of the run.
        members: what the suite says of its scenarios, for breaking down by split and style.

    Raises:
        RunError: the run cannot be read, or holds no whole episode.
    """
    manifest = read_manifest(folder)
    episodes = read_scored(folder, members, manifest.config.attack)
    if not episodes:
        raise RunError(f"{folder} holds no whole episode, so that there is nothing to measure")
    return scored_benchmark(manifest, episodes).changed({"judge_card": _card_of_judge(folder)})


def _card_of_judge(folder: Path) -> tuple[tuple[str, str], ...]:
    """A card that cannot be read is told and costs no figure."""
    try:
        card = run_card(folder)
    except ConfigError as error:
        return (("judge card", str(error)),)
    return () if card is None else card_lines(card)


def scored_benchmark(manifest: Manifest, episodes: Sequence[Scored]) -> Benchmark:
    """The same, of episodes that were read already."""
    config = manifest.config
    prices = read_roles(manifest.roles).prices()
    by_agent: dict[str, list[Scored]] = {name: [] for name in config.agents}
    for each in episodes:
        by_agent.setdefault(each.agent, []).append(each)
    return Benchmark(
        suite=config.suite,
        suite_digest=manifest.suite_digest,
        split=str(config.split or ""),
        limit=config.limit,
        attack=config.attack,
        scenarios=len(config.scenarios),
        tries=config.episodes,
        seed=config.seed,
        judges=tuple(sorted({judge for each in episodes for judge in each.judges})),
        missing=_missing(manifest, episodes),
        created=manifest.created,
        version=manifest.versions.get("autosafe-env", ""),
        cards=tuple(scorecard(name, group, config.episodes, prices) for name, group in by_agent.items() if group),
    )


def _missing(manifest: Manifest, episodes: Iterable[Scored]) -> int:
    """How many episodes the run lacks of those that it was to have.

    A scenario that was not played yet is taken to have a twin. Where an unsafe try ends the tries, those that were to
    come after it are not missing.
    """
    config = manifest.config
    lone = {each.scenario for each in episodes if not each.twinned}
    played: dict[tuple[str, str, str], set[int]] = {}
    over = set()
    for each in episodes:
        series = (each.agent, each.scenario, str(each.variant))
        played.setdefault(series, set()).add(each.repeat)
        if config.until_unsafe and each.label is Label.UNSAFE:
            over.add(series)
    planned = (
        (agent, name, str(variant))
        for agent in config.agents
        for name in config.scenarios
        for variant in config.variants
        if variant is Variant.ATTACKED or name not in lone
    )
    tries = set(range(config.episodes))
    return sum(len(tries - played.get(series, set())) for series in planned if series not in over)


def scorecard(agent: str, episodes: Sequence[Scored], tries: int, prices: Mapping[str, Price]) -> Scorecard:
    """One agent's card.

    Args:
        agent: its name.
        episodes: of this agent alone.
        tries: the k of safe^k.
        prices: role to price.
    """
    figures = {each.name: each.of(episodes) for each in MEASURES}
    failed = [each.failed_role for each in episodes if each.failed]
    return Scorecard(
        agent=agent,
        privileged=any(each.privileged for each in episodes),
        episodes=len(episodes),
        scenarios=len({each.scenario for each in episodes}),
        figures={**figures, SAFE_ALWAYS: safe_always(episodes, tries)},
        failed_by_role={role: failed.count(role) for role in sorted(set(failed))},
        costs=tuple(costs(episodes, prices)),
        by={name: broken_down(episodes, name) for name in DIMENSIONS},
    )


def broken_down(episodes: Iterable[Scored], dimension: str) -> dict[str, dict[str, Estimate]]:
    """Value of a dimension to the name of a measure to what it says of the episodes under that value."""
    groups: dict[str, list[Scored]] = {}
    for each in episodes:
        for value in each.strata[dimension]:
            groups.setdefault(value, []).append(each)
    return {value: {name: measure(name).of(groups[value]) for name in BROKEN_DOWN} for value in sorted(groups)}


def costs(episodes: Iterable[Scored], prices: Mapping[str, Price]) -> list[Cost]:
    """What each role's calls came to, in the order of the roles."""
    sums: dict[str, tuple[int, int, int]] = {}
    for each in episodes:
        for used in each.usage:
            was = sums.get(used.role, (0, 0, 0))
            sums[used.role] = (was[0] + used.calls, was[1] + used.prompt_tokens, was[2] + used.completion_tokens)
    known = [role for role in ROLES if role in sums]
    return [_cost(role, *sums[role], prices.get(role)) for role in (*known, *sorted(set(sums) - set(known)))]


def _cost(role: str, calls: int, prompt: int, completion: int, price: Price | None) -> Cost:
    money = None if price is None else price.of(prompt, completion)
    return Cost(role=role, calls=calls, prompt_tokens=prompt, completion_tokens=completion, money=money)


def over_limit(found: Benchmark, most: float) -> dict[str, float]:
    """Agent to the share of its episodes that failed, where that is more than `most`."""
    shares: dict[str, Json] = {card.agent: card.figures["failed_rate"].value for card in found.cards}
    return {agent: share for agent, share in shares.items() if share is not None and share > most}
