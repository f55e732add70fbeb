"""An episode as the viewer reads it, and the rows and figures around it."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosafe_env.bench.report import gather
from autosafe_env.bench.report.gather import RunReader
from autosafe_env.bench.report.plots import NEAR, harm_bars, heat_map, pareto
from autosafe_env.bench.report.summary import undominated
from autosafe_env.bench.report.transcript import changes, transcript
from autosafe_env.core.patch import diff
from autosafe_env.record.log import encode_episode
from autosafe_env.record.sink import EVENTS
from tests.bench.report.runs import honest_run, played, report_of, with_correction, write
from tests.fixtures import GIBBERISH, PAYLOAD, SAFE_WALK, UNSAFE_WALK, message
from tests.record.logs import append, header

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return with_correction(honest_run(tmp_path / "run"))


def test_a_transcript_tells_every_step() -> None:
    told = transcript(played(UNSAFE_WALK))
    read, pay = told["steps"]
    assert (read["kind"], read["tool"], read["arguments"]) == ("tool_call", "email_read", {"message_id": "m1"})
    assert read["answers"][0]["value"]["body"] == PAYLOAD
    assert (read["seen"], read["diff"], read["verdict"]["label"]) == (["t1"], [], "SAFE")
    assert (pay["verdict"]["label"], pay["verdict"]["outcomes"], pay["reward"]) == ("UNSAFE", ["o1"], -1.0)
    assert pay["event"] in pay["verdict"]["evidence"]
    by_path = {change["path"]: change for change in pay["diff"]}
    assert by_path["/bank/accounts/0/balance"] == {
        "op": "replace", "path": "/bank/accounts/0/balance", "old": 10000.0, "new": 5750.0,
    }  # fmt: skip
    assert by_path["/bank/transfers/0"]["new"]["counterparty"] is not None
    assert told["setup"]["triggers"][0] | {"text": "", "hole": ""} == {
        "id": "t1", "source": "CONTEXT", "strategy": "COMPROMISED_CONTACT", "hole": "", "text": "", "seen": True,
    }  # fmt: skip
    assert (told["end"], told["failure"]) == ("UNSAFE", None)
    assert told["setup"]["goals"][0]["reached"] is False


def test_what_cannot_be_read_and_what_the_user_says_are_told() -> None:
    told = transcript(played([GIBBERISH, message("Which account, please?")]))
    gibberish, asked = told["steps"]
    assert (gibberish["kind"], gibberish["text"], gibberish["answers"][0]["from"]) == ("malformed", GIBBERISH, "error")
    assert gibberish["error"]
    assert (asked["kind"], asked["answers"][0]["from"], asked["answers"][0]["stance"]) == ("message", "user", "DENY")
    assert told["end"] == ""
    assert transcript(played([message("goodbye")]))["steps"][0]["answers"][0]["left"] is True


@given(before=st.dictionaries(st.text(max_size=2), JSON, max_size=4), after=st.dictionaries(st.text(max_size=2), JSON))
def test_changes_tell_what_stood_there_before(before: Any, after: Any) -> None:
    told = list(changes(before, diff(before, after)))
    assert [each["old"] for each in told if each["op"] == "add"] == [None for each in told if each["op"] == "add"]
    for each in told:
        assert each["op"] != "replace" or json.dumps(each["old"]) != json.dumps(each["new"])


def test_a_correction_is_told_from_the_corrected_step_on(run: Path) -> None:
    report = report_of(run)
    chunk = json.loads(report.chunk((0,), 0))
    (sibling,) = chunk[2]["siblings"]
    assert (sibling["step"], sibling["kept"], sibling["mode"]) == (1, True, "teacher")
    assert [step["index"] for step in sibling["steps"]] == [1, 2, 3]
    data = report.data((0,))
    assert [row[data["columns"].index("corrections")] for row in data["episodes"]] == [0, 0, 1, 0]


def test_rows_tell_what_filters_ask_for(run: Path) -> None:
    data = report_of(run).data((0,))
    rows = [dict(zip(data["columns"], row, strict=True)) for row in data["episodes"]]
    assert [row["label"] for row in rows] == ["SAFE", "SAFE", "UNSAFE", "FAILED"]
    assert [row["first_unsafe"] for row in rows] == [None, None, 1, None]
    assert [row["achieved"] for row in rows] == [True, True, False, None]
    attacked = data["scenarios"][rows[0]["scenario"]]
    assert attacked["categories"] == ["FINANCIAL_LOSS"]
    assert (attacked["sources"], attacked["toolkits"]) == (["CONTEXT"], ["email", "bank"])
    assert len(data["scenarios"]) == 1


def test_figures_come_from_the_rates_and_failed_episodes_are_in_none(run: Path) -> None:
    careful, hasty = report_of(run).agents
    assert (careful.measure("safety").count, careful.measure("safety").of) == (1, 1)
    assert (hasty.measure("safety").count, hasty.measure("safety").of, hasty.row.failed) == (0, 1, 1)
    assert (hasty.harm, careful.harm) == ({1: (0, 1)}, {})
    assert undominated([careful, hasty]) == {careful.key}
    ((category, squares),) = heat_map(hasty).rows
    assert category == "FINANCIAL_LOSS"
    assert [square.level for square in squares if square.rate] == [5]
    (bar,) = harm_bars(hasty, last=1, most=1)
    assert (bar.step, bar.mild_height, bar.severe_height) == (1, 0, 44)


def test_labels_of_the_plot_stand_clear_of_one_another(tmp_path: Path) -> None:
    walk = played(SAFE_WALK)
    benign = played(SAFE_WALK, variant="benign")
    names = [f"agent{number}" for number in range(5)]
    episodes = [(f"x/{kind}/{name}/0", name, log) for name in names for kind, log in (("a", walk), ("b", benign))]
    points = pareto(report_of(write(tmp_path / "run", episodes)).agents)
    heights = sorted(point.label_y for point in points)
    assert len(points) == 5
    assert all(lower - upper >= NEAR for upper, lower in itertools.pairwise(heights))


def test_a_run_that_grows_is_read_on_and_nothing_is_read_twice(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = RunReader(run)
    before = reader.read()
    mark = reader.mark()
    append(run, "y/attacked/hasty/0", events=played(UNSAFE_WALK))
    assert reader.mark() != mark
    read: list[str] = []
    real = gather._entry_of

    def counted(trajectory: Any, *rest: Any) -> Any:
        read.append(trajectory.episode)
        return real(trajectory, *rest)

    monkeypatch.setattr(gather, "_entry_of", counted)
    after = reader.read()
    assert read == ["y/attacked/hasty/0"]
    assert after.entries[:4] == before.entries
    assert len(after.entries) == 5


def test_an_episode_that_was_played_again_counts_once(run: Path) -> None:
    append(run, "x/attacked/hasty/1", events=played(SAFE_WALK))
    entries = RunReader(run).read().entries
    assert [entry.facts.label for entry in entries] == ["SAFE", "SAFE", "UNSAFE", "SAFE"]


def test_what_is_broken_is_left_out_with_a_notice(run: Path) -> None:
    log = run / EVENTS
    whole = log.read_bytes()
    events = played(SAFE_WALK)
    senseless = encode_episode(header("z/attacked/hasty/0", events[1:]), events[1:])
    log.write_bytes(whole + senseless + b"".join(whole.splitlines(keepends=True)[:2]))
    reader = RunReader(run)
    data = reader.read()
    assert reader.read() == data
    assert len(data.entries) == 4
    assert len(data.notices) == 2
    assert "is incomplete" in data.notices[0] + data.notices[1]
    assert "does not make sense" in data.notices[0] + data.notices[1]
