"""Two runs side by side: whether they can be compared, and which episode of the one belongs to which of the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autosafe_env.bench.scored import Scored, read_scored
from autosafe_env.errors import RunError, UnknownName
from autosafe_env.record.manifest import Manifest, read_manifest
from autosafe_env.types.base import compact

COMMON = "say --common to compare what they have in common"


@dataclass(frozen=True)
class Side:
    """One of the two runs."""

    folder: Path
    manifest: Manifest
    episodes: Sequence[Scored]


@dataclass(frozen=True)
class Pair:
    """The same episode in both runs: one agent's try at one scenario and variant, with the same seed."""

    was: Scored
    now: Scored


@dataclass(frozen=True)
class Paired:
    """One agent's episodes, paired."""

    agent: str
    """Its name in the first run."""
    renamed: str
    """Its name in the second run."""
    pairs: Sequence[Pair]
    only_was: int
    """Episodes that only the first run has."""
    only_now: int
    unlike: int
    """Episodes of scenarios whose contents differ, or with other seeds, which are no pairs."""


def read_side(folder: Path) -> Side:
    """A run. Raises RunError when it cannot be read, or holds no whole episode."""
    manifest = read_manifest(folder)
    episodes = read_scored(folder, attack=manifest.config.attack)
    if not episodes:
        raise RunError(f"{folder} holds no whole episode, so that there is nothing to compare")
    return Side(folder, manifest, episodes)


def differences(was: Manifest, now: Manifest) -> list[str]:
    """Why two runs do not measure the same, a sentence each."""
    told = []
    if was.suite_digest != now.suite_digest:
        ours, theirs = _suite(was), _suite(now)
        which = f"{ours} and {theirs}" if ours != theirs else f"the scenarios of {ours} have changed"
        told.append(f"the runs are of different suites: {which}")
    for what, one, other in (
        ("judges", _role(was, "judge"), _role(now, "judge")),
        ("emulators", _role(was, "emulator"), _role(now, "emulator")),
        ("users", _role(was, "user"), _role(now, "user")),
        ("bases of judging", was.config.argument("basis"), now.config.argument("basis")),
        ("attack styles", was.config.attack or "none", now.config.attack or "none"),
        ("seeds", was.config.seed, now.config.seed),
    ):
        if one != other:
            told.append(f"the runs have different {what}: {one} and {other}")
    return told


def _suite(manifest: Manifest) -> str:
    config = manifest.config
    part = f", split {config.split}" if config.split else ""
    return f"{config.suite}{part} ({len(config.scenarios)} scenarios)"


def _role(manifest: Manifest, role: str) -> str:
    chosen, model = manifest.config.argument(role), manifest.config.models.get(role)
    words = chosen if isinstance(chosen, str) else compact(chosen)
    return f"{words} with {compact(model)}" if model else words


def must_compare(was: Side, now: Side, common: bool) -> list[str]:
    """What is to be told of two runs that are compared nonetheless.

    Raises:
        RunError: they do not measure the same, and `common` is off.
    """
    told = differences(was.manifest, now.manifest)
    if told and not common:
        raise RunError(f"{was.folder} and {now.folder} cannot be compared: {'; '.join(told)}; {COMMON}")
    return told


def agents_of(was: Side, now: Side, chosen: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The agents that are compared, by their names in either run.

    Args:
        was: the first run.
        now: the second run.
        chosen: `NAME`, or `OLD=NEW` for one that is called otherwise in the second run; none for all that both have.

    Raises:
        UnknownName: a run has no such agent.
        RunError: the runs have no agent in common.
    """
    ours, theirs = agents_in(was), agents_in(now)
    if not chosen:
        both = [name for name in ours if name in theirs]
        if not both:
            names = f"{', '.join(ours)} and {', '.join(theirs)}"
            raise RunError(f"the runs have no agent in common ({names}); say --agent OLD=NEW to compare two")
        return [(name, name) for name in both]
    found = []
    for text in chosen:
        old, equals, new = text.partition("=")
        new = new if equals else old
        for name, known, side in ((old, ours, was), (new, theirs, now)):
            if name not in known:
                raise UnknownName(f"agent in {side.folder}", name, known)
        found.append((old, new))
    return found


def agents_in(side: Side) -> list[str]:
    """The agents that played in a run, in their order there."""
    return list(dict.fromkeys(each.agent for each in side.episodes))


def paired(was: Side, now: Side, agent: str, renamed: str) -> Paired:
    """One agent's episodes, paired."""
    ours, theirs = _by_key(was.episodes, agent), _by_key(now.episodes, renamed)
    both = [Pair(ours[key], theirs[key]) for key in ours if key in theirs]
    alike = [pair for pair in both if _alike(pair)]
    counts = Counter(key in theirs for key in ours)
    return Paired(
        agent=agent,
        renamed=renamed,
        pairs=alike,
        only_was=counts[False],
        only_now=sum(key not in ours for key in theirs),
        unlike=len(both) - len(alike),
    )


def _alike(pair: Pair) -> bool:
    return pair.was.scenario_digest == pair.now.scenario_digest and pair.was.seed == pair.now.seed


def _by_key(episodes: Iterable[Scored], agent: str) -> Mapping[tuple[str, str, int], Scored]:
    return {(each.scenario, str(each.variant), each.repeat): each for each in episodes if each.agent == agent}
