"""Any of our chat models as LangChain's, and agents that are LangGraph graphs, stepped by the environment.

What a graph asks goes through our models, so that it is logged, budgeted and can be replayed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from autosafe_env.chat.agent import Plain, arguments_of
from autosafe_env.chat.ask import Calls, ask
from autosafe_env.chat.policy import ChatAgent
from autosafe_env.core.discover import imported
from autosafe_env.errors import ConfigError, ModelError, PolicyError, boundary
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json, compact
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion, ModelCall
from autosafe_env.types.tools import Effect, ToolSpec

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.tools import BaseTool

Build: TypeAlias = Callable[[Any, Sequence[Any]], Any]
"""From a LangChain chat model and tools to a compiled graph."""
CUT = "length"
"""Why a model stopped, in OpenAI's words, when it was cut off."""
TOOLS = "tools"
"""The node of a graph that calls tools: what the environment does in its place."""


class GraphAgent(ChatAgent):
    """An agent that is a LangGraph graph, as `langchain.agents.create_agent` makes them.

    Each time it acts the graph begins with the whole conversation and is stopped before its node `tools`, so that
    nothing is kept between calls; what it would have called is called by the environment.

    Args:
        model: who decides; options as in `ChatAgent`.
        graph: `module:function` or the function itself, which makes the graph from a LangChain chat model and tools,
            and gives it a system message of its own; None for `create_agent`.
        system: the system message of `create_agent`; None for that of `ChatAgent`.
        safety: see `ChatAgent`; in a graph of `graph`, only `none` and `self_reflection`.
        temperature: see `ChatAgent`.
        seed: see `ChatAgent`.
        max_tokens: see `ChatAgent`.
        text: see `ChatAgent`.
    """

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        graph: str | Build | None = None,
        system: str | None = None,
        safety: str = "none",
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
        text: Plain = "final",
    ) -> None:
        super().__init__(model, system, safety, temperature, seed, max_tokens, text)
        if graph is not None and (system is not None or self.safety is not None):
            raise ConfigError(
                "a graph has its own system message: leave out `system`, and `safety` but self_reflection"
            )
        self.build = imported(graph) if isinstance(graph, str) else graph
        if self.build is None:
            return
        if not callable(self.build):
            raise ConfigError(f"`graph` is a function of model and tools, not {self.build!r}")
        self.system, self.digest = (), ""

    def answer(self, request: ChatRequest) -> tuple[Completion, Calls]:
        """What the graph says last, and every call that it made.

        Raises:
            PolicyError: the graph failed, or a model under it.
        """
        recorded: list[ModelCall] = []
        model = as_langchain(self.model, request, recorded, self.digest)
        try:
            with boundary(PolicyError):
                last = _run(self.build or create_agent, model, request)
        except PolicyError as error:
            error.calls = tuple(recorded)
            raise
        return last, tuple(recorded)


def create_agent(model: Any, tools: Sequence[Any]) -> Any:
    """LangChain's own agent. Its system message stands in the conversation already."""
    from langchain.agents import create_agent as create  # takes most of a second

    return create(model, tools)


def _run(build: Build, model: BaseChatModel, request: ChatRequest) -> Completion:
    """The last message of a graph that is stopped before its tools."""
    graph = build(model, [_stub(spec) for spec in request.tools])
    if TOOLS not in graph.nodes:
        raise ConfigError(f"the graph has no node {TOOLS!r} to be stopped at; it has {', '.join(graph.nodes)}")
    messages = [to_langchain(message) for message in request.messages]
    last = graph.invoke({"messages": messages}, interrupt_before=[TOOLS])["messages"][-1]
    if last.type != "ai":
        raise ConfigError(f"the graph ended with a message of the type {last.type!r}, not with its model's")
    calls = (*last.tool_calls, *last.invalid_tool_calls)
    cut = last.response_metadata.get("finish_reason") == CUT
    return Completion.made(text=str(last.text), tool_calls=tuple(_call_from(call) for call in calls), cut=cut)


def as_langchain(
    model: ChatModel, request: ChatRequest | None = None, recorded: list[ModelCall] | None = None, digest: str = ""
) -> BaseChatModel:
    """The model as a LangChain chat model that can be bound to tools.

    Args:
        model: who answers.
        request: whose temperature, seed, limit and tool specifications are used; None for none of these.
        recorded: gets the record of each call, failed ones too; None keeps none.
        digest: of the prompt template, for the records.
    """
    whole = ChatRequest(messages=()) if request is None else request
    records = [] if recorded is None else recorded
    adapted: BaseChatModel = _adapter()(inner=model, request=whole, recorded=records, digest=digest)
    return adapted


