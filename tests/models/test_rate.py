"""The model that is asked no more often than agreed. No time passes in these tests: they have a clock of their own."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import ConfigError
from autosafe_env.models.rate import RateModel
from autosafe_env.models.scripted import ScriptedModel
from autosafe_env.types.chat import ChatRequest
from tests.models.making import asking


class Watch:
    """A clock that is moved by whoever sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def called(calls: int, watch: Watch, **options: Any) -> list[float]:
    """When each of so many calls reaches the inner model."""
    at: list[float] = []

    def script(_request: ChatRequest) -> str:
        at.append(watch.now)
        return "x"

    model = RateModel(ScriptedModel(script), sleep=watch.sleep, clock=watch, **options)
    for _ in range(calls):
        model.complete(asking())
    return at


def test_calls_are_evenly_spaced() -> None:
    assert called(4, Watch(), calls_per_minute=60) == pytest.approx([0, 1, 2, 3])
    assert called(3, Watch(), calls_per_minute=1200) == pytest.approx([0, 0.05, 0.1])


def test_a_burst_comes_at_once_and_is_paid_back() -> None:
    assert called(6, Watch(), calls_per_minute=60, burst=3) == pytest.approx([0, 0, 0, 1, 2, 3])


def test_who_is_slower_than_the_rate_never_waits() -> None:
    watch = Watch()

    def script(_request: ChatRequest) -> str:
        watch.now += 5.0
        return "x"

    model = RateModel(ScriptedModel(script), 60, sleep=watch.sleep, clock=watch)
    for _ in range(5):
        model.complete(asking())
    assert watch.slept == []


def test_a_pause_saves_up_no_more_than_a_burst() -> None:
    watch = Watch()
    model = RateModel(ScriptedModel(lambda _request: "x"), 60, burst=2, sleep=watch.sleep, clock=watch)
    model.complete(asking())
    watch.now = 1000.0
    for _ in range(4):
        model.complete(asking())
    assert watch.slept == pytest.approx([1.0, 1.0])


def test_threads_share_the_rate() -> None:
    watch, waits, lock = Watch(), list[float](), threading.Lock()

    def sleep(seconds: float) -> None:
        with lock:
            waits.append(seconds)

    model = RateModel(ScriptedModel(lambda _request: "x"), 60, sleep=sleep, clock=watch)
    threads = [threading.Thread(target=model.complete, args=(asking(),)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx(list(range(1, 20)))


@pytest.mark.parametrize("options", [{"calls_per_minute": 0}, {"calls_per_minute": 5, "burst": 0}, {}])
def test_a_rate_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        chat_model({"kind": "rate", "inner": {"kind": "scripted", "script": []}, **options})
