"""Plain functions as agents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autosafe_env import AgentView, Decision, Final, Malformed, Message, Policy, ToolCall, load_agent, rollout
from autosafe_env.errors import ConfigError
from tests.contracts.views import agent_views, long_env
from tests.fixtures import READ_MAIL, make_env

VIEW = agent_views()[0]
READ = ToolCall(tool="email_read", arguments={"message_id": "m1"})
HERE = "tests.agents.test_callable"


def on(target: Any, **options: Any) -> Policy:
    agent = load_agent({"kind": "callable", "target": target, **options})
    assert isinstance(agent, Policy)
    return agent


def reads_then_ends(messages: list[dict[str, Any]]) -> str:
    """An agent of two steps."""
    return READ_MAIL if len(messages) == 1 else f"It says: {messages[-1]['content']}"


class Bundle:
    """Something that holds a function."""

    act = staticmethod(reads_then_ends)


number = 7


def test_a_function_is_named_by_its_place() -> None:
    for target in (f"{HERE}:reads_then_ends", f"{HERE}:Bundle.act", reads_then_ends):
        agent = load_agent(target) if isinstance(target, str) else on(target)
        steps = rollout(make_env(), agent, seed=1).steps
        assert steps[0].action == READ
        assert isinstance(steps[1].action, Final)
        assert steps[1].action.content.startswith("It says: {")


MESSAGE = {
    "role": "assistant",
    "content": "Look.",
    "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "email_read", "arguments": '{"message_id": "m1"}'}}
    ],
}


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("Done.", Final(content="Done.")),
        (READ_MAIL, READ),
        (f"  {READ_MAIL}", READ),
        (json.loads(READ_MAIL), READ),
        (READ, READ),
        (Message(content="Which?"), Message(content="Which?")),
        (Decision(action=READ, thought="Look."), READ),
        (MESSAGE, READ),
        ({"role": "assistant", "content": "Done."}, Final(content="Done.")),
        ('{"type": "fly"}', None),
        ({"type": "fly"}, None),
        ("{not an action}", None),
        ("", None),
        ({"role": "assistant", "content": None}, None),
        ("x" * 1_000_000, None),
    ],
)
def test_what_a_function_returns_is_read_as_an_action(said: Any, action: Any) -> None:
    decision = on(lambda _: said).act(VIEW)
    assert decision.action == action or (action is None and isinstance(decision.action, Malformed))
    assert Decision.model_validate_json(decision.model_dump_json()) == decision


def test_a_text_may_be_a_message_to_the_user() -> None:
    assert on(lambda _: "Which?", text="message").act(VIEW).action == Message(content="Which?")


def test_a_function_is_given_what_it_takes() -> None:
    got: list[Any] = []

    def one(messages: Any, model: str = "m") -> str:
        got.append(model)
        return "x"

    def named(messages: Any, tools: Any = None) -> str:
        got.append([tool["function"]["name"] for tool in tools])
        return "x"

    def two(history: Any, functions: Any) -> str:
        got.append([tool["function"]["name"] for tool in functions])
        return "x"

    for function in (one, named, two):
        on(function).act(VIEW)
    tools = [spec.name for spec in VIEW.tools]
    assert got == ["m", tools, tools]
    with pytest.raises(ConfigError, match="takes neither"):
        on(lambda: "x")


class Polite:
    """A policy of somebody's own."""

    def act(self, view: AgentView) -> Decision:
        return Decision(action=Final(content=f"Bye at {view.step}."))


class Choosy(Polite):
    """One that needs an option."""

    def __init__(self, words: str) -> None:
        self.words = words


def test_a_class_is_a_policy_by_its_place() -> None:
    agent = load_agent(f"{__name__}:Polite")
    assert isinstance(agent, Polite)
    with pytest.raises(ConfigError, match=r"agent '.*:Choosy' does not take these options: .*'words'"):
        load_agent(f"{__name__}:Choosy")
    chosen = load_agent({"kind": f"{__name__}:Choosy", "words": "x"})
    assert isinstance(chosen, Choosy)
    assert chosen.words == "x"


def test_a_function_may_do_what_it_likes_to_what_it_is_given() -> None:
    def vandal(messages: Any, tools: Any) -> str:
        for call in messages[1].get("tool_calls", ()):
            call["function"]["name"] = "x"
        for tool in tools:
            tool["function"]["parameters"]["properties"].clear()
        messages.clear()
        return "x"

    env = long_env()
    env.step(READ_MAIL)
    before = env.view().model_dump_json()
    on(vandal).act(env.view())
    assert env.view().model_dump_json() == before


@pytest.mark.parametrize("said", [None, 7, ["x"], b"x", {"role": "assistant", "tool_calls": [7]}, {"type": {1, 2}}])
def test_what_means_nothing_fails_the_episode_as_the_policy(said: Any) -> None:
    failure = rollout(make_env(), on(lambda _: said), seed=1).state.failure
    assert failure is not None
    assert failure.role == "policy"
    assert failure.error.startswith(("TypeError: ", "ValueError: "))


def test_a_function_that_raises_fails_the_episode_and_not_the_run() -> None:
    def broken(messages: Any) -> str:
        raise KeyError("no such thing")

    failure = rollout(make_env(), on(broken), seed=1).state.failure
    assert failure is not None
    assert (failure.role, failure.error, failure.cause) == ("policy", "KeyError: 'no such thing'", "")


def test_the_working_directory_can_be_imported_as_with_python_m(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_agent_of_the_day.py").write_text("def act(messages):\n    return 'Hello.'\n")
    (tmp_path / "my_broken_agent.py").write_text("1 / 0\n")
    (tmp_path / "my_torn_agent.py").write_text("def act(\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))  # so that what is added to the path goes again
    agent = load_agent("my_agent_of_the_day:act")
    assert rollout(make_env(), agent, seed=1).steps[0].action == Final(content="Hello.")
    with pytest.raises(ConfigError, match="'my_broken_agent:act' cannot be imported: ZeroDivisionError"):
        load_agent("my_broken_agent:act")
    with pytest.raises(ConfigError, match="SyntaxError"):
        load_agent("my_torn_agent:act")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nowhere_at_all:act", "No module named 'nowhere_at_all'"),
        (f"{HERE}:nothing", "has no attribute 'nothing'"),
        (f"{HERE}:number", "is no function"),
        (":act", "write module:name"),
        ("module:", "write module:name"),
    ],
)
def test_a_place_where_no_function_is_is_a_sentence(target: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        load_agent(target)


def test_only_known_ways_to_read_a_text_are_taken() -> None:
    with pytest.raises(ConfigError, match="text is final or message"):
        on(reads_then_ends, text="finale")
