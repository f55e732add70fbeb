"""Suites in one file: what is written is read again, whole or in part; what is broken is told with file and line."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autosafe_env.core.scenarios import build, load_scenario
from autosafe_env.core.suite_files import TornSuite, entries_of, header_of, suite_name, write_suite
from autosafe_env.core.suite_index import card_of, index_path, read_head, read_index, read_row
from autosafe_env.core.suite_lines import MAX_DEPTH, MAX_LINE, Unbuilt, read_entry
from autosafe_env.errors import ConfigError, ScenarioError, UnknownName
from autosafe_env.types.suite import Split, SuiteEntry
from tests.suites import HEADER, entries, entry_of, written

ENDINGS = (".jsonl", ".jsonl.gz")
ENTRY = json.loads(entry_of(0).model_dump_json())


def built(found: Unbuilt) -> SuiteEntry:
    return found.entry(build(found.source))


def lines_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines(keepends=True)


def problem(path: Path) -> tuple[str, int]:
    """The one problem that reading a file meets."""
    with pytest.raises(ScenarioError) as caught:
        list(entries_of(path))
    (found,) = caught.value.problems
    assert found.file == str(path)
    return found.message, found.line


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_what_is_written_is_read_again(tmp_path: Path, ending: str, count: int) -> None:
    path = written(tmp_path / f"synth-t{ending}", count)
    found = list(entries_of(path))
    assert header_of(path) == HEADER
    assert [built(each) for each in found] == entries(count)
    assert [(each.id, each.line) for each in found] == [(f"synth-letter-{at}", at + 2) for at in range(count)]
    assert suite_name(path) == "synth-t"
    assert not (tmp_path / f"synth-t{ending}.part").exists()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    marks=st.lists(st.tuples(texts, texts, st.sampled_from([None, *Split])), max_size=7),
    block=st.integers(1, 4),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_entries_in_any_blocks_are_read_again(
    tmp_path: Path, marks: list[tuple[str, str, Split | None]], block: int
) -> None:
    base = entry_of(0)
    given_entries = [
        base.model_copy(update={"index": at, "pattern": pattern, "style": style, "split": split})
        for at, (pattern, style, split) in enumerate(marks)
    ]
    path = tmp_path / "any.jsonl.gz"
    assert write_suite(path, HEADER, given_entries, block) == len(marks)
    assert [built(each) for each in entries_of(path)] == given_entries
    index = read_index(path)
    assert len(index.blocks) == -(-len(marks) // block)
    assert [(row.pattern, row.style, row.split) for row in index.rows] == marks


def test_the_packed_form_is_the_plain_one_to_any_gunzip(tmp_path: Path) -> None:
    plain, packed = (written(tmp_path / f"synth-t{ending}") for ending in ENDINGS)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    done = subprocess.run(["gunzip", "-c", str(packed)], capture_output=True, check=True)  # noqa: S603, S607
    assert done.stdout == plain.read_bytes()


def test_the_same_entries_give_the_same_bytes_whatever_the_file_is_called(tmp_path: Path) -> None:
    one, other = written(tmp_path / "a" / "one.jsonl.gz"), written(tmp_path / "b" / "other.jsonl.gz")
    assert one.read_bytes() == other.read_bytes()
    assert index_path(one).read_bytes() == index_path(other).read_bytes()
    assert index_path(one) == tmp_path / "a" / "one.index.json"


@pytest.mark.parametrize("block", [1, 2, 5, 9])
def test_one_scenario_is_read_as_the_whole_file_has_it(tmp_path: Path, block: int) -> None:
    path = written(tmp_path / "synth-t.jsonl.gz", 5, block)
    index = read_index(path)
    one_by_one = [read_row(path, index, row) for row in reversed(index.rows)]
    assert one_by_one == list(entries_of(path))[::-1]
    assert [row.card for row in index.rows] == [card_of(entry.scenario) for entry in entries()]
    assert [(row.pattern, row.style, row.split) for row in index.rows] == [
        (entry.pattern, entry.style, entry.split) for entry in entries()
    ]


def test_a_file_that_was_cut_anywhere_gives_its_whole_entries(tmp_path: Path) -> None:
    plain = written(tmp_path / "synth-t.jsonl")
    data, lines = plain.read_bytes(), lines_of(plain)
    for lost in (1, 2, 500, len(lines[-1]) - 1, len(lines[-1]) + 30):
        plain.write_bytes(data[:-lost])
        whole = len(lines) - 1 if lost == 1 else data[:-lost].count(b"\n")
        if lost == 1:  # only the line's end is gone
            assert len(list(entries_of(plain))) == whole
            continue
        with pytest.warns(TornSuite, match=rf"synth-t\.jsonl:{whole + 1}: the file ends in the midst of this line"):
            assert [each.line for each in entries_of(plain)] == list(range(2, whole + 1))


def test_a_packed_file_that_was_cut_gives_its_whole_entries(tmp_path: Path) -> None:
    packed = written(tmp_path / "synth-t.jsonl.gz", 5, 2)
    data = packed.read_bytes()
    packed.write_bytes(data[:-300])
    with pytest.warns(TornSuite, match=r"synth-t\.jsonl\.gz:\d: the file ends"):
        found = list(entries_of(packed))
    assert [built(each) for each in found] == entries()[: len(found)]
    assert 0 < len(found) < 5
    with pytest.raises(ScenarioError, match=r"does not belong to .*synth-t\.jsonl\.gz, which has \d+ bytes"):
        read_index(packed)


def test_what_a_production_had_written_when_it_was_interrupted_can_be_read(tmp_path: Path) -> None:
    def production() -> Any:
        yield from entries(5)
        raise KeyboardInterrupt

    path = tmp_path / "synth-t.jsonl.gz"
    with pytest.raises(KeyboardInterrupt):
        write_suite(path, HEADER, production(), 2)
    assert not path.exists()
    assert [built(each) for each in entries_of(tmp_path / "synth-t.jsonl.gz.part")] == entries(5)


def line(**changes: Any) -> bytes:
    return json.dumps(ENTRY | changes).encode() + b"\n"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"\n", "is no line of a suite file"),
        (b"[1]\n", "it is no JSON object"),
        (b'{"index": 1, "index": 1}\n', "the key 'index' stands twice"),
        (b'{"index": NaN}\n', "NaN is no number"),
        (b'{"index": 1e999}\n', "not finite"),
        (b'{"index": "\\ud800"}\n', "is no line of a suite file"),
        (b'"\xff"\n', "is no line of a suite file"),
        (b"[" * 100_000 + b"\n", "nested too deep"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"\n", "nested too deep"),
        (b'"' + b"x" * MAX_LINE + b'"\n', f"it has more than {MAX_LINE} bytes"),
        (b'{"index": 1}\n', "is no entry of a suite: it has no `scenario`"),
        (line(index="x"), "is no entry of a suite: index: Input should be a valid integer"),
        (line(index=-1), "is no entry of a suite: index"),
        (line(split="trian"), "is no entry of a suite: split"),
        (line(colour="red"), "is no entry of a suite: colour: Extra inputs are not permitted"),
        (line(scenario=[]), "it has no `scenario`"),
    ],
)
def test_a_line_that_is_no_entry_is_told(tmp_path: Path, bad: bytes, words: str) -> None:
    path = written(tmp_path / "synth-t.jsonl", 2)
    lines = lines_of(path)
    path.write_bytes(b"".join([*lines[:2], bad, lines[2]]))
    message, number = problem(path)
    assert words in message
    assert number == 3


def test_an_entry_whose_scenario_does_not_load_is_told_with_its_line() -> None:
    bad = json.loads(json.dumps(ENTRY))
    bad["scenario"] |= {"colour": "red", "toolkits": ["email", "bnak"]}
    with pytest.raises(ScenarioError) as caught:
        build(read_entry(json.dumps(bad).encode(), "s.jsonl", 17).source)
    assert str(caught.value) == "s.jsonl:17: unknown key 'colour'" + str(caught.value).partition("'colour'")[2]
    del bad["scenario"]["colour"]
    with pytest.raises(ScenarioError, match=r"s\.jsonl:17: unknown toolkit 'bnak'; did you mean 'bank'"):
        build(read_entry(json.dumps(bad).encode(), "s.jsonl", 17).source)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b'{"line": "episode"}\n', "the first line of a suite file is its header, and this is none: suite"),
        (b"hello\n", "is no line of a suite file"),
        (HEADER.model_copy(update={"schema_version": 9}).model_dump_json().encode() + b"\n", "has schema version 9"),
        (b'{"suite": "x", "command": "", "versions": {}}\n', "has schema version None; this package reads 1"),
    ],
)
def test_a_first_line_that_is_no_header_of_ours_is_told(tmp_path: Path, head: bytes, words: str) -> None:
    path = written(tmp_path / "synth-t.jsonl", 2)
    path.write_bytes(head + b"".join(lines_of(path)[1:]))
    message, number = problem(path)
    assert words in message
    assert number == 1


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    assert "it has no whole line" in problem(tmp_path / "empty.jsonl")[0]
    assert "cannot be read: No such file" in problem(tmp_path / "missing.jsonl")[0]
    assert "cannot be read: Is a directory" in problem(tmp_path)[0]
    path = written(tmp_path / "synth-t.jsonl.gz", 5, 5)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    message, number = problem(path)
    assert "cannot be read" in message or "is no line of a suite file" in message
    assert number > 0


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the name of a suite file ends in \.jsonl\.gz or \.jsonl"):
        write_suite(tmp_path / "suite.json", HEADER, [])
    with pytest.raises(ConfigError, match="cannot be written: No such file"):
        write_suite(tmp_path / "nowhere" / "suite.jsonl", HEADER, [])


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_could_not_be_read_again_is_not_written(tmp_path: Path, ending: str) -> None:
    long = entry_of(1).model_copy(update={"style": "x" * MAX_LINE})
    with pytest.raises(ConfigError, match=rf"'synth-letter-1' takes \d+ bytes; a line may have {MAX_LINE}"):
        write_suite(tmp_path / f"suite{ending}", HEADER, [entry_of(0), long])
    assert not (tmp_path / f"suite{ending}").exists()


def test_an_index_that_belongs_to_another_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "synth-t.jsonl.gz")
    index = read_index(path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ScenarioError, match=r"the digests differ; make suite and index again with `autosafe generate"):
        read_row(path, index, index.rows[0])


def test_the_head_of_an_index_is_its_whole_without_the_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "synth-t.jsonl.gz")
    index = read_index(path)
    assert read_head(path).model_dump() == index.model_dump(exclude={"rows"})
    assert index.versions == tuple((f"synth-letter-{number}", 2) for number in range(5))
    assert json.loads(index_path(path).read_text()) == index.model_dump(mode="json")
    lines = index_path(path).read_text().splitlines()
    index_path(path).write_text("\n".join([lines[0], *lines[2:]]))
    with pytest.raises(ScenarioError, match="rows and versions do not tell of the same scenarios"):
        read_index(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"block": 9}, "does not lead to 'synth-letter-0'"),
        ({"at": 9}, "does not lead to 'synth-letter-0'"),
        ({"block": 1}, "leads to 'synth-letter-2'"),
    ],
)
def test_an_index_that_leads_astray_is_refused(tmp_path: Path, change: dict[str, int], words: str) -> None:
    path = written(tmp_path / "synth-t.jsonl.gz")
    index = read_index(path)
    with pytest.raises(ScenarioError, match=words):
        read_row(path, index, index.rows[0].model_copy(update=change))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no index of a suite"),
        ("{}", "is no index of a suite"),
        (None, "cannot be read: No such file"),
    ],
)
def test_an_index_that_cannot_be_read_is_told(tmp_path: Path, text: str | None, words: str) -> None:
    path = written(tmp_path / "synth-t.jsonl.gz")
    if text is None:
        index_path(path).unlink()
    else:
        index_path(path).write_text(text)
    for read in (read_index, read_head):
        with pytest.raises(ScenarioError) as caught:
            read(path)
        assert words in str(caught.value)
        assert str(index_path(path)) in str(caught.value)
    other = read_index(written(path)).model_copy(update={"schema_version": 7})
    index_path(path).write_text(other.model_dump_json())
    with pytest.raises(ScenarioError, match="has schema version 7; this package reads 1"):
        read_index(path)


def test_one_scenario_of_a_suite_file_is_loaded_by_file_and_id(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    write_suite(path, HEADER, entries(3))
    wanted = entries(3)[1].scenario
    assert load_scenario(f"{path}#{wanted.id}") == wanted
    with pytest.raises(UnknownName, match=f"no scenario of .*mine.jsonl is called '{wanted.id}x'; did you mean"):
        load_scenario(f"{path}#{wanted.id}x")
