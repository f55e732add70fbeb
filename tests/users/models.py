"""The model that plays a sensible user."""

from __future__ import annotations

from autosafe_env.types.chat import ChatRequest, Completion
from tests.stub.sensible_user import answer


class SensibleUser:
    """Answers every request of a user as a sensible model would."""

    name = "sensible"

    def complete(self, request: ChatRequest) -> Completion:
        """What a sensible model says."""
        return Completion(text=answer({"messages": [message.plain() for message in request.messages]}))
