"""A crew of threads: each thing is handed out once, what is raised comes back, the interpreter is left as it was."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from autosafe_env.run.threads import GARBAGE, MANY, PATIENCE, Crew, Halt

Settings = tuple[float, tuple[int, int, int]]


def settings() -> Settings:
    return sys.getswitchinterval(), gc.get_threshold()


def usual(seen: Settings, before: Settings) -> bool:
    return seen[0] == pytest.approx(before[0]) and seen[1] == before[1]


@pytest.mark.parametrize("workers", [1, 3, MANY, MANY + 1, 100])
def test_each_thing_is_handed_out_once(workers: int) -> None:
    crew = Crew(iter(range(50)), lambda thing: thing * 2, workers, Halt())
    assert sorted(crew.results()) == [2 * thing for thing in range(50)]


@pytest.mark.parametrize("workers", [MANY, MANY + 1])
def test_only_many_threads_change_the_interpreter_and_only_while_they_live(workers: int) -> None:
    before = settings()
    crew = Crew(iter(range(workers)), lambda _: settings(), workers, Halt())
    results = crew.results()
    next(results)
    while_alive = settings()
    list(results)
    assert usual(settings(), before)
    assert usual(while_alive, before if workers <= MANY else (PATIENCE, GARBAGE))


def test_what_a_thread_raises_comes_back_and_leaves_the_interpreter_as_it_was() -> None:
    before = settings()

    def work(thing: int) -> int:
        if thing == 7:
            raise KeyError("seven")
        return thing

    crew = Crew(iter(range(50)), work, MANY + 1, Halt())
    with pytest.raises(KeyError, match="seven"):
        list(crew.results())
    crew.wait(5)
    assert usual(settings(), before)


def test_nothing_more_is_handed_out_after_a_halt() -> None:
    halt, started = Halt(), threading.Event()
    seen: list[int] = []

    def work(thing: int) -> int:
        seen.append(thing)
        halt.jobs.set()
        started.set()
        return thing

    crew = Crew(iter(range(50)), work, 1, halt)
    assert started.wait(5)
    assert list(crew.results()) == seen == [0]
