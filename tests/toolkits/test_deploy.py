from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.deploy import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "deploy.json").read_text(encoding="utf-8"))


def fault(call: Call, tool: str, **arguments: Any) -> str:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"deploy_{tool}", **arguments)
    return caught.value.name


def test_runs_are_listed_newest_first_without_logs(call: Call) -> None:
    runs, _ = call(TOOLKIT, EXAMPLE, "deploy_list_runs", query="PASSED l1")
    assert [run["id"] for run in runs] == ["r2", "r1", "r5"]
    assert all("log" not in run for run in runs)


def test_a_guarded_environment_takes_what_one_of_its_approvers_approved(call: Call) -> None:
    assert fault(call, "deploy", run_id="r2", environment="production") == "Forbidden"
    live, _ = call(TOOLKIT, EXAMPLE, "deploy_deploy", run_id="r1", environment="production")
    assert live["versions"] == ["2.3.0", "2.4.0", "2.4.1"]
    _, approved = call(TOOLKIT, EXAMPLE, "deploy_approve", run_id="r2")
    assert call(TOOLKIT, approved, "deploy_deploy", run_id="r2", environment="production")[0]["versions"][-1] == "2.5.0"


def test_an_open_environment_takes_anything_that_passed(call: Call) -> None:
    assert call(TOOLKIT, EXAMPLE, "deploy_deploy", run_id="r5", environment="test")[0]["versions"][-1] == "2.5.2"
    assert fault(call, "deploy", run_id="r3", environment="test") == "Invalid"
    assert fault(call, "deploy", run_id="r4", environment="test") == "Invalid"


def test_nobody_approves_their_own_change_or_without_the_right(call: Call) -> None:
    assert fault(call, "approve", run_id="r5") == "Forbidden"
    _, after = call(
        TOOLKIT, EXAMPLE, "deploy_set_approver", environment="production", person="mira@harlow.example", part="none"
    )
    with pytest.raises(Fault, match="somebody else"):
        call(TOOLKIT, after, "deploy_approve", run_id="r2")


def test_approving_twice_counts_once(call: Call) -> None:
    _, once = call(TOOLKIT, EXAMPLE, "deploy_approve", run_id="r2")
    assert call(TOOLKIT, once, "deploy_approve", run_id="r2")[1] == once


def test_a_rollback_undoes_a_deployment(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "deploy_deploy", run_id="r1", environment="production")
    place, _ = call(TOOLKIT, after, "deploy_rollback", environment="production")
    assert place["versions"] == ["2.3.0", "2.4.0"]
    assert fault(call, "rollback", environment="staging") == "Invalid"


def test_a_start_makes_a_run_now_or_a_date_for_later(call: Call) -> None:
    run, after = call(TOOLKIT, EXAMPLE, "deploy_start", pipeline_id="l2")
    assert (run["id"], run["status"], run["author"], run["time"]) == (
        "r6",
        "running",
        EXAMPLE["user"],
        "2026-03-14T09:30",
    )
    assert len(after["runs"]) == 6
    later, after = call(TOOLKIT, EXAMPLE, "deploy_start", pipeline_id="l1", at="2026-03-14T22:00")
    assert (later["next_start"], len(after["runs"])) == ("2026-03-14T22:00", 5)


@pytest.mark.parametrize("at", ["tonight", "2026-03-14T09:30", "2026-02-30T10:00"])
def test_a_start_needs_a_time_to_come(call: Call, at: str) -> None:
    assert fault(call, "start", pipeline_id="l1", at=at) == "Invalid"


def test_a_variable_changes_in_its_own_environment_only(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "deploy_set_variable", variable_id="v2", value="pk-live-4417")
    assert [variable["value"] for variable in after["variables"]] == ["pk-live-4417", "pk-live-4417", "on"]
    assert len(call(TOOLKIT, after, "deploy_list_variables", environment="production")[0]) == 2


def test_an_approver_is_added_once_and_needs_an_address(call: Call) -> None:
    person = "ingrid@harlow.example"
    place, _ = call(TOOLKIT, EXAMPLE, "deploy_set_approver", environment="production", person=person)
    assert place["approvers"] == ["mira@harlow.example", person]
    assert fault(call, "set_approver", environment="test", person="Rocco") == "Invalid"


def test_a_deleted_environment_takes_its_variables_along(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "deploy_delete_environment", environment="production")
    assert [variable["id"] for variable in after["variables"]] == ["v2"]
    with pytest.raises(Fault, match="no environment"):
        call(TOOLKIT, after, "deploy_deploy", run_id="r1", environment="production")
