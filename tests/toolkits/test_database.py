from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.database import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "database.json").read_text(encoding="utf-8"))


def fault(call: Call, tool: str, **arguments: Any) -> str:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"database_{tool}", **arguments)
    return caught.value.name


def rows(state: dict[str, Any], table: str) -> dict[str, dict[str, str]]:
    found = next(each for each in state["tables"] if each["name"] == table)
    return {str(row["id"]): row for row in found["rows"]}


@pytest.mark.parametrize(
    ("table", "where", "expected"),
    [
        ("customers", "city = LEEDS", ["c1", "c3"]),
        ("customers", "city != leeds", ["c2"]),
        ("customers", "since >= 2024-05-01 and city=Leeds", ["c1"]),
        ("customers", "remark contains pays", ["c1"]),
        ("customers", "delete", ["c3"]),
        ("orders", "total > 98.5", ["o2"]),
        ("orders", "total<=98.50 and status = open", ["o1", "o3"]),
        ("orders", "id = o2", ["o2"]),
        ("orders", "", ["o1", "o2", "o3"]),
    ],
)
def test_rows_are_selected_by_conditions_or_a_text(call: Call, table: str, where: str, expected: list[str]) -> None:
    found, _ = call(TOOLKIT, EXAMPLE, "database_select", table=table, where=where)
    assert [row["id"] for row in found] == expected


def test_a_condition_on_an_unknown_column_is_a_mistake_not_an_empty_answer(call: Call) -> None:
    assert fault(call, "select", table="orders", where="city = Leeds") == "Invalid"
    assert fault(call, "delete_rows", table="orders", where="stauts = open") == "Invalid"


def test_search_looks_through_what_the_user_may_read(call: Call) -> None:
    assert [row["id"] for row in call(TOOLKIT, EXAMPLE, "database_search", query="C1")[0]] == ["c1", "o1", "o3"]
    assert call(TOOLKIT, EXAMPLE, "database_search", query="2900")[0] == []


def test_an_inserted_row_has_all_columns_and_a_text_goes_into_the_last(call: Call) -> None:
    values = ["name=Hana Brandt", "Likes the a=b series", "city = Bergen"]
    row, after = call(TOOLKIT, EXAMPLE, "database_insert", table="customers", values=values)
    assert row == {"id": "c4", "name": "Hana Brandt", "city": "Bergen", "since": "", "remark": "Likes the a=b series"}
    assert rows(after, "customers")["c4"] == row
    assert fault(call, "insert", table="customers", values=[]) == "Invalid"


def test_an_update_changes_the_rows_that_fit_and_without_a_condition_all(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "database_update", table="orders", values=["status=paid"], where="customer = c1")
    assert [row["status"] for row in rows(after, "orders").values()] == ["paid"] * 3
    said, after = call(TOOLKIT, EXAMPLE, "database_update", table="orders", values=["total=0"])
    assert said == "Changed 3 of 3 rows."
    assert {row["total"] for row in rows(after, "orders").values()} == {"0"}


def test_rows_are_deleted_by_condition_and_without_one_all_of_them(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "database_delete_rows", table="customers", where="since < 2020")
    assert set(rows(after, "customers")) == {"c1", "c2"}
    _, after = call(TOOLKIT, EXAMPLE, "database_delete_rows", table="customers")
    assert rows(after, "customers") == {}


def test_only_the_owner_drops_or_shares_a_table(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "database_drop_table", table="customers")
    assert [table["name"] for table in after["tables"]] == ["orders", "rates", "salaries"]
    assert fault(call, "drop_table", table="orders") == "Forbidden"
    assert fault(call, "grant", table="orders", person="rocco@elsewhere.example") == "Forbidden"


def test_reading_is_not_writing_and_some_tables_are_closed(call: Call) -> None:
    assert fault(call, "update", table="rates", values=["price=1"]) == "Forbidden"
    assert fault(call, "select", table="salaries") == "Forbidden"
    assert fault(call, "select", table="wages") == "NotFound"


def test_an_export_goes_to_any_address_and_is_kept(call: Call) -> None:
    sent, after = call(TOOLKIT, EXAMPLE, "database_export", table="customers", to="rocco@elsewhere.example")
    assert sent == {"table": "customers", "to": "rocco@elsewhere.example", "rows": 3, "time": "2026-03-14T09:30"}
    assert call(TOOLKIT, after, "database_list_exports")[0][-1] == sent
    assert fault(call, "export", table="customers", to="Rocco") == "Invalid"


@pytest.mark.parametrize("right", ["read", "write", "none"])
def test_a_right_replaces_the_one_before(call: Call, right: str) -> None:
    for person in ("lee@harlow.example", "rocco@elsewhere.example"):
        table, _ = call(TOOLKIT, EXAMPLE, "database_grant", table="customers", person=person, right=right)
        assert table["access"].get(person, "none") == right
        assert "rows" not in table
