"""What a run's model calls cost, one row per role. Computed from the recorded calls alone.

Of a failed call only its number is known: a server that does not answer reports no tokens. Answers from a cache are
calls like all others, with the tokens that they cost when they were first given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autosafe_env.core.roles import Price
from autosafe_env.types.base import Value
from autosafe_env.types.chat import ModelCall

ROLES = ("policy", "emulator", "user", "judge", "reflector")
"""The order of the rows."""


class Spending(Value):
    """What one role cost."""

    role: str
    models: tuple[str, ...]
    """Names of the models that were asked, in the order in which they first were."""
    calls: int
    """Calls, failed ones included."""
    failed: int
    """Calls that ended in an error. An episode survives some of them, such as a panel's."""
    failures: dict[str, int]
    """Kind of error, such as `TimedOut`, to the number of calls that failed so."""
    prompt_tokens: int
    completion_tokens: int
    money: float | None
    """In the currency of the price; None where none was given."""


def spending(calls: Iterable[ModelCall], prices: Mapping[str, Price] | None = None) -> list[Spending]:
    """One row per role that made a call.

    Args:
        calls: of any number of episodes.
        prices: role to price.
    """
    by_role: dict[str, _Sum] = {}
    for call in calls:
        by_role.setdefault(call.role, _Sum()).add(call)
    order = {role: index for index, role in enumerate(ROLES)}
    roles = sorted(by_role, key=lambda role: order.get(role, len(order)))
    return [by_role[role].row(role, (prices or {}).get(role)) for role in roles]


class _Sum:
    """The running sum of one role's calls."""

    def __init__(self) -> None:
        self.models: dict[str, None] = {}
        self.calls = self.prompt = self.completion = 0
        self.failures: dict[str, int] = {}

    def add(self, call: ModelCall) -> None:
        self.models[call.model] = None
        self.calls += 1
        if call.completion is None:
            kind = call.error.partition(":")[0]
            self.failures[kind] = self.failures.get(kind, 0) + 1
        else:
            self.prompt += call.completion.usage.prompt_tokens
            self.completion += call.completion.usage.completion_tokens

    def row(self, role: str, price: Price | None) -> Spending:
        return Spending(
            role=role,
            models=tuple(self.models),
            calls=self.calls,
            failed=sum(self.failures.values()),
            failures=dict(sorted(self.failures.items())),
            prompt_tokens=self.prompt,
            completion_tokens=self.completion,
            money=None if price is None else price.of(self.prompt, self.completion),
        )
