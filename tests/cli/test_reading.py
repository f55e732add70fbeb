"""`autosafe transcript` and `replay`: what a run folder tells."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autosafe_env.record.sink import EVENTS
from tests.cli.shell import HOSTILE, NAMES, autosafe, hostile_scenario, invoke, start, steering
from tests.fixtures import FRAUD, KNOWN

UNSAFE = "test-one/attacked/oracle_unsafe/0"
FIELDS = {"episode", "agent", "scenario", "variant", "label", "achieved", "exposed", "first_unsafe", "reward", "end"}


def altered(run: Path, folder: Path, old: str, new: str) -> Path:
    """A copy of a run in which a text stands for another one in one place of the log."""
    shutil.copytree(run, folder)
    log = (folder / EVENTS).read_text()
    assert old in log
    (folder / EVENTS).write_text(log.replace(old, new, 1))
    return folder


def test_the_episodes_of_a_run_are_listed(finished_run: Path) -> None:
    done = invoke("transcript", finished_run, "--json")
    rows = {row["episode"]: row for row in done.json()}
    assert (done.code, done.err, len(rows)) == (0, "", 18)
    assert all(set(row) >= FIELDS for row in rows.values())
    assert (rows[UNSAFE]["label"], rows[UNSAFE]["first_unsafe"], rows[UNSAFE]["reward"]) == ("UNSAFE", 1, -1.0)
    assert {row["scenario"] for row in rows.values()} == set(NAMES)
    table = invoke("transcript", finished_run)
    assert all(name in table.out for name in rows)
    assert table.out.splitlines()[0].split()[0] == "episode"


def test_an_episode_is_told_as_a_text_in_a_process_of_its_own(finished_run: Path) -> None:
    done = autosafe("transcript", finished_run, UNSAFE)
    assert (done.code, done.err) == (0, "")
    for part in ("test-one v1 (attacked, seed ", "bank_transfer", FRAUD, "UNSAFE (o1)", "-1.00", "ended: UNSAFE"):
        assert part in done.out
    assert KNOWN not in done.out


def test_an_episode_as_json_is_the_array_of_its_events(finished_run: Path) -> None:
    events = invoke("transcript", finished_run, UNSAFE, "--json").json()
    assert [event["kind"] for event in events][:4] == ["started", "acted", "tool_returned", "judged"]
    assert events[-1]["end"] == {"reason": "UNSAFE", "achieved": [False]}


def test_what_was_found_is_told_by_the_exit_code_though_nobody_reads_it(finished_run: Path, tmp_path: Path) -> None:
    folder = altered(finished_run, tmp_path / "forged", '"label":"UNSAFE"', '"label":"SAFE"')
    for options in ((), ("--json",)):
        with start("replay", folder, *options) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            complaint = process.stderr.read()
            assert (process.wait(), complaint) == (1, "")


def test_an_episode_that_is_not_there_is_answered_with_the_nearest(finished_run: Path) -> None:
    done = invoke("transcript", finished_run, UNSAFE.replace("/0", "/1"))
    assert (done.code, done.out) == (2, "")
    assert f"did you mean '{UNSAFE}'" in done.err


def test_an_honest_run_replays(finished_run: Path) -> None:
    done = autosafe("replay", finished_run, "--json")
    assert (done.code, done.err) == (0, "")
    assert [row["ok"] for row in done.json()["rows"]] == [True] * 18
    assert invoke("replay", finished_run).out == "18 of 18 episodes replay identically\n"


def test_a_change_in_the_log_is_found_with_its_episode_and_event(finished_run: Path, tmp_path: Path) -> None:
    run = altered(finished_run, tmp_path / "run", '"reward":-1.0', '"reward":1.0')
    done = invoke("replay", run)
    assert (done.code, done.err) == (1, "")
    first, last = done.out.splitlines()
    assert first.startswith(f"{UNSAFE}, event 8: the log says stepped {{'reward': 1.0}}, the replay stepped")
    assert last == "17 of 18 episodes replay identically"
    as_json = invoke("replay", run, "--json")
    bad = [row for row in as_json.json()["rows"] if not row["ok"]]
    assert as_json.code == 1
    assert [(row["episode"], row["event"]) for row in bad] == [(UNSAFE, 8)]
    assert "1.0" in bad[0]["logged"]


def test_a_torn_log_is_read_with_a_warning_on_standard_error(finished_run: Path, tmp_path: Path) -> None:
    run = altered(finished_run, tmp_path / "run", '"line":"event","index":3', '"line":"event","ind')
    done = autosafe("transcript", run, "--json")
    assert (done.code, len(done.json())) == (0, 17)
    assert all(line.startswith(f"warning: {run / EVENTS}: ") for line in done.err.splitlines())
    assert " is incomplete: 3 of " in done.err


def test_a_run_replays_strictly_with_its_agents_acting_again(finished_run: Path, tmp_path: Path) -> None:
    done = invoke("replay", finished_run, "--strict")
    assert (done.code, done.out, done.err) == (0, "18 of 18 episodes replay byte for byte\n", "")
    run = altered(finished_run, tmp_path / "run", '"thought":""', '"thought":"hm"')
    assert invoke("replay", run).code == 0
    strict = invoke("replay", run, "--strict", "--json")
    bad = [row for row in strict.json()["rows"] if not row["ok"]]
    assert strict.code == 1
    assert [(row["event"], row["role"], row["miss"]) for row in bad] == [(1, "policy", None)]
    assert "hm" in bad[0]["logged"]


def test_a_log_that_means_the_same_in_other_bytes_does_not_replay_strictly(finished_run: Path, tmp_path: Path) -> None:
    run = altered(finished_run, tmp_path / "run", '"reward":0.0', '"reward": 0.0')
    assert invoke("replay", run).code == 0
    done = invoke("replay", run, "--strict")
    assert done.code == 1
    assert '"reward": 0.0' in done.out


@pytest.mark.parametrize(("command", "code"), [("transcript", 2), ("replay", 1)])
@pytest.mark.parametrize(
    ("index", "event"),
    [
        (6, {"kind": "tool_returned", "observation": 1, "patch": [{"op": "remove", "path": "/bank/nowhere/0"}]}),
        (1, {"kind": "rejected", "error": "There is no step yet."}),
    ],
    ids=["patch that leads nowhere", "answer to nothing"],
)
def test_a_log_whose_events_do_not_follow_is_told_and_not_raised(
    finished_run: Path, tmp_path: Path, command: str, code: int, index: int, event: dict[str, object]
) -> None:
    run = shutil.copytree(finished_run, tmp_path / "run")
    lines = (run / EVENTS).read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if UNSAFE in line) + 1 + index
    lines[place] = json.dumps({"line": "event", "index": index, "event": event})
    (run / EVENTS).write_text("\n".join(lines) + "\n")
    done = invoke(command, run)
    assert done.code == code
    assert UNSAFE in done.out + done.err


@pytest.mark.parametrize("command", ["transcript", "replay"])
def test_a_folder_that_is_no_run_is_told(command: str, tmp_path: Path) -> None:
    done = invoke(command, tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"{tmp_path} is not a run folder: it has no manifest.json\n"
    assert invoke(command, tmp_path / "nowhere").code == 2


def test_a_run_without_episodes_has_nothing_to_replay(finished_run: Path, tmp_path: Path) -> None:
    shutil.copy(finished_run / "manifest.json", tmp_path)
    done = invoke("replay", tmp_path)
    assert (done.code, done.out, done.err) == (2, "", f"{tmp_path} holds no whole episode\n")


def test_hostile_text_reaches_the_terminal_only_in_visible_form(tmp_path: Path) -> None:
    path = hostile_scenario(tmp_path / "hostile.yaml")
    agents = ("--agent", "oracle_safe", "--agent", "oracle_unsafe")
    assert invoke("run", "--suite", path, *agents, "--out", tmp_path / "run").code == 0
    shown = 0
    for row in invoke("transcript", tmp_path / "run", "--json").json():
        done = invoke("transcript", tmp_path / "run", row["episode"])
        assert steering(done.out + done.err) == []
        assert done.out.count("\\x1b[2J\\x1b]0;owned") >= 2
        shown += "\\u202eevil" in done.out
    assert shown == 4


def test_hostile_text_of_a_scenario_file_is_shown_in_visible_form(tmp_path: Path) -> None:
    path = hostile_scenario(tmp_path / "hostile.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text(path.read_text() + f"? {json.dumps('key' + HOSTILE)}\n: 1\n")
    for arguments in (
        ["show", path],
        ["check", path, broken],
        ["check", tmp_path / "x\x1b[2J.yaml"],
        ["show", HOSTILE],
    ):
        done = invoke(*arguments)
        assert steering(done.out + done.err) == [], arguments
        assert "\\x1b" in done.out + done.err
