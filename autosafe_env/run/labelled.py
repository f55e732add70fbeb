"""Labelled trajectories put to a judge: recipes are played without one, and each is then judged from its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from autosafe_env.core.casting import Config
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.core.shipped import shipped
from autosafe_env.errors import AutoSafeError, ConfigError, Problem, RunError, UnknownName
from autosafe_env.protocols import Judge
from autosafe_env.record.labels import Case, Labelled, LabelsHeader, Reading, Scored, Truth, labels_header, lines_of
from autosafe_env.record.log import Header, Recorded
from autosafe_env.record.verdicts import Judgement, Judging, StepVerdict
from autosafe_env.run.rejudge import Asking, EpisodeJudge, Job
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.run.threads import GRACE, Crew, Halt
from autosafe_env.types.chat import ModelCall
from autosafe_env.types.events import Acted, Judged, Started
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Action
from autosafe_env.types.verdict import Basis, Label, Verdict
from autosafe_env.views import JudgeView

EMULATOR: Config = "rules"


class Unasked:
    """Stands where a judge would while a recipe is played, so that no verdict has a part in it."""

    name = "unasked"

    def judge(self, view: JudgeView) -> Verdict:
        """UNDECIDED, always."""
        return Verdict.made(label=Label.UNDECIDED, basis=view.basis, reason="nobody was asked yet", judge=self.name)


def played(scenario: Scenario, actions: Sequence[Action], variant: Variant, name: str = "labelled") -> Recorded:
    """The events of the actions, taken in the scenario's own env, with rules around them and no judge.

    Of an episode that ends before its last action the rest is not taken.
    """
    env = AutoSafeEnv(scenario, variant=variant, emulator=EMULATOR, judge=Unasked(), stop_on_unsafe=False)
    env.reset(seed=0)
    for action in actions:
        if env.take(action).end is not None:
            break
    header = Header(episode=name, agent="labelled", privileged=True, events=len(env.log))
    return Recorded(header=header, events=env.log)


def replayed(labelled: Labelled, suite: str = "") -> Recorded:
    """The trajectory of a recipe.

    Args:
        labelled: the recipe.
        suite: where its scenario is sought if none that ships has its id; empty for nowhere.

    Raises:
        UnknownName: there is no such scenario.
        ConfigError: its label speaks of another version of the scenario, or its actions cannot all be taken.
    """
    scenario = _scenario(labelled.scenario, suite)
    if scenario.version != labelled.version:
        raise ConfigError(
            f"the label speaks of version {labelled.version} of {scenario.id!r}, which has version {scenario.version}; "
            "make the set again with `autosafe judge-labels`"
        )
    recorded = played(scenario, [step.action() for step in labelled.actions], labelled.variant, labelled.id)
    taken = sum(isinstance(event, Acted) for event in recorded.events)
    if taken != len(labelled.actions):
        raise ConfigError(f"the episode ends after {taken} of {len(labelled.actions)} actions")
    return recorded


def _scenario(name: str, suite: str) -> Scenario:
    if name in shipped() or not suite or not Path(suite).exists():
        return load_scenario(name)
    scenarios = _scenarios(suite)
    if name not in scenarios:
        raise UnknownName(f"scenario of {suite}", name, scenarios)
    return scenarios[name]


@lru_cache(maxsize=4)
def _scenarios(suite: str) -> Mapping[str, Scenario]:
    return suite_scenarios(suite)


def read_set(path: Path) -> Reading:
    """The cases of a set; what cannot be read is left out and told.

    Raises:
        ConfigError: the file cannot be read, or is no set.
    """
    lines = lines_of(path)
    header = labels_header(lines[0], path)
    if header is None:
        raise ConfigError(f'{path} is no set of labels: its first line does not say `"line": "labels"`')
    reading, seen = Reading(), set[str]()
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            labelled = Labelled.model_validate_json(line)
        except ValueError as error:
            reading.leave_out(path, number, "; ".join(str(error).splitlines()[1:3]) or str(error))
            continue
        if labelled.id in seen:
            reading.leave_out(path, number, f"the id {labelled.id!r} is there twice")
            continue
        seen.add(labelled.id)
        reading.cases.append(_case(labelled, header, path, number))
    return reading


def _case(labelled: Labelled, header: LabelsHeader, path: Path, line: int) -> Case:
    truth = Truth(
        id=labelled.id,
        labels=labelled.labels,
        label=labelled.label,
        corpus=header.name,
        pair=labelled.pair,
        kind=str(labelled.kind or ""),
    )
    return Case(truth, lambda: replayed(labelled, header.suite), str(path), line)


class Scoring:
    """Puts cases to a judge, from any number of threads.

    Args:
        judge: the one that `judging` describes.
        judging: how to judge.

    Raises:
        ConfigError: the judge labels no whole trajectories and should.
    """

    def __init__(self, judge: Judge, judging: Judging) -> None:
        if judging.per == "trajectory" and not isinstance(judge, EpisodeJudge):
            raise ConfigError("this judge labels steps only; leave out --per trajectory")
        self.asking = Asking(judge, judging)
        self.halt = Halt()
        self.stopped = ""
        """Why the scoring ended before its last case; empty when it did not."""
        self.lost: list[ModelCall] = []
        """Calls about cases that were not judged to their end; they are billed, and lead to no verdict."""

    def results(self, cases: Iterable[Case], workers: int = 1) -> Iterator[Scored | Problem]:
        """What was said of each case, as it comes, or why it was left out. An interrupt ends it."""
        crew = Crew(iter(cases), self._scored, max(1, workers), self.halt)
        try:
            for found in crew.results():
                if isinstance(found, Scored) and found.judgement.stopped:
                    self.stopped = found.judgement.stopped
                    self.lost += found.judgement.all_calls
                    break
                yield found
        finally:
            self.halt.jobs.set()
            self.asking.halt.set()
            late = [found for found in crew.rest(GRACE) if isinstance(found, Scored)]
            self.lost += [call for found in late for call in found.judgement.all_calls]

    def _scored(self, case: Case) -> Scored | Problem:
        try:
            recorded = case.record()
            truth = filled(case.truth, recorded)
            if why := self._unfit(truth, judged_steps(recorded)):
                return Problem(f"{truth.id!r} {why}", case.file, case.line)
            judgement = self.asking.judgement(Job(recorded, "", self._settled(truth, recorded)))
        except AutoSafeError as error:
            return Problem(f"{case.truth.id!r}: {error}", case.file, case.line)
        return Scored(truth=truth, judgement=judgement)

    def _unfit(self, truth: Truth, steps: Sequence[int]) -> str:
        """Why a judge that is asked in this way has nothing to say of a label; empty where it has."""
        if not steps:
            return "has no step that was judged"
        if unknown := sorted(set(truth.labels) - set(steps)):
            return f"has no judged step {unknown[0]}; its last is {steps[-1]}"
        if truth.label is None and self.asking.judging.per == "trajectory":
            return "has labels of steps only, which --per trajectory does not ask about"
        return ""

    def _settled(self, truth: Truth, recorded: Recorded) -> Judgement | None:
        """What need not be asked: steps without a label, unless the label of the trajectory rests on them too."""
        rests = truth.label is not None and not truth.pair
        if rests or self.asking.judging.per == "trajectory":
            return None
        basis = self.asking.judging.basis or Basis.ACTION
        settled = Verdict.made(label=Label.SAFE, basis=basis, judge="settled")
        steps = [step for step in judged_steps(recorded) if step not in truth.labels]
        return Judgement(
            episode=truth.id, digest="", steps=tuple(StepVerdict(step=at, verdict=settled) for at in steps)
        )


def judged_steps(recorded: Recorded) -> list[int]:
    """Indices of the steps that a judge was shown."""
    found, step = [], -1
    for event in recorded.events:
        if isinstance(event, Acted):
            step += 1
        elif isinstance(event, Judged):
            found.append(step)
    return found


def filled(truth: Truth, recorded: Recorded) -> Truth:
    """With the categories and sources of the scenario, where none are named."""
    started = recorded.events[0]
    if not isinstance(started, Started):
        raise RunError(f"episode {recorded.header.episode!r} does not begin with 'started'")
    categories = truth.categories or tuple(map(str, started.scenario.categories))
    sources = truth.sources or tuple(map(str, started.scenario.sources))
    return truth.changed({"categories": categories, "sources": sources})
