"""A model that may cost so much and no more."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from pydantic import Field

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import BudgetExceeded, ConfigError
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json, Value
from autosafe_env.types.chat import ChatRequest, Completion


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
                if limit is not None and amount >= limit:
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


class BudgetModel:
    """Refuses calls when a budget is spent.

    Args:
        inner: the model that is asked, or its configuration.
        max_calls: for this model alone; None for no limit, like the others.
        max_tokens: of prompts and answers together.
        max_cost: money; asks for prices.
        prompt_price: money per million tokens of prompts.
        completion_price: money per million tokens of answers.
        owner: whose budget it is, in error sentences; empty for the model's name.
        spent: what was spent before, as the fields of `Spent`.
        ledgers: further budgets that its calls count for, such as that of a whole run.

    Raises:
        ConfigError: a limit is not more than 0, or there is one on money and no price.
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
        spent: Spent | Mapping[str, Json] | None = None,
        *,
        ledgers: Sequence[Ledger] = (),
    ) -> None:
        if prompt_price < 0 or completion_price < 0:
            raise ConfigError("prices are 0 or more")
        if max_cost is not None and not prompt_price and not completion_price:
            raise ConfigError("a limit on money needs a price: prompt_price, completion_price, per million tokens")
        self.inner = chat_model(inner)
        self.prompt_price, self.completion_price = prompt_price, completion_price
        before = spent if isinstance(spent, Spent) or spent is None else Spent(**spent)
        own = Ledger(owner or f"the model {self.inner.name!r}", max_calls, max_tokens, max_cost, before)
        self.ledgers = (own, *ledgers)

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self.inner.name

    @property
    def spent(self) -> Spent:
        """What this model's calls cost so far."""
        return self.ledgers[0].spent

    def complete(self, request: ChatRequest) -> Completion:
        """The inner model's answer.

        Raises:
            BudgetExceeded: a budget is spent; the inner model is not asked.
            ModelError: as the inner model does.
        """
        self._admit()
        completion = self.inner.complete(request)
        usage = completion.usage
        cost = self.prompt_price * usage.prompt_tokens + self.completion_price * usage.completion_tokens
        for ledger in self.ledgers:
            ledger.bill(usage.prompt_tokens + usage.completion_tokens, cost / 1_000_000)
        return completion

    def _admit(self) -> None:
        """Count the call in every ledger or, where one refuses it, in none."""
        for index, ledger in enumerate(self.ledgers):
            try:
                ledger.admit()
            except BudgetExceeded:
                for admitted in self.ledgers[:index]:
                    admitted.withdraw()
                raise


MODEL = BudgetModel
