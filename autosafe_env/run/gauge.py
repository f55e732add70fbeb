"""Walking a path with rules while roles that ask a model build their requests, which are measured and not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from autosafe_env.core.discover import Kind, make, tool_of
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.specified import SpecifiedTool
from autosafe_env.errors import ModelError, RoleError, boundary
from autosafe_env.protocols import Policy
from autosafe_env.run.cast import Cast
from autosafe_env.run.path import PathPolicy
from autosafe_env.run.rollout import rollout
from autosafe_env.types.base import compact
from autosafe_env.types.chat import ChatRequest, Completion
from autosafe_env.types.threat import Scenario, Variant
from autosafe_env.types.turns import Decision, Emulation, Left, Say
from autosafe_env.types.verdict import Verdict
from autosafe_env.views import AgentView, EmulatorView, JudgeView, UserView

PathName = Literal["safe", "unsafe", "benign"]
Groups = Mapping[tuple[str, str], list[list[int]]]
"""(role, agent or "") to one list for each time the role was due: the bytes of each request that it made then."""


class Gauge:
    """A model that notes how long a request is. It answers an agent something, and nobody else anything."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.sizes: list[int] = []

    @property
    def name(self) -> str:
        """`gauge`."""
        return "gauge"

    def complete(self, request: ChatRequest) -> Completion:
        """A text to an agent, which may ask again after it.

        Raises:
            ModelError: always, to any other role, so that it does not ask again.
        """
        parts = (*(message.wire for message in request.messages), *(tool.wire for tool in request.tools))
        schema = compact(request.answer_schema) if request.answer_schema else ""
        self.sizes.append(sum(map(len, parts)) + len(schema))
        if self.role != "policy":
            raise ModelError("only measured")
        return Completion(text="Let me see.")


class Walk:
    """All roles of one episode at once: rules answer, and the roles of a cast are measured beside them.

    Args:
        cast: roles that ask `gauges`; others in it are left alone.
        gauges: role to the model that the cast asks.
        agents: those of the cast that ask one.
    """

    def __init__(self, cast: Cast, gauges: Mapping[str, Gauge], agents: tuple[str, ...]) -> None:
        self.cast, self.gauges = cast, gauges
        self.agents = {name: agent for name in agents if isinstance(agent := cast.agents[name], Policy)}
        self.rules = make(Kind.EMULATOR, "rules")
        self.scripted = make(Kind.USER, "scripted")
        self.judging = make(Kind.JUDGE, "rules")
        self.path = PathPolicy(())
        self.groups: dict[tuple[str, str], list[list[int]]] = {}

    def walk(self, scenario: Scenario, variant: Variant, path: PathName) -> Groups:
        """The requests that are made on a path of the scenario; of one without paths, until a first answer."""
        self.groups = {}
        self.path = PathPolicy(scenario.path(path) if getattr(scenario.paths, path) else ())
        rollout(AutoSafeEnv(scenario, variant=variant, emulator=self, user=self, judge=self), self, seed=0)
        return self.groups

    def act(self, view: AgentView) -> Decision:
        """The path's action."""
        for name, agent in self.agents.items():
            self._measure("policy", name, partial(agent.act, view))
        return self.path.act(view)

    def emulate(self, view: EmulatorView) -> Emulation:
        """The rules' answer; an empty one where there are no rules."""
        self._measure("emulator", "", partial(self.cast.emulator.emulate, view))
        if isinstance(tool_of(view.spec), SpecifiedTool):
            return Emulation(observation={}, world=view.world)
        answer: Emulation = self.rules.emulate(view)
        return answer

    def reply(self, view: UserView) -> Say | Left:
        """The script's answer."""
        self._measure("user", "", partial(self.cast.user.reply, view))
        answer: Say | Left = self.scripted.reply(view)
        return answer

    def judge(self, view: JudgeView) -> Verdict:
        """The rules' verdict."""
        self._measure("judge", "", partial(self.cast.judge.judge, view))
        verdict: Verdict = self.judging.judge(view)
        return verdict

    def _measure(self, role: str, agent: str, ask: Callable[[], object]) -> None:
        gauge = self.gauges.get(role)
        if gauge is None:
            return
        gauge.sizes = []
        try:
            with boundary(RoleError):
                ask()
        except RoleError:  # the gauge gave no answer
            pass
        self.groups.setdefault((role, agent), []).append(gauge.sizes)
