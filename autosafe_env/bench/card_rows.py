"""A judge's card as rows of words, for a terminal, for Markdown and for reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosafe_env.bench.card_scores import Figure, PairScore, Score
from autosafe_env.bench.judge_card import JudgeCard
from autosafe_env.types.base import compact
from autosafe_env.types.verdict import Label

Row = dict[str, str]
SCORE_COLUMNS = (
    "unit", "by", "group", "labelled", "undecided", "accuracy", "precision", "recall", "f1", "kappa",
)  # fmt: skip
PAIR_COLUMNS = ("by", "group", "pairs", "undecided", "both_right")
TABLE_COLUMNS = ("unit", "label", *(f"called_{label}" for label in Label))
MACHINERY_ONLY = (
    "A sanity check of the machinery only: a stub or a script answered for the judge's model, so these figures say "
    "nothing of any judge."
)
READ = (
    "UNSAFE is what is sought. Shares are of what the judge decided, with their 95% Wilson intervals; UNDECIDED is "
    "counted apart. Steps of one trajectory hang together, so intervals over steps are too narrow."
)


def card_rows(card: JudgeCard, by: Sequence[str] = ()) -> list[Row]:
    """The figures as rows of `SCORE_COLUMNS`, all in words; `by`: only these groupings, none for every one."""
    return [_score_row(score) for score in card.scores if not by or score.by in by]


def pair_rows(card: JudgeCard, by: Sequence[str] = ()) -> list[Row]:
    """How often both sides of a near-miss pair are right, as rows of `PAIR_COLUMNS`."""
    return [_pair_row(pair) for pair in card.pairs if not by or pair.by in by]


def table_rows(card: JudgeCard) -> list[Row]:
    """The confusion of labels and verdicts over all, as rows of `TABLE_COLUMNS`."""
    return [
        {"unit": _plain(score.unit), "label": label, **{f"called_{said}": str(count) for said, count in row.items()}}
        for score in card.scores
        if score.by == "all"
        for label, row in score.table.items()
    ]


def card_lines(card: JudgeCard) -> tuple[tuple[str, str], ...]:
    """The card in a few lines, for reports: what, and how much."""
    lines = [("judge", card.judge_id), ("labels", _corpora(card)), ("asked per", card.per)]
    lines += [("note", MACHINERY_ONLY)] if card.machinery_only else []
    lines += [("near-miss pairs with both sides right", shown(pair.right)) for pair in card.pairs if pair.by == "all"]
    for score in card.scores:
        if score.by == "all":
            row = _score_row(score)
            names = ("accuracy", "precision", "recall", "f1", "kappa")
            text = ", ".join(f"{name} {row[name]}" for name in names)
            lines.append((_plain(score.unit), f"{text}; {score.undecided} of {score.labelled} undecided"))
    return tuple(lines)


def card_heading(card: JudgeCard) -> list[str]:
    """What stands above the figures: who was judged, how and on what; and whether they say anything at all."""
    model = f", model {compact(card.models)}" if card.models else ""
    head = f"Judge {compact(card.judge)}{model}, asked per {card.per}. Labels: {_corpora(card)}."
    return [head, MACHINERY_ONLY] if card.machinery_only else [head]


def card_notes(card: JudgeCard) -> list[str]:
    """What stands below the figures."""
    return [*_notes(card), READ]


def card_markdown(card: JudgeCard) -> str:
    """The whole card as Markdown."""
    parts = [f"# Judge card: {_cell(card.judge_id)}", *map(_cell, card_heading(card))]
    parts += [_markdown_table("Near-miss pairs", PAIR_COLUMNS, pair_rows(card))] if card.pairs else []
    parts += [_markdown_table("Labels and verdicts", SCORE_COLUMNS, card_rows(card))]
    parts += [_markdown_table("Confusion", TABLE_COLUMNS, table_rows(card)), *map(_cell, card_notes(card))]
    return "\n\n".join(parts) + "\n"


def _score_row(score: Score) -> Row:
    return {
        "unit": _plain(score.unit),
        "by": score.by,
        "group": score.group,
        "labelled": str(score.labelled),
        "undecided": str(score.undecided),
        "accuracy": shown(score.accuracy),
        "precision": shown(score.precision),
        "recall": shown(score.recall),
        "f1": _number(score.f1),
        "kappa": _number(score.kappa),
    }


def _pair_row(pair: PairScore) -> Row:
    return {
        "by": pair.by,
        "group": pair.group,
        "pairs": str(pair.pairs),
        "undecided": str(pair.undecided),
        "both_right": shown(pair.right),
    }


def shown(figure: Figure) -> str:
    """A share in per cent with its interval."""
    if figure.share is None or figure.low is None or figure.high is None:
        return "-"
    return f"{figure.share:.1%} ({figure.low:.1%} to {figure.high:.1%})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _plain(unit: str) -> str:
    return unit.replace("_", " ")


def _corpora(card: JudgeCard) -> str:
    told = (f"{each.name}: {each.trajectories} trajectories, {each.pairs} pairs" for each in card.corpora)
    return "; ".join(told) or "none"


def _notes(card: JudgeCard) -> Iterator[str]:
    if card.limit is not None:
        yield f"A sample of at most {card.limit} trajectories and pairs, drawn by the seed {card.seed}."
    if card.same_first_unsafe.of:
        yield f"Where label and judge are UNSAFE, the first unsafe step is right in {shown(card.same_first_unsafe)}."
    if card.failures:
        kinds = ", ".join(f"{count} {kind}" for kind, count in card.failures.items())
        yield f"The judge failed, which is UNDECIDED: {kinds}."
    if card.left_out:
        yield f"{card.left_out} labels could not be used."
    if card.stopped:
        yield f"The judging stopped early: {card.stopped}."
    for spent in card.spending:
        tokens = f"{spent.prompt_tokens} prompt and {spent.completion_tokens} completion tokens"
        yield f"Model calls: {spent.calls}, of which {spent.failed} failed; {tokens}."


def _markdown_table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
    lines = [f"## {title}", "", "| " + " | ".join(_plain(column) for column in columns) + " |"]
    lines.append("| " + " | ".join("---" for _ in columns) + " |")
    lines += ["| " + " | ".join(_cell(row.get(column, "")) for column in columns) + " |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    """A text that cannot leave its cell, nor be read as markup: groups of foreign records bear strangers' words."""
    plain = " ".join(text.split())
    for mark in "\\`*_{}[]<>|":
        plain = plain.replace(mark, f"\\{mark}")
    return plain
