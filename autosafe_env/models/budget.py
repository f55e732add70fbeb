"""A model that may cost so much and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autosafe_env.chat.ask import chat_model
from autosafe_env.core.ledger import Ledger, Spent
from autosafe_env.errors import BudgetExceeded, ConfigError, validated
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatRequest, Completion


class BudgetModel:
    """Refuses calls when a budget is spent; see `Ledger` for how exactly.

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
        before = spent if isinstance(spent, Spent) or spent is None else validated(Spent, dict(spent))
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