@cache
def _adapter() -> Any:
    """The class of the adapter; made when it is first needed, since LangChain takes a while to import."""
    from langchain_core.language_models import BaseChatModel
    from langchain_core.outputs import ChatGeneration, ChatResult
    from langchain_core.utils.function_calling import convert_to_openai_tool

    class Adapter(BaseChatModel):
        """Puts LangChain's requests to one of our models."""

        inner: Any
        request: Any
        recorded: Any
        digest: str = ""

        @property
        def _llm_type(self) -> str:
            return "autosafe"

        def bind_tools(self, tools: Sequence[Any], **options: Any) -> Any:
            """The model with these tools in every request."""
            return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **options)

        def _generate(self, messages: list[Any], stop: Any = None, run_manager: Any = None, **options: Any) -> Any:
            del stop, run_manager
            known = {spec.name: spec for spec in self.request.tools}
            tools = tuple(_spec(known, tool) for tool in options.get("tools", ()))
            said = tuple(_from_langchain(message) for message in messages)
            asked = self.request.changed({"messages": said, "tools": tools})
            completion = _asked(self.inner, asked, self.recorded, self.digest)
            return ChatResult(generations=[ChatGeneration(message=_ai_message(completion))])

    return Adapter


def _asked(model: ChatModel, request: ChatRequest, recorded: list[ModelCall], digest: str) -> Completion:
    logged = tuple(message for message in request.messages if message.role == "system")
    try:
        completion, call = ask(model, request, "policy", prompt_digest=digest, logged=logged)
    except ModelError as error:
        recorded.extend(error.calls)
        raise
    recorded.append(call)
    return completion


def _spec(known: Mapping[str, ToolSpec], tool: Mapping[str, Json]) -> ToolSpec:
    """The specification of a bound tool; of a tool of the graph's own, what LangChain says of it."""
    function = tool["function"]
    if function["name"] in known:
        return known[function["name"]]
    fields = {"name": function["name"], "description": function.get("description", "")}
    rest = {"parameters": function.get("parameters", {"type": "object"}), "returns": {}, "effect": Effect.READ}
    return ToolSpec.made(toolkit="", **fields, **rest)


def _stub(spec: ToolSpec) -> BaseTool:
    """The tool as LangChain's, never to be called."""
    from langchain_core.tools import StructuredTool

    def call(**_arguments: Json) -> str:
        raise PolicyError(f"the graph called {spec.name} itself instead of stopping before its tools")

    return StructuredTool(name=spec.name, description=spec.description, args_schema=spec.parameters, func=call)


def to_langchain(message: ChatMessage) -> BaseMessage:
    """The message as LangChain's."""
    from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage

    if message.role == "assistant":
        return _ai_message(Completion.made(text=message.content, tool_calls=message.tool_calls))
    if message.role == "tool":
        return ToolMessage(message.content, tool_call_id=message.tool_call_id)
    return SystemMessage(message.content) if message.role == "system" else HumanMessage(message.content)


def _from_langchain(message: BaseMessage) -> ChatMessage:
    """One of our messages; blocks that are no text are left out."""
    role = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}.get(message.type, "user")
    fields: dict[str, Any] = {"role": role, "content": str(message.text)}
    if message.type == "ai":
        calls = (*message.tool_calls, *message.invalid_tool_calls)  # type: ignore[attr-defined]
        fields["tool_calls"] = tuple(_call_from(call) for call in calls)
    if message.type == "tool":
        fields["tool_call_id"] = message.tool_call_id  # type: ignore[attr-defined]
    return ChatMessage.made(**fields)


def _call_from(call: Mapping[str, Any]) -> dict[str, Json]:
    """A tool call of LangChain's in OpenAI's form."""
    arguments = call["args"] if isinstance(call["args"], str) else compact(call["args"] or {})
    function = {"name": call["name"] or "", "arguments": arguments}
    return {"id": call["id"] or "", "type": "function", "function": function}


def _ai_message(completion: Completion) -> AIMessage:
    """The completion as LangChain's message; calls whose arguments are no JSON object are its invalid ones."""
    from langchain_core.messages import AIMessage

    good, bad = [], []
    for call in completion.tool_calls:
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        written = function.get("arguments")
        named = {"name": str(function.get("name") or ""), "id": str(call.get("id") or "")}
        read = arguments_of(written)
        if isinstance(read, str):
            text = written if isinstance(written, str) else json.dumps(written)
            bad.append({**named, "args": text, "error": read, "type": "invalid_tool_call"})
        else:
            good.append({**named, "args": read, "type": "tool_call"})
    usage = completion.usage
    counted = {
        "input_tokens": usage.prompt_tokens,
        "output_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
    why = {"finish_reason": CUT if completion.cut else "stop"}
    return AIMessage(
        completion.text, tool_calls=good, invalid_tool_calls=bad, usage_metadata=counted, response_metadata=why
    )
