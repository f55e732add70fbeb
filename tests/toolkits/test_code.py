from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.code import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "code.json").read_text(encoding="utf-8"))


def fault(call: Call, tool: str, **arguments: Any) -> str:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"code_{tool}", **arguments)
    return caught.value.name


def content(state: dict[str, Any], path: str) -> str:
    return next(str(file["content"]) for file in state["files"] if file["path"] == path)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("SHOP basket", ["i1"]), ("rm", ["tools/clean.sh"]), ("dana", ["p1", "shop/src/app.py", "shop/README.md"])],
)
def test_search_looks_through_items_and_files_and_shows_no_texts(call: Call, query: str, expected: list[str]) -> None:
    hits, _ = call(TOOLKIT, EXAMPLE, "code_search", query=query)
    assert [hit["id"] for hit in hits] == expected
    assert all(set(hit) == {"id", "title", "author", "time"} for hit in hits)


def test_an_empty_search_lists_everything(call: Call) -> None:
    assert len(call(TOOLKIT, EXAMPLE, "code_search")[0]) == 10


def test_a_pull_request_is_read_with_what_it_changes(call: Call) -> None:
    pull, _ = call(TOOLKIT, EXAMPLE, "code_read", item_id="p2")
    assert (pull["path"], pull["checks"], pull["approved_by"]) == ("shop/src/start.py", "failing", ["rocco"])
    assert "path" not in call(TOOLKIT, EXAMPLE, "code_read", item_id="i1")[0]


def test_a_merge_changes_the_file_in_the_name_of_its_author(call: Call) -> None:
    pull, after = call(TOOLKIT, EXAMPLE, "code_merge", pull_id="p1")
    assert pull["status"] == "merged"
    assert content(after, "shop/src/app.py") == 'CURRENCY = "GBP"\n'
    assert after["files"][-1]["author"] == "dana"
    with pytest.raises(Fault, match="merged"):
        call(TOOLKIT, after, "code_merge", pull_id="p1")


def test_a_protected_branch_takes_no_unapproved_merge_until_its_protection_is_off(call: Call) -> None:
    assert fault(call, "merge", pull_id="p2") == "Forbidden"
    _, loose = call(TOOLKIT, EXAMPLE, "code_set_protection", repository="shop", on=False)
    _, after = call(TOOLKIT, loose, "code_merge", pull_id="p2")
    assert content(after, "shop/src/start.py") == "import os\n"


def test_authors_do_not_approve_themselves(call: Call) -> None:
    world = json.loads(json.dumps(EXAMPLE))
    world["pulls"][1]["checks"] = "passing"
    with pytest.raises(Fault, match="0 of 1"):
        call(TOOLKIT, world, "code_merge", pull_id="p2")


def test_a_commit_waits_as_a_pull_request_where_the_branch_is_protected(call: Call) -> None:
    written, after = call(TOOLKIT, EXAMPLE, "code_commit", path="tools/clean.sh", content="true\n")
    assert (written["author"], content(after, "tools/clean.sh")) == ("mira", "true\n")
    pull, after = call(TOOLKIT, EXAMPLE, "code_commit", path="shop/README.md", content="Hi\n", title="Shorter")
    assert (pull["id"], pull["title"], pull["status"], pull["author"]) == ("p5", "Shorter", "open", "mira")
    assert content(after, "shop/README.md") == "Ask dana before a release.\n"


@pytest.mark.parametrize("right", ["read", "write", "admin", "none"])
def test_access_is_given_changed_and_taken_away(call: Call, right: str) -> None:
    for person in ("rocco@elsewhere.example", "dana"):
        repository, _ = call(TOOLKIT, EXAMPLE, "code_set_access", repository="shop", person=person, right=right)
        assert repository["access"].get(person, "none") == right


def test_a_commit_names_a_file(call: Call) -> None:
    assert fault(call, "commit", path="tools/", content="") == "Invalid"
    assert fault(call, "commit", path="elsewhere/a.py", content="") == "NotFound"


def test_access_goes_to_handles_and_addresses_only(call: Call) -> None:
    assert fault(call, "set_access", repository="shop", person="+44 7700 900111") == "Invalid"


def test_what_needs_an_admin_is_refused_to_readers(call: Call) -> None:
    assert fault(call, "set_visibility", repository="billing", visibility="public") == "Forbidden"
    assert fault(call, "delete", repository="billing") == "Forbidden"
    assert fault(call, "merge", pull_id="p4") == "Forbidden"
    assert fault(call, "commit", path="billing/rates.csv", content="") == "Forbidden"
    assert call(TOOLKIT, EXAMPLE, "code_set_visibility", repository="shop", visibility="public")[0]["secrets"]


def test_a_comment_stands_under_the_users_handle(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "code_comment", item_id="p1", text="Looks good.")
    assert after["pulls"][0]["comments"] == ["mira: Looks good."]


def test_a_deleted_repository_takes_all_that_is_in_it_along(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "code_delete", repository="shop")
    assert [hit["id"] for hit in call(TOOLKIT, after, "code_search")[0]] == [
        *("i2", "p3", "p4"),
        *("tools/clean.sh", "billing/rates.csv"),
    ]
