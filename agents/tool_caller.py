"""Function calling with any LangChain chat model, through `bind_tools`; the environment owns the loop."""

from __future__ import annotations

from autosafe_env import ChatAgent


class ToolCaller(ChatAgent):
    """A model of the kind `langchain_model`, unless its configuration names another; options as in `ChatAgent`.

    Other code's `BaseChatModel` is given as `{"model": <it>}`, and `init_chat_model` strings as
    `{"model": "openai:<name>"}`.
    """

    model_kind = "langchain_model"


AGENT = ToolCaller
