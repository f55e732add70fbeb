"""Judging a run again from its log: no environment is stepped and the old verdicts stay where they are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from autosafe_env.core.discover import scenario_tools
from autosafe_env.core.reduce import apply, begin
from autosafe_env.core.ruling import ruling, undecided
from autosafe_env.core.toolspec import Tool
from autosafe_env.errors import ConfigError, JudgeError, RunError, boundary
from autosafe_env.protocols import Judge
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.read import read_lines
from autosafe_env.record.verdicts import Judgement, Judging, StepVerdict, VerdictSink, lines_digest, verdicts_path
from autosafe_env.run.threads import GRACE, Crew, Halt
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import Acted, Judged, Started
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import ToolCall
from autosafe_env.types.verdict import Basis, EpisodeVerdict, Verdict
from autosafe_env.views import JudgeView, judge_view

Report = Callable[[Judgement], None]


@runtime_checkable
class EpisodeJudge(Protocol):
    """A judge that can also label an episode as a whole."""

    def judge_episode(self, view: JudgeView) -> EpisodeVerdict:
        """The verdict on the episode, from what a judge sees of its last step."""
        ...


def rejudge(
    folder: Path,
    judge: Judge,
    judging: Judging,
    name: str,
    *,
    resume: bool = False,
    workers: int = 1,
    report: Report | None = None,
) -> int:
    """Put every step of a run's episodes, or every episode as a whole, to a judge.

    An interrupt ends the judging of an episode at its next step; what is decided of it by then is kept.

    Args:
        folder: of the run.
        judge: the one that `judging` describes.
        judging: how to judge; written into the file.
        name: of the verdicts: they go into `verdicts-<name>.jsonl` in the folder.
        resume: whether to go on with verdicts of this name: what is missing, what has been played again since, and
            where the judge failed.
        workers: episodes at once.
        report: called with each new judgement, from the calling thread.

    Returns:
        How many episodes were judged now.

    Raises:
        RunError: no such run, or verdicts of this name are there already, or cannot be written; or the judge failed in
            a way that makes all further questions useless: what is judged is kept.
        ConfigError: the name is none for a file, or the judge labels no whole episodes and should.
    """
    if judging.per == "trajectory" and not isinstance(judge, EpisodeJudge):
        raise ConfigError("this judge labels steps only; leave out --per trajectory")
    path = verdicts_path(folder, name)
    read_manifest(folder)
    with closing(VerdictSink(path, judging, resume)) as sink:
        return _judge_all(_jobs(folder, sink.done), Asking(judge, judging), sink, max(1, workers), report)


@dataclass(frozen=True)
class Job:
    """One episode to judge."""

    recorded: Recorded
    digest: str
    """Of its lines."""
    last: Judgement | None
    """What was said of an episode of this name before."""


def _jobs(folder: Path, done: Mapping[str, Judgement]) -> Iterator[Job]:
    """The episodes that are still to be judged."""
    for recorded, lines in read_lines(folder):
        digest, last = lines_digest(lines), done.get(recorded.header.episode)
        if last is None or last.failed or last.digest != digest:
            yield Job(recorded, digest, last)


def _judge_all(jobs: Iterator[Job], asking: Asking, sink: VerdictSink, workers: int, report: Report | None) -> int:
    judged, stopped = 0, ""
    halt = Halt()
    crew = Crew(jobs, asking.judgement, workers, halt)
    try:
        for found in crew.results():
            _keep(found, sink)
            if found.stopped:
                stopped = found.stopped
                break
            judged += 1
            if report is not None:
                report(found)
    finally:
        halt.jobs.set()
        asking.halt.set()
        for found in crew.rest(GRACE):
            _keep(found, sink)
    if stopped:
        raise RunError(f"the judging stopped: {stopped}; what is judged is kept, go on with --resume")
    return judged


def _keep(found: Judgement, sink: VerdictSink) -> None:
    """Write a judgement down, unless there is nothing in it."""
    if not found.stopped or found.steps or found.calls:
        sink.append(found)


class Asking:
    """Puts episodes to a judge, from any thread.

    Args:
        judge: who is asked.
        judging: how.
    """

    def __init__(self, judge: Judge, judging: Judging) -> None:
        self.judge, self.judging = judge, judging
        self.halt = threading.Event()
        """Once it is set no further question is asked."""

    def judgement(self, job: Job) -> Judgement:
        """The verdicts on one episode. What was decided before about the same episode is not asked again.

        Raises:
            RunError: the episode's events do not follow from one another.
        """
        episode, last = job.recorded.header.episode, job.last
        known = last.steps if last is not None and last.digest == job.digest else ()
        decided = {item.step: item.verdict for item in known if not item.verdict.cause}
        steps: list[StepVerdict] = []
        calls = [] if last is None else _beside(last, decided)

        def ask(view: JudgeView) -> Verdict:
            verdict = decided.get(view.step.index) or self._ruling(view)
            steps.append(StepVerdict(step=view.step.index, verdict=verdict))
            return verdict

        whole, stopped = None, ""
        try:
            if self.judging.per == "trajectory":
                views = list(judge_views(job.recorded, self.judging.basis))
                whole = self._whole(views[-1]) if views else None
            else:
                list(judge_views(job.recorded, self.judging.basis, ask))
        except JudgeError as error:
            stopped, calls = str(error), [*calls, *map(_unread, error.calls)]
            reached = {item.step for item in steps}
            steps += [item for item in known if item.step in decided and item.step not in reached]
        except (LookupError, TypeError, ValueError) as error:
            raise RunError(f"episode {episode!r} does not make sense: {error!r}") from error
        return Judgement(
            episode=episode, digest=job.digest, steps=tuple(steps), whole=whole, stopped=stopped, calls=tuple(calls)
        )

    def _ruling(self, view: JudgeView) -> Verdict:
        if self.halt.is_set():
            raise JudgeError("it was interrupted")
        return ruling(self.judge, view)

    def _whole(self, view: JudgeView) -> EpisodeVerdict:
        """The verdict on an episode; UNDECIDED where the judge failed, unless the run must stop."""
        if self.halt.is_set():
            raise JudgeError("it was interrupted")
        try:
            with boundary(JudgeError):
                found: EpisodeVerdict = self.judge.judge_episode(view)  # type: ignore[attr-defined]
        except JudgeError as error:
            if error.stops_run:
                raise
            return EpisodeVerdict(verdict=undecided(error, view))
        return found


def _beside(last: Judgement, decided: Mapping[int, Verdict]) -> list[ModelCall]:
    """The calls of a judgement that are not among those of the verdicts which stay."""
    asked_again = [item.verdict for item in last.steps if item.step not in decided]
    whole = [] if last.whole is None else [last.whole.verdict]
    return [*last.calls, *(_unread(call) for verdict in (*asked_again, *whole) for call in verdict.calls)]


def _unread(call: ModelCall) -> ModelCall:
    """A call that is kept for its costs alone."""
    return call.changed({"messages": ()})


def judge_views(
    recorded: Recorded, basis: Basis | None, ask: Callable[[JudgeView], Verdict] | None = None
) -> Iterator[JudgeView]:
    """What the judge saw of each step.

    Args:
        recorded: the episode.
        basis: on which to judge; None for that of the episode.
        ask: gives the new verdict on a step, which then stands in the histories of later views; None leaves the old.
    """
    started, *events = recorded.events
    if not isinstance(started, Started):
        raise ValueError(f"a log begins with 'started', not {started.kind!r}")
    config = started.config if basis is None else started.config.changed({"basis": basis})
    state = begin(started.changed({"config": config}))
    tools = scenario_tools(started.scenario)
    before = state.world
    for event in events:
        if isinstance(event, Acted):
            before = state.world
        elif isinstance(event, Judged):
            view = judge_view(before, state, _spec(state, tools))
            yield view
            event = event if ask is None else Judged.made(verdict=ask(view))
        state = apply(state, event)


def _spec(state: EpisodeState, tools: Mapping[str, Tool]) -> ToolSpec | None:
    action = state.steps[-1].action
    tool = tools.get(action.tool) if isinstance(action, ToolCall) else None
    return tool.spec if tool else None
