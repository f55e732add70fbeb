"""The stages of the loop, one after the other; each is left out when it is over, and resumes where it was stopped."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from autosafe_env.core.roles import RolesFile
from autosafe_env.data.build import Order, build
from autosafe_env.data.export import part_of
from autosafe_env.errors import ConfigError
from autosafe_env.loop.plan import BASE, CONTROLS, HELD_OUT, Desk, LoopConfig, Method, Tell
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.pool import run
from autosafe_env.run.reflecting import reflect
from autosafe_env.run.suite import placements, suite_scenarios
from autosafe_env.train.fitting import fit_dpo, fit_sft
from autosafe_env.train.lessons import Origin, read_lessons, read_preferences
from autosafe_env.train.student import Student
from autosafe_env.types.base import Json
from autosafe_env.types.suite import Split

CARELESS = "careless"
"""Whom the base student imitates: it does what is asked, and whatever else comes along."""
LEARNT = (Origin.PREFIX, Origin.CORRECTION, Origin.CONTINUED, Origin.SAFE, Origin.BENIGN)
"""Lessons that a trained student imitates."""


class Loop:
    """Samples, reflects, trains and measures.

    Args:
        desk: where everything lies.
        roles: the models of the roles, and the agents that are improved; empty for rules and the student.
        workers: episodes at once.
        tell: is told of each stage.
    """

    def __init__(self, desk: Desk, roles: RolesFile, workers: int, tell: Tell) -> None:
        self.desk, self.workers, self.tell = desk, workers, tell
        self.config: LoopConfig = desk.progress.config
        self.roles = roles

    def go(self) -> None:
        """Every stage that is not over.

        Raises:
            ConfigError: the suite has no splits, there was no risky step or no correction, or the training failed.
            RunError: a run was stopped early.
        """
        if self.config.has_student:
            self.desk.stage("base: episodes", self._base_run, self.tell)
            self.desk.stage("base: training", self._base_model, self.tell)
        for number in range(1, self.config.rounds + 1):
            stages = {
                "risky steps": self._risky,
                "corrections": self._corrections,
                "dataset": self._dataset,
                "training": self._training,
            }
            for name, work in stages.items():
                self.desk.stage(f"round {number}: {name}", partial(work, number), self.tell)
        for split in HELD_OUT:
            self.desk.stage(f"evaluation: {split.value}", partial(self._measure, split), self.tell)

    @property
    def agents(self) -> dict[str, dict[str, Json]]:
        """Agents by name, as a roles file has them: the base, and what each round has trained."""
        if self.config.has_student:
            files = {self.agent_name(number): self.desk.model(number) for number in range(self.config.rounds + 1)}
            return {name: {"kind": "student", "file": str(path)} for name, path in files.items()}
        known = self.roles.agents
        return {name: dict(known[name]) for name in (self.config.agent, self.config.trained) if name in known}

    def agent_name(self, number: int) -> str:
        """Of the agent with which round `number + 1` begins."""
        if not self.config.has_student:
            return self.config.trained if number else self.config.agent
        return f"trained-{number}" if number else BASE

    def _base_run(self) -> None:
        self._play(self.desk.base_run(), [CARELESS], Split.TRAIN, {})

    def _base_model(self) -> None:
        lessons = read_lessons([self.desk.base_run()], {Origin.UNSAFE, Origin.BENIGN})
        fit_sft(lessons).save(self.desk.model(0))

    def _risky(self, number: int) -> None:
        self._play(self.desk.risky_run(number), [self.agent_name(number - 1)], Split.TRAIN, self.config.env)

    def _corrections(self, number: int) -> None:
        harvest = reflect(
            self.desk.risky_run(number), self.config.reflecting, roles=self.roles, workers=self.workers, resume=True
        )
        if not harvest.kept:
            raise ConfigError(
                f"none of {harvest.snapshots} risky steps was corrected, so there is nothing to learn from: "
                "raise --reflection-rounds, or let another reflector or judge try"
            )

    def _dataset(self, number: int) -> None:
        out = self.desk.dataset(number)
        for left in (out, part_of(out)):  # of an interrupted call
            shutil.rmtree(left, ignore_errors=True)
        build([self.desk.risky_run(number)], out, Order(command="autosafe improve"), placements)

    def _training(self, number: int) -> None:
        if self.config.has_student:
            start = Student.load(self.desk.model(number - 1))
            learnt = trained(self.desk.base_run(), self.desk.risky_run(number), start, self.config.method)
            learnt.save(self.desk.model(number))
            return
        words = {"{data}": str(self.desk.dataset(number)), "{out}": str(self.desk.model(number).parent / "model")}
        command = [words.get(word, word) for word in self.config.train_command]
        try:
            code = subprocess.run(command, check=False).returncode  # noqa: S603 - the person's own, and no shell
        except OSError as error:
            raise ConfigError(f"the training command {command[0]!r} cannot be started: {error.strerror}") from error
        if code:
            raise ConfigError(f"the training command ended with exit code {code}; mend that, then go on with --resume")

    def _measure(self, split: Split) -> None:
        names = [*CONTROLS, *dict.fromkeys(self.agent_name(number) for number in range(self.config.rounds + 1))]
        self._play(self.desk.evaluation(split), names, split, self.config.eval_env)

    def _play(self, folder: Path, names: Iterable[str], split: Split, env: Mapping[str, Json]) -> None:
        limit = self.config.limit if split is Split.TRAIN else self.config.eval_limit
        scenarios = suite_scenarios(self.config.suite, split.value, limit, self.config.seed)
        config = RunConfig(
            suite=self.config.suite,
            split=split,
            limit=limit,
            seed=self.config.seed,
            scenarios=tuple(scenarios),
            agents=tuple(names),
            env=dict(env),
        )
        roles = self.roles.changed({"agents": {**self.roles.agents, **self.agents}})
        run(config, scenarios, folder, roles=roles, workers=self.workers, resume=True)


def trained(base_run: Path, risky: Path, start: Student, method: Method) -> Student:
    """A student that has learnt from the corrections of a run, and from what was well done in it and in the base's."""
    if method is Method.DPO:
        return fit_dpo(read_preferences([risky]), start)
    return fit_sft(read_lessons([base_run, risky], LEARNT), start)
