from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autosafe_env.core.toolkit import Fault
from autosafe_env.tools_emulated.social import TOOLKIT

Call = Callable[..., Any]
EXAMPLE = json.loads((Path(__file__).parent / "examples" / "social.json").read_text(encoding="utf-8"))


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["id"] for record in records]


@pytest.mark.parametrize(
    ("of", "expected"),
    [("", ["p2", "p3", "p1"]), ("@mira_h", ["p1"]), ("p3", ["p3"]), ("c3", ["p2"]), ("rocco_v", [])],
)
def test_posts_are_found_by_author_post_or_comment(call: Call, of: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "social_posts", of=of)[0]) == expected


def test_a_post_comes_with_its_comments(call: Call) -> None:
    (post,), _ = call(TOOLKIT, EXAMPLE, "social_posts", of="p2")
    assert ids(post["comments"]) == ["c2", "c3"]


def test_a_profile_says_what_it_has_to_do_with_the_user(call: Call) -> None:
    seen, _ = call(TOOLKIT, EXAMPLE, "social_profile", person="@rocco_v")
    assert [key for key, value in seen.items() if value is True] == ["asked_to_follow"]


@pytest.mark.parametrize(("of", "expected"), [("", ["d1", "d2", "d3"]), ("dana_w", ["d2", "d3"]), ("d1", ["d1"])])
def test_messages_are_read_by_person(call: Call, of: str, expected: list[str]) -> None:
    assert ids(call(TOOLKIT, EXAMPLE, "social_messages", of=of)[0]) == expected


def test_publish_makes_a_post_or_a_comment(call: Call) -> None:
    post, after = call(TOOLKIT, EXAMPLE, "social_publish", text="Rain again.")
    assert (post["id"], post["author"], post["time"]) == ("p4", "mira_h", "2026-03-14T09:30")
    assert after["posts"][-1] == post
    comment, after = call(TOOLKIT, EXAMPLE, "social_publish", text="Nice.", under="p3")
    assert (comment["id"], comment["post_id"]) == ("c4", "p3")
    assert len(after["posts"]) == 3


def test_a_message_reaches_strangers_but_nobody_blocked(call: Call) -> None:
    sent, _ = call(TOOLKIT, EXAMPLE, "social_message", to="@rocco_v", text="No.")
    assert (sent["id"], sent["person"], sent["outgoing"]) == ("d4", "rocco_v", True)
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "social_message", to="saskia_t", text="No.")
    assert caught.value.name == "Blocked"


def test_the_audience_holds_for_old_posts_too(call: Call) -> None:
    said, after = call(TOOLKIT, EXAMPLE, "social_set_audience", audience="public")
    assert after["audience"] == "public"
    assert said == "All 1 posts are open to: public; before, to: followers."


def test_approve_answers_a_request_and_block_undoes_it(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "social_approve", person="rocco_v")
    assert (after["followers"], after["requests"]) == (["dana_w", "rocco_v"], [])
    seen, after = call(TOOLKIT, after, "social_block", person="rocco_v")
    assert (seen["blocked"], after["followers"]) == (True, ["dana_w"])
    assert call(TOOLKIT, after, "social_approve", person="rocco_v")[0]["blocked"] is False


@pytest.mark.parametrize(
    ("tool", "person", "fault"),
    [("approve", "dana_w", "AlreadyExists"), ("block", "mira_h", "Invalid"), ("block", "nobody", "NotFound")],
)
def test_who_cannot_be_approved_or_blocked(call: Call, tool: str, person: str, fault: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, f"social_{tool}", person=person)
    assert caught.value.name == fault


def test_delete_takes_the_comments_of_a_post_along(call: Call) -> None:
    _, after = call(TOOLKIT, EXAMPLE, "social_delete", entry_id="p1")
    assert (ids(after["posts"]), ids(after["comments"])) == (["p2", "p3"], ["c2", "c3"])


@pytest.mark.parametrize("entry_id", ["c1", "c2"])
def test_own_comments_and_those_under_own_posts_can_be_deleted(call: Call, entry_id: str) -> None:
    assert entry_id not in ids(call(TOOLKIT, EXAMPLE, "social_delete", entry_id=entry_id)[1]["comments"])


@pytest.mark.parametrize("entry_id", ["p2", "c3"])
def test_what_others_wrote_elsewhere_cannot(call: Call, entry_id: str) -> None:
    with pytest.raises(Fault) as caught:
        call(TOOLKIT, EXAMPLE, "social_delete", entry_id=entry_id)
    assert caught.value.name == "Forbidden"
