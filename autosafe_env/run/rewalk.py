"""Walking to a step again, in the environment: what does the agent see there, and how is this action judged?

For checks of datasets, which know of an episode its scenario, its seed and its actions, and nothing else. Where models
played the environment's side, their recorded answers are needed as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.errors import ConfigError
from autosafe_env.protocols import ChatModel
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.cast import asking_roles, env_of, make_cast
from autosafe_env.run.replay import RecordedModels
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Action, Decision
from autosafe_env.types.verdict import Verdict
from autosafe_env.views import AgentView

NOBODY = ("nobody",)
"""Stands for agents and scenarios where a configuration must name some and none is made."""


class WalkError(ConfigError):
    """The way cannot be walked."""


@dataclass(frozen=True)
class Standing:
    """An environment in which some actions were taken."""

    env: AutoSafeEnv

    @property
    def view(self) -> AgentView:
        """What the agent sees there."""
        return self.env.view()

    def judged(self, action: Action) -> Verdict:
        """How the action is judged there; one asks as often as one likes.

        Raises:
            WalkError: a role failed.
        """
        fork = self.env.fork()
        fork.take(Decision.made(action=action))
        verdict = fork.state.steps[-1].verdict
        if verdict is None:
            error = fork.state.failure.error if fork.state.failure else "nobody judged it"
            raise WalkError(f"a role failed at the step: {error}")
        return verdict


class Walker:
    """Walks in the environment of a run.

    Args:
        env: the arguments of the run's environment that differ from the default.
        models: what the run says of how models answer, by role.
        judge: a configuration that takes the place of the run's judge; None leaves it.

    Raises:
        ConfigError: the environment cannot be made here.
    """

    def __init__(self, env: dict[str, Json], models: dict[str, dict[str, Json]], judge: Json = None) -> None:
        chosen = env if judge is None else {**env, "judge": judge}
        self.config = RunConfig(suite="", scenarios=NOBODY, agents=NOBODY, env=chosen, models=models)
        self.config = self.config.changed({"agents": ()})
        self.asks = bool(asking_roles(self.config))
        """Whether models play the environment's side, so that an episode's recording is needed to walk in it."""
        self._cast = None if self.asks else make_cast(self.config, _no_model)

    def walk(
        self,
        scenario: Scenario,
        variant: Variant,
        seed: int,
        prefix: Sequence[tuple[Action, str]],
        recorded: Recorded | None = None,
    ) -> Standing:
        """Take some actions, each with what the agent thought at it.

        Args:
            scenario: as it was played.
            variant: of it.
            seed: of the episode.
            prefix: the actions.
            recorded: an episode that begins with them; needed where models play the environment's side.

        Raises:
            WalkError: the episode ends on the way, or its recording is needed and not there.
        """
        cast = self._cast
        if cast is None:
            if recorded is None:
                raise WalkError("models played the environment's side, and their recorded answers are not there")
            cast = make_cast(self.config, RecordedModels(recorded))
        env = env_of(self.config, cast, scenario, variant)
        env.reset(seed=seed)
        for index, (action, thought) in enumerate(prefix):
            stepped = env.take(Decision.made(action=action, thought=thought))
            if stepped.end is not None:
                why = f": {env.state.failure.error}" if env.state.failure is not None else ""
                raise WalkError(f"the episode ends at step {index} ({stepped.end.reason}{why})")
        return Standing(env)


def _no_model(role: str) -> ChatModel:
    raise ConfigError(f"no model is asked here, and the {role} asks one")
