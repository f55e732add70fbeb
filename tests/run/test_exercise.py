"""The exercise for tool emulators: code passes it whole, and each kind of unreliability is told by its law."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from autosafe_env import Scenario, ToolEmulator, Variant, load_scenario
from autosafe_env.core.discover import Kind, make, scenario_files, scenario_tools
from autosafe_env.core.variant import fill
from autosafe_env.errors import EmulatorError, ModelError, Unreachable
from autosafe_env.run.exercise import exercise
from autosafe_env.run.laws import Law, Mark, changes, ids_in, tally
from autosafe_env.types.tools import Effect, Role, ToolSpec
from autosafe_env.types.turns import Emulation, ToolCall
from autosafe_env.views import EmulatorView
from tests.emulate.models import sensible_model

RULES: ToolEmulator = make(Kind.EMULATOR, "rules")


@cache
def core() -> list[Scenario]:
    return [load_scenario(name) for name in scenario_files() if name.startswith("core-")]


@cache
def few() -> list[Scenario]:
    return [load_scenario(f"core-{name}") for name in ("invoice-redirect", "two-marias", "dog-sitter", "aunts-account")]


def rates(marks: list[Mark]) -> dict[str, Any]:
    """Law to rate, over all toolkits."""
    return {law.value: tally(marks)[-1][law]["rate"] for law in Law}


def test_code_passes_whole_and_every_law_is_tried() -> None:
    rows = tally(exercise(RULES, core()))
    used = {toolkit for each in core() for toolkit in each.toolkits}
    assert [row["toolkit"] for row in rows] == [*sorted(used), "all"]
    assert all(row[law]["rate"] in (1.0, None) for row in rows for law in Law)
    assert all(rows[-1][law]["tried"] > 50 for law in Law)
    writing, naming = called(lambda spec, _: spec.effect is not Effect.READ), called(names_something)
    assert len(writing) > 20
    assert len(naming) > 20
    for row in rows[:-1]:
        for law, due in ((Law.READ_AFTER_WRITE, writing), (Law.WRITES, writing), (Law.FAULTS, naming)):
            assert row[law]["tried"] > 0 or row["toolkit"] not in due, (row["toolkit"], law)


def called(which: Callable[[ToolSpec, ToolCall], bool]) -> set[str]:
    """The toolkits of which a safe path makes a call of some kind."""
    found = set()
    for scenario in core():
        tools = scenario_tools(scenario)
        calls = [(tools[call.tool].spec, call) for call in scenario.path("safe") if isinstance(call, ToolCall)]
        found |= {spec.toolkit for spec, call in calls if which(spec, call)}
    return found


def names_something(spec: ToolSpec, call: ToolCall) -> bool:
    """Whether the call is for something that might as well not be there."""
    return any(spec.roles.get(name) in (Role.TARGET, Role.PATH) for name in call.arguments)


def test_a_model_that_answers_as_the_code_does_passes_whole() -> None:
    marks = exercise(make(Kind.EMULATOR, {"kind": "llm", "model": sensible_model()}), core(), workers=2)
    assert [mark for mark in marks if not mark.held] == []
    assert len(marks) == len(exercise(RULES, core()))


def test_only_the_chosen_toolkits_are_tried() -> None:
    marks = exercise(RULES, few(), ("bank",))
    assert {mark.toolkit for mark in marks} == {"bank"}
    assert {mark.call.split("_")[0] for mark in marks} == {"bank"}


class Odd:
    """Answers as the code does, and then differently."""

    def __init__(self, change: Callable[[EmulatorView, Emulation], Emulation]) -> None:
        self.change = change
        self.asked = 0

    def emulate(self, view: EmulatorView) -> Emulation:
        self.asked += 1
        return self.change(view, RULES.emulate(view))


def forget(view: EmulatorView, answer: Emulation) -> Emulation:
    return answer.changed({"world": view.world})


def stale(view: EmulatorView, answer: Emulation) -> Emulation:
    """Reads what stood there at the start, whatever was written."""
    if view.spec.effect is not Effect.READ:
        return answer
    first = fill(few()[0], Variant.ATTACKED).world
    return RULES.emulate(replace(view, world=first)).changed({"world": view.world})


def never_fails(_view: EmulatorView, answer: Emulation) -> Emulation:
    return answer if answer.fault is None else answer.changed({"fault": None})


def always_fails(view: EmulatorView, _answer: Emulation) -> Emulation:
    return Emulation(observation={"error": "TimedOut", "message": "."}, world=view.world, fault="TimedOut")


def undeclared(view: EmulatorView, _answer: Emulation) -> Emulation:
    return Emulation(observation={}, world=view.world, fault="OutOfCheese")


def strange_id(_view: EmulatorView, answer: Emulation) -> Emulation:
    observation = copy.deepcopy(answer.observation)
    for item in observation if isinstance(observation, list) else [observation]:
        if isinstance(item, dict) and "id" in item:
            item["id"] += "0"
    return answer.changed({"observation": observation})


def writes_when_reading(view: EmulatorView, answer: Emulation) -> Emulation:
    world = {**view.world, "bank": {**view.world["bank"], "payees": []}} if "bank" in view.world else view.world
    return answer.changed({"world": world}) if view.spec.effect is Effect.READ else answer


def no_schema(_view: EmulatorView, answer: Emulation) -> Emulation:
    return answer.changed({"observation": {"said": "Done!"}}) if answer.fault is None else answer


BROKEN: dict[str, tuple[Callable[[EmulatorView, Emulation], Emulation], set[Law]]] = {
    "it forgets what is written": (forget, {Law.WRITES, Law.READ_AFTER_WRITE, Law.IDS}),
    "it never fails": (never_fails, {Law.SCHEMA}),
    "it always fails": (always_fails, {Law.SUCCEEDS, Law.FAULTS}),
    "its faults are undeclared": (undeclared, {Law.SCHEMA}),
    "its ids are strange": (strange_id, {Law.IDS, Law.READS, Law.READ_AFTER_WRITE}),
    "it writes when it reads": (writes_when_reading, {Law.SCHEMA}),
    "it keeps to no schema": (no_schema, {Law.SCHEMA}),
}


@pytest.mark.parametrize("how", BROKEN)
def test_each_unreliability_breaks_its_own_laws(how: str) -> None:
    change, laws = BROKEN[how]
    marks = exercise(Odd(change), few())
    broken = {mark.law for mark in marks if not mark.held}
    assert broken == laws, [mark for mark in marks if not mark.held][:3]
    assert all(mark.why.strip() and mark.call and mark.scenario for mark in marks if not mark.held)
    assert any(mark.held for mark in marks)


def test_a_reading_that_does_not_show_the_write_is_told() -> None:
    marks = exercise(Odd(stale), few()[:1])
    assert {mark.law for mark in marks if not mark.held} == {Law.READ_AFTER_WRITE}
    assert [mark.held for mark in marks if mark.law is Law.READS] != []


def test_what_was_written_and_is_nowhere_is_looked_for_by_its_id() -> None:
    """A mail that was sent stands in no list that is read back, and can only be asked for by its id."""
    marks = exercise(Odd(forget), [load_scenario("core-bounced-decision")], ("email",))
    (lost, *_) = [mark for mark in marks if mark.law is Law.READ_AFTER_WRITE and not mark.held]
    assert lost.why == "the write before it does not show"
    assert lost.call.startswith('email_read {"message_id":"s')


def test_an_answer_that_changes_when_asked_again_is_told() -> None:
    def moody(view: EmulatorView, answer: Emulation) -> Emulation:
        turn = odd.asked % 2
        lists = isinstance(answer.observation, list) and view.spec.effect is Effect.READ and turn
        return answer.changed({"observation": answer.observation[1:]}) if lists else answer

    odd = Odd(moody)
    broken = {mark.law for mark in exercise(odd, few(), ("bank", "email")) if not mark.held}
    assert Law.REPEATS in broken


def failing(error: Exception) -> Callable[[EmulatorView, Emulation], Emulation]:
    def fail(view: EmulatorView, answer: Emulation) -> Emulation:
        if view.spec.toolkit == "bank":
            raise error
        return answer

    return fail


def test_an_emulator_that_fails_is_marked_and_the_exercise_goes_on() -> None:
    marks = exercise(Odd(failing(ModelError("half a word"))), few())
    assert rates(marks)["schema"] == 1.0
    assert {mark.toolkit for mark in marks if not mark.held} == {"bank"}
    assert {mark.why for mark in marks if not mark.held} == {"ModelError: half a word"}
    assert {"email", "bank", "home"} <= {mark.toolkit for mark in marks}


def test_a_server_that_is_not_there_ends_the_exercise() -> None:
    with pytest.raises(EmulatorError, match=r"http://127\.0\.0\.1:9"):
        exercise(Odd(failing(Unreachable("http://127.0.0.1:9"))), few())


def test_what_was_never_tried_has_no_rate() -> None:
    row = tally([Mark(Law.ANSWERS, "bank", True, "s", "c")])[-1]
    assert row["calls"] == 1
    assert row["answers"] == {"held": 1, "tried": 1, "rate": 1.0}
    assert row["faults"] == {"held": 0, "tried": 0, "rate": None}


def test_changes_and_ids_are_told_apart() -> None:
    before = {"a": [1, 2], "b": {"x": 1}, "c": 1, "d": "same"}
    assert changes(before, {**before, "a": [1], "b": {"x": 2}, "c": True}) == {
        "a": "-1",
        "b": "changed",
        "c": "changed",
    }
    value = {
        "id": "m1",
        "thread_id": "t9",
        "grid": "no",
        "id_card": "no",
        "parts": [{"id": "p1"}, {"id": 7}, {"id": ""}],
    }
    assert ids_in(value) == ["m1", "t9", "p1"]
