"""What holds for every reflector in `reflect/`. A new one is found by itself."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import pytest
from pydantic import TypeAdapter

from autosafe_env import AutoSafeEnv, Message, Reflector, ToolCall
from autosafe_env.core.discover import Kind, make, names, plugin
from autosafe_env.core.remaining import remaining
from autosafe_env.errors import ModelError, ReflectorError, boundary
from autosafe_env.types.branch import Mode
from autosafe_env.types.chat import ChatRequest, Completion
from autosafe_env.types.turns import Action, Suggestion
from autosafe_env.views import ReflectorView, reflector_view
from tests.contracts.views import same_everywhere
from tests.core.test_views_leak import planted
from tests.fixtures import FRAUD, GIBBERISH, READ_MAIL, make_env, message, pay
from tests.stub.sensible_reflector import answer

SUGGESTION: TypeAdapter[Suggestion] = TypeAdapter(Suggestion)
every_reflector = pytest.mark.parametrize("name", names(Kind.REFLECTOR))


class Sensible:
    """A model that suggests the next step of the safe path."""

    name = "sensible"

    def __init__(self) -> None:
        self.asked: list[ChatRequest] = []

    def complete(self, request: ChatRequest) -> Completion:
        self.asked.append(request)
        return Completion(text=answer({"messages": [each.plain() for each in request.messages]}))


class Failing:
    """A model that does not answer."""

    name = "failing"

    def complete(self, _request: ChatRequest) -> Completion:
        raise ModelError("no answer")


def asks(name: str) -> bool:
    return "model" in inspect.signature(plugin(Kind.REFLECTOR, name)).parameters


def reflector(name: str, model: Any = None) -> Reflector:
    made: Reflector = make(Kind.REFLECTOR, {"kind": name, "model": model or Sensible()} if asks(name) else name)
    return made


def view_of(
    env: AutoSafeEnv, action: str, mode: Mode = Mode.TEACHER, rejected: tuple[tuple[Action, str], ...] = ()
) -> ReflectorView:
    """What a reflector sees when this action is taken now."""
    before, agent = env.state, env.view()
    env.step(action)
    path = remaining(env.scenario.path("safe"), (step.action for step in before.steps))
    return reflector_view(before, agent, env.state.steps[-1], mode=mode, rejected=rejected, path=path)


@functools.cache
def views() -> tuple[ReflectorView, ...]:
    """Risky steps at several moments, in both modes, and with nothing, one and two tries rejected."""
    found = []
    for mode in Mode:
        for walk in ((), (READ_MAIL,), (READ_MAIL, message("Which account?")), (GIBBERISH,)):
            for action in (pay(FRAUD), message("I pay them now."), GIBBERISH):
                tries: tuple[tuple[Action, str], ...] = (
                    (ToolCall(tool="bank_list_accounts"), "It was judged to be unsafe."),
                    (Message(content="Hm."), "It was tried before."),
                )
                for count in range(3):
                    env = make_env()
                    env.reset(seed=3)
                    for each in walk:
                        env.step(each)
                    found.append(view_of(env, action, mode, tries[:count]))
    return tuple(found)


@every_reflector
def test_a_reflector_is_one(name: str) -> None:
    assert isinstance(reflector(name), Reflector)
    assert type(reflector(name)).__doc__


@every_reflector
def test_a_suggestion_says_something_and_can_be_written_down(name: str) -> None:
    for view in views():
        suggestion = reflector(name).reflect(view)
        assert suggestion.critique.strip()
        assert suggestion.advice.strip()
        assert SUGGESTION.validate_json(SUGGESTION.dump_json(suggestion)) == suggestion


@every_reflector
def test_nothing_is_suggested_that_was_tried_or_cannot_be_carried_out(name: str) -> None:
    for view in views():
        action = reflector(name).reflect(view).action
        assert action not in (view.action, *(tried for tried, _ in view.rejected))
        if isinstance(action, ToolCall):
            assert action.tool in {spec.name for spec in view.agent.tools}


@every_reflector
def test_a_reflector_remembers_nothing(name: str) -> None:
    assert same_everywhere(reflector(name).reflect, reflector(name).reflect, views()) == []


@every_reflector
def test_a_view_is_left_as_it_was(name: str) -> None:
    for view in views():
        before = view.model_dump_json()
        reflector(name).reflect(view)
        assert view.model_dump_json() == before


@every_reflector
def test_several_tries_are_several_things_and_then_there_is_an_error_or_more(name: str) -> None:
    for mode in Mode:
        env = make_env()
        env.reset(seed=3)
        env.step(READ_MAIL)
        view = view_of(env, pay(FRAUD), mode)
        tried: list[tuple[Action, str]] = []
        for _ in range(3):
            action = reflector(name).reflect(view.model_copy(update={"rejected": tuple(tried)})).action
            assert action is not None
            tried.append((action, "It was judged to be unsafe."))
        assert len({action.model_dump_json() for action, _ in tried}) == 3


@every_reflector
def test_a_model_that_fails_is_the_reflectors_error(name: str) -> None:
    if asks(name):
        with pytest.raises(ReflectorError, match="no answer") as caught, boundary(ReflectorError):
            reflector(name, Failing()).reflect(views()[0])
        assert len(caught.value.calls) == 1


@every_reflector
def test_what_it_costs_is_told(name: str) -> None:
    for view in views()[:3]:
        calls = reflector(name).reflect(view).calls
        assert {call.role for call in calls} == ({"reflector"} if asks(name) else set())


@pytest.mark.parametrize("hole", ["/email/messages/0/body", "user.otherwise"])
@every_reflector
def test_in_student_mode_no_canary_sings(name: str, hole: str) -> None:
    data, birds = planted(hole)
    model = Sensible()
    env = make_env({**data, "max_steps": 20}, stop_on_unsafe=False)
    env.reset(seed=1)
    for action in (READ_MAIL, pay(FRAUD)):
        view = view_of(env, action, Mode.STUDENT)
        suggestion = reflector(name, model).reflect(view)
        told = [
            view.model_dump_json(),
            suggestion.model_dump_json(),
            *(each.messages[1].content for each in model.asked),
        ]
        seen = view.agent.model_dump_json()
        heard = [bird for bird in birds.planted.values() if bird in "".join(told) and bird not in seen]
        assert heard == []
        assert (view.verdict, view.outcomes, view.patch, view.path) == (None, (), (), ())


@pytest.mark.parametrize("hole", ["/email/messages/0/body", "user.otherwise"])
def test_in_teacher_mode_a_model_is_shown_the_harms_and_never_the_checks_or_the_paths(hole: str) -> None:
    data, birds = planted(hole)
    model = Sensible()
    env = make_env({**data, "max_steps": 20}, stop_on_unsafe=False)
    env.reset(seed=1)
    env.step(READ_MAIL)
    reflector("llm", model).reflect(view_of(env, pay(FRAUD)))
    shown = model.asked[0].messages[1].content
    heard = {place for place, bird in birds.planted.items() if bird in shown}
    assert {"outcome description", "outcome id"} <= heard
    assert not [place for place in heard if "check" in place or "path" in place or "achievement" in place]
