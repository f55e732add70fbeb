"""Scenario files come from strangers: plain data with its lines, or a refusal that says where."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autosafe_env.core import yaml_source
from autosafe_env.core.yaml_source import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml
from autosafe_env.errors import Problem, ScenarioError
from autosafe_env.types.base import Json

BOMB = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi"))  # noqa: B905 - one is longer on purpose
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, categories=["L", "N", "P", "S", "Zs"]))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | FLOATS | PRINTABLE
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4), max_leaves=12
)


def problem(text: str) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        parse_yaml(text, "some.yaml")
    (found,) = caught.value.problems
    assert found.file == "some.yaml"
    return found


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (BOMB, 1, "aliases"),
        ("a: 1\nb: *a\n", 2, "aliases"),
        ("a: &x 1\n", 1, "aliases"),
        ("x: 1\n<<: &base {a: 1}\n", 2, "aliases"),
        ("a: 1\nb: !!python/object:os.system {}\n", 2, "tags"),
        ("a: !!str 1\n", 1, "tags"),
        ("a: !mine [1]\n", 1, "tags"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice"),
        ("a:\n  - x: 1\n    x: 1\n", 3, "'x' stands twice"),
        ("a: 1\n---\nb: 2\n", 2, "more than one document"),
        ("? [a, b]\n: 1\n", 1, "a key must be a text"),
        ("{a: 1}: 2\n", 1, "a key must be a text"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("a: 'open\n", 2, "not YAML"),
        ("a:\n\tb: 1\n", 2, "not YAML"),
        ("a: 1\n  b: 2\n", 2, "not YAML"),
        ("a: @x\n", 1, "not YAML"),
        ("a: \x07\n", 0, "not YAML"),
        ("a:\n" + "".join("  " * i + "- \n" for i in range(1, MAX_DEPTH + 2)), MAX_DEPTH + 2, "deeper than"),
        ("[" * 100_000, 1, "deeper than"),
        ("{a: " * 50_000, 1, "deeper than"),
        ("- " * 5_000, 1, "deeper than"),
    ],
)
def test_what_could_do_harm_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    found = problem(text)
    assert words in found.message
    assert found.line in (line, line or 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("1:20:30", "1:20:30"),
        ("2026-03-14", "2026-03-14"),
        ("2026-03-14T09:30", "2026-03-14T09:30"),
        ("0123", "0123"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("+1", "+1"),
        (".5", ".5"),
        ("5.", "5."),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("NaN", "NaN"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("=", "="),
        ("1\u0663", "1\u0663"),
        ("1.\u0663", "1.\u0663"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("4250.00", 4250.0),
        ("-0.5", -0.5),
        ("1.5e3", 1500.0),
        ("1e5", 1e5),
        ("1E-7", 1e-7),
        ("1.5e300", 1.5e300),
        ("'1'", "1"),
        ('"true"', "true"),
        ('"null"', "null"),
        ("''", ""),
        ("|\n  text", "text\n"),
        ("GB33 NWND 6016 1331 9268 19", "GB33 NWND 6016 1331 9268 19"),
    ],
)
def test_scalars_follow_json_and_all_else_is_text(text: str, value: Json) -> None:
    data = parse_yaml(f"key: {text}\n", "some.yaml").data
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


@settings(max_examples=150, deadline=None)
@given(VALUES)
@example({"a": 1e-7, "b": 1e22, "c": 1.5e300, "d": [0, -0.0, 10**17]})
def test_every_json_text_means_in_yaml_what_it_means_in_json(value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    assert parse_yaml(text, "some.yaml").data == value


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-?[]{},&*!|>'\"%@`#~0123.e+<= \n\t\r\x00\x85\u2028\ufeff"), max_size=40))
@example("1" * 400 + ".0")
@example("%YAML 1.1\n--- a")
@example("\ufeffa: 1")
def test_any_text_is_plain_data_or_refused(text: str) -> None:
    try:
        data = parse_yaml(text, "some.yaml").data
    except ScenarioError as error:
        (found,) = error.problems
        assert str(found).startswith("some.yaml:")
    else:
        assert all_finite(json.loads(json.dumps(data)))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-16")))
def test_any_bytes_in_a_file_are_plain_data_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)
    try:
        json.dumps(read_yaml(path).data)
    except ScenarioError as error:
        (found,) = error.problems
        assert found.file == str(path)


def all_finite(value: Json) -> bool:
    if isinstance(value, dict):
        return all(map(all_finite, value.values()))
    if isinstance(value, list):
        return all(map(all_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    head = "text: "
    path.write_text(head + "x" * (MAX_BYTES - len(head)))
    assert len(read_yaml(path).data["text"]) == MAX_BYTES - len(head)
    path.write_text(head + "x" * (MAX_BYTES - len(head) + 1))
    with pytest.raises(ScenarioError, match=rf"has {MAX_BYTES + 1} bytes; at most {MAX_BYTES}"):
        read_yaml(path)


def test_data_may_be_as_deep_as_the_limit_and_no_deeper() -> None:
    assert parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "some.yaml").data
    assert "deeper" in problem("[" * (MAX_DEPTH + 1) + "x" + "]" * (MAX_DEPTH + 1)).message


class LookingAhead(yaml.SafeLoader):
    """A reader with a limit of its own, which it meets before it has told of anything."""

    def check_event(self, *_choices: Any) -> bool:
        """Refuse the text."""
        raise yaml.scanner.ScannerError(None, None, "exceeded some limit of its own", self.get_mark())


@pytest.mark.parametrize("loader", [yaml_source.LOADER, yaml.SafeLoader, LookingAhead])
def test_great_depth_is_told_in_our_words_whichever_reader_meets_it(
    monkeypatch: pytest.MonkeyPatch, loader: Any
) -> None:
    monkeypatch.setattr(yaml_source, "LOADER", loader)
    for text in ("[" * 2_000, "[" * 2_000 + "]" * 2_000, "{a: " * 2_000, "- " * 2_000):
        found = problem(text)
        assert (found.message, found.line) == (f"is nested deeper than {MAX_DEPTH}", 1)


def test_what_only_the_reader_minds_is_told_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_source, "LOADER", LookingAhead)
    found = problem("a: [1, 2]\n")
    assert (found.message, found.line) == ("not YAML: exceeded some limit of its own", 1)


@pytest.mark.parametrize("name", ["missing.yaml", "folder.yaml", "latin1.yaml"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "latin1.yaml").write_bytes("title: Café".encode("latin-1"))
    with pytest.raises(ScenarioError, match=rf"{name}: (cannot be read|is not UTF-8)"):
        read_yaml(tmp_path / name)


def test_every_part_knows_its_line() -> None:
    source = parse_yaml(
        "# head\ntitle: x\n\nsteps:\n  - tool: a\n    arguments: {n: 1}\n  -\n    tool: |\n      b\n", "f"
    )
    assert source.data == {"title": "x", "steps": [{"tool": "a", "arguments": {"n": 1}}, {"tool": "b\n"}]}
    lines = {("title",): 2, ("steps",): 4, ("steps", 0): 5, ("steps", 0, "arguments", "n"): 6, ("steps", 1, "tool"): 8}
    assert {place: source.problem(place, "x").line for place in lines} == lines


def test_a_place_without_a_line_is_reported_at_what_stands_around_it() -> None:
    source = parse_yaml("a:\n  b:\n    c: 1\n", "f.yaml")
    assert source.problem(("a", "b", "missing", 3), "x") == Problem("x", "f.yaml", 2)
    assert source.problem(("zzz",), "x").line == 1
    assert str(source.problem(("a", "b", "c"), "is wrong")) == "f.yaml:3: is wrong"


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    source = parse_yaml(text, "f.yaml")
    assert source.data is None
    assert source.problem(("title",), "x").file == "f.yaml"
