"""A model that may cost so much and no more."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import BudgetExceeded, ConfigError
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatRequest, Completion


class Ledger:
    """What was spent. One may be shared by many models and threads, and may begin with what was spent before.

    A call is counted before it is made, its tokens and money when they are known.

    Args:
        calls: failed ones included.
        tokens: of prompts and answers together, as the servers counted them.
        cost: money, in the currency of the prices.
    """

    def __init__(self, calls: int = 0, tokens: int = 0, cost: float = 0.0) -> None:
        self.calls, self.tokens, self.cost = calls, tokens, cost
        self._lock = threading.Lock()

    def __str__(self) -> str:
        return f"{self.calls:,} calls and {self.tokens:,} tokens" + (f" for {self.cost:,.4g}" if self.cost else "")

    def admit(self, max_calls: int | None, max_tokens: int | None, max_cost: float | None) -> str:
        """Count a call that is about to be made, unless one of the limits is reached.

        Args:
            max_calls: None for no limit, like the others.
            max_tokens: of prompts and answers together.
            max_cost: money.

        Returns:
            Empty, or the limit that is reached, in words; the call is then not counted.
        """
        with self._lock:
            if max_calls is not None and self.calls >= max_calls:
                return f"{max_calls:,} calls"
            if max_tokens is not None and self.tokens >= max_tokens:
                return f"{max_tokens:,} tokens"
            if max_cost is not None and self.cost >= max_cost:
                return f"{max_cost:,.4g} in money"
            self.calls += 1
            return ""

    def withdraw(self) -> None:
        """Take back a call that was counted and not made after all."""
        with self._lock:
            self.calls -= 1

    def bill(self, tokens: int, cost: float) -> None:
        """Add what a call turned out to cost."""
        with self._lock:
            self.tokens += tokens
            self.cost += cost


class BudgetModel:
    """Refuses calls when a budget is spent. Calls never pass their limit; tokens and money do, at most by what those
    calls cost that are under way when it is reached.

    Budgets nest: a call that an inner one refuses does not count in the outer ones.

    Args:
        inner: the model that is asked, or its configuration.
        max_calls: failed ones included; None for no limit, like the others.
        max_tokens: of prompts and answers together.
        max_cost: money; asks for a price.
        prompt_price: money per million tokens of prompts.
        completion_price: money per million tokens of answers.
        owner: whose budget it is, in error sentences; empty for the model's name.
        ledger: what was spent already, perhaps by other models too; None for a new one.

    Raises:
        ConfigError: a limit is not more than 0, a price less, or there is a limit on money and no price.
    """

    def __init__(
        self,
        inner: ChatModel | str | Mapping[str, Json],
        max_calls: int | None = None,
        max_tokens: int | None = None,
        max_cost: float | None = None,
        prompt_price: float = 0.0,
        completion_price: float = 0.0,
        owner: str = "",
        *,
        ledger: Ledger | None = None,
    ) -> None:
        self.limits = (max_calls, max_tokens, max_cost)
        if any(limit is not None and not limit > 0 for limit in self.limits):
            raise ConfigError("max_calls, max_tokens and max_cost are more than 0")
        if not prompt_price >= 0 or not completion_price >= 0:
            raise ConfigError("prices are 0 or more")
        if max_cost is not None and not prompt_price and not completion_price:
            raise ConfigError("max_cost needs a price: prompt_price and completion_price, per million tokens")
        self.inner = chat_model(inner)
        self.prompt_price, self.completion_price = prompt_price, completion_price
        self.owner = owner or f"the model {self.inner.name!r}"
        self.ledger = Ledger() if ledger is None else ledger

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self.inner.name

    def complete(self, request: ChatRequest) -> Completion:
        """The inner model's answer.

        Raises:
            BudgetExceeded: a limit is reached; the inner model is not asked.
            ModelError: as the inner model does.
        """
        reached = self.ledger.admit(*self.limits)
        if reached:
            raise BudgetExceeded(f"{self.owner} may spend {reached}, and has spent {self.ledger}")
        try:
            completion = self.inner.complete(request)
        except BudgetExceeded:
            self.ledger.withdraw()
            raise
        usage = completion.usage
        cost = self.prompt_price * usage.prompt_tokens + self.completion_price * usage.completion_tokens
        self.ledger.bill(usage.prompt_tokens + usage.completion_tokens, cost / 1_000_000)
        return completion


MODEL = BudgetModel
