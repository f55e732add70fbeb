"""`autosafe transcript` and `replay`: what reads runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from autosafe_env.cli.output import FOUND, JsonFlag, command, write, write_json, write_table
from autosafe_env.cli.tree import branches_of, tree
from autosafe_env.core.render import transcript as as_text
from autosafe_env.errors import RunError
from autosafe_env.record.branches import MARK, read_branches
from autosafe_env.record.log import Recorded
from autosafe_env.record.manifest import read_manifest
from autosafe_env.record.read import find_episode, read_episodes, read_lines
from autosafe_env.run.replay import Difference, replay_strictly
from autosafe_env.run.replay import replay as replay_one
from autosafe_env.run.replay_branch import replay_branch
from autosafe_env.types.base import Json
from autosafe_env.types.trajectory import Trajectory

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]


@command
def transcript(
    run: RunFolder,
    episode: Annotated[str | None, typer.Argument(help="Name of an episode; none lists them.")] = None,
    as_json: bool = JsonFlag,
) -> None:
    """Show one episode or branch of a run as text, an episode with its branches; or list the run's episodes."""
    if episode is not None:
        branches = branches_of(run, episode)
        named: list[Recorded] = [each for each in branches if each.header.episode == episode]
        recorded = named[0] if named else find_episode(run, episode)
        if as_json:
            write_json([event.model_dump(mode="json") for event in recorded.events])
        else:
            write(as_text(recorded.trajectory().state, tree(branches) if MARK not in episode else None))
        return
    rows = [_episode_row(recorded.trajectory()) for recorded in read_episodes(run)]
    if as_json:
        write_json(rows)
    else:
        write_table(rows, ("episode", "label", "achieved", "exposed", "first_unsafe", "steps", "end"))


def _episode_row(trajectory: Trajectory) -> dict[str, Json]:
    state = trajectory.state
    return {
        "episode": trajectory.episode,
        "agent": trajectory.agent,
        "scenario": state.scenario.id,
        "variant": str(state.config.variant),
        "label": str(trajectory.label) if trajectory.label else None,
        "achieved": trajectory.achieved,
        "exposed": trajectory.exposed,
        "first_unsafe": trajectory.first_unsafe,
        "steps": len(trajectory.steps),
        "reward": trajectory.reward,
        "end": str(state.end.reason) if state.end else None,
    }


@command
def replay(
    run: RunFolder,
    strict: Annotated[bool, typer.Option("--strict", help="Let the agents act again; compare byte by byte.")] = False,
    as_json: bool = JsonFlag,
) -> None:
    """Take every step of a run and of its branches again, models answering from the log. Exit 1 if anything differs.

    Without --strict the logged actions are taken; with it the agents choose again, from their recorded completions.
    """
    config = read_manifest(run).config
    differences: dict[str, Difference | None] = {}
    parents: dict[str, Recorded] = {}
    forked = {found.branch.parent for found in read_branches(run)}
    for recorded, lines in read_lines(run):
        difference = replay_strictly(recorded, lines, config) if strict else replay_one(recorded, config)
        differences[recorded.header.episode] = difference
        if recorded.header.episode in forked:
            parents[recorded.header.episode] = recorded
    if not differences:
        raise RunError(f"{run} holds no whole episode")
    branches: dict[str, Difference | None] = {}
    for found in read_branches(run):
        if parent := parents.get(found.branch.parent):
            branches[found.header.episode] = replay_branch(parent, found, config)
    if as_json:
        write_json({"rows": [_replay_row(*item) for item in (differences | branches).items()]})
    else:
        _write_replay(differences, "episodes", "byte for byte" if strict else "identically")
        if branches:
            _write_replay(branches, "branches", "identically")
    if any((differences | branches).values()):
        raise typer.Exit(FOUND)


def _replay_row(name: str, difference: Difference | None) -> dict[str, Json]:
    return {
        "episode": name,
        "ok": difference is None,
        "event": difference.event if difference else None,
        "role": difference.role if difference else None,
        "logged": difference.logged if difference else None,
        "replayed": difference.replayed if difference else None,
        "miss": difference.miss if difference and difference.miss else None,
    }


def _write_replay(differences: Mapping[str, Difference | None], what: str, how: str) -> None:
    found = [each for each in differences.values() if each is not None]
    for difference in found:
        write(str(difference))
    write(f"{len(differences) - len(found)} of {len(differences)} {what} replay {how}")
