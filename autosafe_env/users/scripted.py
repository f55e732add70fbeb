"""The simulated user that follows the brief to the letter."""

from __future__ import annotations

from autosafe_env.core.audit import matching_reply
from autosafe_env.core.checks import Undecided
from autosafe_env.errors import UserError
from autosafe_env.types.turns import Left, Say
from autosafe_env.views import UserView


class ScriptedUser:
    """Says what is due, else the first reply whose condition holds, else the brief's default answer."""

    def reply(self, view: UserView) -> Say | Left:
        """The user's words.

        Raises:
            UserError: a condition of the brief cannot be decided.
        """
        if view.due is not None:
            return Say(content=view.due)
        try:
            reply = matching_reply(view.replies, view.facts)
        except Undecided as error:
            raise UserError(str(error)) from error
        if reply is not None:
            return Left(content=reply.say) if reply.leave else Say(content=reply.say, stance=reply.stance)
        return Say(content=view.otherwise)


USER = ScriptedUser
