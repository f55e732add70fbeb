"""A scripted exercise that shows how far a tool emulator can be relied on: `autosafe check-emulator`.

The tool calls of each scenario's safe path are put to the emulator, one after the other, on the world that it made
itself. After every write the exercise reads back, it asks each reading call twice, and it asks for things that do not
exist. What must hold is known, since the toolkits' own code can be run on the very same state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from autosafe_env.core.discover import Kind, make, scenario_tools
from autosafe_env.core.patch import same
from autosafe_env.core.toolspec import Tool
from autosafe_env.core.variant import fill
from autosafe_env.errors import EmulatorError, boundary
from autosafe_env.protocols import ToolEmulator
from autosafe_env.run.laws import Law, Mark, changes, ids_in, misfit, wrong_ids
from autosafe_env.run.threads import Crew, Halt
from autosafe_env.types.base import compact, texts
from autosafe_env.types.state import Step, World
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.tools import Effect, Role
from autosafe_env.types.turns import Emulation, Feedback, FeedbackSource, ToolCall
from autosafe_env.views import EmulatorView, world_time

NOTHING = "no-such-thing-0"
"""What is asked for when the call has to fail."""
MOST_READ_BACK = 3
"""Reading calls after one write."""


def exercise(
    emulator: ToolEmulator,
    scenarios: Iterable[Scenario],
    toolkits: Sequence[str] = (),
    *,
    seed: int = 0,
    workers: int = 1,
) -> list[Mark]:
    """Put the exercise to an emulator.

    Args:
        emulator: who is tried.
        scenarios: whose safe paths and worlds are used.
        toolkits: names of those whose tools are tried; none means all.
        seed: of the episodes.
        workers: scenarios at once.

    Raises:
        EmulatorError: the emulator failed in a way that no other call would fare better, such as an unreachable server.
    """
    halt = Halt()

    def play(numbered: tuple[int, Scenario]) -> tuple[int, list[Mark]]:
        return numbered[0], _Exercise(emulator, numbered[1], seed, halt).play(toolkits)

    try:
        played = dict(Crew(enumerate(scenarios), play, max(1, workers), halt).results())
    finally:
        halt.jobs.set()
    return [mark for index in sorted(played) for mark in played[index]]


@dataclass
class _Exercise:
    """One scenario's part of the exercise: the world and the history as they grow, and the marks."""

    emulator: ToolEmulator
    scenario: Scenario
    seed: int
    halt: Halt
    """Once its `jobs` are over, nothing more is asked."""
    marks: list[Mark] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        self.setting = fill(self.scenario, Variant.ATTACKED)
        self.world: World = self.setting.world
        self.tools = scenario_tools(self.scenario)
        self.rules: ToolEmulator = make(Kind.EMULATOR, "rules")

    def play(self, toolkits: Sequence[str]) -> list[Mark]:
        """The marks of the calls of the safe path, of those that read back, and of those that have to fail."""
        seen: set[str] = set()
        coded = set(self.scenario.toolkits) - {each.name for each in self.scenario.specified}
        for call in self.scenario.path("safe"):
            if self.halt.jobs.is_set():
                break
            if not isinstance(call, ToolCall) or self.tools[call.tool].spec.toolkit not in (toolkits or coded):
                continue
            tool = self.tools[call.tool]
            view = self._view(tool, call)
            due = self.rules.emulate(view).world
            answer = self._put(tool, call)
            if answer is not None and wrote(tool, answer):
                for reading in self._readings(tool, call, answer, due):
                    self._put(self.tools[reading.tool], reading, (view.world, due))
            if call.tool not in seen:
                seen.add(call.tool)
                for failing in self._failing(tool, call):
                    self._put(tool, failing)
        return self.marks

    def _put(self, tool: Tool, call: ToolCall, write: tuple[World, World] | None = None) -> Emulation | None:
        """The answer to a call, marked, and gone on with; None where the emulator gave none that fits, in which case
        the exercise goes on with what the code says. `write`: the worlds before and, as the code has it, after a write
        that the call reads back."""
        view = self._view(tool, call)
        expected = self.rules.emulate(view)
        answer = self._answer(view)
        if isinstance(answer, str):
            self._mark(view, Law.ANSWERS, answer)
            self._go_on(call, expected)
            return None
        self._mark(view, Law.ANSWERS)
        broken = misfit(tool, view, answer)
        self._mark(view, Law.SCHEMA, broken)
        if not broken:
            self._judge(view, answer, expected, write)
        self._go_on(call, expected if broken else answer)
        return None if broken else answer

    def _answer(self, view: EmulatorView) -> Emulation | str:
        """What the emulator says, or why it says nothing."""
        try:
            with boundary(EmulatorError):
                return self.emulator.emulate(view)
        except EmulatorError as error:
            if error.stops_run:
                raise
            return str(error)

    def _judge(
        self, view: EmulatorView, answer: Emulation, expected: Emulation, write: tuple[World, World] | None
    ) -> None:
        """Mark an answer that fits its specification by what the code says about the same state."""
        law, right = Law.SUCCEEDS if expected.fault is None else Law.FAULTS, answer.fault == expected.fault
        why = "" if right else f"{answer.fault or 'no fault'} where it has to be {expected.fault or 'none'}"
        self._mark(view, law, why)
        if answer.fault is not None or not right:
            if why := self._hidden(view, answer, write):
                self._mark(view, Law.READ_AFTER_WRITE, why)
            return
        if view.spec.effect is Effect.READ:
            law = Law.READ_AFTER_WRITE if view.spec.toolkit in self.written else Law.READS
            why = (
                "" if same(answer.observation, expected.observation) else "it returns what does not stand in the state"
            )
            self._mark(view, law, why or self._hidden(view, answer, write))
            again = self._answer(view)
            steady = not isinstance(again, str) and same(again.observation, answer.observation)
            self._mark(view, Law.REPEATS, "" if steady else "asked again, it returns something else")
        else:
            before = view.world[view.spec.toolkit]
            shapes = [changes(before, each.world[view.spec.toolkit]) for each in (answer, expected)]
            why = "" if shapes[0] == shapes[1] else f"it changes {shapes[0]} where the change is {shapes[1]}"
            self._mark(view, Law.WRITES, why)
        if found := ids_in(answer.observation):
            self._mark(view, Law.IDS, wrong_ids(found, view, answer))

    def _hidden(self, view: EmulatorView, answer: Emulation, write: tuple[World, World] | None) -> str:
        """Why a write does not show in what reads it back; empty when it does, or need not."""
        if write is None:
            return ""
        old, new = (self.rules.emulate(replace(view, world=world)) for world in write)
        if new.fault is not None:
            return ""
        unchanged = answer.fault is not None or same(old.observation, answer.observation)
        return "the write before it does not show" if unchanged and not same(old.observation, new.observation) else ""

    def _go_on(self, call: ToolCall, answer: Emulation) -> None:
        tool = self.tools[call.tool]
        if wrote(tool, answer):
            self.written.add(tool.spec.toolkit)
        self.world = answer.world
        shown = answer.observation if isinstance(answer.observation, str) else compact(answer.observation)
        feedback = (Feedback.made(source=FeedbackSource.TOOL, text=shown),)
        step = Step.made(index=len(self.steps), action=call, feedback=feedback, fault=answer.fault, first_event=0)
        self.steps = (*self.steps, step)

    def _view(self, tool: Tool, call: ToolCall) -> EmulatorView:
        return EmulatorView(
            spec=tool.spec,
            call=call,
            world=self.world,
            history=self.steps,
            now=world_time(self.setting, len(self.steps) + 1),
            triggers=self.setting.triggers,
            faults=(),
            seed=self.seed,
        )

    def _mark(self, view: EmulatorView, law: Law, why: str = "") -> None:
        call = f"{view.call.tool} {compact(view.call.arguments)}"
        self.marks.append(Mark(law, view.spec.toolkit, not why, self.scenario.id, call, why))

    def _readings(self, tool: Tool, call: ToolCall, answer: Emulation, due: World) -> list[ToolCall]:
        """Calls that read back what a write may have changed: the toolkit's lists, and what the write names, if it is
        there now or had to be (`due`: the world after the write, as the code has it)."""
        named = [*ids_in(answer.observation), *texts(call.arguments)]
        found: list[ToolCall] = []
        for other in self.tools.values():
            if other.spec.toolkit != tool.spec.toolkit or other.spec.effect is not Effect.READ:
                continue
            required = other.spec.parameters.get("required", [])
            if not required:
                found.append(ToolCall(tool=other.spec.name))
            elif len(required) == 1 and other.spec.roles.get(required[0]) in (Role.TARGET, Role.PATH):
                calls = [ToolCall(tool=other.spec.name, arguments={required[0]: name}) for name in named]
                fitting = (each for each in calls if not other.mistakes(each.arguments))
                found[:0] = [each for each in fitting if self._is_there(self._view(other, each), due)][:1]
        return found[:MOST_READ_BACK]

    def _is_there(self, view: EmulatorView, due: World) -> bool:
        """Whether a reading call succeeds in the world as it is, or in another."""
        return any(self.rules.emulate(replace(view, world=world)).fault is None for world in (view.world, due))

    def _failing(self, tool: Tool, call: ToolCall) -> list[ToolCall]:
        """The same call for something that does not exist, where that has to fail; at most one."""
        for name in call.arguments:
            if tool.spec.roles.get(name) in (Role.TARGET, Role.PATH):
                wrong = call.changed({"arguments": {**call.arguments, name: NOTHING}})
                if not tool.mistakes(wrong.arguments) and self.rules.emulate(self._view(tool, wrong)).fault is not None:
                    return [wrong]
        return []


def wrote(tool: Tool, answer: Emulation) -> bool:
    """Whether a writing call succeeded, even if there was nothing left to change."""
    return tool.spec.effect is not Effect.READ and answer.fault is None
