"""Calling a function on many things at once, on threads that nobody has to wait for."""

from __future__ import annotations

import gc
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, TypeVar

from autosafe_env.types.base import T

R = TypeVar("R")
GRACE = 5.0
"""Seconds that an interrupted run waits for calls under way. A server that hangs is left alone after that."""
STACK = 4 << 20
"""Bytes of stack for each of many threads: half of the usual. With 2 MiB a role that recurses without end was seen to
kill the process, where it should meet a RecursionError."""
MANY = 32
PATIENCE = 0.1
"""Seconds for which one of many threads keeps the interpreter, unless it lets go before, as it does in each call of a
model. With the usual 5 ms, each of those that wait asks for it 200 times a second: 1,000 were seen to take all of the
processor so, and a run of 15 seconds 227."""
GARBAGE = (50_000, 20, 100)
"""Thresholds of `gc`. All of the many episodes under way is looked through each time, hardly any of it is in cycles,
and with the usual thresholds that takes a tenth of the processor time."""


@dataclass(frozen=True)
class Over:
    """A thread has ended."""

    error: BaseException | None = None


class Halt:
    """Tells threads to stop: `jobs` are no longer handed out; `now` ends what is under way as soon as it can."""

    def __init__(self) -> None:
        self.jobs = threading.Event()
        self.now = threading.Event()


class Relay:
    """Hands whatever ends a thread to the thread that reads `to`, which raises it again: nothing is swallowed."""

    def __init__(self, to: queue.SimpleQueue[Over | R]) -> None:
        self.to = to

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> bool:
        self.to.put(Over(error))
        return True


class Crew(Generic[T, R]):
    """Threads that call a function on each of some things.

    The threads are daemons: after an interrupt, one that hangs in a call keeps nobody from leaving.

    Args:
        things: what is handed out, one at a time, under a lock.
        work: what is called with each.
        workers: threads.
        halt: set by `work` or the caller to stop the handing out.
    """

    def __init__(self, things: Iterator[T], work: Callable[[T], R], workers: int, halt: Halt) -> None:
        self._things, self._work, self._halt = things, work, halt
        self._lock = threading.Lock()
        self._done: queue.SimpleQueue[Over | R] = queue.SimpleQueue()
        self._alive = 0
        with small_stacks(workers):
            threads = [threading.Thread(target=self._run, name="autosafe-run", daemon=True) for _ in range(workers)]
            for thread in threads:
                thread.start()
                self._alive += 1

    def results(self) -> Iterator[R]:
        """What the function returned, as it comes, until all threads have ended.

        Raises:
            BaseException: whatever the function raised.
        """
        with unhurried(self._alive):
            while self._alive:
                item = self._done.get()
                if not isinstance(item, Over):
                    yield item
                    continue
                self._alive -= 1
                if item.error is not None:
                    raise item.error

    def rest(self, seconds: float) -> Iterator[R]:
        """What the function still returns until all threads have ended, at most so long; what it raises is let go."""
        until = time.monotonic() + seconds
        with suppress(queue.Empty):
            while self._alive:
                item = self._done.get(timeout=max(0.0, until - time.monotonic()))
                if isinstance(item, Over):
                    self._alive -= 1
                else:
                    yield item

    def wait(self, seconds: float) -> None:
        """Wait until all threads have ended, at most so long; what they return or raise by then is let go."""
        for _ in self.rest(seconds):
            pass

    def _run(self) -> None:
        with Relay(self._done):
            while not self._halt.jobs.is_set():
                with self._lock:
                    thing = next(self._things, None)
                if thing is None:
                    return
                self._done.put(self._work(thing))


@contextmanager
def small_stacks(workers: int) -> Iterator[None]:
    """Start threads with small stacks where there are many of them."""
    if workers <= MANY:
        yield
        return
    usual = threading.stack_size(STACK)
    try:
        yield
    finally:
        threading.stack_size(usual)


@contextmanager
def unhurried(workers: int) -> Iterator[None]:
    """For many threads: let each wait longer for the interpreter, and look for cyclic garbage less often."""
    usual, thresholds = sys.getswitchinterval(), gc.get_threshold()
    if workers <= MANY or usual >= PATIENCE:
        yield
        return
    sys.setswitchinterval(PATIENCE)
    gc.set_threshold(*GARBAGE)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
        gc.set_threshold(*thresholds)
