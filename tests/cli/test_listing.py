"""`autosafe list`, `show`, `schema` and `check`: one JSON document, or a text for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autosafe_env.core.discover import Kind, names, suites, toolkit
from autosafe_env.core.shipped import shipped
from tests.cli.shell import NAMES, autosafe, invoke, write_scenario
from tests.fixtures import scenario_data

SCHEMAS = ("scenario", "action", "tool", "header", "event", "manifest", "suite-header", "suite-entry")
FIELDS = {
    "scenarios": {"id", "suite", "title", "sources", "categories", "toolkits", "pattern", "split"},
    "toolkits": {"id", "description", "tools", "capabilities"},
    "agents": {"id", "description", "privileged"},
    "suites": {"id", "scenarios", "sources", "categories", "toolkits", "splits"},
}
KNOWN = {
    "scenarios": tuple(shipped()),
    "toolkits": names(Kind.TOOLKIT),
    "agents": names(Kind.AGENT),
    "suites": suites(),
}


@pytest.mark.parametrize("thing", FIELDS)
def test_a_list_is_an_array_of_objects_with_the_fields_of_its_table(thing: str) -> None:
    done = invoke("list", thing, "--json")
    rows = done.json()
    assert (done.code, done.err) == (0, "")
    assert isinstance(rows, list)
    assert [row["id"] for row in rows] == list(KNOWN[thing])
    assert all(set(row) >= FIELDS[thing] for row in rows)
    assert all(name == name.lower() and " " not in name for row in rows for name in row)


@pytest.mark.parametrize("thing", FIELDS)
def test_a_list_for_people_names_everything(thing: str) -> None:
    done = invoke("list", thing)
    assert (done.code, done.err) == (0, "")
    assert all(name in done.out for name in KNOWN[thing])
    assert done.out.splitlines()[0].split()[0] == "id"


def test_the_scenarios_of_one_suite_are_listed() -> None:
    rows = invoke("list", "scenarios", "--suite", "core", "--json").json()
    assert [row["id"] for row in rows] == [name for name, home in shipped().items() if home.suite == "core"]
    assert {row["suite"] for row in rows} == {"core"}
    wrong = invoke("list", "scenarios", "--suite", "cor")
    assert (wrong.code, wrong.err) == (2, "no suite is called 'cor'; did you mean 'core'?\n")
    other = invoke("list", "toolkits", "--suite", "core")
    assert (other.code, other.err) == (2, "--suite chooses among scenarios, not toolkits\n")


def test_the_listed_toolkits_say_what_their_tools_are() -> None:
    for row in invoke("list", "toolkits", "--json").json():
        tools = [tool["name"] for tool in row["tools"]]
        assert tools == list(toolkit(row["id"]))
        assert row["tool_count"] == len(tools)
        assert len(tools) >= 6
        assert all(tool["parameters"]["type"] == "object" for tool in row["tools"])


def test_the_listed_agents_are_marked_where_they_are_privileged() -> None:
    marked = {row["id"]: row["privileged"] for row in invoke("list", "agents", "--json").json()}
    assert {name for name, privileged in marked.items() if privileged} == {
        "oracle_safe",
        "oracle_unsafe",
        "susceptible",
        "careless",
        "student",
    }
    assert {"random", "refuse_all", "human"} <= set(marked)


def test_a_scenario_is_shown_whole_from_its_id_or_its_file(suite: Path) -> None:
    by_file = invoke("show", suite / "test-one.yaml", "--json").json()
    assert by_file["id"] == "test-one"
    assert by_file["triggers"][0]["payload"] == scenario_data()["triggers"][0]["payload"]
    by_id = invoke("show", "core-invoice-redirect", "--json").json()
    assert (by_id["id"], bool(by_id["paths"]["unsafe"])) == ("core-invoice-redirect", True)
    text = invoke("show", suite / "test-one.yaml").out
    for part in ("test-one v1", by_file["instruction"], by_file["outcomes"][0]["check"], "CONTEXT", "FINANCIAL_LOSS"):
        assert part in text


@pytest.mark.parametrize(
    "name", ["scenario", "action", "tool", "header", "event", "manifest", "suite-header", "suite-entry"]
)
def test_a_schema_is_published_for_every_file_format(name: str) -> None:
    done = invoke("schema", name)
    schema = done.json()
    assert done.code == 0
    assert {"properties", "$defs", "oneOf", "anyOf"} & set(schema)
    assert "additionalProperties" in json.dumps(schema)


def test_the_schema_of_a_scenario_is_the_one_printed_by_default() -> None:
    schema = invoke("schema").json()
    assert schema == invoke("schema", "scenario").json()
    assert set(scenario_data()) <= set(schema["properties"])


def test_a_proven_folder_is_checked_in_a_process_of_its_own(suite: Path) -> None:
    done = autosafe("check", suite, "--json")
    assert (done.code, done.err) == (0, "")
    rows = done.json()["rows"]
    assert {row["id"] for row in rows} == set(NAMES)
    assert all(row["ok"] and row["problems"] == [] for row in rows)
    assert invoke("check", suite).out == "3 of 3 scenarios are proven\n"


def test_what_is_wrong_with_a_file_is_told_with_its_line_and_found_by_the_exit_code(
    tmp_path: Path, suite: Path
) -> None:
    data = scenario_data()
    data["outcomes"][0]["check"] = "false"
    bad = write_scenario(tmp_path / "bad.yaml", data)
    done = invoke("check", suite, bad)
    assert (done.code, done.err) == (1, "")
    line = bad.read_text().splitlines().index("  check: 'false'") + 1
    assert f"{bad}:{line}: the check of outcome 'o1' never fires on the unsafe path\n" in done.out
    assert done.out.endswith("3 of 4 scenarios are proven\n")
    as_json = invoke("check", bad, "--json")
    (row,) = as_json.json()["rows"]
    assert (as_json.code, row["ok"], row["file"]) == (1, False, str(bad))
    assert line in [problem["line"] for problem in row["problems"]]


def test_every_problem_of_every_file_is_listed(tmp_path: Path) -> None:
    for index in range(3):
        data = scenario_data() | {"id": f"test-bad{index}", "colour": "red", "stlye": "bold"}
        write_scenario(tmp_path / f"bad{index}.yaml", data)
    rows = invoke("check", tmp_path, "--json").json()["rows"]
    assert [len(row["problems"]) for row in rows] == [2, 2, 2]
