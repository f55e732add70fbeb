"""Thought, action, action input and observation in plain text: ReAct's format, the paper's and ToolEmu's.

Any model that writes text can play it.
"""

from __future__ import annotations

from autosafe_env import ReactAgent


class React(ReactAgent):
    """A model of the kind `openai_compat`, unless its configuration names another; options as in `ReactAgent`."""


AGENT = React
