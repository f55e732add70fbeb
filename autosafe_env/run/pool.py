"""A whole run: every agent on every scenario, in both variants, on threads, resumable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import gymnasium as gym

from autosafe_env.core.casting import LiveModels
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.roles import RolesFile, read_roles
from autosafe_env.errors import RunError
from autosafe_env.record.manifest import (
    MANIFEST,
    Manifest,
    RunConfig,
    make_manifest,
    must_match,
    read_manifest,
    write_manifest,
)
from autosafe_env.record.read import finished, unsafe_episodes
from autosafe_env.record.sink import JsonlSink, must_be_idle
from autosafe_env.run.cast import Cast, env_of, make_cast, with_models
from autosafe_env.run.rollout import rollout
from autosafe_env.run.spent import add_lost, balances, calls_in, spent
from autosafe_env.run.threads import GRACE, Crew, Halt
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import Failed, Stepped
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.turns import Decision

Report = Callable[[Trajectory], None]
REMEDIES = {
    "BudgetExceeded": "raise the limit",
    "Unreachable": "see that the server runs and takes the key",
}
"""Kind of error that stops a run to what a person can do about it."""


@dataclass(frozen=True)
class Job:
    """One episode to play."""

    scenario: Scenario
    variant: Variant
    agent: str
    repeat: int

    @property
    def episode(self) -> str:
        """The episode's name in the run."""
        return f"{self.scenario.id}/{self.variant}/{self.agent}/{self.repeat}"

    def seed(self, run_seed: int) -> int:
        """The episode's seed: the same for every agent, so that agents can be compared pair by pair."""
        text = f"{run_seed}/{self.scenario.id}/{self.variant}/{self.repeat}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])


Series = tuple[Job, ...]
"""Episodes that are played one after the other; one that is unsafe ends them."""


def run(
    config: RunConfig,
    scenarios: Mapping[str, Scenario],
    folder: Path,
    *,
    roles: RolesFile | str | Path | Mapping[str, Json] | None = None,
    workers: int = 1,
    resume: bool = False,
    report: Report | None = None,
) -> int:
    """Play all episodes of a run that are not yet in its folder, or that stand there as failed.

    An interrupt ends the episodes under way at their next step; those are not kept.

    Args:
        config: what to play; `models` and `agent_options` are filled in from `roles`.
        scenarios: by id, all that `config.scenarios` names.
        folder: made if it is not there.
        roles: the models of the roles that ask one: a roles file, its path, or the same as plain data.
        workers: episodes at once.
        resume: whether to go on with a run that the folder holds already.
        report: called with each finished episode, from the calling thread.

    Returns:
        How many episodes were played now.

    Raises:
        RunError: the folder holds a run and `resume` is off, or holds another run, or somebody is writing to it; or
            the run stopped early, since no other episode would fare better: a limit is spent, or a server is not there.
        ConfigError: an agent, a model or an argument of the environment is wrong; found before anything is written.
    """
    file = read_roles(roles)
    config = with_models(config, file)
    chosen = [scenarios[name] for name in config.scenarios]
    must_be_idle(folder)
    models = LiveModels(file, balances(file, spent(folder)) if resume else None)
    cast = make_cast(config, models)
    env_of(config, cast, chosen[0], chosen[0].variants[0])
    _prepare(folder, make_manifest(config, chosen, file.model_dump(mode="json", exclude_unset=True)), resume)
    with JsonlSink(folder) as sink:
        play = Play(config, cast, sink)
        try:
            return _play_all(_left(config, chosen, folder), play, max(1, workers), report)
        finally:
            add_lost(folder, play.lost)


def all_jobs(config: RunConfig, scenarios: Sequence[Scenario]) -> Iterator[Job]:
    """Every episode of a run, in order. A scenario without a benign twin is played attacked only."""
    for agent in config.agents:
        for scenario in scenarios:
            for variant in _variants(config, scenario):
                for repeat in range(config.episodes):
                    yield Job(scenario, variant, agent, repeat)


def job_count(config: RunConfig, scenarios: Iterable[Scenario]) -> int:
    """How many episodes a run has, however many they are."""
    return len(config.agents) * config.episodes * sum(len(_variants(config, scenario)) for scenario in scenarios)


def _variants(config: RunConfig, scenario: Scenario) -> list[Variant]:
    return [each for each in config.variants if each in scenario.variants]


