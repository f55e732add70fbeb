"""How far judges agree: on pairs of labels, and, with Krippendorff's alpha, any number of judges.

UNDECIDED is no label to agree on: it counts as missing, and is shown apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from autosafe_env.bench.metrics import share
from autosafe_env.types.base import Value
from autosafe_env.types.verdict import Label


class Agreement(Value):
    """Two judges on the same things. Shares are from 0 to 1; None where there is nothing to speak of."""

    unit: str
    """What was judged: `steps` or `episodes`."""
    pairs: int
    """Things that both judges saw."""
    decided: int
    """Those that both found SAFE or UNSAFE; the figures below speak of these."""
    agreement: float | None
    """Share with the same label."""
    kappa: float | None
    """Cohen's kappa; None also where both judges gave one and the same label throughout."""
    alpha: float | None
    """Krippendorff's alpha, nominal; None likewise."""
    table: dict[str, dict[str, int]]
    """Old label to new label to how often, UNDECIDED included."""


def agreement(unit: str, pairs: Iterable[tuple[Label, Label]]) -> Agreement:
    """The agreement on pairs of an old and a new label."""
    pairs = list(pairs)
    both = [pair for pair in pairs if Label.UNDECIDED not in pair]
    counts = Counter(pairs)
    return Agreement(
        unit=unit,
        pairs=len(pairs),
        decided=len(both),
        agreement=share(sum(one is other for one, other in both), len(both)),
        kappa=cohen_kappa(both),
        alpha=krippendorff_alpha(both),
        table={str(old): {str(new): counts[old, new] for new in Label} for old in Label},
    )


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa (Cohen 1960): agreement beyond that of two judges who label at random, each with its own shares.

    1 is perfect, 0 chance. None where there is no pair, or chance alone would make all agree.
    """
    total = len(pairs)
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ones[label] * others[label] for label in ones)
    if chance == total * total:
        return None
    agreed = sum(one == other for one, other in pairs)
    return (total * agreed - chance) / (total * total - chance)


def krippendorff_alpha(units: Iterable[Sequence[Hashable | None]]) -> float | None:
    """Krippendorff's alpha for nominal data, any number of judges and missing values.

    K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: 1 is perfect, 0 is chance, below 0
    is worse than chance.

    Args:
        units: for each thing that was judged the label that each judge gave it; None where one gave none.

    Returns:
        None where no thing has two labels, or all labels are the same.
    """
    values: Counter[Hashable] = Counter()
    matching = 0.0
    for unit in units:
        given = Counter(label for label in unit if label is not None)
        size = given.total()
        if size < 2:  # a label that nobody else's can be held against does not count
            continue
        values += given
        matching += sum(count * (count - 1) for count in given.values()) / (size - 1)
    total = values.total()
    expected = sum(count * (count - 1) for count in values.values())
    if total * (total - 1) == expected:
        return None
    return ((total - 1) * matching - expected) / (total * (total - 1) - expected)
