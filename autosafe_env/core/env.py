"""The Gymnasium environment: one risk scenario, played through text.

Action: one JSON object as text, see `core/codec.py`; the typed `Action` is taken as well. Any text is answered.
Observation: see `core/spaces.py`. `info`: plain data, see `AutoSafeEnv.step`.

Episode, by example (`x`: given, `-`: not):

    call             who answers   observation.source   reward   verdict   ends
    reset            -             user                 -        -         -
    step(tool call)  emulator      tool                 x        x         -
    step(message)    user          user                 x        x         if the user leaves
    step(gibberish)  env           error                x        x         third time in a row (truncated)
    step(final)      -             env                  x        x         x (terminated)
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import seeding

from autosafe_env.core.casting import cast_roles
from autosafe_env.core.codec import decode, storable, storable_text
from autosafe_env.core.discover import scenario_tools
from autosafe_env.core.episode import Episode
from autosafe_env.core.lint import fault_problem
from autosafe_env.core.observing import Observation, info_of, observation_of
from autosafe_env.core.render import last_step, transcript
from autosafe_env.core.rewards import Rewards
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.core.spaces import TOOLS, ActionText, action_space, clipped, observation_space
from autosafe_env.core.specified import REMEDY
from autosafe_env.errors import ConfigError, ResetNeeded, RoleError, nearest, validated
from autosafe_env.protocols import Judge, ToolEmulator, UserSimulator
from autosafe_env.types.base import Json, compact
from autosafe_env.types.events import EpisodeConfig, Event, Stepped
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.threat import PlannedFault, Scenario
from autosafe_env.types.turns import Action, Decision, Final, Malformed, Message, ToolCall
from autosafe_env.views import AgentView


class AutoSafeEnv(gym.Env[Observation, Any]):
    """One scenario as a Gymnasium environment.

    Args:
        scenario: an id, the path of a YAML file, the scenario as plain data, or a loaded one.
        variant: `attacked`, or `benign` for the benign twin; `reset(options={"variant": ...})` overrides it.
        emulator: who answers tool calls: a name, or `{"kind": <name>, <option>: ...}`.
        user: who plays the user, likewise.
        judge: who judges, likewise. All three may also be live objects, though not through `gym.make`.
        roles: the models of roles that ask one: path of a roles file, or the same as plain data; see `core/roles.py`.
        basis: `ACTION` (an attempt counts) or `OUTCOME` (what came of it counts).
        stop_on_unsafe: whether the episode terminates at the first step judged UNSAFE.
        max_rejected: so many actions in a row that could not be carried out truncate the episode.
        faults: tool faults that are bound to happen: `[{"tool": ..., "at_call": 1, "fault": ...}]`.
        rewards: weights that differ from the default, by the field names of `Rewards`.
        render_mode: `ansi` (render returns text), `human` (steps are written to stdout as they happen) or None.

    Give `gym.make` plain JSON only, so that `env.spec` describes the environment completely.

    Raises:
        ConfigError: an argument is wrong; the message names what would be valid.
    """

    metadata = {"render_modes": ["ansi", "human"], "render_fps": 1}  # noqa: RUF012 - Gymnasium reads a plain dict

    def __init__(
        self,
        scenario: str | Path | Mapping[str, Json] | Scenario,
        *,
        variant: str = "attacked",
        emulator: str | Mapping[str, Json] | ToolEmulator = "rules",
        user: str | Mapping[str, Json] | UserSimulator = "scripted",
        judge: str | Mapping[str, Json] | Judge = "rules",
        roles: str | Mapping[str, Json] | None = None,
        basis: str = "ACTION",
        stop_on_unsafe: bool = True,
        max_rejected: int = 3,
        faults: Sequence[Mapping[str, Json]] = (),
        rewards: Mapping[str, float] | None = None,
        render_mode: str | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ConfigError(
                f"unknown render mode {render_mode!r}{nearest(render_mode, self.metadata['render_modes'])}"
            )
        self.render_mode = render_mode
        self.scenario = load_scenario(scenario)
        self.config = _playable(_config(variant, basis, stop_on_unsafe, max_rejected, faults), self.scenario)
        self.rewards = validated(Rewards, dict(rewards or {}))
        self.tools = scenario_tools(self.scenario)
        for planned in self.config.faults:
            if problem := fault_problem(planned, self.tools):
                raise ConfigError(f"faults: {problem}")
        self.roles = cast_roles(emulator, user, judge, roles)
        if self.scenario.specified and getattr(self.roles.emulator, "needs_code", False):
            raise ConfigError(f"{self.scenario.specified[0].tools[0].name!r} is only specified; {REMEDY}")
        specs = tuple(tool.spec for tool in self.tools.values())
        self.action_space: ActionText = action_space(specs)
        self.observation_space = observation_space()
        self._tools_text = clipped(compact([spec.function() for spec in specs]), TOOLS)
        self._all_allowed = np.ones(len(specs) + 2, dtype=np.int8)
        self._none_allowed = np.zeros(len(specs) + 2, dtype=np.int8)
        self._episode: Episode | None = None
        self._generator: np.random.Generator | None = None
        self._origin: int | Mapping[str, Any] | None = None

    @property
    def _np_random(self) -> np.random.Generator | None:
        """Gymnasium's generator, made when somebody draws: to seed one costs as much as all else in a reset.

        `_origin` is what it is made from: a seed, or the state of the generator that it goes on from.
        """
        origin = self._origin
        if self._generator is None and origin is not None:
            self._generator, _ = seeding.np_random(origin if isinstance(origin, int) else 0)
            if not isinstance(origin, int):
                self._generator.bit_generator.state = origin
        return self._generator

    @_np_random.setter
    def _np_random(self, generator: np.random.Generator | None) -> None:
        self._generator, self._origin = generator, None

    @property
    def episode(self) -> Episode:
        """The running episode. Raises ResetNeeded before the first reset."""
        if self._episode is None:
            raise ResetNeeded("call reset() first")
        return self._episode

    @property
    def state(self) -> EpisodeState:
        """The state of the running episode: privileged, frozen, the fold of `log`."""
        return self.episode.state

    @property
    def log(self) -> tuple[Event, ...]:
        """The events of the running episode so far."""
        return self.episode.log

    def view(self) -> AgentView:
        """What the agent sees now, as a policy takes it."""
        return self.episode.view()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: of the episode; None draws one from the environment's generator.
            options: `{"variant": "attacked" | "benign"}`, or nothing.

        Raises:
            ConfigError: an option is unknown or has a value that is not valid.
        """
        if isinstance(seed, int) and seed >= 0:
            self._generator, self._origin, self._np_random_seed = None, seed, seed
        else:
            super().reset(seed=seed)
        options = options or {}
        for name in options:
            if name != "variant":
                raise ConfigError(f"unknown reset option {name!r}{nearest(name, ('variant',))}")
        episode_seed = int(self.np_random.integers(2**31)) if seed is None else seed
        config = self.config.changed({"seed": episode_seed})
        if "variant" in options:
            config = _playable(validated(EpisodeConfig, {**config.model_dump(), **options}), self.scenario)
        self._episode = Episode.start(self.scenario, config, self.roles, self.tools, self.rewards)
        if self.render_mode == "human":
            self._show()
        return self._observation(), self._info()

    def step(self, action: str | Action | Decision) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Take one action: its JSON text, the typed action, or a policy's whole decision.

        Never raises on any text: what cannot be read is answered by an observation whose source is `error`.

        `info` holds `messages` (OpenAI chat form, the whole conversation), `action_mask` (int8 over the tools in
        order, then message, then final: all 1 until the end, then 0), `scenario_id`, `variant`, `verdict` (plain data,
        empty before the first), `error` (why the last action was rejected, or None), `exposed` (trigger ids seen so
        far), `end` and `achieved` (None until the end).

        Raises:
            ResetNeeded: before the first reset.
            EpisodeOver: after the end.
        """
        stepped = self.take(action)
        end = stepped.end
        truncated = end is not None and end.reason.truncates
        return self._observation(), stepped.reward, end is not None and not truncated, truncated, self._info()

    def take(self, action: str | Action | Decision) -> Stepped:
        """`step` without observation and `info`, whose cost grows with the conversation: for loops that read views.

        Raises:
            ResetNeeded: before the first reset.
            EpisodeOver: after the end.
        """
        stepped = self.episode.step(_decision(action))
        if self.render_mode == "human":
            self._show()
        return stepped

    def fail(self, error: RoleError) -> dict[str, Any]:
        """End the episode, truncated, because the policy failed. Returns the last info."""
        self.episode.fail(error)
        return self._info()

    def snapshot(self) -> Episode:
        """The running episode as a value to `restore` later. O(1): nothing is copied or executed."""
        return self.episode.fork()

    def restore(self, snapshot: Episode) -> tuple[Observation, dict[str, Any]]:
        """Go back to a snapshot, which stays usable; returns the observation and info of that moment.

        Raises:
            ConfigError: it is of an episode of another scenario.
        """
        other = snapshot.state.scenario
        if (other.id, other.version) != (self.scenario.id, self.scenario.version):
            raise ConfigError(f"the snapshot is of {other.id!r}, and this environment plays {self.scenario.id!r}")
        self._episode = snapshot.fork()
        return self._observation(), self._info()

    def fork(self) -> AutoSafeEnv:
        """An environment that goes on from here independently of this one. O(1), whatever the history.

        The fork draws the seeds of its later episodes from a generator of its own, in the state that this one has now.
        """
        twin = copy.copy(self)
        twin._episode = self.episode.fork()
        twin.action_space = self.action_space.independent()
        if self._generator is not None:
            twin._generator, twin._origin = None, self._generator.bit_generator.state
        return twin

    def render(self) -> Any:
        """In mode `ansi` the episode so far as text. In mode `human` None: steps are written as they happen."""
        text = transcript(self.state)
        return text if self.render_mode == "ansi" else None

    def _show(self) -> None:
        sys.stdout.write(last_step(self.state) + "\n")
        sys.stdout.flush()

    def _observation(self) -> Observation:
        return observation_of(self.state, self._tools_text)

    def _info(self) -> dict[str, Any]:
        mask = self._all_allowed if self.state.end is None else self._none_allowed
        return info_of(self.state, mask.copy())


def _decision(action: object) -> Decision:
    if isinstance(action, Decision):
        then = tuple(storable(each) for each in action.then)
        return action.changed(
            {"action": storable(action.action), "thought": storable_text(action.thought), "then": then}
        )
    if isinstance(action, ToolCall | Message | Final | Malformed):
        return Decision.made(action=storable(action))
    return Decision.made(action=decode(action))


def _config(
    variant: str, basis: str, stop_on_unsafe: bool, max_rejected: int, faults: Sequence[Mapping[str, Json]]
) -> EpisodeConfig:
    for fault in faults:
        if not isinstance(fault, PlannedFault | Mapping):
            raise ConfigError(f"faults: give {{'tool': ..., 'at_call': ..., 'fault': ...}}, not {fault!r}")
    fields = {
        "variant": variant,
        "basis": basis,
        "stop_on_unsafe": stop_on_unsafe,
        "max_rejected": max_rejected,
        "faults": [fault.model_dump() if isinstance(fault, PlannedFault) else dict(fault) for fault in faults],
    }
    return validated(EpisodeConfig, fields)


def _playable(config: EpisodeConfig, scenario: Scenario) -> EpisodeConfig:
    """The configuration itself. Raises ConfigError when the scenario has no such variant."""
    if config.variant not in scenario.variants:
        raise ConfigError(f"variant: the scenario {scenario.id!r} has no benign twin; play it attacked")
    return config
