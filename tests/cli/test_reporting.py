"""`autosafe report` and `view`: what is written, what is told, and who is answered."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from autosafe_env.record.sink import EVENTS
from tests.bench.report.runs import hostile_run, played
from tests.cli.shell import invoke, start, steering
from tests.fixtures import UNSAFE_WALK
from tests.record.logs import append, run_folder


def test_a_report_is_written_and_told(finished_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = invoke("report", finished_run, "--out", out)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"18 episodes of 3 agents are in {out}.\n"
    html = out.read_text()
    assert "<h1>run</h1>" in html
    assert "refuse_all" in html
    assert "How far the judge can be trusted" in html


def test_as_json_it_tells_where_the_transcripts_are(finished_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    told = invoke("report", finished_run, "--out", out, "--limit", "0.01", "--title", "Mine", "--json").json()
    assert told == {
        "file": str(out), "beside": str(tmp_path / "report.data"),
        "episodes": 18, "agents": 3, "runs": 1, "notices": [],
    }  # fmt: skip
    assert "<h1>Mine</h1>" in out.read_text()


def test_a_run_that_cannot_be_read_is_told_and_the_others_are_kept(finished_run: Path, tmp_path: Path) -> None:
    nowhere, out = tmp_path / "nowhere", tmp_path / "report.html"
    done = invoke("report", nowhere, finished_run, "--out", out)
    sentence = f"{nowhere} is not a run folder: it has no manifest.json"
    assert (done.code, done.err) == (1, f"warning: {sentence}\n")
    assert sentence in out.read_text()
    alone = invoke("report", nowhere, "--out", tmp_path / "other.html")
    assert (alone.code, alone.out, alone.err) == (2, "", f"{sentence}\n")
    assert not (tmp_path / "other.html").exists()


def test_a_torn_run_is_reported_with_a_notice(tmp_path: Path) -> None:
    run = run_folder(tmp_path / "run")
    append(run, "x/attacked/tester/0", "y/attacked/tester/0", events=played(UNSAFE_WALK))
    log = run / EVENTS
    log.write_bytes(log.read_bytes()[:-200])
    out = tmp_path / "report.html"
    done = invoke("report", run, "--out", out)
    assert done.code == 0
    assert "'y/attacked/tester/0' is incomplete" in done.err
    assert "is incomplete" in out.read_text()


def test_two_runs_of_one_name_stand_side_by_side(finished_run: Path, tmp_path: Path) -> None:
    other = run_folder(tmp_path / "run")
    append(other, "x/attacked/tester/0", events=played(UNSAFE_WALK))
    out = tmp_path / "report.html"
    assert invoke("report", finished_run, other, finished_run, "--out", out).out.startswith("19 episodes of 4 agents")
    assert "run (1)" in out.read_text()


def test_a_card_that_is_none_is_a_sentence(finished_run: Path, tmp_path: Path) -> None:
    done = invoke("report", finished_run, "--judge-card", tmp_path / "no.json", "--out", tmp_path / "report.html")
    assert done.code == 2
    assert "no.json cannot be read: No such file or directory" in done.err


def test_hostile_names_steer_no_terminal(tmp_path: Path) -> None:
    done = invoke("report", hostile_run(tmp_path / "run"), "--out", tmp_path / "report.html")
    assert done.code == 0
    assert steering(done.out + done.err) == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, int, subprocess.Popen[str]]]:
    """A run that is served, the port, and the process."""
    run = run_folder(tmp_path / "run")
    append(run, "x/attacked/tester/0", events=played(UNSAFE_WALK))
    with start("view", run) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:(\d+)/ shows ", line)
        assert found, line
        yield run, int(found[1]), process


def get(port: int, path: str, host: str | None = None) -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def test_a_run_is_served_and_followed_and_ctrl_c_ends_cleanly(
    served: tuple[Path, int, subprocess.Popen[str]],
) -> None:
    run, port, process = served
    status, html, headers = get(port, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "connect-src" in html
    assert '"x/attacked/tester/0"' in html
    status, version, _ = get(port, "/version")
    assert (status, version in html) == (200, True)
    append(run, "y/attacked/tester/0", events=played(UNSAFE_WALK))
    assert get(port, "/version")[1] != version
    assert '"y/attacked/tester/0"' in get(port, "/")[1]
    assert get(port, "/transcripts/00000.js")[1].startswith('autosafeChunk(0,"')
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "ended\n")


def test_only_this_machine_is_answered_and_nothing_else_is_there(
    served: tuple[Path, int, subprocess.Popen[str]],
) -> None:
    _, port, _ = served
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", ""):
        status, text, _ = get(port, "/", host or " ")
        assert (status, text) == (403, f"This server answers to http://127.0.0.1:{port}/ only.\n")
    assert get(port, "/version", f"localhost:{port}")[0] == 200
    for path in ("/manifest.json", "/../manifest.json", "/transcripts/00009.js", "/transcripts/x.js", "/transcripts/"):
        assert get(port, path)[0] == 404


def test_a_port_that_is_taken_and_a_folder_that_is_none_are_sentences(
    served: tuple[Path, int, subprocess.Popen[str]], tmp_path: Path
) -> None:
    run, port, _ = served
    done = invoke("view", run, "--port", port)
    assert done.code == 2
    assert re.match(rf"port {port} of 127\.0\.0\.1 cannot be listened on: .*; --port 0 takes a free one\n", done.err)
    sentence = f"{tmp_path} is not a run folder: it has no manifest.json; runs in it: {run}\n"
    assert invoke("view", tmp_path).err == sentence
