"""The report in a real browser. Run by `make test-browser`; what it measures it prints."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bench.report.runs import HOSTILE, LONG, hostile_run, played
from tests.cli.shell import invoke, start
from tests.fixtures import SAFE_WALK
from tests.record.logs import append

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.timeout(600)]
AXE = os.environ.get("AUTOSAFE_AXE", "")
"""Path of axe-core's script."""
THEMES = ("light", "dark")
FILTER = """async () => {
    const pick = document.querySelector('[data-filter="label"]');
    const search = document.getElementById('search');
    const times = [];
    const todo = [[pick, 'UNSAFE'], [search, 'bank'], [search, 'bank tra'], [pick, ''], [search, '']];
    for (const [element, value] of todo) {
        const begun = performance.now();
        element.value = value;
        element.dispatchEvent(new Event(element === pick ? 'change' : 'input'));
        document.body.offsetHeight;
        times.push(performance.now() - begun);
    }
    return times;
}"""


def show(page: Any, path: Path, address: str = "") -> None:
    """Open a page, or another address in it."""
    page.goto(f"file://{path}{address}")
    page.wait_for_selector("html[data-ready]")


def until(page: Any, expression: str) -> None:
    """Wait until it holds. Not by `wait_for_function`, which needs what the page's policy forbids."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {expression}")


def tell(sentence: str) -> None:
    """Print what was measured."""
    sys.stdout.write(f"\n{sentence}\n")


def seen(page: Any) -> str:
    text: str = page.evaluate("document.getElementById('main').innerText")
    return text


def steps_of(page: Any) -> Any:
    page.wait_for_selector("#steps > .step")
    return page.locator("#steps > .step")


def test_two_thousand_episodes_open_at_once_and_are_filtered_as_one_types(page: Any, large_report: Path) -> None:
    begun = time.perf_counter()
    show(page, large_report)
    opened = time.perf_counter() - begun
    show(page, large_report, "#episodes")
    assert "2,000 episodes" in seen(page)
    times = page.evaluate(FILTER)
    size = large_report.stat().st_size / 1e6
    tell(f"{size:.1f} MB, 2,000 episodes: open in {opened:.2f} s; filtered in {[f'{each:.0f} ms' for each in times]}")
    assert opened < 4
    assert max(times) < 250
    assert page.locator("#rows tr").count() == 50
    assert page.complaints == []


def test_filters_stand_in_the_address_and_come_back_from_it(page: Any, large_report: Path) -> None:
    show(page, large_report, "#episodes")
    page.select_option('[data-filter="label"]', "UNSAFE")
    page.select_option('[data-filter="source"]', "CONTEXT")
    page.fill("#search", "bank")
    tally = page.locator("#tally").inner_text()
    address = page.evaluate("location.hash")
    assert {"label=UNSAFE", "source=CONTEXT", "q=bank"} <= set(address[1:].split("&"))
    labels = page.locator("#rows .label").all_inner_texts()
    assert set(labels) == {"Unsafe"}
    show(page, large_report, "#summary")
    show(page, large_report, address)
    assert page.locator("#tally").inner_text() == tally
    page.click("th[data-sort=steps] button")
    page.click("th[data-sort=steps] button")
    steps = [int(text) for text in page.locator("#rows td:nth-child(7)").all_inner_texts()]
    assert steps == sorted(steps, reverse=True)
    page.click("#clear")
    assert page.locator("#tally").inner_text().startswith("2,000 episodes")


def test_transcripts_are_searched_when_that_is_asked_for(page: Any, large_report: Path) -> None:
    show(page, large_report, "#episodes&q=I+cannot+help+with+this")
    assert page.locator("#tally").inner_text() == "0 of 2,000 episodes"
    begun = time.perf_counter()
    page.check("#deep")
    until(page, "document.getElementById('tally').textContent.includes('1 to 50')")
    tell(f"2,000 transcripts are unpacked and searched in {time.perf_counter() - begun:.2f} s")
    times = page.evaluate(FILTER)
    tell(f"filtered with their texts in {[f'{each:.0f} ms' for each in times]}")
    assert max(times) < 500
    assert page.evaluate("location.hash").endswith("in=transcripts")


def test_a_cell_of_the_heat_map_leads_to_its_episodes(page: Any, large_report: Path) -> None:
    show(page, large_report)
    link = page.locator("#heat svg:not([hidden]) a").first
    told = link.get_attribute("aria-label")
    link.click()
    page.wait_for_selector("#rows tr")
    assert page.locator("#tally").inner_text().split()[0] == told.split(" of ")[1].split()[0]


def test_an_episode_is_reached_by_its_address_and_read_by_keys(page: Any, large_report: Path) -> None:
    show(page, large_report, "#episodes&label=UNSAFE&corrected=tried")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    steps = steps_of(page)
    address = page.evaluate("location.hash")
    assert address.startswith("#episode=")
    assert page.locator("#steps > .step.unsafe").count() == 1
    assert "Corrected step, kept" in seen(page)
    page.keyboard.press("u")
    assert page.evaluate("document.activeElement.className").startswith("step unsafe")
    at = int(page.evaluate("document.activeElement.dataset.step"))
    page.keyboard.press("k")
    assert int(page.evaluate("document.activeElement.dataset.step")) == max(0, at - 1)
    page.keyboard.press("ArrowDown")
    assert int(page.evaluate("document.activeElement.dataset.step")) == min(steps.count() - 1, max(0, at - 1) + 1)
    title = page.locator("#part-episode h1").inner_text()
    page.keyboard.press("ArrowRight")
    until(page, f"location.hash !== {address!r}")
    page.keyboard.press("ArrowLeft")
    until(page, f"location.hash === {address!r}")
    steps_of(page)
    page.keyboard.press("Escape")
    until(page, "location.hash.startsWith('#episodes&label=UNSAFE')")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    show(page, large_report, "#summary")
    show(page, large_report, address)
    steps_of(page)
    assert page.locator("#part-episode h1").inner_text() == title
    show(page, large_report, "#episode=nobody")
    assert "No such episode" in seen(page)
    assert page.complaints == []


@pytest.mark.parametrize("limit", ["40", "0.001"])
def test_hostile_text_is_shown_and_never_run(page: Any, tmp_path: Path, limit: str) -> None:
    out = tmp_path / "report.html"
    done = invoke("report", hostile_run(tmp_path / "run"), "--title", HOSTILE, "--out", out, "--limit", limit)
    assert ("beside" in done.out) == (limit == "0.001")
    show(page, out)
    shown = "</script><script>window.owned = 1</script>"
    assert shown in seen(page)
    show(page, out, "#episodes")
    assert shown in seen(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    steps_of(page)
    text = seen(page)
    for part in (shown, "<img src=x onerror='window.owned = 1'>", "\\x00\\x07\\x1b[31m\\u{202e}evil", "{{ 7 * 7 }}"):
        assert text.count(part) > 5, part
    assert not set("\x07\x1b\u202e\u2066\u2028") & set(text)
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true; }")
    begun = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("text=Show all 1,000,000 characters")
    page.click("text=Show all 1,000,000 characters")
    length = page.evaluate("document.getElementById('steps').innerText.length")
    tell(f"a line of {len(LONG):,} characters is unpacked and shown in {time.perf_counter() - begun:.2f} s")
    assert length > len(LONG)
    assert page.evaluate("window.owned") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.locator("#main script, #main img, #main iframe").count() == 0
    assert page.complaints == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(chromium: Any, large_report: Path, theme: str, width: int) -> None:
    context = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = context.new_page()
    # Evaluated over the debugging protocol, since the page's policy lets no other script in.
    debugger = context.new_cdp_session(page)
    addresses = ["", "#episodes", "#episodes&label=UNSAFE&corrected=tried"]
    found = []
    for address in addresses:
        show(page, large_report, "#summary")
        show(page, large_report, address)
        if "corrected" in address:
            page.locator("#rows a").first.click()
            steps_of(page)
        debugger.send("Runtime.evaluate", {"expression": Path(AXE).read_text(encoding="utf-8")})
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        bad = [each for each in result["violations"] if each["impact"] in ("serious", "critical")]
        minor = [each["id"] for each in result["violations"] if each not in bad]
        where = f"{theme}, {width} px, {address or 'summary'}"
        tell(f"axe {result['testEngine']['version']}, {where}: {len(bad)} serious, minor {minor}")
        found += [f"{address}: {each['id']}: {node['html'][:160]}" for each in bad for node in each["nodes"][:3]]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert found == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    run = hostile_run(tmp_path / "run")
    with start("view", run) as process:
        assert process.stdout is not None
        yield run, process.stdout.readline().split()[0]


def test_a_run_is_followed_as_it_goes(page: Any, served: tuple[Path, str]) -> None:
    run, address = served
    page.goto(f"{address}#episodes")
    page.wait_for_selector("#rows tr")
    assert page.locator("#rows tr").count() == 2
    append(run, "z/attacked/tester/0", events=played(SAFE_WALK))
    until(page, "document.querySelectorAll('#rows tr').length === 3")
    page.goto(f"{address}#episode=z/attacked/tester/0")
    assert steps_of(page).count() == 4
    assert page.complaints == []
