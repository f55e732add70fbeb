"""A real browser, for `make test-browser` only: without AUTOSAFE_BROWSER nothing here is collected."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import invoke

BROWSER = os.environ.get("AUTOSAFE_BROWSER", "")
"""Path of the browser."""
collect_ignore_glob = [] if BROWSER else ["test_*.py"]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    from playwright.sync_api import sync_playwright  # the extra `browser` is not installed where nothing is collected

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page that remembers what went wrong in it: errors, and what its policy refused."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda line: page.complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


@pytest.fixture(scope="session")
def large_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of 2,000 episodes, with corrections."""
    folder = tmp_path_factory.mktemp("large")
    agents = ("--agent", "susceptible", "--agent", "refuse_all")
    done = invoke("run", "--suite", "synth-v1", "--limit", "500", *agents, "--out", folder / "run", "--json")
    assert done.code == 0, done.err
    done = invoke("reflect", folder / "run")
    assert done.code == 0, done.err
    done = invoke("report", folder / "run", "--out", folder / "report.html")
    assert done.out.startswith("2000 episodes"), done.err
    return folder / "report.html"
