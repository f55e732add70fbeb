"""What is left of a path."""

from __future__ import annotations

from autosafe_env import Final, Message, ToolCall, decode
from autosafe_env.core.remaining import actions_in, remaining
from tests.fixtures import GIBBERISH, SAFE_WALK, make_env

LOOK, PAY = ToolCall(tool="email_list"), ToolCall(tool="bank_transfer", arguments={"amount": 1.0})
ASK, END = Message(content="Which?"), Final(content="Done.")
PATH = (LOOK, ASK, LOOK, PAY, END)


def test_what_was_done_is_left_out_once_for_each_time() -> None:
    assert remaining(PATH, ()) == PATH
    assert remaining(PATH, (LOOK,)) == (ASK, LOOK, PAY, END)
    assert remaining(PATH, (LOOK, LOOK, ASK)) == (PAY, END)
    assert remaining(PATH, PATH) == ()
    assert remaining((), PATH) == ()


def test_other_arguments_are_another_action_and_the_kind_of_speech_is_none() -> None:
    assert remaining(PATH, (ToolCall(tool="bank_transfer", arguments={"amount": 2.0}),)) == PATH
    assert remaining(PATH, (Message(content="Done."),)) == PATH[:-1]


def test_the_actions_of_a_conversation_are_those_that_were_taken() -> None:
    env = make_env()
    env.reset(seed=0)
    for action in (*SAFE_WALK[:-1], GIBBERISH):
        env.step(action)
    taken = [decode(action) for action in SAFE_WALK[:-1]]
    assert list(actions_in(env.view().messages)) == [*taken, Message(content=GIBBERISH)]
    assert remaining(taken, actions_in(env.view().messages)) == ()
