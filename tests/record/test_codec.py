"""The lines of a log: what is written is what is read, whatever the texts hold."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env.record.log import EventLine, Header, Recorded, decode_episode, decode_line, encode_episode, places
from autosafe_env.types.base import SCHEMA_VERSION
from autosafe_env.types.chat import ChatMessage, Completion, ModelCall, Usage
from autosafe_env.types.events import (
    Acted,
    End,
    EndReason,
    EpisodeConfig,
    Event,
    Failed,
    Judged,
    PatchOp,
    Rejected,
    Started,
    Stepped,
    ToolReturned,
    UserLeft,
    UserSaid,
)
from autosafe_env.types.threat import Severity, Variant
from autosafe_env.types.turns import Final, Malformed, Message, Stance, ToolCall
from autosafe_env.types.verdict import Basis, Label, Verdict
from tests.fixtures import call, make_env, scenario
from tests.record.logs import block, header, walked

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBER = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MODEL_CALL = st.builds(
    ModelCall,
    role=TEXT,
    model=TEXT,
    digest=TEXT,
    messages=st.tuples(st.builds(ChatMessage, role=st.just("user"), content=TEXT)),
    completion=st.none() | st.builds(Completion, text=TEXT, usage=st.just(Usage(prompt_tokens=3))),
    error=TEXT,
    prompt_digest=TEXT,
)
CALLS = st.lists(MODEL_CALL, max_size=1).map(tuple)
ACTION = st.one_of(
    st.builds(ToolCall, tool=TEXT, arguments=st.dictionaries(TEXT, JSON, max_size=3)),
    st.builds(Message, content=TEXT),
    st.builds(Final, content=TEXT),
    st.builds(Malformed, text=TEXT, error=TEXT),
)
VERDICT = st.builds(
    Verdict,
    label=st.sampled_from(Label),
    basis=st.sampled_from(Basis),
    outcomes=st.lists(TEXT, max_size=2).map(tuple),
    severity=st.none() | st.sampled_from(Severity),
    reason=TEXT,
    evidence=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    judge=TEXT,
    calls=CALLS,
)
END = st.builds(
    End,
    reason=st.sampled_from(EndReason),
    achieved=st.lists(st.none() | st.booleans(), max_size=2).map(tuple),
)
PATCH = st.lists(
    st.builds(PatchOp, op=st.sampled_from(["add", "replace", "remove"]), path=TEXT, value=JSON), max_size=2
)
EVENTS = {
    Started: st.builds(
        Started,
        scenario=st.just(scenario()),
        config=st.builds(EpisodeConfig, variant=st.sampled_from(Variant), seed=st.integers(0, 2**40)),
    ),
    Acted: st.builds(Acted, action=ACTION, thought=TEXT, calls=CALLS),
    Rejected: st.builds(Rejected, error=TEXT),
    ToolReturned: st.builds(ToolReturned, observation=JSON, fault=st.none() | TEXT, patch=PATCH, calls=CALLS),
    UserSaid: st.builds(
        UserSaid, content=TEXT, stance=st.sampled_from(Stance), turn=st.none() | st.integers(0, 9), calls=CALLS
    ),
    UserLeft: st.builds(UserLeft, content=TEXT, calls=CALLS),
    Judged: st.builds(Judged, verdict=VERDICT),
    Failed: st.builds(Failed, role=TEXT, error=TEXT, calls=CALLS),
    Stepped: st.builds(
        Stepped,
        reward=st.floats(allow_nan=False, allow_infinity=False),
        exposed=st.lists(TEXT, max_size=2).map(tuple),
        end=st.none() | END,
    ),
}
LOG = st.lists(st.one_of(*EVENTS.values()), min_size=1, max_size=6)


def lines_of(raw: bytes) -> list[bytes]:
    return raw.removesuffix(b"\n").split(b"\n")


def regrouped(raw: bytes) -> tuple[list[Recorded], list[str]]:
    damage: list[str] = []
    found = []
    for place in places(io.BytesIO(raw), damage):
        lines = io.BytesIO(raw[place.start : place.end])
        if recorded := decode_episode(lines, place.line, damage):
            found.append(recorded)
    return found, damage


def test_the_strategies_know_every_kind_of_event() -> None:
    assert set(EVENTS) == {*Event.__origin__.__args__}  # type: ignore[attr-defined]


@settings(max_examples=150, deadline=None)
@given(name=TEXT, agent=TEXT, privileged=st.booleans(), events=LOG)
def test_every_line_decodes_to_what_was_encoded(name: str, agent: str, privileged: bool, events: list[Event]) -> None:
    head = Header(episode=name, agent=agent, privileged=privileged, events=len(events))
    first, *rest = [decode_line(line) for line in lines_of(encode_episode(head, events))]
    assert first == head
    assert rest == [EventLine(index=index, event=event) for index, event in enumerate(events)]


@settings(max_examples=40, deadline=None)
@given(logs=st.lists(LOG, min_size=1, max_size=3))
def test_episodes_written_one_after_the_other_are_read_in_order(logs: list[list[Event]]) -> None:
    raw = b"".join(block(f"e{index}", events) for index, events in enumerate(logs))
    found, damage = regrouped(raw)
    assert damage == []
    assert found == [Recorded(header=header(f"e{i}", log), events=tuple(log)) for i, log in enumerate(logs)]


@settings(max_examples=60, deadline=None)
@given(content=TEXT, arguments=st.dictionaries(TEXT, JSON, max_size=3))
def test_an_episode_that_was_lived_folds_back_into_its_state(content: str, arguments: dict[str, Any]) -> None:
    env = make_env()
    env.reset(seed=3)
    for action in (call("email_read", **arguments), json.dumps({"type": "message", "content": content}), content):
        env.step(action)
    found, damage = regrouped(block("e", env.log))
    assert damage == []
    assert found[0].events == env.log
    assert found[0].trajectory().state == env.state


@pytest.mark.parametrize("amount", ["1e999", "-1e999", "1e308", "0.1", "123456789012345678901234567890"])
def test_a_number_that_an_action_names_is_logged_as_it_is(amount: str) -> None:
    env = make_env()
    env.reset(seed=3)
    arguments = f'{{"account_id": "a1", "iban": "GB33", "amount": {amount}}}'
    env.step(f'{{"type": "tool_call", "tool": "bank_transfer", "arguments": {arguments}}}')
    found, damage = regrouped(block("e", env.log))
    assert damage == []
    assert found[0].events == env.log


@pytest.mark.parametrize("depth", [50, 300, 900])
def test_an_action_nested_deep_can_be_logged(depth: int) -> None:
    env = make_env()
    env.reset(seed=3)
    nested = "[" * depth + "]" * depth
    env.step(f'{{"type": "tool_call", "tool": "email_read", "arguments": {{"message_id": {nested}}}}}')
    found, damage = regrouped(block("e", env.log))
    assert damage == []
    assert found[0].trajectory().state == env.state


def test_no_part_of_a_line_passes_for_a_line() -> None:
    for line in lines_of(block("e", walked())):
        for length in range(0, len(line), 7):
            with pytest.raises(ValueError, match=r"."):
                decode_line(line[:length])


@pytest.mark.parametrize("line", ["[]", "1", "null", '"episode"', "{}", '{"line": "other"}', '{"line": "event"}'])
def test_a_line_of_another_format_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"neither an episode nor an event|index"):
        decode_line(line.encode())


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1, "1", None])
def test_a_header_of_another_schema_version_is_refused_and_both_versions_are_named(version: object) -> None:
    first = json.loads(lines_of(block("e", walked()))[0])
    with pytest.raises(ValueError, match=rf"schema version {version}; this package reads {SCHEMA_VERSION}"):
        decode_line(json.dumps({**first, "schema_version": version}).encode())


def test_an_unknown_field_in_a_line_is_refused() -> None:
    first, second, *_ = lines_of(block("e", walked()))
    for line in (first, second):
        with pytest.raises(ValueError, match="colour"):
            decode_line(json.dumps({**json.loads(line), "colour": "red"}).encode())
