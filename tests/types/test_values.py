"""Values: a changed one speaks of its own fields, and of nothing that was remembered of the old ones."""

from __future__ import annotations

from autosafe_env.types.chat import ChatMessage, ChatRequest


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
