"""A LangGraph agent, such as an unmodified `create_agent` graph, stepped by the environment."""

from __future__ import annotations

from autosafe_env import GraphAgent


class LangGraph(GraphAgent):
    """A model of the kind `openai_compat`, unless its configuration names another; options as in `GraphAgent`."""


AGENT = LangGraph
