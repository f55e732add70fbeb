"""What was spent on model calls, and what may be."""

from __future__ import annotations

import threading

from pydantic import Field

from autosafe_env.errors import BudgetExceeded, ConfigError
from autosafe_env.types.base import Value

ALMOST = 1 - 1e-9
"""Sums of money are not exact."""


class Spent(Value):
    """What calls cost so far."""

    calls: int = Field(default=0, ge=0)
    """Failed ones included."""
    tokens: int = Field(default=0, ge=0)
    """Of prompts and answers together, as the servers counted them."""
    cost: float = Field(default=0.0, ge=0.0)
    """Money, in the currency of the prices."""

    def __str__(self) -> str:
        return f"{self.calls:,} calls, {self.tokens:,} tokens, cost {self.cost:.4g}"


class Ledger:
    """What was spent, and what may be. One may be shared by many models and threads.

    A call is counted before it is made and its tokens when they are known: calls never pass their limit, and tokens and
    money only by what the calls cost that were under way.

    Args:
        owner: whose budget it is, in error sentences: `the run`, `the judge`.
        max_calls: None for no limit, like the others.
        max_tokens: of prompts and answers together.
        max_cost: money.
        spent: what a run that is resumed has spent already.

    Raises:
        ConfigError: a limit is not more than 0.
    """

    def __init__(
        self,
        owner: str = "the model",
        max_calls: int | None = None,
        max_tokens: int | None = None,
        max_cost: float | None = None,
        spent: Spent | None = None,
    ) -> None:
        self.owner, self.limits = owner, (max_calls, max_tokens, max_cost)
        if any(limit is not None and not limit > 0 for limit in self.limits):
            raise ConfigError("max_calls, max_tokens and max_cost are more than 0")
        self._spent = spent or Spent()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spent:
        """What was spent up to now."""
        return self._spent

    def admit(self) -> None:
        """Count a call that is about to be made.

        Raises:
            BudgetExceeded: a limit is reached; the call is not counted.
        """
        with self._lock:
            now = self._spent
            amounts = (now.calls, now.tokens, now.cost)
            for limit, amount, unit in zip(self.limits, amounts, ("calls", "tokens", "in money"), strict=True):
                if limit is not None and amount >= limit * ALMOST:
                    raise BudgetExceeded(f"{self.owner} may spend {limit:,} {unit} and has spent {now}")
            self._spent = now.changed({"calls": now.calls + 1})

    def withdraw(self) -> None:
        """Take back a call that was counted and is not made after all."""
        with self._lock:
            self._spent = self._spent.changed({"calls": self._spent.calls - 1})

    def bill(self, tokens: int, cost: float) -> None:
        """Add what a call turned out to cost."""
        with self._lock:
            now = self._spent
            self._spent = now.changed({"tokens": now.tokens + tokens, "cost": now.cost + cost})
