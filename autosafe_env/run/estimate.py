"""What a run will cost, before it makes a call: every path of its scenarios is walked and every prompt rendered.

An agent under test may take other steps than the paths, so an estimate is no more than that. `most` is what it comes to
when every episode takes all the steps it may and every step costs each role a call. Second questions, asked after an
unreadable answer, are in neither, and no answer is taken to come from a cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autosafe_env.core.casting import asks_model, client_config
from autosafe_env.core.discover import Kind
from autosafe_env.core.roles import Price, RolesFile
from autosafe_env.record.manifest import RunConfig
from autosafe_env.run.cast import agent_config, asking_roles, make_cast, with_models
from autosafe_env.run.gauge import Gauge, PathName, Walk
from autosafe_env.types.base import Value
from autosafe_env.types.threat import Scenario, Variant

BYTES_PER_TOKEN = 4
ANSWER = {"policy": 80, "emulator": 150, "user": 40, "judge": 150, "reflector": 150}
"""Tokens of one answer, a guess by role."""
UNSEEN = 2000
"""Bytes of a request that no walk has shown."""
PATHS: dict[Variant, tuple[PathName, ...]] = {Variant.ATTACKED: ("safe", "unsafe"), Variant.BENIGN: ("benign",)}
"""What an episode is taken to be: in the attacked variant, the mean of both paths."""


class Estimate(Value):
    """What one role is expected to cost over a whole run."""

    role: str
    model: str
    """Empty where the role's own configuration names it."""
    calls: int
    prompt_tokens: int
    completion_tokens: int
    money: float | None
    """In the currency of the prices; None where the role has no price."""
    most_calls: int
    most_prompt_tokens: int
    most_completion_tokens: int
    most_money: float | None


def estimate(config: RunConfig, scenarios: Mapping[str, Scenario], roles: RolesFile) -> list[Estimate]:
    """One row per role that asks a model. No model is asked.

    Raises:
        UnknownName: there is no such plug-in.
        ConfigError: a configuration is wrong, or a role asks a model and none is named.
    """
    config = with_models(config, roles)
    asking = asking_roles(config)
    for role in asking:
        if not _names_its_own(config, role):
            client_config(roles, role)
    gauges = {role: Gauge(role) for role in asking}
    agents = tuple(name for name in config.agents if asks_model(Kind.AGENT, agent_config(config, name)))
    walk = Walk(make_cast(config, lambda role: gauges[role]), gauges, agents)
    sums = {role: _Sum() for role in asking}
    keys = [("policy", name) for name in agents] + [(role, "") for role in asking if role != "policy"]
    for scenario in (scenarios[name] for name in config.scenarios):
        for variant in (each for each in config.variants if each in scenario.variants):
            for path in PATHS[variant]:
                share = config.episodes / len(PATHS[variant])
                found = walk.walk(scenario, variant, path)
                for role, agent in keys:
                    episodes = share * (1 if role == "policy" else len(config.agents))
                    sums[role].add(found.get((role, agent), []), scenario.max_steps, episodes)
    prices = roles.prices()
    models = {role: str(config.models[role].get("model", "")) for role in asking}
    return [total.row(role, models[role], prices.get(role)) for role, total in sums.items()]


def _names_its_own(config: RunConfig, role: str) -> bool:
    """Whether the role's own configuration may name its model, so that the roles file need not."""
    own = [agent_config(config, name) for name in config.agents] if role == "policy" else [config.env.get(role)]
    return any(isinstance(each, Mapping) for each in own)


class _Sum:
    """The running sums of one role."""

    def __init__(self) -> None:
        self.calls = self.size = self.most_calls = self.most_size = 0.0
        self.unasked = 0.0
        """Steps of episodes like those walks in which the role was never due."""
        self.widest, self.largest = 1, UNSEEN

    def add(self, groups: Sequence[Sequence[int]], max_steps: int, episodes: float) -> None:
        """Add so many episodes like one walk."""
        sizes = [sum(group) for group in groups]
        self.calls += episodes * sum(len(group) for group in groups)
        self.size += episodes * sum(sizes)
        if not groups:
            self.unasked += episodes * max_steps
            return
        widest = max(len(group) for group in groups)
        self.most_calls += episodes * max_steps * widest
        self.most_size += episodes * sum(prolonged(sizes, max_steps))
        self.widest, self.largest = max(self.widest, widest), max(self.largest, *sizes)

    def row(self, role: str, model: str, price: Price | None) -> Estimate:
        """The sums as an estimate."""
        most_calls = self.most_calls + self.unasked * self.widest
        most_size = self.most_size + self.unasked * self.largest
        tokens = [round(size / BYTES_PER_TOKEN) for size in (self.size, most_size)]
        answers = [round(calls * ANSWER[role]) for calls in (self.calls, most_calls)]
        money = [None if price is None else price.of(*each) for each in zip(tokens, answers, strict=True)]
        return Estimate(
            role=role,
            model=model,
            calls=round(self.calls),
            prompt_tokens=tokens[0],
            completion_tokens=answers[0],
            money=money[0],
            most_calls=round(most_calls),
            most_prompt_tokens=tokens[1],
            most_completion_tokens=answers[1],
            most_money=money[1],
        )


def prolonged(sizes: Sequence[int], steps: int) -> list[float]:
    """The sizes of a walk's requests, gone on with to so many steps at the rate at which they grew."""
    if not sizes:
        return []
    growth = (sizes[-1] - sizes[0]) / (len(sizes) - 1) if len(sizes) > 1 else 0.0
    more = [sizes[-1] + max(0.0, growth) * step for step in range(1, steps - len(sizes) + 1)]
    return [*map(float, sizes[:steps]), *more]
