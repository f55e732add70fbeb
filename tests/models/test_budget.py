"""The model that may cost so much and no more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from autosafe_env.chat.ask import chat_model
from autosafe_env.core.ledger import Ledger, Spent
from autosafe_env.errors import BudgetExceeded, ConfigError, RateLimited, RunStopper
from autosafe_env.models.budget import BudgetModel
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.types.chat import ChatRequest, Completion, Usage
from tests.models.making import asking

ANSWER = Completion(text="x", usage=Usage(prompt_tokens=100, completion_tokens=10))


def model(**options: Any) -> BudgetModel:
    """A model whose calls take 110 tokens each."""
    return BudgetModel(ScriptedModel(lambda _request: ANSWER, name="m"), **options)


def answered(*models: BudgetModel, most: int = 50) -> int:
    """How many calls are answered, taking turns, before a budget is spent."""
    for count in range(most):
        try:
            models[count % len(models)].complete(asking())
        except BudgetExceeded:
            return count
    return most


@pytest.mark.parametrize(
    ("limits", "calls", "sentence"),
    [
        ({"max_calls": 3}, 3, "may spend 3 calls and has spent 3 calls, 330 tokens"),
        ({"max_tokens": 1000}, 10, "may spend 1,000 tokens and has spent 10 calls, 1,100 tokens"),
        ({"max_cost": 0.002, "prompt_price": 2.0, "completion_price": 10.0}, 7, "0.002 in money"),
        ({"max_calls": 5, "max_tokens": 200}, 2, "200 tokens"),
        ({}, 50, ""),
    ],
)
def test_a_limit_stops_the_run_and_says_what_was_spent(limits: dict[str, Any], calls: int, sentence: str) -> None:
    limited = model(**limits)
    assert answered(limited) == calls
    if limits:
        with pytest.raises(RunStopper, match=f"the model 'm' may spend .*{sentence.removeprefix('may spend ')}"):
            limited.complete(asking())
    assert (limited.spent.calls, limited.spent.tokens) == (calls, 110 * calls)


def test_money_is_what_the_tokens_cost() -> None:
    limited = model(prompt_price=2.0, completion_price=10.0)
    limited.complete(asking())
    assert limited.spent.cost == pytest.approx((2.0 * 100 + 10.0 * 10) / 1_000_000)


def test_failed_calls_count_and_cost_no_tokens() -> None:
    def failing(_request: ChatRequest) -> Completion:
        raise RateLimited("no")

    limited = BudgetModel(ScriptedModel(failing), max_calls=2)
    for _ in range(2):
        with pytest.raises(RateLimited):
            limited.complete(asking())
    with pytest.raises(BudgetExceeded):
        limited.complete(asking())
    assert limited.spent == Spent(calls=2)


def test_a_shared_ledger_limits_all_models_together() -> None:
    run = Ledger("the run", max_calls=5)
    one, two = model(ledgers=[run]), model(ledgers=[run], max_calls=100)
    assert answered(one, two) == 5
    with pytest.raises(BudgetExceeded, match="the run may spend 5 calls"):
        one.complete(asking())
    assert (run.spent.calls, one.spent.calls, two.spent.calls) == (5, 3, 2)
    assert run.spent.tokens == 550


def test_a_call_that_is_refused_counts_in_no_ledger() -> None:
    run, role = Ledger("the run"), Ledger("the judge", max_calls=1)
    limited = model(ledgers=[run, role])
    assert answered(limited) == 1
    assert answered(limited) == 0
    assert (run.spent.calls, role.spent.calls, limited.spent.calls) == (1, 1, 1)


def test_a_run_that_goes_on_has_spent_what_it_spent_before() -> None:
    run = Ledger("the run", max_tokens=1000, spent=Spent(calls=40, tokens=800))
    assert answered(model(ledgers=[run])) == 2
    assert answered(model(max_calls=5, spent={"calls": 4})) == 1
    assert run.spent == Spent(calls=42, tokens=1020)


def test_threads_never_pass_a_limit_on_calls_and_lose_no_count() -> None:
    run = Ledger("the run", max_calls=200)
    models = [model(ledgers=[run]) for _ in range(4)]

    def work(index: int) -> int:
        return answered(models[index % 4], most=100)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(work, range(16))) == 200
    assert run.spent == Spent(calls=200, tokens=22_000)
    assert sum(each.spent.calls for each in models) == 200


def test_tokens_are_passed_by_the_calls_under_way_at_most() -> None:
    inside = 0
    limited: BudgetModel

    def nesting(_request: ChatRequest) -> Completion:
        """Asks again while it is asked: many calls under way at once, without threads."""
        nonlocal inside
        inside += 1
        if inside < 8:
            limited.complete(asking())
        return ANSWER

    limited = BudgetModel(ScriptedModel(nesting), max_tokens=100)
    limited.complete(asking())
    assert limited.spent == Spent(calls=8, tokens=880)
    with pytest.raises(BudgetExceeded):
        limited.complete(asking())


@pytest.mark.parametrize(
    "options",
    [
        {"max_calls": 0},
        {"max_tokens": -1},
        {"max_cost": 1.0},
        {"prompt_price": -1.0},
        {"spent": {"calls": -1}},
        {"max": 1},
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        chat_model({"kind": "budget", "inner": {"kind": "scripted", "script": []}, **options})
