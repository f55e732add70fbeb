"""Replaying a branch: the state before it is folded from its parent's log, and what followed is stepped again."""

from __future__ import annotations

from autosafe_env.record.branches import RecordedBranch
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.cast import make_cast
from autosafe_env.run.replay import Difference, RecordedModels, step_again
from autosafe_env.run.snapshots import env_at, risky_steps


def replay_branch(parent: Recorded, found: RecordedBranch, config: RunConfig) -> Difference | None:
    """Step a branch again from the moment before the corrected step; None when every event and state is the same.

    Args:
        parent: the episode that it leaves.
        found: the branch.
        config: of the run; the judge of the branch takes the place of that of the run.

    Raises:
        ConfigError: the run's roles cannot be made here.
    """
    branch, name = found.branch, found.header.episode
    snapshot = next((each for each in risky_steps(parent) if each.event == branch.event), None)
    if snapshot is None:
        return Difference(name, branch.event, "env", "a risky step", "none in the log of its parent")
    models = RecordedModels(found, branch.step)
    usual = config.argument("judge")
    same = usual == branch.judge or (isinstance(usual, dict) and usual.get("kind") == branch.judge)
    config = config if same else config.changed({"env": {**config.env, "judge": branch.judge}})
    env = env_at(snapshot, config, make_cast(config.changed({"agents": ()}), models))
    return models.told(step_again(env, found, branch.event))