def _left(config: RunConfig, scenarios: Sequence[Scenario], folder: Path) -> Iterator[Series]:
    """The episodes that are still to be played: one by one, or all of a scenario together if one that is unsafe ends
    them."""
    done = finished(folder)
    if not config.until_unsafe:
        return ((job,) for job in all_jobs(config, scenarios) if job.episode not in done)
    unsafe = unsafe_episodes(folder) & done
    return _series(all_jobs(config, scenarios), done, unsafe)


def _series(jobs: Iterator[Job], done: Collection[str], unsafe: Collection[str]) -> Iterator[Series]:
    for _, group in groupby(jobs, lambda job: (job.agent, job.scenario.id, job.variant)):
        series = tuple(group)
        if not any(job.episode in unsafe for job in series):
            yield tuple(job for job in series if job.episode not in done)


def _prepare(folder: Path, manifest: Manifest, resume: bool) -> None:
    if (folder / MANIFEST).exists():
        if not resume:
            raise RunError(f"{folder} holds a run already; resume it with --resume, or use another folder")
        must_match(read_manifest(folder), manifest, folder)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_manifest(folder, manifest)
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}") from error


class Halted(BaseException):
    """The run is over, and this episode is not. Not an `Exception`, so that no role can catch it by accident."""


class Stoppable(gym.Wrapper[Any, Any, Any, Any]):
    """An env that can be stopped between two steps."""

    def __init__(self, env: AutoSafeEnv, halt: Halt) -> None:
        super().__init__(env)
        self._inner, self._halt = env, halt

    def take(self, action: Decision) -> Stepped:
        """The env's, unless the run is over."""
        if self._halt.now.is_set():
            raise Halted
        return self._inner.take(action)


class Play:
    """Plays one series of jobs after the other, from any thread, and logs those that count."""

    def __init__(self, config: RunConfig, cast: Cast, sink: JsonlSink) -> None:
        self.config, self.cast, self.sink = config, cast, sink
        self.halt = Halt()
        self.lost: list[ModelCall] = []
        """Calls of episodes that are not kept. Appending to a list is safe from many threads."""
        self.stopped: Failed | None = None
        """Why the run cannot go on; None while it can."""

    def __call__(self, series: Series) -> list[Trajectory]:
        """The episodes that are kept; none after one that is unsafe, where that ends a series."""
        played: list[Trajectory] = []
        for job in series:
            trajectory = self.play(job)
            if trajectory is not None:
                played.append(trajectory)
            if trajectory is None or trajectory.first_unsafe is not None or self.halt.jobs.is_set():
                break
        return played

    def play(self, job: Job) -> Trajectory | None:
        """The episode; None if it is not kept, since the run stops in the midst of it."""
        env = env_of(self.config, self.cast, job.scenario, job.variant)
        agent = self.cast.agents[job.agent]
        seed = job.seed(self.config.seed)
        try:
            trajectory = rollout(Stoppable(env, self.halt), agent, seed=seed, agent=job.agent, episode=job.episode)
        except Halted:
            self.lost += calls_in(env.log)
            return None
        failure = trajectory.state.failure
        if failure is not None and failure.stops_run:
            self.lost += calls_in(env.log)
            self.stopped = self.stopped or failure
            self.halt.jobs.set()
            return None
        self.sink.append(job.episode, job.agent, trajectory.privileged, env.log)
        return trajectory


def _play_all(jobs: Iterator[Series], play: Play, workers: int, report: Report | None) -> int:
    played = 0
    crew = Crew(jobs, play, workers, play.halt)
    over = False
    try:
        for trajectory in chain.from_iterable(crew.results()):
            played += 1
            if report is not None:
                report(trajectory)
        over = True
    finally:
        play.halt.jobs.set()
        if not over:
            play.halt.now.set()
            crew.wait(GRACE)
    if play.stopped is not None:
        raise RunError(stop_sentence(play.stopped, played))
    return played


def stop_sentence(failure: Failed, finished: int, what: str = "run", thing: str = "episode") -> str:
    """Why something stopped early, what is kept of it, and what to do.

    Args:
        failure: why.
        finished: how many things were finished now.
        what: stopped.
        thing: one of what is finished.
    """
    reason = failure.error.removeprefix(f"{failure.cause}: ").rstrip(".")
    remedy = REMEDIES.get(failure.cause, "mend that")
    kept = f"{finished} {thing}{'s were' if finished != 1 else ' was'} finished now and kept"
    return f"the {what} stopped: {reason}; {kept}; {remedy}, then go on with --resume"
