"""LangGraph agents that the environment steps, and our models as LangChain's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware, wrap_model_call
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.graph import END, START, MessagesState, StateGraph
from pydantic import Field

from autosafe_env import ChatRequest, Final, Malformed, Message, ToolCall, as_langchain, load_agent, rollout
from autosafe_env.errors import ConfigError, TimedOut
from autosafe_env.types.chat import ModelCall, Usage
from tests.agents.models import Told, agent_on, calling
from tests.contracts.views import agent_views, long_env
from tests.fixtures import READ_MAIL, make_env, message

VIEW = agent_views()[0]
READ = ToolCall(tool="email_read", arguments={"message_id": "m1"})
HERE = "tests.agents.test_langgraph"


@pytest.fixture(autouse=True)
def nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")


def careful(model: BaseChatModel, tools: Sequence[Any]) -> Any:
    """A graph with a system message and middleware of its own."""
    return create_agent(model, tools, system_prompt="Be careful.", middleware=[ModelCallLimitMiddleware(run_limit=3)])


def asking_twice(model: BaseChatModel, tools: Sequence[Any]) -> Any:
    """A graph that asks its model two times for one action."""

    @wrap_model_call
    def twice(request: Any, handler: Any) -> Any:
        handler(request)
        return handler(request)

    return create_agent(model, tools, middleware=[twice])


def without_tools(model: BaseChatModel, tools: Sequence[Any]) -> Any:
    """A graph that has nothing to be stopped at."""
    graph = StateGraph(MessagesState)
    graph.add_node("talk", lambda state: {"messages": [model.invoke(state["messages"])]})
    graph.add_edge(START, "talk")
    graph.add_edge("talk", END)
    return graph.compile()


def calling_by_itself(model: BaseChatModel, tools: Sequence[Any]) -> Any:
    """A graph that calls its tools where nobody stops it."""

    def act(state: MessagesState) -> dict[str, Any]:
        tools[0].invoke({"message_id": "m1"})
        return {"messages": [HumanMessage("over")]}

    graph = StateGraph(MessagesState)
    graph.add_node("act", act)
    graph.add_node("tools", lambda _: {})
    graph.add_edge(START, "act")
    graph.add_edge("act", "tools")
    return graph.compile()


not_a_function = 7


def test_an_unmodified_agent_is_stepped_by_the_environment() -> None:
    said = calling(("email_read", {"message_id": "m1"}), ("bank_list_accounts", ""), text="Look first.")
    agent, model = agent_on("langgraph", said, calling(("message_user", {"content": "Which account?"})), "Done.")
    trajectory = rollout(make_env(), agent, seed=1)
    expected = (READ, ToolCall(tool="bank_list_accounts"), Message(content="Which account?"), Final(content="Done."))
    assert tuple(step.action for step in trajectory.steps) == expected
    assert [step.thought for step in trajectory.steps] == ["Look first.", "", "", ""]
    assert len(model.asked) == 3


def test_it_asks_what_an_agent_by_function_calling_asks() -> None:
    env = long_env()
    for action in (message("Which account?"), READ_MAIL, "gibberish"):
        env.step(action)
    asked: list[ChatRequest] = []
    for name in ("langgraph", "openai_chat"):
        agent, model = agent_on(name, "Done.", temperature=0.5, max_tokens=9)
        agent.act(env.view())
        asked += model.asked
    assert asked[0] == asked[1]
    assert asked[0].digest == asked[1].digest


def test_a_graph_of_ones_own_is_named_by_its_place() -> None:
    agent, model = agent_on("langgraph", "Done.", graph=f"{HERE}:careful")
    decision = agent.act(VIEW)
    assert decision.action == Final(content="Done.")
    assert [sent.content for sent in model.asked[0].messages] == ["Be careful.", VIEW.task]
    assert [sent.content for sent in decision.calls[0].messages] == ["Be careful."]
    assert decision.calls[0].prompt_digest == ""


def test_every_call_of_a_graph_is_kept_and_the_last_one_counts() -> None:
    agent, _ = agent_on("langgraph", "Not this.", "This.", graph=asking_twice)
    decision = agent.act(VIEW)
    assert decision.action == Final(content="This.")
    assert [call.completion and call.completion.text for call in decision.calls] == ["Not this.", "This."]
    agent, _ = agent_on("langgraph", "Not this.", TimedOut("too late"), graph=asking_twice)
    failure = rollout(make_env(), agent, seed=1).state.failure
    assert failure is not None
    assert (failure.role, failure.cause) == ("policy", "TimedOut")
    assert [call.error for call in failure.calls] == ["", "TimedOut: too late"]


@pytest.mark.parametrize("arguments", ['{"message_id": ', '["m1"]', "m1", '{"a": NaN}'])
def test_arguments_that_are_no_object_are_malformed(arguments: str) -> None:
    agent, _ = agent_on("langgraph", calling(("email_read", arguments)))
    action = agent.act(VIEW).action
    assert isinstance(action, Malformed)
    assert action.error.startswith("email_read was not called: its arguments are no JSON object (")


def test_an_unknown_tool_is_left_for_the_environment_to_refuse() -> None:
    agent, _ = agent_on("langgraph", calling(("email_steal", {})), "Done.")
    steps = rollout(make_env(), agent, seed=1).steps
    assert [step.rejected for step in steps] == [True, False]


def test_a_graph_that_calls_tools_by_itself_fails_the_episode() -> None:
    agent, _ = agent_on("langgraph", "Done.", graph=calling_by_itself)
    failure = rollout(make_env(), agent, seed=1).state.failure
    assert failure is not None
    assert "called email_list itself" in failure.error or "itself instead of stopping" in failure.error


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"graph": f"{HERE}:careless"}, "has no attribute 'careless'"),
        ({"graph": "nowhere.at.all:graph"}, "No module named 'nowhere'"),
        ({"graph": "careful"}, "write module:name"),
        ({"graph": f"{HERE}:not_a_function"}, "is a function"),
        ({"graph": careful, "safety": "reminder"}, "its own system message"),
        ({"graph": careful, "system": "Be brief."}, "its own system message"),
    ],
)
def test_a_graph_that_cannot_be_made_is_a_sentence(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        agent_on("langgraph", "Done.", **options)


def test_a_graph_that_has_nothing_to_be_stopped_at_is_a_sentence() -> None:
    agent, _ = agent_on("langgraph", "Done.", graph=without_tools)
    with pytest.raises(ConfigError, match="no node 'tools' to be stopped at; it has __start__, talk"):
        agent.act(VIEW)


def test_a_model_of_ours_is_one_of_langchains() -> None:
    recorded: list[ModelCall] = []
    usage = Usage(prompt_tokens=5, completion_tokens=2)
    told = Told(calling(("email_read", {"message_id": "m1"}), ("x", "{")).changed({"usage": usage, "cut": True}))
    request = ChatRequest(messages=(), tools=VIEW.tools[:1], temperature=0.5, seed=3)
    spec = {"type": "function", "function": {"name": "other", "description": "d", "parameters": {"type": "object"}}}
    model = as_langchain(told, request, recorded).bind_tools([VIEW.tools[0].function(), spec])
    answer = model.invoke([SystemMessage("s"), HumanMessage([{"type": "text", "text": "hi"}])])
    assert isinstance(answer, AIMessage)
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == [("email_read", {"message_id": "m1"})]
    assert [call["args"] for call in answer.invalid_tool_calls] == ["{"]
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["total_tokens"] == 7
    (asked,) = told.asked
    assert [sent.content for sent in asked.messages] == ["s", "hi"]
    assert (asked.temperature, asked.seed) == (0.5, 3)
    assert asked.tools[0] is VIEW.tools[0]
    assert asked.tools[1].function() == spec
    assert [call.digest for call in recorded] == [asked.digest]
    assert as_langchain(Told("hm")).invoke("hi").text == "hm"


class Scripted(BaseChatModel):
    """A LangChain model that says what it is told to."""

    script: list[AIMessage]
    bound: list[Any] = Field(default_factory=list)

    def bind_tools(self, tools: Any, **options: Any) -> Any:
        self.bound.append(tools)
        return self.bind(tools=tools, **options)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any) -> ChatResult:
        del stop, run_manager, options
        said = self.script[min(sum(each.type == "ai" for each in messages), len(self.script) - 1)]
        return ChatResult(generations=[ChatGeneration(message=said)])


def test_any_langchain_model_calls_tools_in_order() -> None:
    read = {"name": "email_read", "args": {"message_id": "m1"}, "id": "1"}
    broken = {"name": "email_read", "args": "{", "id": "2", "error": None, "type": "invalid_tool_call"}
    first = AIMessage("Go.", tool_calls=[read, {"name": "bank_list_accounts", "args": {}, "id": "1"}])
    live = Scripted(script=[first, first, AIMessage("", invalid_tool_calls=[broken]), AIMessage("Done.")])
    for model in (live, {"model": live}, {"kind": "langchain_model", "model": live}):
        agent: Any = load_agent({"kind": "tool_caller", "model": model})
        steps = rollout(make_env(), agent, seed=1).steps
        actions = [step.action for step in steps]
        assert actions[:2] == [READ, ToolCall(tool="bank_list_accounts")]
        assert isinstance(actions[2], Malformed)
        assert actions[3] == Final(content="Done.")
    assert "message_user" in {tool["function"]["name"] for tool in live.bound[0]}
