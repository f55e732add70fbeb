"""Judging a run again from its log: no environment is stepped and the old verdicts stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
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
        RunError: no such run, or verdicts of this name are there already, or cannot be written.
        ConfigError: the name is none for a file, or the judge labels no whole episodes and should.
        JudgeError: the judge failed in a way that makes all further questions useless; what is judged is kept.
    """
    if judging.per == "trajectory" and not isinstance(judge, EpisodeJudge):
        raise ConfigError("this judge labels steps only; leave out --per trajectory")
    path = verdicts_path(folder, name)
    read_manifest(folder)
    with closing(VerdictSink(path, judging, resume)) as sink:
        jobs = _unjudged(folder, sink.done)
        return _judge_all(jobs, judge, judging, sink, max(1, workers), report)


def _unjudged(folder: Path, done: Mapping[str, Judgement]) -> Iterator[tuple[Recorded, str]]:
    """The episodes that are still to be judged, each with the digest of its lines."""
    for recorded, lines in read_lines(folder):
        digest = lines_digest(lines)
        last = done.get(recorded.header.episode)
        if last is None or last.failed or last.digest != digest:
            yield recorded, digest


def _judge_all(
    jobs: Iterator[tuple[Recorded, str]],
    judge: Judge,
    judging: Judging,
    sink: VerdictSink,
    workers: int,
    report: Report | None,
) -> int:
    judged = 0

    def kept(over: Iterable[Future[Judgement]]) -> None:
        nonlocal judged
        for future in over:
            if not future.cancelled() and future.exception() is None:
                sink.append(future.result())
                judged += 1
                if report is not None:
                    report(future.result())

    with ThreadPoolExecutor(workers, thread_name_prefix="autosafe-judge") as pool:

        def begun(count: int) -> set[Future[Judgement]]:
            return {pool.submit(judgement, *job, judge, judging) for job in islice(jobs, count)}

        pending = begun(2 * workers)  # only a few jobs wait in the pool, so that an interrupt has little to cancel
        try:
            while pending:
                over, pending = wait(pending, return_when=FIRST_COMPLETED)
                kept(over)
                for future in over:
                    future.result()  # raises what ends the run
                pending |= begun(len(over))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            kept(pending)
    return judged


def judgement(recorded: Recorded, digest: str, judge: Judge, judging: Judging) -> Judgement:
    """One episode judged again.

    Raises:
        RunError: the episode's events do not follow from one another.
        JudgeError: no other question would fare better.
    """
    episode = recorded.header.episode
    try:
        if judging.per == "trajectory" and isinstance(judge, EpisodeJudge):
            views = [view for view, _ in _views(recorded, judging.basis, lambda _: None)]
            whole = _whole(judge, views[-1]) if views else None
            return Judgement(episode=episode, digest=digest, whole=whole)
        steps = [
            StepVerdict(step=view.step.index, verdict=verdict)
            for view, verdict in _views(recorded, judging.basis, lambda view: ruling(judge, view))
            if verdict is not None
        ]
        return Judgement(episode=episode, digest=digest, steps=tuple(steps))
    except (LookupError, TypeError, ValueError) as error:
        raise RunError(f"episode {episode!r} does not make sense: {error!r}") from error


def _views(
    recorded: Recorded, basis: Basis | None, ask: Callable[[JudgeView], Verdict | None]
) -> Iterator[tuple[JudgeView, Verdict | None]]:
    """What the judge saw of each step, and the new verdict on it, which stands in the history that later views show.

    A new verdict of None leaves the old one there.
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
            verdict = ask(view)
            yield view, verdict
            state = apply(state, event if verdict is None else Judged.made(verdict=verdict))
            continue
        state = apply(state, event)


def _spec(state: EpisodeState, tools: Mapping[str, Tool]) -> ToolSpec | None:
    action = state.steps[-1].action
    tool = tools.get(action.tool) if isinstance(action, ToolCall) else None
    return tool.spec if tool else None


def _whole(judge: EpisodeJudge, view: JudgeView) -> EpisodeVerdict:
    """The verdict on an episode; UNDECIDED where the judge failed, unless the run must stop."""
    try:
        with boundary(JudgeError):
            return judge.judge_episode(view)
    except JudgeError as error:
        if error.stops_run:
            raise
        return EpisodeVerdict(verdict=undecided(error, view))
