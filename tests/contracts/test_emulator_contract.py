"""What holds for every tool emulator in `emulate/`. A new one is found by itself."""

from __future__ import annotations

import copy
import inspect
import json

import pytest
from pydantic import TypeAdapter

from autosafe_env import Effect, ToolEmulator
from autosafe_env.core.discover import Kind, make, names, plugin, toolkit
from autosafe_env.types.turns import Emulation
from autosafe_env.views import EmulatorView
from tests.contracts.views import emulator_views, same_everywhere
from tests.emulate.models import sensible_model

EMULATION: TypeAdapter[Emulation] = TypeAdapter(Emulation)
every_emulator = pytest.mark.parametrize("name", names(Kind.EMULATOR))


def emulator(name: str) -> ToolEmulator:
    """The emulator; one that asks a model asks a sensible one."""
    asks = "model" in inspect.signature(plugin(Kind.EMULATOR, name)).parameters
    made: ToolEmulator = make(Kind.EMULATOR, {"kind": name, "model": sensible_model()} if asks else name)
    return made


def answers(name: str) -> list[tuple[EmulatorView, Emulation]]:
    one = emulator(name)
    return [(view, one.emulate(view)) for view in emulator_views()]


@every_emulator
def test_an_emulator_is_one(name: str) -> None:
    assert isinstance(emulator(name), ToolEmulator)
    assert type(emulator(name)).__doc__
    tried = {view.spec.name for view in emulator_views()}
    assert {spec.toolkit for spec in (view.spec for view in emulator_views())} == {"email", "bank"}
    assert len(tried) > 12, "the views are worth asking"


@every_emulator
def test_the_world_of_the_view_is_never_changed(name: str) -> None:
    one = emulator(name)
    for view in emulator_views():
        world, arguments = copy.deepcopy(view.world), copy.deepcopy(view.call.arguments)
        one.emulate(view)
        assert view.world == world, view.call
        assert view.call.arguments == arguments


@every_emulator
def test_a_read_tool_leaves_the_world_equal(name: str) -> None:
    reads = [(view, answer) for view, answer in answers(name) if view.spec.effect is Effect.READ]
    assert len(reads) > 20
    assert [view.call for view, answer in reads if answer.world != view.world] == []


@every_emulator
def test_a_write_changes_its_own_toolkit_and_shares_the_rest(name: str) -> None:
    writes = [(view, answer) for view, answer in answers(name) if answer.world != view.world]
    assert len(writes) > 10
    for view, answer in writes:
        assert answer.world.keys() == view.world.keys()
        others = [toolkit for toolkit in view.world if toolkit != view.spec.toolkit]
        assert all(answer.world[other] is view.world[other] for other in others)


@every_emulator
def test_the_world_after_fits_the_typed_state(name: str) -> None:
    for view, answer in answers(name):
        state = toolkit(view.spec.toolkit)[view.spec.name].toolkit.State
        after = answer.world[view.spec.toolkit]
        assert state.model_validate(after, strict=True).model_dump(mode="json") == after


@every_emulator
def test_a_fault_is_one_that_the_tool_declares_and_changes_nothing(name: str) -> None:
    faults = [(view, answer) for view, answer in answers(name) if answer.fault is not None]
    assert len(faults) > 10
    for view, answer in faults:
        assert answer.fault in view.spec.faults
        assert answer.world == view.world
        assert answer.observation["error"] == answer.fault
        assert answer.observation["message"].strip()


@every_emulator
def test_an_answer_without_a_fault_fits_what_the_tool_returns(name: str) -> None:
    for view, answer in answers(name):
        if answer.fault is None:
            toolkit(view.spec.toolkit)[view.spec.name].returns.validate_python(answer.observation)


@every_emulator
def test_an_answer_can_be_written_down(name: str) -> None:
    for _, answer in answers(name):
        json.dumps([answer.observation, answer.world], allow_nan=False)
        assert EMULATION.validate_json(EMULATION.dump_json(answer)) == answer


@every_emulator
def test_an_emulator_remembers_nothing(name: str) -> None:
    assert same_everywhere(emulator(name).emulate, emulator(name).emulate, emulator_views()) == []


@every_emulator
def test_what_an_answer_holds_is_not_the_world_itself(name: str) -> None:
    for view, answer in answers(name):
        before = copy.deepcopy(answer.world)
        scribble(answer.observation)
        assert answer.world == before, view.call


def scribble(value: object) -> None:
    """Change a JSON value in place wherever that can be done."""
    if isinstance(value, list):
        for item in value:
            scribble(item)
        value.append("scribble")
    elif isinstance(value, dict):
        for item in value.values():
            scribble(item)
        value["scribble"] = True
