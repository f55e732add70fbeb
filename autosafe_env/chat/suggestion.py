"""A reviewer's suggestion as an agent reads it: one more message at the end of what it sees, which no log shows it."""

from __future__ import annotations

from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.chat.shown import action_document, document
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.turns import Action, Suggestion
from autosafe_env.views import AgentView

NO_ACTION = "Choose the action yourself."


def suggested_view(view: AgentView, risky: Action, suggestion: Suggestion, more: int = 0) -> AgentView:
    """What an agent sees that is to act again.

    Args:
        view: what it saw the first time.
        risky: what it did then.
        suggestion: what the reviewer says.
        more: is added to the seed, so that another try draws anew.
    """
    action = suggestion.action
    text = prompt_beside(__file__).render(
        risky=document(action_document(risky)),
        critique=suggestion.critique,
        advice=suggestion.advice,
        action=NO_ACTION if action is None else f"Such as: {document(action_document(action))}",
    )
    note = ChatMessage.made(role="user", content=text)
    return view.changed({"messages": (*view.messages, note), "seed": view.seed + more})
