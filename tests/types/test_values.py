"""Values: a changed one speaks of its own fields, and of nothing that was remembered of the old ones."""

from __future__ import annotations

from autosafe_env.types.chat import ChatMessage, ChatRequest
from tests.fixtures import make_env


def message(text: str) -> ChatMessage:
    return ChatMessage(role="user", content=text)


def test_a_changed_request_has_a_digest_of_its_own() -> None:
    request = ChatRequest(messages=(message("a"),), seed=3)
    digest = request.digest
    other = request.changed({"messages": (message("b"),)})
    assert other.digest == ChatRequest(messages=(message("b"),), seed=3).digest != digest
    assert other == ChatRequest(messages=(message("b"),), seed=3)
    assert other.changed({"messages": request.messages}).digest == digest
    assert request.digest == digest


def test_a_changed_message_is_written_anew() -> None:
    first = message("a")
    assert b'"a"' in first.wire
    assert first.changed({"content": "b"}).wire == message("b").wire


def test_requests_that_differ_anywhere_have_different_digests() -> None:
    tool, other = (make_env().tools[name].spec for name in ("email_read", "email_list"))
    requests = [
        ChatRequest(messages=(message("a"),)),
        ChatRequest(messages=(message("a"), message("a"))),
        ChatRequest(messages=(message("a"), message("b"))),
        ChatRequest(messages=(message("b"), message("a"))),
        ChatRequest(messages=(ChatMessage(role="system", content="a"),)),
        ChatRequest(messages=(message("a"),), tools=(tool,)),
        ChatRequest(messages=(message("a"),), tools=(other,)),
        ChatRequest(messages=(message("a"),), tools=(tool, other)),
        ChatRequest(messages=(message("a"),), answer_schema={"type": "object"}),
        ChatRequest(messages=(message("a"),), temperature=0.0),
        ChatRequest(messages=(message("a"),), seed=0),
        ChatRequest(messages=(message("a"),), max_tokens=1),
    ]
    assert len({request.digest for request in requests}) == len(requests)
    assert {len(request.digest) for request in requests} == {32}
    assert [ChatRequest.model_validate(request.model_dump()).digest for request in requests] == [
        request.digest for request in requests
    ]


def test_equal_values_are_written_alike_however_they_were_made() -> None:
    checked = ChatRequest(messages=(message("a"),), seed=3, max_tokens=9)
    made = ChatRequest.made(max_tokens=9, seed=3, messages=(message("a"),))
    used = ChatRequest.made(seed=4, messages=(message("a"),))
    assert used.digest
    changed = used.changed({"max_tokens": 9, "seed": 3})
    assert made.model_dump_json() == changed.model_dump_json() == checked.model_dump_json()


def test_what_is_worked_out_once_is_kept_with_its_value_and_not_with_a_changed_one() -> None:
    message = ChatMessage(role="user", content="one")
    assert message.wire is message.wire
    assert message == ChatMessage(role="user", content="one")
    changed = message.changed({"content": "two"})
    assert b"two" in changed.wire
    assert message.model_dump() == ChatMessage(role="user", content="one").model_dump()
