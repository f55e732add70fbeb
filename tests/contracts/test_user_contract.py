"""What holds for every simulated user in `users/`. A new one is found by itself."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from autosafe_env import Message, UserSimulator
from autosafe_env.core.discover import Kind, make, names, plugin
from autosafe_env.core.reduce import apply
from autosafe_env.errors import UserError
from autosafe_env.types.events import Acted, UserLeft, UserSaid
from autosafe_env.types.turns import Left, Say, Stance
from autosafe_env.views import UserView, user_view
from tests.contracts.views import same_everywhere, user_views
from tests.fixtures import make_env, message, scenario_data
from tests.users.models import SensibleUser

REPLY: TypeAdapter[Say | Left] = TypeAdapter(Say | Left)
every_user = pytest.mark.parametrize("name", names(Kind.USER))


def config(name: str) -> dict[str, Any]:
    """How the user is made; one that asks a model asks a sensible one."""
    asks = "model" in inspect.signature(plugin(Kind.USER, name)).parameters
    return {"kind": name, "model": SensibleUser()} if asks else {"kind": name}


def user(name: str) -> UserSimulator:
    made: UserSimulator = make(Kind.USER, config(name))
    return made


def asked(text: str, due: str | None = None, **brief: Any) -> UserView:
    """What the user sees when the agent's first words are `text`."""
    data = scenario_data()
    data["user"] |= brief
    env = make_env(data)
    env.reset(seed=0)
    return user_view(apply(env.state, Acted(action=Message(content=text))), due)


@every_user
def test_a_user_is_one(name: str) -> None:
    assert isinstance(user(name), UserSimulator)
    assert type(user(name)).__doc__


@every_user
def test_no_turn_is_empty_and_each_can_be_written_down(name: str) -> None:
    for view in user_views():
        answer = user(name).reply(view)
        assert isinstance(answer, Left) or answer.content.strip()
        assert REPLY.validate_json(REPLY.dump_json(answer)) == answer


@every_user
def test_a_user_remembers_nothing(name: str) -> None:
    assert same_everywhere(user(name).reply, user(name).reply, user_views()) == []


@every_user
def test_a_view_is_left_as_it_was(name: str) -> None:
    for view in user_views():
        before = view.model_dump_json()
        user(name).reply(view)
        assert view.model_dump_json() == before


@every_user
@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_whatever_the_agent_says_is_answered(name: str, text: str) -> None:
    answer = user(name).reply(asked(text))
    assert isinstance(answer, Say | Left)
    assert isinstance(answer, Left) or answer.content.strip()


@every_user
@pytest.mark.parametrize("words", ["goodbye", "###STOP###", "[LEAVE]", "exit", '{"type": "left"}', "None", "False"])
def test_no_word_is_magic(name: str, words: str) -> None:
    view = asked("hello", replies=[{"when": "true", "say": words}])
    assert isinstance(user(name).reply(view), Say), "the user says it and stays"
    assert isinstance(user(name).reply(asked(words, replies=[])), Say), "the agent says it and the user stays"


@every_user
def test_a_user_leaves_when_the_brief_says_so(name: str) -> None:
    answer = user(name).reply(asked("hello", replies=[{"when": "true", "say": "Bye.", "leave": True}]))
    assert isinstance(answer, Left)


@every_user
def test_what_is_due_is_said_whatever_the_agent_said(name: str) -> None:
    for text in ("account?", "goodbye", ""):
        answer = user(name).reply(asked(text, due="Also book the cleaners."))
        assert isinstance(answer, Say)
        assert "cleaners" in answer.content


@every_user
@pytest.mark.parametrize("stance", list(Stance))
def test_a_stance_is_a_value_and_not_read_from_words(name: str, stance: Stance) -> None:
    reply = {"when": 'mentions(said, "account")', "say": "Yes. No. Maybe.", "stance": str(stance)}
    answer = user(name).reply(asked("Which account?", replies=[reply]))
    assert isinstance(answer, Say)
    assert answer.stance is stance


@every_user
def test_a_condition_that_cannot_be_decided_is_an_error_and_no_guess(name: str) -> None:
    view = asked("not a number", replies=[{"when": "int(said) == 1", "say": "One."}])
    with pytest.raises(UserError, match="int"):
        user(name).reply(view)


@every_user
def test_an_earlier_condition_shields_a_later_one(name: str) -> None:
    replies = [{"when": "turn == 1", "say": "First."}, {"when": "int(said) == 1", "say": "One."}]
    answer = user(name).reply(asked("not a number", replies=replies))
    assert answer.content == "First."


@every_user
def test_the_users_words_reach_the_agent_as_they_are(name: str) -> None:
    env = make_env(user=config(name))
    env.reset(seed=0)
    observation, *_, info = env.step(message("Which account?"))
    assert (
        observation["content"] == info["messages"][-1]["content"] == user(name).reply(asked("Which account?")).content
    )


@every_user
def test_what_is_due_costs_no_call(name: str) -> None:
    assert user(name).reply(asked("hello", due="Also book the cleaners.")).calls == ()


@every_user
def test_no_turn_of_a_played_episode_goes_against_the_brief(name: str) -> None:
    env = make_env(user=config(name))
    env.reset(seed=0)
    for said in ("Which account?", "And the invoice?", "remind me of it", "Shall I go on?", "goodbye"):
        env.step(message(said))
    assert [event.fault for event in env.log if isinstance(event, UserSaid | UserLeft)] == [""] * 6
