"""What the student learns from: steps of recorded episodes and of their corrections, each with its candidates."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path

import numpy as np

from autosafe_env.core.discover import scenario_tools
from autosafe_env.record.branches import read_branches
from autosafe_env.record.read import read_episodes
from autosafe_env.train.features import Features, features_of
from autosafe_env.train.proposer import candidates, identity
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.turns import Action, Final
from autosafe_env.types.verdict import Label
from autosafe_env.views import AgentView


class Origin(StrEnum):
    """Which part of a run a lesson comes from."""

    CORRECTION = "correction"
    """The corrected step of a kept branch."""
    CONTINUED = "continued"
    """What followed it."""
    PREFIX = "prefix"
    """What came before the risky step."""
    BENIGN = "benign"
    """A benign twin that was played safely to its goal."""
    SAFE = "safe"
    """An attacked episode that was played safely to its goal."""
    UNSAFE = "unsafe"
    """An attacked episode up to its first unsafe step, that step included: what a careless policy does."""


@dataclass(slots=True)
class Example:
    """One step: what was seen, what could be done, and what was done."""

    view: AgentView
    candidates: tuple[Action, ...]
    chosen: int
    weight: float = 1.0
    origin: Origin = Origin.SAFE
    scenario: str = ""
    """Id; not looked at in training, only told in manifests."""
    judges: frozenset[str] = frozenset()
    """Names of those whose verdicts decided that it became an example; told in manifests."""
    _features: Features | None = field(default=None, repr=False)

    def features(self) -> Features:
        """Of all candidates; made once."""
        if self._features is None:
            self._features = features_of(self.view, self.candidates)
        return self._features


@dataclass(slots=True)
class Pair(Example):
    """One step with an action to prefer (`chosen`) and one to avoid."""

    rejected: int = 0


def example_of(
    scenario: Scenario, view: AgentView, action: Action, origin: Origin = Origin.SAFE, spare: Collection[str] = ()
) -> Example:
    """A step as an example. An action that the proposer did not propose is added to the candidates.

    Args:
        scenario: the one that is played.
        view: what was seen.
        action: what was done.
        origin: where the step comes from.
        spare: identities of actions that would have been right as well, and so are no alternatives to learn against.
    """
    offered, _ = _placed(scenario, view, (action,))
    name = identity(action)
    kept = tuple(each for each in offered if identity(each) == name or identity(each) not in spare)
    return Example(view, kept, [identity(each) for each in kept].index(name), 1.0, origin, scenario.id)


def pair_of(scenario: Scenario, view: AgentView, chosen: Action, rejected: Action, weight: float = 1.0) -> Pair:
    """A step as a pair."""
    offered, (good, bad) = _placed(scenario, view, (chosen, rejected))
    return Pair(view, offered, good, weight, Origin.CORRECTION, scenario.id, rejected=bad)


def _placed(scenario: Scenario, view: AgentView, actions: Sequence[Action]) -> tuple[tuple[Action, ...], list[int]]:
    offered = list(candidates(scenario, view))
    names = [identity(action) for action in offered]
    for action in actions:
        if identity(action) not in names:
            offered.append(action)
            names.append(identity(action))
    return tuple(offered), [names.index(identity(action)) for action in actions]


def views_of(trajectory: Trajectory) -> Iterator[tuple[AgentView, Action]]:
    """What the agent saw before each step of a recorded episode, and what it did."""
    state = trajectory.state
    tools = tuple(tool.spec for tool in scenario_tools(state.scenario).values())
    places = [place for place, message in enumerate(state.messages) if message.role == "assistant"]
    for step, place in zip(state.steps, places, strict=True):
        view = AgentView.made(
            task=state.setting.instruction,
            tools=tools,
            messages=state.messages[:place],
            step=step.index,
            steps_left=state.setting.max_steps - step.index,
            seed=state.config.seed,
        )
        yield view, step.action


def examples_of(trajectory: Trajectory) -> list[Example]:
    """The examples in one episode: all steps if it was safe and reached the goal, or up to the first unsafe one.

    What the same episode did later does not count as an alternative, unless it ended it: of two things that were both
    right, neither is a mistake for having come second.
    """
    state = trajectory.state
    if state.scenario.eval_only or trajectory.label is None:
        return []
    if trajectory.first_unsafe is not None:
        origin, last = Origin.UNSAFE, trajectory.first_unsafe
    elif trajectory.label is Label.SAFE and trajectory.achieved:
        benign = state.config.variant is Variant.BENIGN
        origin, last = Origin.BENIGN if benign else Origin.SAFE, len(state.steps) - 1
    else:
        return []
    return [_example(trajectory, view, action, origin) for view, action in islice(views_of(trajectory), last + 1)]


def _example(trajectory: Trajectory, view: AgentView, action: Action, origin: Origin) -> Example:
    later = [step.action for step in trajectory.steps[view.step + 1 :]]
    spare = {identity(each) for each in later if not isinstance(each, Final)}
    made = example_of(trajectory.state.scenario, view, action, origin, spare)
    made.judges = judges_of(trajectory)
    return made


def judges_of(trajectory: Trajectory) -> frozenset[str]:
    """The names of those who judged its steps."""
    return frozenset(step.verdict.judge for step in trajectory.steps if step.verdict is not None)


def read_lessons(
    runs: Iterable[Path], origins: Collection[Origin], ids: Collection[str] | None = None
) -> list[Example]:
    """The examples of these origins in some runs and in their corrections.

    Args:
        runs: run folders.
        origins: what is wanted.
        ids: only scenarios with these ids; None for all. Scenarios that are for measuring only never count.

    Raises:
        RunError: a folder is no run, or an episode in it does not make sense.
    """
    found: list[Example] = []
    for run in runs:
        for recorded in read_episodes(run):
            trajectory = recorded.trajectory()
            if ids is None or trajectory.state.scenario.id in ids:
                found += [each for each in examples_of(trajectory) if each.origin in origins]
        found += [each for each in _of_branches(run, ids) if each.origin in origins]
    return found


def _of_branches(run: Path, ids: Collection[str] | None) -> Iterator[Example]:
    for recorded in read_branches(run):
        trajectory, branch = recorded.trajectory(), recorded.branch
        scenario = trajectory.state.scenario
        if not branch.kept or scenario.eval_only or (ids is not None and scenario.id not in ids):
            continue
        for view, action in views_of(trajectory):
            place = (view.step > branch.step) - (view.step < branch.step)
            origin = (Origin.PREFIX, Origin.CORRECTION, Origin.CONTINUED)[place + 1]
            if origin is not Origin.CONTINUED or branch.safe_to_end:
                yield _example(trajectory, view, action, origin)


def read_pairs(runs: Iterable[Path], ids: Collection[str] | None = None) -> list[Pair]:
    """Each kept correction in some runs beside the risky action that it replaces. Raises RunError, as above."""
    found: list[Pair] = []
    for run in runs:
        kept = [each for each in read_branches(run) if each.branch.kept]
        parents = {each.branch.parent for each in kept}
        steps = {
            each.header.episode: [step.action for step in each.trajectory().steps]
            for each in read_episodes(run)
            if each.header.episode in parents
        }
        for recorded in kept:
            trajectory, branch = recorded.trajectory(), recorded.branch
            scenario, rejected = trajectory.state.scenario, steps.get(branch.parent, [])
            if scenario.eval_only or (ids is not None and scenario.id not in ids) or branch.step >= len(rejected):
                continue
            view, action = list(views_of(trajectory))[branch.step]
            found.append(pair_of(scenario, view, action, rejected[branch.step]))
            found[-1].judges = judges_of(trajectory)
    return found


def read_preferences(
    runs: Sequence[Path], ids: Collection[str] | None = None, kept: int = 2, weight: float = 5.0, seed: int = 0
) -> list[Pair]:
    """What to prefer: kept corrections to what they replace, and what was right on benign twins to something else.

    Corrections alone teach to ask and to refuse: each of them prefers that to acting. Raises RunError, as above.

    Args:
        runs: run folders.
        ids: only scenarios with these ids; None for all.
        kept: for each step on a benign twin, and for each step after a correction, so many drawn alternatives are
            avoided, whatever they are.
        weight: of a correction, where such a pair weighs 1.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    found = read_pairs(runs, ids)
    for pair in found:
        pair.weight = weight
    for row in read_lessons(runs, {Origin.BENIGN, Origin.CONTINUED}, ids):
        others = [place for place in range(len(row.candidates)) if place != row.chosen]
        for place in rng.permutation(others)[:kept].tolist():
            found.append(
                Pair(
                    row.view,
                    row.candidates,
                    row.chosen,
                    origin=row.origin,
                    scenario=row.scenario,
                    judges=row.judges,
                    _features=row.features(),
                    rejected=place,
                )
            )
    return found


def digest(examples: Iterable[Example]) -> str:
    """SHA-256 over what the examples hold, in order."""
    total = hashlib.sha256()
    for each in examples:
        other = f" {each.rejected}" if isinstance(each, Pair) else ""
        total.update(f"{each.chosen}{other} {each.weight} {each.view.seed}\n".encode())
        for action in each.candidates:
            total.update(identity(action).encode())
        for message in each.view.messages:
            total.update(message.wire)
    return total.hexdigest()
