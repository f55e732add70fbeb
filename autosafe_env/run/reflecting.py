"""Reflecting on a whole run: every risky step corrected and verified, on threads, resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from pydantic import Field

from autosafe_env.core.casting import LiveModels, cast_role
from autosafe_env.core.discover import Kind
from autosafe_env.core.roles import RolesFile, read_roles
from autosafe_env.errors import ConfigError, RunError
from autosafe_env.record.branches import BranchSink, read_branches
from autosafe_env.record.manifest import RunConfig, read_manifest
from autosafe_env.run.attempt import GoOn
from autosafe_env.run.cast import make_cast
from autosafe_env.run.correct import Corrected, Correcting, Corrector, Past
from autosafe_env.run.harvest import NOTHING, Count, Harvest, Who, branch_calls
from autosafe_env.run.pool import stop_sentence
from autosafe_env.run.ruthless import gentle
from autosafe_env.run.snapshots import Snapshot, snapshots
from autosafe_env.run.spent import add_lost, balances
from autosafe_env.run.threads import GRACE, Crew, Halt
from autosafe_env.types.base import Json, Value
from autosafe_env.types.branch import Mode
from autosafe_env.types.events import Failed

Report = Callable[[Corrected], None]
NO_STEP = (
    "{folder} has no unsafe step to reflect on; play more episodes, or with an agent that gives in more often, such as "
    "`autosafe run --ruthless 8`"
)


class Reflecting(Value):
    """How a run is reflected on. How many workers do it does not matter."""

    reflector: Json = "rules"
    """Its name, or `{"kind": <name>, <option>: ...}`."""
    mode: Mode = Mode.TEACHER
    rounds: int = Field(default=4, ge=1)
    """Tries for one correction, at most."""
    samples: int = Field(default=1, ge=1)
    """Corrections for one risky step, at most."""
    judge: Json = None
    """Who verifies, likewise; None for the judge of the run."""
    go_on: GoOn = GoOn.AUTO
    all_steps: bool = False
    """Whether unsafe steps after the first of an episode are corrected, too."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many risky steps, in the order of the log; None for all."""

    def who(self, config: RunConfig) -> Who:
        """Reflector, mode and judge by name."""
        judge = config.argument("judge") if self.judge is None else self.judge
        return Who(_name(self.reflector), self.mode, _name(judge))


def _name(config: Json) -> str:
    return str(config.get("kind")) if isinstance(config, Mapping) else str(config)


def reflect(
    folder: Path,
    how: Reflecting,
    *,
    roles: RolesFile | str | Path | Mapping[str, Json] | None = None,
    workers: int = 1,
    resume: bool = False,
    report: Report | None = None,
) -> Harvest:
    """Correct the risky steps of a run, and write every try into its `branches.jsonl`.

    An interrupt gives up what is under way; what is finished is kept.

    Args:
        folder: of the run.
        how: how to do it.
        roles: the models of the roles that ask one; None for the roles file with which the run began.
        workers: risky steps at once.
        resume: whether to go on with branches that the folder holds: steps on which this reflector, in this mode and
            with this judge, has finished are left alone; rejected tries count, and are told to the reflector.
        report: called with what became of each step, from the calling thread.

    Returns:
        The figures of this reflector, mode and judge, those of earlier calls included.

    Raises:
        RunError: no such run, or it holds branches already, or somebody is writing them; or the reflection stopped
            early, since nothing more can be tried: a limit is spent, or a server is not there.
        ConfigError: a role or a model is wrong, or there is no unsafe step.
    """
    manifest = read_manifest(folder)
    file = read_roles(manifest.roles if roles is None else roles)
    config = gentle(manifest.config)
    if how.judge is not None:
        config = config.changed({"env": {**config.env, "judge": how.judge}})
    who, count = how.who(config), Count()
    with BranchSink(folder, resume) as sink:
        past = Past(read_branches(folder), lambda branch: Who.of(branch) == who)
        for found in (each for own in past.own.values() for each in own):
            count.add(found.branch, branch_calls(found))
        models = LiveModels(file, balances(file, count.spent))
        correcting = Correcting(
            reflector=cast_role(Kind.REFLECTOR, how.reflector, models),
            name=who.reflector,
            judge=who.judge,
            mode=how.mode,
            rounds=how.rounds,
            samples=how.samples,
            go_on=how.go_on,
        )
        corrector = Corrector(config, make_cast(config, models), correcting, Halt(), past)
        _correct_all(_left(folder, how, past), corrector, sink, count, max(1, workers), report)
    if not count.steps:
        raise ConfigError(NO_STEP.format(folder=folder))
    return count.harvest()


def _left(folder: Path, how: Reflecting, past: Past) -> Iterator[Snapshot]:
    """The risky steps at which there is still something to try."""
    found = islice(snapshots(folder, how.all_steps), how.limit)
    return (each for each in found if not past.is_finished(each.where, how.rounds * how.samples))


def _correct_all(
    steps: Iterator[Snapshot], corrector: Corrector, sink: BranchSink, count: Count, workers: int, report: Report | None
) -> None:
    stopped: Failed | None = None
    finished = 0
    lost = []
    crew = Crew(steps, corrector, workers, corrector.halt)
    over = False
    try:
        for done in crew.results():
            lost += done.lost
            if done.stopped is not None:
                stopped = stopped or done.stopped
                corrector.halt.jobs.set()
                continue
            _keep(done, sink, count)
            finished += 1
            if report is not None:
                report(done)
        over = True
    finally:
        corrector.halt.jobs.set()
        if not over:
            corrector.halt.now.set()
            for done in crew.rest(GRACE):
                lost += done.lost
                if done.branches:
                    _keep(done, sink, count)
        add_lost(sink.folder, lost)
    if stopped is not None:
        raise RunError(stop_sentence(stopped, finished, "reflection", "risky step"))


def _keep(done: Corrected, sink: BranchSink, count: Count) -> None:
    """Write down and count what became of a step."""
    if done.branches:
        sink.append(done.branches)
    count.step(done.snapshot.episode, done.snapshot.step.index)
    for found in done.branches:
        count.add(found.branch, branch_calls(found))
    count.bill(done.lost)
    count.reasons[NOTHING] += len(done.silent)
