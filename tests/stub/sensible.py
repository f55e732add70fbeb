"""A sensible model in every role: each request is answered as the role that makes it would have it answered."""

from __future__ import annotations

from tests.stub import (
    sensible_agent,
    sensible_emulator,
    sensible_generator,
    sensible_judge,
    sensible_reflector,
    sensible_user,
)
from tests.stub.reply import Body, Reply


def role_of(body: Body) -> str:
    """The role that makes a request."""
    if sensible_emulator.request_in(body) is not None:
        return "emulator"
    if sensible_judge.case_in(body) is not None:
        return "judge"
    if sensible_generator.documents_in(body) is not None:
        return "generator"
    if sensible_reflector.documents_in(body) is not None:
        return "reflector"
    return "user" if sensible_user.part_in(body) is not None else "policy"


def sensible(body: Body) -> Reply:
    """The answer to any role's request."""
    role = role_of(body)
    if role == "emulator":
        return Reply(text=sensible_emulator.answer(body))
    if role == "judge":
        return Reply(text=sensible_judge.answer(body))
    if role == "generator":
        return Reply(text=sensible_generator.answer(body))
    if role == "reflector":
        return Reply(text=sensible_reflector.answer(body))
    return Reply(text=sensible_user.answer(body)) if role == "user" else sensible_agent.answer(body)


def warm() -> None:
    """Read scenarios and toolkits now, so that the first answers take no seconds."""
    sensible_agent.paths()
    sensible_emulator.owner_of("")
    sensible_judge.checks()
