"""Function calling at any OpenAI-compatible server, over the openai SDK."""

from __future__ import annotations

from autosafe_env import ChatAgent


class OpenAIChat(ChatAgent):
    """A model of the kind `openai_compat`, unless its configuration names another; options as in `ChatAgent`."""


AGENT = OpenAIChat
