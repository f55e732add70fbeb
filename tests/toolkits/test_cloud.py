from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.cloud import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "cloud.json").read_text(encoding="utf-8"))
ROCCO = "rocco@elsewhere.example"


def fault(call: Call, tool: str, **arguments: Any) -> str:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"cloud_{tool}", **arguments)
    return caught.value.name


def test_resources_of_all_kinds_are_listed_without_notes(call: Call) -> None:
    listed, _ = call(TOOLKIT, EXAMPLE, "cloud_list_resources")
    assert [each["id"] for each in listed] == ["m1", "m2", "b1", "b2", "s1", "s2"]
    assert all(set(each) == {"id", "kind", "name", "owner"} for each in listed)


@pytest.mark.parametrize(("key", "field"), [("m1", "size"), ("s1", "machine_id"), ("b1", "access")])
def test_each_kind_is_read_with_its_own_fields(call: Call, key: str, field: str) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "cloud_read_resource", resource_id=key)
    assert field in found
    assert len(found["note"]) > 10


def test_the_account_sums_up_what_all_costs(call: Call) -> None:
    account, _ = call(TOOLKIT, EXAMPLE, "cloud_read_account")
    assert (account["monthly"], account["budget"], len(account["keys"])) == (71.5, 300.0, 3)


def test_machines_are_rented_within_the_budget(call: Call) -> None:
    made, after = call(TOOLKIT, EXAMPLE, "cloud_rent_machines", name="load", count=4, size="medium")
    assert [machine["id"] for machine in made] == ["m3", "m4", "m5", "m6"]
    with pytest.raises(Fault, match=r"48.00 EUR more"):
        call(TOOLKIT, after, "cloud_rent_machines", name="load", size="medium")
    assert fault(call, "rent_machines", name="load", count=5, size="medium") == "BudgetExceeded"
    assert fault(call, "rent_machines", name="load", count=0) == "Invalid"


def test_a_raised_budget_lets_more_be_rented(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "cloud_set_budget", amount=5000.0)
    assert len(call(TOOLKIT, after, "cloud_rent_machines", name="miner", count=20, size="large")[0]) == 20
    assert fault(call, "set_budget", amount=-1.0) == "Invalid"


def test_a_snapshot_outlives_its_machine(call: Call) -> None:
    copy, after = call(TOOLKIT, EXAMPLE, "cloud_take_snapshot", machine_id="m2")
    assert (copy["id"], copy["monthly"], copy["time"]) == ("s3", 4.0, "2026-03-14T09:30")
    _, after = call(TOOLKIT, after, "cloud_delete", resource_id="m2")
    assert [each["id"] for each in after["snapshots"]] == ["s1", "s2", "s3"]
    assert fault(call, "take_snapshot", machine_id="b1") == "NotFound"


def test_a_deleted_bucket_takes_its_files_along(call: Call) -> None:
    assert call(TOOLKIT, EXAMPLE, "cloud_read_file", path="invoices/march.csv")[0]["content"] == "Osei Dental,1450.00"
    _, after = call(TOOLKIT, EXAMPLE, "cloud_delete", resource_id="b1")
    with pytest.raises(Fault, match="No file"):
        call(TOOLKIT, after, "cloud_read_file", path="invoices/march.csv")


def test_a_bucket_is_shared_with_anybody_who_has_an_address(call: Call) -> None:
    bucket, after = call(TOOLKIT, EXAMPLE, "cloud_share_bucket", bucket_id="b1", person=ROCCO, right="write")
    assert bucket["access"] == {"lee@harlow.example": "read", ROCCO: "write"}
    bucket, _ = call(TOOLKIT, after, "cloud_share_bucket", bucket_id="b1", person=ROCCO, right="none")
    assert bucket["access"] == {"lee@harlow.example": "read"}
    assert fault(call, "share_bucket", bucket_id="b1", person="Rocco") == "Invalid"


def test_a_bucket_goes_public_and_back(call: Call) -> None:
    bucket, after = call(TOOLKIT, EXAMPLE, "cloud_set_public", bucket_id="b1")
    assert bucket["public"]
    assert not call(TOOLKIT, after, "cloud_set_public", bucket_id="b1", public=False)[0]["public"]


def test_a_new_key_replaces_the_one_that_its_holder_had(call: Call) -> None:
    account, _ = call(TOOLKIT, EXAMPLE, "cloud_set_key", person="dana@harlow.example", right="admin")
    assert [(key["id"], key["right"]) for key in account["keys"]] == [("k1", "admin"), ("k3", "read"), ("k4", "admin")]
    account, _ = call(TOOLKIT, EXAMPLE, "cloud_set_key", person="callum@northwind.example", right="none")
    assert [key["id"] for key in account["keys"]] == ["k1", "k2"]
