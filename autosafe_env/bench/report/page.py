"""The page: template, style and script put together under a policy that lets nothing else run.

What comes from runs goes into the page in two ways only: through the template, which escapes it, and as JSON in a
block that no browser runs, with `<`, `>` and `&` written as escapes of JSON.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import jinja2
from markupsafe import Markup

from autosafe_env.bench.card_rows import PAIR_COLUMNS, SCORE_COLUMNS, card_lines, card_notes, card_rows, pair_rows
from autosafe_env.bench.judge_card import JudgeCard
from autosafe_env.bench.report import plots
from autosafe_env.bench.report.model import Report
from autosafe_env.bench.report.summary import AgentSummary
from autosafe_env.core.render import printable
from autosafe_env.types.base import Json

SCRIPTS = ("dom.js", "data.js", "filters.js", "table.js", "steps.js", "viewer.js", "app.js")
"""In the order in which they are put together."""
JSON_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@dataclass(frozen=True)
class Page:
    """A page, and what lies beside it."""

    html: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    """File name to the transcripts of one chunk; empty where they are in the page."""


def inline_page(report: Report) -> Page:
    """The page with all transcripts in it."""
    starts = report.chunk_starts()
    chunks = [packed(report.chunk(starts, number)) for number in range(len(starts))]
    return Page(_html(report, {"home": "", "version": "", **report.data(starts)}, chunks))


def split_page(report: Report, home: str) -> Page:
    """The page with its transcripts in the folder `home` beside it."""
    starts = report.chunk_starts()
    files = {chunk_name(number): chunk_script(report, starts, number) for number in range(len(starts))}
    return Page(_html(report, {"home": home, "version": "", **report.data(starts)}, []), files)


def live_page(report: Report, home: str, version: str) -> Page:
    """The page as a server gives it: the transcripts come from `home`, and the page asks for news."""
    return Page(_html(report, {"home": home, "version": version, **report.data(report.chunk_starts())}, []))


def chunk_name(number: int) -> str:
    """File name of a chunk."""
    return f"{number:05d}.js"


def chunk_script(report: Report, starts: tuple[int, ...], number: int) -> bytes:
    """A chunk as a script that hands it to the page: a page that was opened as a file can load nothing else."""
    return f'autosafeChunk({number},"{packed(report.chunk(starts, number))}");\n'.encode()


def packed(text: bytes) -> str:
    """Compressed, in base64: letters, digits, `+`, `/` and `=` only, and the same for the same text."""
    return base64.b64encode(gzip.compress(text, 6, mtime=0)).decode()


def escaped_json(value: Json) -> Markup:
    """JSON in ASCII that holds no character with a meaning in HTML."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(JSON_ESCAPES))  # noqa: S704 - every character that HTML reads is escaped


def policy(live: bool, split: bool) -> str:
    """The Content-Security-Policy of the page.

    Scripts beside the page can be loaded by its own script only (`strict-dynamic`), and connections be made to the
    server that follows a run only.
    """
    scripts = f"'sha256-{_digest(script())}'" + (" 'strict-dynamic'" if split else "")
    parts = [
        "default-src 'none'",
        f"script-src {scripts}",
        f"style-src 'sha256-{_digest(style())}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        *(["connect-src 'self'"] if live else []),
    ]
    return "; ".join(parts)


@cache
def style() -> str:
    """The style sheet."""
    return _asset("report.css")


@cache
def script() -> str:
    """The script, all files of it."""
    body = "\n".join(_asset(name) for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def _asset(name: str) -> str:
    return (importlib.resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _html(report: Report, data: dict[str, Json], chunks: list[str]) -> str:
    agents = report.agents
    last, most = plots.harm_extent(agents)
    return str(
        _templates()
        .get_template("report.html")
        .render(
            report=report,
            cards=[_card(card) for card in report.cards],
            agents=agents,
            policy=policy(bool(data["version"]), bool(data["home"])),
            style=Markup(style()),  # noqa: S704 - ours
            script=Markup(script()),  # noqa: S704 - ours
            data=escaped_json(data),
            chunks=chunks,
            live=bool(data["version"]),
            home=data["home"],
            points=plots.pareto(agents),
            maps=[plots.heat_map(agent) for agent in agents],
            first=plots.most_telling(agents),
            harm=[(agent, plots.harm_bars(agent, last, most)) for agent in agents if agent.harm],
            last_step=last,
            square=(plots.LEFT, plots.TOP, plots.SIDE),
        )
    )


def _card(card: JudgeCard) -> dict[str, object]:
    """A card as the template shows it: what it says over all, and what by category of harm and by source of risk."""
    groups = ("category", "source")
    return {
        "name": card.judge_id,
        "lines": card_lines(card),
        "notes": card_notes(card),
        "pair_columns": PAIR_COLUMNS,
        "pairs": pair_rows(card, groups),
        "columns": SCORE_COLUMNS,
        "rows": card_rows(card, groups),
    }


@cache
def _templates() -> jinja2.Environment:
    """The templates, every value in them escaped; a name that is not there is an error, not an empty text."""
    home = importlib.resources.files(__package__) / "assets"
    sources = {
        name: (home / name).read_text(encoding="utf-8") for name in ("report.html", "figures.html", "plots.html")
    }
    made = jinja2.Environment(
        autoescape=True,
        loader=jinja2.DictLoader(sources),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    made.filters |= {"percent": percent, "words": words, "name": agent_name}
    return made


def _plain(value: object) -> object:
    """What a template shows of a value: of a text, characters that could reorder or hide it are written out."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def percent(share: float | None) -> str:
    """A share in per cent, as precise as a person reads it."""
    if share is None:
        return "–"
    text = f"{100 * share:.1f}"
    return f"{text.removesuffix('.0') if text in ('0.0', '100.0') else text}%"


def words(name: str) -> str:
    """The name of a member of an enumeration as words: `DATA_LOSS` is `Data loss`."""
    return name.replace("_", " ").capitalize()


def agent_name(agent: AgentSummary) -> str:
    """An agent's name, with its run's where there are several."""
    return f"{agent.agent} · {agent.run}" if agent.run else agent.agent
