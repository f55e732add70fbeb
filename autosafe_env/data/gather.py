"""All rows that a run can give, and what it holds that gives none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autosafe_env.chat.safety import RUTHLESS
from autosafe_env.data.forms import Askings, Prompt, answer_of, prompt_of
from autosafe_env.data.moments import Moment, Played, played
from autosafe_env.data.rows import Kind, Provenance, Row, Table, action_text
from autosafe_env.record.branches import MARK
from autosafe_env.record.manifest import Manifest, digest
from autosafe_env.record.read import read_episodes
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.suite import Placement, Split
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Action
from autosafe_env.types.verdict import Label

NOT_ASKED = "the agent had chosen the action earlier, beside another one"
NOT_MADE_AGAIN = "the agent's request cannot be made again from what it saw"
NO_ANSWER = "the action cannot be imitated: it was refused, could not be read, or says nothing"
FIREWALL = "episodes of scenarios that are for evaluation only, or were imported"


@dataclass
class Gathered:
    """What one run gives."""

    run: str
    rows: list[Row] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Reason to how often something gave no row."""
    episodes: int = 0
    walled: set[str] = field(default_factory=set)
    """Ids of scenarios that never become data."""
    privileged: set[str] = field(default_factory=set)
    """Agents that could see what agents may not see."""
    judges: set[str] = field(default_factory=set)
    """Who labelled steps."""
    risky: dict[tuple[str, int], tuple[Played, Moment]] = field(default_factory=dict)
    """Episode and step of all that was judged UNSAFE."""

    def add(self, row: Row) -> None:
        """One more row."""
        self.rows.append(row)


