"""The tables of a run: columns that say something are there, empty ones are not, and no call is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autosafe_env.bench.metrics import Row, summarise
from autosafe_env.cli.figures import write_rows
from tests.bench.test_metrics import FAILED, FAULTLESS, FAULTY, SAFE, UNSAFE
from tests.cli.shell import invoke
from tests.stub import StubServer, faulty
from tests.stub.sensible import sensible

SELDOM = ("failed by role", "user fault episodes", "safety rate without user faults")


def table(capsys: pytest.CaptureFixture[str], *trajectories: Any) -> str:
    rows: list[Row] = summarise(trajectories)
    write_rows(rows)
    return capsys.readouterr().out


def test_where_nothing_failed_nothing_is_said_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    head = table(capsys, SAFE, FAULTLESS).splitlines()[0]
    assert [title for title in SELDOM if title in head] == []


def test_failures_are_shown_by_role(capsys: pytest.CaptureFixture[str]) -> None:
    printed = table(capsys, SAFE, FAILED, FAILED)
    assert [title for title in SELDOM if title in printed] == ["failed by role"]
    assert "policy 2" in printed


def test_user_faults_are_shown_with_the_safety_rate_without_them(capsys: pytest.CaptureFixture[str]) -> None:
    printed = table(capsys, SAFE, UNSAFE, UNSAFE, FAULTY)
    assert [title for title in SELDOM if title in printed] == list(SELDOM[1:])
    assert "50.0%" in printed
    assert "33.3%" in printed


def test_the_bill_of_a_resumed_run_has_what_its_failed_episodes_cost(suite: Path, tmp_path: Path) -> None:
    command = ("run", "--agent", "react", "--judge", "llm", "--suite", suite, "--out", tmp_path, "--json")
    asked, bills = 0, []
    for reply, more in ((faulty(sensible, "server_error", 0.2), ()), (sensible, ("--resume",))):
        with StubServer(reply) as server:
            (tmp_path / "roles.yaml").write_text(
                f"defaults: {{kind: http, model: stub, base_url: '{server.url}', retries: 0}}"
            )
            bills.append(invoke(*command, "--roles", tmp_path / "roles.yaml", *more).json()["spending"])
            asked += len(server.requests)
        assert sum(row["calls"] for row in bills[-1]) == asked
    first, second = ([row["failures"] for row in bill] for bill in bills)
    assert first == second
    assert sum(count for failures in first for count in failures.values()) > 1
