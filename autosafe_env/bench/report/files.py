"""A report on disk: in one file, or, where that would be too large, with its transcripts in a folder beside it."""

from __future__ import annotations

import re
from pathlib import Path

from autosafe_env.bench.report.model import Report
from autosafe_env.bench.report.page import Page, inline_page, split_page
from autosafe_env.errors import RunError

OURS = re.compile(r"\d{5}\.js")
"""File name of a chunk of transcripts."""
LIMIT = 40_000_000
"""Bytes of a page that is still opened with ease."""


def write_report(report: Report, out: Path, limit: int = LIMIT) -> Path | None:
    """Write a report, in place of one that is there.

    Args:
        report: what to write.
        out: the file.
        limit: bytes of the page; a larger one gets its transcripts put beside it.

    Returns:
        The folder beside the file, where there is one.

    Raises:
        RunError: a file cannot be written.
    """
    home = out.with_name(f"{out.stem}.data")
    page = inline_page(report)
    if len(page.html) > limit:
        page = split_page(report, home.name)
    try:
        _write_chunks(page, home)
        draft = out.with_name(f"{out.name}.new")
        draft.write_text(page.html, encoding="utf-8")
        draft.replace(out)
    except OSError as error:
        raise RunError(f"the report {out} cannot be written: {error.strerror}") from error
    return home if page.files else None


def _write_chunks(page: Page, home: Path) -> None:
    """Write what belongs beside a page, and take away what an older report left there."""
    if page.files:
        home.mkdir(exist_ok=True)
    if home.is_dir():
        for path in home.iterdir():
            if OURS.fullmatch(path.name) and path.name not in page.files:
                path.unlink()
    for name, content in page.files.items():
        (home / name).write_bytes(content)
