"""Scenarios on their way to the gate, given a model's words: many at a time, and still in order.

What comes out depends on the model's answers alone, not on how many are asked for at a time.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter, deque
from collections.abc import Iterator
from itertools import count

from autosafe_env.errors import RunStopper
from autosafe_env.generate.pattern import Pattern
from autosafe_env.generate.produce import Gate, Made
from autosafe_env.generate.verify import Verified
from autosafe_env.generate.writer_llm import LlmWriter, Written
from autosafe_env.run.threads import GRACE, Crew, Halt
from autosafe_env.types.chat import ModelCall

MOST_WAITING = 64
"""Scenarios that wait for one before them, at most."""
Job = tuple[int, Pattern, Verified]
Done = tuple[int, Written | RunStopper]


class Writing:
    """Puts scenarios to a writer.

    Args:
        writer: who is asked.
        at_once: how many scenarios are asked for at a time.
    """

    def __init__(self, writer: LlmWriter, at_once: int = 8) -> None:
        self.writer, self.at_once = writer, at_once
        self.calls: list[ModelCall] = []
        """Every call that was made, in no order, without its prompt."""
        self.taken = 0
        """Scenarios that have the model's words."""
        self.refused: Counter[tuple[str, str]] = Counter()
        """Pattern and reason to how many of its scenarios have not."""
        self._lock = threading.Lock()

    def through(self, orders: Iterator[Made], gate: Gate) -> Iterator[Made]:
        """The same scenarios in the same order, in other words. Of what the gate keeps out anyway nothing is asked.

        Raises:
            RunStopper: no other scenario would fare better. Those before the one that met it have been given out.
        """
        jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        halt = Halt()
        crew = Crew(iter(jobs.get, None), self._done, self.at_once, halt)
        results, found = crew.results(), dict[int, Written | RunStopper]()
        waiting: deque[tuple[int | None, Made]] = deque()
        numbers = count()
        try:
            while True:
                self._fill(waiting, orders, gate, jobs, numbers)
                number, made = waiting.popleft()
                if number is None:
                    yield made
                    continue
                while number not in found:
                    found.update([next(results)])
                yield self._given(made, found.pop(number))
        finally:
            halt.jobs.set()
            for _ in range(self.at_once):
                jobs.put(None)
            crew.wait(GRACE)

    def _fill(
        self,
        waiting: deque[tuple[int | None, Made]],
        orders: Iterator[Made],
        gate: Gate,
        jobs: queue.SimpleQueue[Job | None],
        numbers: Iterator[int],
    ) -> None:
        """Ask for no more than the suite still wants: what is asked for is paid for."""
        most = max(1, min(self.at_once, gate.wanted - gate.admitted))
        asked = sum(number is not None for number, _ in waiting)
        while not waiting or (0 < asked < most and len(waiting) < MOST_WAITING):
            index, pattern, made = next(orders)
            number = None
            if isinstance(made, Verified) and gate.admitted < gate.wanted and not gate.bars(pattern, made.scenario):
                number, asked = next(numbers), asked + 1
                jobs.put((number, pattern, made))
            waiting.append((number, (index, pattern, made)))

    def _done(self, job: Job) -> Done:
        """Called on many threads."""
        number, pattern, made = job
        result: Written | RunStopper
        try:
            result = self.writer.write(pattern, made)
        except RunStopper as error:
            result = error
        with self._lock:
            self.calls += [call.changed({"messages": ()}) for call in result.calls]
        return number, result

    def _given(self, made: Made, result: Written | RunStopper) -> Made:
        if isinstance(result, RunStopper):
            raise result
        index, pattern, _ = made
        if result.reason:
            self.refused[pattern.id, result.reason] += 1
        self.taken += not result.reason
        return index, pattern, result.made
