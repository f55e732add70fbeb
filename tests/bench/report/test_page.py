"""The page: it parses, it runs nothing but its own script, and it is the same for the same run."""

from __future__ import annotations

import base64
import configparser
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.bench.report import page as pages
from autosafe_env.bench.report.files import write_report
from autosafe_env.bench.report.page import inline_page, live_page, percent, split_page
from autosafe_env.errors import RunError
from tests.bench.report.runs import (
    HOSTILE,
    LONG,
    MARKUP,
    OWNED,
    honest_run,
    hostile_run,
    report_of,
    with_correction,
)
from tests.record.logs import run_folder

ROOT = Path(__file__).parents[3]
VOID = {"meta", "br", "input", "img", "link", "hr"}


class Parsed(HTMLParser):
    """What a page holds, and what is wrong with its nesting."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_run(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_correction(honest_run(tmp_path_factory.mktemp("honest")))


def unpacked(html: str) -> list[Any]:
    """The transcripts in a page."""
    chunks = re.findall(r'<script type="application/gzip" id="chunk-\d+">([A-Za-z0-9+/=]*)</script>', html)
    return [told for chunk in chunks for told in json.loads(gzip.decompress(base64.b64decode(chunk)))]


def policy_of(parsed: Parsed) -> dict[str, list[str]]:
    (content,) = [each["content"] or "" for each in parsed.all("meta") if "http-equiv" in each]
    return {part.split()[0]: part.split()[1:] for part in content.split("; ")}


@pytest.mark.parametrize("name", ["honest", "hostile"])
def test_a_page_parses_and_runs_its_own_script_only(name: str, request: pytest.FixtureRequest) -> None:
    html = inline_page(report_of(request.getfixturevalue(name), title=HOSTILE)).html
    parsed = Parsed(html)
    assert (parsed.wrong, parsed.open) == ([], [])
    kinds = [each.get("type") for each in parsed.all("script")]
    assert kinds == ["application/json", *["application/gzip"] * (len(kinds) - 2), None]
    names = {attribute for _, attributes in parsed.tags for attribute in attributes}
    assert not {each for each in names if each.startswith("on") or each in ("style", "src", "srcset", "action")}
    links = {attributes["href"] or "" for _, attributes in parsed.tags if "href" in attributes}
    assert links
    assert all(link.startswith("#") for link in links)
    assert {tag for tag, _ in parsed.tags}.isdisjoint({"img", "iframe", "object", "embed", "link", "base"})


def test_the_policy_allows_the_script_and_the_style_by_their_hashes_and_nothing_else(honest: Path) -> None:
    parsed = Parsed(inline_page(report_of(honest)).html)
    policy = policy_of(parsed)

    def sha(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == [sha(parsed.texts["script"][-1])]
    assert policy["style-src"] == [sha(parsed.texts["style"][0])]
    assert policy["base-uri"] == policy["form-action"] == ["'none'"]
    assert "connect-src" not in policy
    split = policy_of(Parsed(split_page(report_of(honest), "there").html))
    assert split["script-src"] == [*policy["script-src"], "'strict-dynamic'"]
    assert policy_of(Parsed(live_page(report_of(honest), "t", "v").html))["connect-src"] == ["'self'"]


def test_hostile_text_is_text(hostile: Path) -> None:
    html = inline_page(report_of(hostile, title=HOSTILE)).html
    for attack in MARKUP:
        if "<" in attack:
            assert attack not in html
    without_script = html.replace(pages.script(), "").replace(pages.style(), "")
    assert not re.findall(r"[^\x20-\x7e\n–·−]", re.sub(r"[“”‘’…←→↓↑]", "", without_script))
    data = json.loads(Parsed(html).texts["script"][0])
    assert HOSTILE in data["scenarios"][0]["title"]
    assert data["agents"][0]["name"].startswith("<b></script><script>")
    first, second = unpacked(html)
    assert [step["kind"] for step in first["steps"]] == ["message", "tool_call", "malformed", *["tool_call"] * 3]
    assert first["steps"][0]["text"] == HOSTILE
    assert first["steps"][3]["answers"][0]["value"]["body"] == HOSTILE
    assert first["siblings"][0]["critique"] == HOSTILE
    assert second["steps"][0]["text"] == LONG
    assert len(html) < 500_000


def test_the_script_reads_no_text_as_markup_or_code() -> None:
    text = pages.script()
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "setTimeout(",
    ):
        assert word not in text
    for word in ("</script", "<!--", OWNED):
        assert word not in text.lower()
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "@import" not in pages.style()
    assert "url(" not in pages.style()


def test_the_same_run_gives_the_same_bytes(honest: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.html", tmp_path / "other.html"
    assert write_report(report_of(honest), one) is None
    assert write_report(report_of(honest), other) is None
    assert one.read_bytes() == other.read_bytes()


def test_a_large_report_has_its_transcripts_beside_it(honest: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    home = write_report(report_of(honest), out, limit=1000)
    assert home == tmp_path / "report.data"
    (chunk,) = home.iterdir()
    assert re.fullmatch(r'autosafeChunk\(0,"[A-Za-z0-9+/=]+"\);\n', chunk.read_text())
    html = out.read_text()
    assert unpacked(html) == []
    assert "The transcripts are not in this file but beside it, in <code>report.data/</code>" in html
    stale = home / "00007.js"
    stale.write_text("old")
    (home / "mine.txt").write_text("not ours")
    write_report(report_of(honest), out, limit=1000)
    assert sorted(path.name for path in home.iterdir()) == ["00000.js", "mine.txt"]
    assert write_report(report_of(honest), out) is None
    assert [path.name for path in home.iterdir()] == ["mine.txt"]


def test_a_report_that_cannot_be_written_is_a_sentence(honest: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"the report .* cannot be written: No such file"):
        write_report(report_of(honest), tmp_path / "nowhere" / "report.html")


def test_chunks_hold_every_episode_once_in_order(honest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autosafe_env.bench.report.model.PER_CHUNK", 3)
    report = report_of(honest, honest)
    starts = report.chunk_starts()
    assert starts == (0, 3, 6)
    told = [each["name"] for number in range(3) for each in json.loads(report.chunk(starts, number))]
    assert told == [entry.facts.name for _, entry in report.episodes]
    assert [agent["run"] for agent in report.data(starts)["agents"]] == [
        *report.run_names[:1] * 2,
        *report.run_names[1:] * 2,
    ]
    assert len({agent["key"] for agent in report.data(starts)["agents"]}) == 4


def test_a_run_without_episodes_has_a_page(tmp_path: Path) -> None:
    html = inline_page(report_of(run_folder(tmp_path / "run"))).html
    assert "No episode has been finished yet." in html
    assert Parsed(html).wrong == []


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.0, "0%"), (1e-17, "0%"), (1.0, "100%"), (0.9996, "100%"), (0.0412, "4.1%")]
)
def test_a_share_in_per_cent(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_what_the_page_is_made_of_is_installed_with_it() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    patterns = config["options.package_data"]["autosafe_env.bench.report"].split(", ")
    home = ROOT / "autosafe_env" / "bench" / "report"
    installed = {path for pattern in patterns for path in home.glob(pattern)}
    assert installed == {*(home / "assets").iterdir()}
    names = {path.name for path in installed}
    assert {*pages.SCRIPTS} == {name for name in names if name.endswith(".js")}
