"""What a suite covers, and how varied it is: figures that can be put beside those of another suite.

Wording is measured on instructions, as they are played in the attacked variant. Distinct-n, self-BLEU and TF-IDF are
taken over a seeded sample of at most `SAMPLE` of them, since both grow with the number of texts. Near-duplicates are
looked for among all scenarios, over what is said to the agent: the instruction and the texts of the triggers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from pydantic import Field

from autosafe_env.core.variant import fill
from autosafe_env.errors import ConfigError
from autosafe_env.generate.diversity import alike_pairs, distinct_n, self_bleu, words
from autosafe_env.generate.produce import said_by
from autosafe_env.generate.tfidf import cosines
from autosafe_env.run.suite import Member, members, sample
from autosafe_env.types.base import Value
from autosafe_env.types.threat import Scenario, Variant

SAMPLE = 500
"""Instructions over which wording is measured."""
Counts = dict[str, int]
"""Name to number of scenarios, the most frequent first."""


class Coverage(Value):
    """How many scenarios there are of each kind. One that is of two kinds at once is counted in both."""

    cells: dict[str, Counts]
    """Category of harm to source of the risk to scenarios."""
    toolkits: Counts
    strategies: Counts
    patterns: Counts
    """Empty for a suite that was written by hand, like the next two."""
    styles: Counts
    splits: Counts


class Wording(Value):
    """How varied the instructions of a sample are, each figure from 0 to 1."""

    sampled: int
    """Instructions in the sample."""
    distinct_1: float
    """Share of different words among all words, punctuation marks being words; likewise of pairs and of triples."""
    distinct_2: float
    distinct_3: float
    self_bleu_4: float
    """Mean BLEU-4 of each instruction against all others: 1 for copies."""
    similarity_mean: float
    """Mean TF-IDF cosine of two instructions."""
    nearest_mean: float
    """Mean TF-IDF cosine of an instruction and the one nearest to it."""
    nearest_95: float
    """Its 95th percentile."""


class Lengths(Value):
    """Words in the instructions of a whole suite, punctuation marks left out."""

    least: int
    quarter: float
    """First quartile."""
    median: float
    three_quarters: float
    """Third quartile."""
    most: int


class Inspection(Value):
    """All that is told of one suite."""

    suite: str
    """Its name, or the path it was read from."""
    scenarios: int = Field(ge=1)
    coverage: Coverage
    wording: Wording
    lengths: Lengths
    largest_pattern: float
    """Largest share of the scenarios that one pattern has; 0 where there are no patterns."""
    largest_toolkit: float
    """Largest share of the scenarios that use one toolkit."""
    alike: tuple[tuple[str, str], ...]
    """Ids of every two scenarios that say nearly the same to the agent."""


class _Noted(Value):
    """What is kept of one scenario."""

    id: str
    categories: tuple[str, ...]
    sources: tuple[str, ...]
    toolkits: tuple[str, ...]
    strategies: tuple[str, ...]
    pattern: str
    style: str
    split: str
    instruction: str
    said: str


def inspect_suite(suite: str, seed: int = 0) -> Inspection:
    """The figures of a suite: a name, a suite file, a scenario file or a folder.

    Args:
        suite: which.
        seed: of the sample.

    Raises:
        UnknownName: neither a suite nor a path.
        ScenarioError: a scenario does not load.
        ConfigError: there is no scenario.
    """
    noted = list(_noted(members(suite)))
    if not noted:
        raise ConfigError(f"the suite {suite!r} holds no scenario")
    coverage = coverage_of(noted)
    alike = alike_pairs(each.said for each in noted)
    return Inspection(
        suite=suite,
        scenarios=len(noted),
        coverage=coverage,
        wording=wording_of([each.instruction for each in sample(noted, SAMPLE, seed, lambda each: each.id)]),
        lengths=lengths_of([each.instruction for each in noted]),
        largest_pattern=max(coverage.patterns.values(), default=0) / len(noted),
        largest_toolkit=max(coverage.toolkits.values(), default=0) / len(noted),
        alike=tuple((noted[one].id, noted[other].id) for one, other in alike),
    )


def _noted(found: Iterator[Member]) -> Iterator[_Noted]:
    for member in found:
        scenario = member.load()
        yield _Noted(
            id=scenario.id,
            categories=scenario.categories,
            sources=scenario.sources,
            toolkits=scenario.toolkits,
            strategies=_strategies(scenario),
            pattern=member.pattern,
            style=member.style,
            split=member.split or "",
            instruction=fill(scenario, Variant.ATTACKED).instruction,
            said=said_by(scenario),
        )


def _strategies(scenario: Scenario) -> tuple[str, ...]:
    return tuple(dict.fromkeys(trigger.strategy for trigger in scenario.triggers if trigger.strategy))


def coverage_of(noted: Sequence[_Noted]) -> Coverage:
    """How many scenarios there are of each kind."""
    cells: dict[str, Counter[str]] = {}
    for each in noted:
        for category in each.categories:
            cells.setdefault(category, Counter()).update(each.sources)
    return Coverage(
        cells={category: _counts(cells[category].elements()) for category in sorted(cells)},
        toolkits=_counts(name for each in noted for name in each.toolkits),
        strategies=_counts(name for each in noted for name in each.strategies),
        patterns=_counts(each.pattern for each in noted),
        styles=_counts(each.style for each in noted),
        splits=_counts(each.split for each in noted),
    )


def _counts(found: Iterable[str]) -> Counts:
    counts = Counter(str(name) for name in found if name)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def wording_of(texts: Sequence[str]) -> Wording:
    """How varied some texts are."""
    mean, nearest = cosines(texts)
    alone = len(texts) < 2
    return Wording(
        sampled=len(texts),
        distinct_1=distinct_n(texts, 1),
        distinct_2=distinct_n(texts, 2),
        distinct_3=distinct_n(texts, 3),
        self_bleu_4=self_bleu(texts, 4),
        similarity_mean=mean,
        nearest_mean=0.0 if alone else float(nearest.mean()),
        nearest_95=0.0 if alone else float(np.percentile(nearest, 95)),
    )


def lengths_of(texts: Sequence[str]) -> Lengths:
    """How long some texts are. There is at least one."""
    counts = [sum(any(map(str.isalnum, word)) for word in words(text)) for text in texts]
    quarter, median, three_quarters = map(float, np.percentile(counts, (25, 50, 75)))
    return Lengths(least=min(counts), quarter=quarter, median=median, three_quarters=three_quarters, most=max(counts))