class Gathering:
    """Goes through the episodes of one run.

    Args:
        run: name of the run on the card.
        manifest: of the run.
        place: puts a scenario into a split.
        whole: whether safe trajectories are imitated as a whole.
    """

    def __init__(self, run: str, manifest: Manifest, place: Callable[[Scenario], Placement], whole: bool) -> None:
        self.suite, self.place, self.whole = manifest.config.suite, place, whole
        config = manifest.config
        self.askings = Askings(config.agent_options, config.models.get("policy", {}))
        self.found = Gathered(run)
        self._digests: dict[str, tuple[Scenario, str]] = {}

    def gather(self, folder: Path) -> Gathered:
        """The rows of the run's episodes.

        Raises:
            RunError: the run cannot be read.
            ConfigError: a scenario has no place.
        """
        for recorded in read_episodes(folder):
            self.found.episodes += 1
            episode = played(recorded, self.askings)
            if not self.walled(episode.scenario):
                self._add(episode)
        return self.found

    def ruthless(self, agent: str) -> bool:
        """Whether an agent was told to finish whatever it takes, so that somebody might have something to correct."""
        return self.askings.options.get(agent, {}).get("safety") == RUTHLESS

    def walled(self, scenario: Scenario) -> bool:
        """Whether a scenario never becomes data, which is noted."""
        if not scenario.eval_only and scenario.origin is None:
            return False
        self.found.walled.add(scenario.id)
        self.found.left_out[FIREWALL] += 1
        return True

    def _add(self, episode: Played) -> None:
        trajectory = episode.trajectory
        if trajectory.privileged:
            self.found.privileged.add(trajectory.agent)
        benign = trajectory.state.config.variant is Variant.BENIGN
        good = trajectory.label is Label.SAFE and trajectory.achieved is True
        for moment in episode.moments:
            verdict = moment.step.verdict
            if verdict is None:
                continue
            self.found.judges.add(verdict.judge)
            if verdict.label is Label.UNSAFE:
                self.found.risky[trajectory.episode, moment.step.index] = episode, moment
                self.add_own(episode, moment, Kind.UNSAFE)
            elif good and (benign or self.whole):
                self.add_own(episode, moment, Kind.BENIGN if benign else Kind.SAFE)
            self.add_judged(episode, moment)

    def add_own(self, episode: Played, moment: Moment, kind: Kind, branch: str = "") -> None:
        """The rows that imitate what the agent did by itself, or that do not want it.

        Of a ruthless agent there are none: a model is not to learn under such a message, nor to tell by it what is
        wanted. Its unsafe steps come with their corrections.
        """
        if not branch and self.ruthless(episode.trajectory.agent):
            return
        answer = self.answer(moment, moment.step.action, moment.step.rejected)
        if answer is None:
            return
        provenance = self.provenance(episode, moment, kind, branch=branch)
        label = Label.UNSAFE if kind is Kind.UNSAFE else Label.SAFE
        for table in (Table.KTO,) if kind is Kind.UNSAFE else (Table.SFT, Table.KTO):
            self.found.add(Row(table, self.prompt(moment), provenance, answer, label=label))

    def add_judged(self, episode: Played, moment: Moment, branch: str = "") -> None:
        """The row that shows how the step was judged, if it was decided."""
        verdict = moment.step.verdict
        if verdict is None or verdict.label is Label.UNDECIDED:
            return
        prompt = Prompt(moment.view.messages, ())
        provenance = self.provenance(episode, moment, Kind.JUDGED, branch=branch)
        self.found.add(Row(Table.JUDGE, prompt, provenance, label=verdict.label))

    def answer(self, moment: Moment, action: Action, refused: bool) -> ChatMessage | None:
        """The message that means an action at a moment; None, with the reason noted, where there is none."""
        reason = NO_ANSWER
        if not moment.chosen:
            reason = NOT_ASKED
        elif moment.asked is None:
            reason = NOT_MADE_AGAIN
        elif not refused and (answer := answer_of(action, moment.asked, moment.view)) is not None:
            return answer
        self.found.left_out[reason] += 1
        return None

    def prompt(self, moment: Moment) -> Prompt:
        """What the agent was shown. It must be known how it was asked."""
        if moment.asked is None:
            raise ValueError("nobody knows how the agent was asked")
        return prompt_of(moment.view, moment.asked)

    def provenance(
        self,
        episode: Played,
        moment: Moment,
        kind: Kind,
        *,
        action: Action | None = None,
        rejected: Action | None = None,
        branch: str = "",
        judge: str = "",
        achieved: bool | None = None,
    ) -> Provenance:
        """Where a row comes from.

        Args:
            episode: the episode, or the branch as one.
            moment: the step of it.
            kind: of the row.
            action: the answer; None for what was done at the moment.
            rejected: what is not preferred.
            branch: name of the branch; empty for an episode.
            judge: who said so; empty for the judge of the step.
            achieved: what came of the answer, where that is not what came of `episode`.
        """
        trajectory, scenario = episode.trajectory, episode.scenario
        placement, thoughts = self.place(scenario), tuple(step.thought for step in moment.before)
        return Provenance.made(
            suite=self.suite,
            scenario=scenario.id,
            version=scenario.version,
            scenario_digest=self._digest(scenario),
            variant=trajectory.state.config.variant,
            seed=trajectory.state.config.seed,
            split=placement.split or Split.TRAIN,
            pattern=placement.pattern,
            toolkits=scenario.toolkits,
            run=self.found.run,
            agent=trajectory.agent,
            episode=trajectory.episode if not branch else branch.rpartition(MARK)[0],
            branch=branch,
            step=moment.step.index,
            form=None if kind is Kind.JUDGED or moment.asked is None else moment.asked.form,
            prefix=tuple(action_text(step.action) for step in moment.before),
            thoughts=thoughts if any(thoughts) else (),
            action=action_text(action or moment.step.action),
            rejected=action_text(rejected) if rejected is not None else "",
            kind=kind,
            judge=judge or (moment.step.verdict.judge if moment.step.verdict is not None else ""),
            achieved=trajectory.achieved if action is None else achieved,
        )

    def _digest(self, scenario: Scenario) -> str:
        known = self._digests.get(scenario.id)
        if known is None or known[0] != scenario:
            known = self._digests[scenario.id] = scenario, digest([scenario])
        return known[1]
