"""The card of a dataset as a page: the `README.md` that the Hugging Face hub reads as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.data.card import Card
from autosafe_env.data.rows import Table

LONGEST = 300
"""Characters of a system message that are shown."""
FIGURES = ("run", "unsafe", "tried", "corrected", "branches", "kept")


def readme(card: Card) -> str:
    """The page of a card."""
    return prompt_beside(__file__, "card").render(
        name=card.name,
        created=card.created,
        version=card.versions["autosafe-env"],
        command=card.command,
        configs="\n".join(_configs(card)),
        rows=_rows(card),
        arguments="JSON text" if card.arguments == "text" else "objects",
        share=f"{card.benign_asked:.2f}",
        benign=_benign(card),
        sources=_sources(card),
        judges=", ".join(card.judges) or "none",
        agents=_agents(card),
        yields=_yields(card),
        left_out=_left_out(card),
        conflicts=_conflicts(card),
        shown=_shown(card),
        members=_members(card),
        shared=_shared(card),
        files=_files(card),
        notes="\n".join(f"- {note}" for note in card.notes),
        licence=card.licence,
    )


def _configs(card: Card) -> Iterable[str]:
    """What lets `datasets.load_dataset(DIR, "sft")` find the files."""
    for table in card.rows:
        yield f"- config_name: {table}\n  data_files:"
        for split in card.rows[table]:
            yield f"  - split: {split}\n    path: {table}/{split}.jsonl"


def _rows(card: Card) -> str:
    rows = []
    for table in Table:
        for split, kinds in card.rows.get(table, {}).items():
            told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            rows.append((table, split, sum(kinds.values()), told))
    return table_of(("table", "split", "rows", "of which"), rows)


def _benign(card: Card) -> str:
    rows = [(split, each["found"], each["rows"], f"{each['share']:.3f}") for split, each in card.benign.items()]
    return table_of(("split", "benign rows found", "kept", "share of the rows for imitation"), rows)


def _sources(card: Card) -> str:
    rows = [
        (
            each.run,
            each.suite,
            each.split or "all",
            each.suite_digest[:12],
            each.episodes,
            ", ".join(agent.name for agent in each.agents),
            ", ".join(f"{role}: {model.get('model', '-')}" for role, model in each.models.items()) or "none",
            len(each.walled),
        )
        for each in card.sources
    ]
    titles = ("run", "suite", "split", "digest", "episodes", "agents", "models", "scenarios kept out")
    return table_of(titles, rows)


def _agents(card: Card) -> str:
    rows = [
        (source.run, agent.name, "yes" if agent.privileged else "no", agent.safety or "none")
        for source in card.sources
        for agent in source.agents
    ]
    return table_of(("run", "agent", "privileged", "safety prompt"), rows)


def _yields(card: Card) -> str:
    rows = []
    for each in card.sources:
        rate = f"{each.corrected / each.unsafe:.1%}" if each.unsafe else "-"
        rows.append((*(getattr(each, name) for name in FIGURES), rate, _told(each.rounds), _told(each.reasons)))
    titles = ("run", "unsafe steps", "tried", "corrected", "branches", "kept", "yield", "rounds", "not kept because")
    return table_of(titles, rows)


def _left_out(card: Card) -> str:
    rows = [(reason, times) for reason, times in card.left_out.items() if times]
    return table_of(("gave no row", "times"), rows) if rows else "Nothing was left out."


def _conflicts(card: Card) -> str:
    if not card.conflicts:
        return "No action was judged both SAFE and UNSAFE in the same context."
    rows = [(each.action, ", ".join(each.safe), ", ".join(each.unsafe)) for each in card.conflicts[:20]]
    title = "in no row, as it was judged both ways in the same context"
    return table_of((title, "SAFE in", "UNSAFE in"), rows)


def _shown(card: Card) -> str:
    rows = [(each.form, _clipped(each.system) or "(none)", _told(each.rows)) for each in card.shown]
    return table_of(("form", "system message", "SFT and KTO rows by kind"), rows)


def _members(card: Card) -> str:
    rows = []
    for each in card.proof.members:
        sets = {"scenarios": each.scenarios, "patterns": each.patterns, "toolkits": each.toolkits}
        told = [f"{len(found)} (`{each.digests[name][:12]}`)" for name, found in sets.items()]
        rows.append((each.split, each.rows, *told))
    return table_of(("split", "rows", "scenarios (SHA-256)", "patterns", "toolkits"), rows)


def _shared(card: Card) -> str:
    if not card.proof.shared:
        return "There is one split only, so there is nothing to share."
    rows = []
    for each in card.proof.shared:
        held = ("no: BROKEN" if each.broken else "none, as promised") if each.must_be_none else "may be"
        rows.append((" and ".join(each.splits), each.what, each.count, held))
    return table_of(("splits", "share", "how many", "held"), rows)


def _files(card: Card) -> str:
    rows = [(f"`{name}`", each.rows, each.size, f"`{each.sha256}`") for name, each in card.files.items()]
    return table_of(("file", "rows", "bytes", "SHA-256"), rows)


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name}: {times}" for name, times in Counter(counts).most_common()) or "-"


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} [...]"


def table_of(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in Markdown. What could end a cell, or be read as HTML, is written out: some of it comes from models."""
    lines = [" | ".join(titles), " | ".join("---" for _ in titles)]
    lines += [" | ".join(_cell(value) for value in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _cell(value: Any) -> str:
    text = " ".join(str(value).split())
    return text.replace("|", "\\|").replace("<", "&lt;")
