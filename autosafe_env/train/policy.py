"""The student as an agent: it asks the proposer for candidates and takes the one that it prefers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autosafe_env.errors import ConfigError
from autosafe_env.train.proposer import candidates
from autosafe_env.train.student import Student
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Decision
from autosafe_env.views import AgentView


class StudentAgent:
    """A trained student. Privileged by its interface: candidates are made from the scenario's paths.

    Which of them is which it is not told; what it sees of them is a function of the agent's view and the candidate.

    Args:
        file: of the student, or the student itself.
        temperature: 0 takes the best candidate; above that, one is drawn, and 1 draws as the student was trained.
    """

    def __init__(self, file: str | Path | Student | None = None, temperature: float = 0.0) -> None:
        if not 0.0 <= temperature <= 100.0:
            raise ConfigError(f"temperature: 0 to 100, not {temperature}")
        if file is None:
            raise ConfigError('name the file of a trained student: {"kind": "student", "file": "student.npz"}')
        self.student = file if isinstance(file, Student) else Student.load(file)
        self.temperature = temperature

    def bind(self, scenario: Scenario, variant: Variant, seed: int) -> StudentPolicy:
        """The policy that plays this episode. The variant does not enter."""
        del variant, seed
        return StudentPolicy(self.student, scenario, self.temperature)


class StudentPolicy:
    """A student in one scenario."""

    def __init__(self, student: Student, scenario: Scenario, temperature: float) -> None:
        self.student, self.scenario, self.temperature = student, scenario, temperature

    def act(self, view: AgentView) -> Decision:
        """The candidate that the student prefers, or one that is drawn by the episode's seed and the step."""
        offered = candidates(self.scenario, view)
        if self.temperature == 0.0:
            return Decision.made(action=offered[int(np.argmax(self.student.scores(view, offered)))])
        chances = self.student.probabilities(view, offered, self.temperature)
        rng = np.random.default_rng([view.seed, view.step, 1])
        return Decision.made(action=offered[int(rng.choice(len(offered), p=chances))])
