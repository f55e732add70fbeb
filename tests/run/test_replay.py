"""Replaying a log: an honest one replays, and a planted change is found where it was planted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosafe_env import Label, load_agent
from autosafe_env.errors import PolicyError
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import RunConfig
from autosafe_env.record.read import read_episodes
from autosafe_env.run.pool import run
from autosafe_env.run.replay import Difference, replay
from autosafe_env.types.base import Value
from autosafe_env.types.events import Event, PatchOp
from autosafe_env.types.turns import Message, Stance, ToolCall
from autosafe_env.types.verdict import Basis
from tests.fixtures import GIBBERISH, KNOWN, READ_MAIL, message, pay
from tests.run.plays import Failing, config, play, suite, walker

TALK = play(walker(GIBBERISH, READ_MAIL, pay(KNOWN), message("Please remind me."), message("Thanks, goodbye!")))
"""An episode with every kind of event but `failed`."""
FAILURE = play(Failing(PolicyError("gone"), [READ_MAIL]))
BY_KIND: dict[str, tuple[Recorded, int]] = {
    event.kind: (recorded, index) for recorded in (TALK, FAILURE) for index, event in enumerate(recorded.events)
}
"""Event kind to the last event of that kind."""


def test_an_episode_under_the_name_or_with_the_seed_of_another_is_found(tmp_path: Path) -> None:
    settled = config("refuse_all")
    run(settled, suite(), tmp_path)
    one, other, *_ = read_episodes(tmp_path)
    assert replay(one, settled) is None
    renamed = Recorded.model_construct(header=other.header, events=one.events)
    told = replay(renamed, settled)
    assert told is not None
    assert (told.logged, told.replayed) == (repr(other.header.episode), repr(one.header.episode))
    told = replay(planted(one, 0, {"config.seed": 5}), settled)
    assert told is not None
    assert told.logged == "seed 5"


def test_an_episode_that_is_cut_off_between_two_steps_is_found() -> None:
    end = next(index for index, event in enumerate(TALK.events) if event.kind == "stepped") + 1
    told = found(with_events(TALK, TALK.events[:end]))
    assert (told.event, told.replayed) == (end - 1, "an episode that is not over")


def with_events(recorded: Recorded, events: Sequence[Event]) -> Recorded:
    return Recorded.model_construct(header=recorded.header, events=tuple(events))


def planted(recorded: Recorded, index: int, changes: dict[str, Any]) -> Recorded:
    """The episode with other values in some fields of one event; a field may be a path, such as `verdict.label`."""
    event: Value = recorded.events[index]
    for path, value in changes.items():
        event = changed(event, path.split("."), value)
    return with_events(recorded, [*recorded.events[:index], event, *recorded.events[index + 1 :]])  # type: ignore[list-item]


def changed(value: Value, path: Sequence[str], new: Any) -> Value:
    if len(path) > 1:
        new = changed(getattr(value, path[0]), path[1:], new)
    assert getattr(value, path[0]) != new
    return value.model_copy(update={path[0]: new})


def played_with(**arguments: Any) -> RunConfig:
    """The run of an episode whose environment was made with these arguments."""
    return config("refuse_all", env=arguments)


def found(recorded: Recorded, **arguments: Any) -> Difference:
    difference = replay(recorded, played_with(**arguments))
    assert difference is not None
    assert difference.episode == "e"
    place = f"e, event {difference.event}" + ("" if difference.role == "env" else f" ({difference.role})")
    assert str(difference).startswith(f"{place}: the log says ")
    assert difference.logged != difference.replayed
    return difference


def test_the_honest_episodes_replay_and_hold_every_kind_of_event() -> None:
    assert replay(TALK, played_with()) is None
    assert replay(FAILURE, played_with()) is None
    assert set(BY_KIND) == {kind.model_fields["kind"].default for kind in Event.__origin__.__args__}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("started", "config.basis", Basis.OUTCOME),
        ("started", "config.max_rejected", 9),
        ("started", "config.stop_on_unsafe", False),
        ("started", "schema_version", 2),
        ("rejected", "error", "It was fine."),
        ("tool_returned", "observation", {"error": "NotFound", "message": "No."}),
        ("tool_returned", "fault", "TimedOut"),
        ("tool_returned", "patch", (PatchOp(op="replace", path="/bank/accounts/0/balance", value=1.0),)),
        ("user_said", "content", "Something else."),
        ("user_said", "stance", Stance.CONFIRM),
        ("user_said", "turn", 3),
        ("user_left", "content", "I stay."),
        ("judged", "verdict.label", Label.UNSAFE),
        ("judged", "verdict.reason", "because"),
        ("judged", "verdict.evidence", (0,)),
        ("failed", "role", "emulator"),
        ("stepped", "reward", 0.25),
        ("stepped", "exposed", ("t9",)),
        ("stepped", "end", None),
        ("stepped", "end.achieved", (None,)),
    ],
)
def test_a_change_planted_in_an_event_is_found_there(kind: str, field: str, value: Any) -> None:
    recorded, index = BY_KIND[kind]
    difference = found(planted(recorded, index, {field: value}))
    assert difference.event == index
    assert field.split(".")[0] in difference.logged
    assert kind in difference.logged


@pytest.mark.parametrize(
    ("position", "action"),
    [
        (1, ToolCall(tool="email_read", arguments={"message_id": "m1"})),
        (5, ToolCall(tool="email_read", arguments={"message_id": "m2"})),
        (5, Message(content="Hello?")),
        (-4, Message(content="Never mind.")),
    ],
)
def test_another_action_is_found_at_the_answer_to_it(position: int, action: Any) -> None:
    index = position % len(TALK.events)
    assert TALK.events[index].kind == "acted"
    assert found(planted(TALK, index, {"action": action})).event == index + 1


def test_another_world_is_found_where_it_is_first_seen() -> None:
    trigger = TALK.events[0].scenario.triggers[0].model_copy(update={"payload": "Pay nobody."})  # type: ignore[union-attr]
    difference = found(planted(TALK, 0, {"scenario.triggers": (trigger,)}))
    assert TALK.events[difference.event].kind == "tool_returned"
    assert difference.event == 6


@settings(max_examples=60, deadline=None)
@given(recorded=st.sampled_from([TALK, FAILURE]), data=st.data())
def test_an_event_that_is_missing_doubled_or_moved_is_found(recorded: Recorded, data: st.DataObject) -> None:
    events = list(recorded.events)
    index = data.draw(st.integers(0, len(events) - 1), label="index")
    kind = data.draw(st.sampled_from(["missing", "doubled", "moved"]), label="kind")
    if kind == "missing":
        changed_events = events[:index] + events[index + 1 :]
    elif kind == "doubled":
        changed_events = [*events[: index + 1], *events[index:]]
    else:
        other = (index + 1) % len(events)
        changed_events = list(events)
        changed_events[index], changed_events[other] = events[other], events[index]
    first = next(i for i in range(len(events) + 1) if changed_events[i : i + 1] != events[i : i + 1])
    assert found(with_events(recorded, changed_events)).event <= first


def test_an_event_after_the_end_is_found() -> None:
    difference = found(with_events(TALK, [*TALK.events, TALK.events[-1]]))
    assert difference.event == len(TALK.events)
    assert difference.replayed == "nothing more"


def test_a_log_that_was_cut_is_found_at_the_cut() -> None:
    difference = found(with_events(TALK, TALK.events[:-1]))
    assert difference.event == len(TALK.events) - 1
    assert difference.logged == "nothing more"


def test_a_long_difference_is_told_in_short() -> None:
    difference = found(planted(TALK, 6, {"observation": "x" * 5000}))
    assert len(str(difference)) < 600


def test_an_episode_replays_only_with_the_arguments_it_was_played_with() -> None:
    recorded = play(load_agent("oracle_safe"), faults=[{"tool": "email_read", "fault": "TimedOut"}], basis="OUTCOME")
    arguments = {"faults": [{"tool": "email_read", "fault": "TimedOut"}], "basis": "OUTCOME"}
    assert replay(recorded, played_with(**arguments)) is None
    assert found(recorded).event == 0
    assert found(recorded, **{**arguments, "rewards": {"achieved": 3.0}, "basis": "ACTION"}).event == 0


def test_other_rewards_are_found_at_the_step_that_earned_them() -> None:
    recorded = play(load_agent("oracle_safe"))
    assert found(recorded, rewards={"achieved": 3.0}).event == len(recorded.events) - 1


def test_every_episode_of_a_run_replays(tmp_path: Path) -> None:
    played = config("random", "oracle_unsafe", "susceptible", "refuse_all", episodes=3)
    assert run(played, suite(), tmp_path, workers=2) == 72
    differences = [replay(recorded, played) for recorded in read_episodes(tmp_path)]
    assert differences == [None] * 72
