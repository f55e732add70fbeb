"""The table of figures: columns that say something are there, and those that would be empty are not."""

from __future__ import annotations

from typing import Any

import pytest

from autosafe_env.bench.metrics import Row, summarise
from autosafe_env.cli.figures import write_rows
from tests.bench.test_metrics import FAILED, FAULTLESS, FAULTY, SAFE, UNSAFE

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
