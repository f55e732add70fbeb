"""`autosafe inspect-suite`: figures of suites side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autosafe_env.core import discover
from autosafe_env.generate.inspect import inspect_suite
from tests.cli.shell import invoke
from tests.suites import forget, shipping, written


@pytest.fixture
def shipped_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with shipping(tmp_path, monkeypatch) as path:
        yield path


def cells(out: str, first: str) -> list[str]:
    """The columns of the line that begins so."""
    (line,) = (line for line in out.splitlines() if line.startswith(first))
    return line.removeprefix(first).split()


def test_all_suites_that_ship_stand_side_by_side(shipped_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = dict(list(discover.scenario_files().items())[:6])
    monkeypatch.setattr("autosafe_env.core.shipped.scenario_files", lambda: few)
    forget()
    done = invoke("inspect-suite")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0].split() == ["figure", "core", "synth-t"]
    assert cells(done.out, "scenarios") == ["6", "5"]
    assert cells(done.out, "pattern ") == ["core", "synth-t"]
    assert cells(done.out, "letter-0") == ["0", "3"]
    assert cells(done.out, "train") == ["0", "3"]
    assert cells(done.out, "largest share of a toolkit")[1] == "1.000"
    assert "synth-t: synth-letter-0 and synth-letter-1 say nearly the same\n" in done.out
    assert "over a seeded sample of at most 500 instructions" in done.out


def test_the_document_holds_what_the_library_says(tmp_path: Path) -> None:
    plain, packed = str(written(tmp_path / "a.jsonl", 4)), str(written(tmp_path / "b.jsonl.gz"))
    rows = invoke("inspect-suite", plain, packed, "--seed", 3, "--json").json()["rows"]
    assert rows == [inspect_suite(name, 3).model_dump(mode="json") for name in (plain, packed)]
    assert [len(row["alike"]) for row in rows] == [6, 10]


def test_many_pairs_are_not_all_written(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", 6)
    out = invoke("inspect-suite", path).out
    assert out.count("say nearly the same") == 11, "ten pairs, and the figure"
    assert out.endswith(f"{path}: and 5 more pairs; --json shows all\n")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("croe",), "no suite is called 'croe'; did you mean 'core'"),
        (("core", "core"), "the suite 'core' is named twice"),
        (("README.md",), "README.md"),
    ],
)
def test_a_wrong_name_is_told(names: tuple[str, ...], words: str) -> None:
    done = invoke("inspect-suite", *names)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
