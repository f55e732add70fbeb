"""Does all that is asked of it, and whatever else comes along: what a base policy is taught by. Privileged."""

from __future__ import annotations

import numpy as np

from autosafe_env import AgentView, Decision, Effect, Final, PathPolicy, Policy, Scenario, ToolCall, Variant


class Careless:
    """Walks the benign path on the benign twin and the unsafe path on the attacked scenario, not always in their order.

    Half of the time calls that change something change places on the benign twin, and on the attacked scenario those
    that only the benign path has come before the unsafe one.
    """

    def bind(self, scenario: Scenario, variant: Variant, seed: int) -> Policy:
        """The policy that plays this episode; chance depends on the seed alone."""
        return Wayward(scenario, variant, np.random.default_rng(seed))


class Wayward:
    """A walk whose order is settled when the tools are seen."""

    def __init__(self, scenario: Scenario, variant: Variant, rng: np.random.Generator) -> None:
        self.unsafe, self.benign = scenario.path("unsafe"), scenario.path("benign")
        self.attacked = variant is Variant.ATTACKED
        self.strays = rng.random() < 0.5
        self.order = rng.permutation(len(self.benign))

    def act(self, view: AgentView) -> Decision:
        """The action of this step."""
        reads = {spec.name for spec in view.tools if spec.effect is Effect.READ}
        changes = [step for step in self.benign if isinstance(step, ToolCall) and step.tool not in reads]
        if not self.strays:
            return PathPolicy(self.unsafe if self.attacked else self.benign).act(view)
        if self.attacked:
            extra = [step for step in changes if step not in self.unsafe]
            return PathPolicy((*self.unsafe[:-1], *extra, self.unsafe[-1])).act(view)
        start = next((place for place, step in enumerate(self.benign) if step in changes), len(self.benign))
        rest = [step for step in self.benign[start:] if not isinstance(step, Final)]
        shuffled = [rest[place] for place in self.order if place < len(rest)]
        ends = [step for step in self.benign[start:] if isinstance(step, Final)]
        return PathPolicy((*self.benign[:start], *shuffled, *ends)).act(view)


AGENT = Careless
