"""Second verdicts on disk: written whole or not at all, never mixed with those of another judge."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import Label
from autosafe_env.errors import ConfigError, RunError
from autosafe_env.record.sink import TornLog
from autosafe_env.record.verdicts import (
    Judgement,
    Judging,
    StepVerdict,
    VerdictSink,
    read_judgements,
    verdicts_path,
)
from autosafe_env.types.verdict import Basis, EpisodeVerdict, Verdict

JUDGING = Judging(judge={"kind": "llm", "model": "m"}, basis=Basis.ACTION)


def judgement(episode: str, cause: str = "", **changes: Any) -> Judgement:
    verdict = Verdict(label=Label.UNDECIDED, basis=Basis.ACTION, reason="\u2028 why \x1b", cause=cause)
    return Judgement(episode=episode, digest="d", steps=(StepVerdict(step=0, verdict=verdict),), **changes)


def write(path: Path, *judgements: Judgement, resume: bool = False, judging: Judging = JUDGING) -> dict[str, Judgement]:
    sink = VerdictSink(path, judging, resume)
    try:
        for each in judgements:
            sink.append(each)
        return dict(sink.done)
    finally:
        sink.close()


def test_what_is_written_is_read_back_and_the_last_word_counts(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    whole = EpisodeVerdict(verdict=judgement("b").verdicts[0], first_unsafe=None)
    assert write(path, judgement("a", "TimedOut"), judgement("b", whole=whole)) == {}
    done = write(path, judgement("a"), resume=True)
    assert done["a"].failed
    judging, found = read_judgements(path)
    assert judging == JUDGING
    assert found == {"a": judgement("a"), "b": judgement("b", whole=whole)}
    assert not found["a"].failed
    assert len(found["b"].verdicts) == 2


def test_verdicts_that_are_there_are_not_added_to_by_accident(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    write(path, judgement("a"))
    before = path.read_bytes()
    with pytest.raises(RunError, match="--resume"):
        write(path, judgement("b"))
    for field, value in {"judge": "rules", "basis": Basis.OUTCOME, "per": "trajectory"}.items():
        with pytest.raises(RunError, match=field):
            write(path, resume=True, judging=JUDGING.changed({field: value}))
    assert path.read_bytes() == before
    write(path, resume=True, judging=JUDGING.changed({"created": "another day"}))


def test_nobody_else_writes_at_the_same_time(tmp_path: Path) -> None:
    sink = VerdictSink(tmp_path / "v.jsonl", JUDGING, resume=False)
    with pytest.raises(RunError, match="another process"):
        VerdictSink(tmp_path / "v.jsonl", JUDGING, resume=True)
    sink.close()


def test_a_torn_tail_is_dropped_at_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    write(path, judgement("a"), judgement("b"))
    data = path.read_bytes()
    whole = [index + 1 for index, byte in enumerate(data) if byte == ord("\n")]
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            done = write(path, judgement("z"), resume=True)
        assert bool(caught) is (size not in (0, *whole))
        assert list(done) == ["a", "b"][: max(0, sum(end <= size for end in whole) - 1)]
        assert read_judgements(path)[1].keys() == {*done, "z"}


def test_a_line_in_the_middle_that_nobody_can_read_is_skipped_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "v.jsonl"
    write(path, judgement("a"), judgement("b"))
    head, a, b, _ = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([head, a[:-3], b"\xff\x00", b'{"line":"judgement"}', b, b""]))
    with pytest.warns(TornLog, match="line [234] is skipped"):
        _, found = read_judgements(path)
    assert list(found) == ["b"]


@pytest.mark.parametrize("head", [b"", b"{}", b"[]", b"not json", b'{"line":"judging","schema_version":99}'])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "v.jsonl"
    path.write_bytes(head + b"\n")
    with pytest.raises(RunError, match=r"v\.jsonl"):
        read_judgements(path)
    with pytest.raises(RunError, match=r"nothing\.jsonl"):
        read_judgements(tmp_path / "nothing.jsonl")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "x" * 100, "n\n"])
def test_a_name_that_is_none_for_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="name"):
        verdicts_path(tmp_path, name)
    assert verdicts_path(tmp_path, "llm-2.b_c").parent == tmp_path
