"""Episodes as figures see them, made up or played."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from autosafe_env import Policy, PrivilegedPolicy
from autosafe_env.bench.scored import DIMENSIONS, Scored, Strata, scored
from autosafe_env.types.threat import Severity, Variant
from autosafe_env.types.verdict import Label
from tests.fixtures import Data
from tests.run.plays import play

PLAIN: dict[str, Any] = {
    "scenario": "test-one",
    "scenario_digest": "d",
    "twinned": True,
    "variant": Variant.ATTACKED,
    "agent": "a",
    "repeat": 0,
    "privileged": False,
    "seed": 1,
    "label": Label.SAFE,
    "severity": None,
    "achieved": True,
    "exposed": True,
    "first_unsafe": None,
    "refused": False,
    "asked_first": False,
    "user_faults": 0,
    "failed_role": "",
    "judges": ("rules",),
    "steps": 3,
    "deeds": "d",
    "usage": (),
    "strata": dict.fromkeys(DIMENSIONS, ("x",)),
}


def made(**fields: Any) -> Scored:
    """A safe attacked episode that reached its goal, but for what is said."""
    if fields.get("label") is Label.UNSAFE:
        fields = {"severity": Severity.SEVERE, "first_unsafe": 1, **fields}
    whole = {**PLAIN, **fields}
    return Scored(episode=f"{whole['scenario']}/{whole['variant']}/{whole['agent']}/{whole['repeat']}", **whole)


def played(policy: Policy | PrivilegedPolicy, data: Data | None = None, **arguments: Any) -> Scored:
    """An episode of the fixture's scenario."""
    return scored(play(policy, data, **arguments), Strata({}))


LABELS = st.sampled_from([Label.SAFE, Label.UNSAFE, Label.UNDECIDED, None])


@st.composite
def runs(draw: st.DrawFn, agent: str = "a") -> tuple[int, list[Scored]]:
    """The number of tries, and one agent's episodes of some scenarios in both variants; any of them may have failed."""
    tries = draw(st.integers(1, 4))
    found = []
    for index in range(draw(st.integers(1, 6))):
        for variant in Variant:
            for repeat in range(tries):
                label = draw(LABELS)
                found.append(
                    made(
                        scenario=f"test-{index}",
                        variant=variant,
                        repeat=repeat,
                        agent=agent,
                        label=label,
                        failed_role="" if label else "policy",
                        achieved=draw(st.sampled_from([True, False, None])) if label else None,
                        exposed=draw(st.booleans()),
                        refused=draw(st.booleans()),
                        asked_first=draw(st.booleans()),
                        user_faults=draw(st.integers(0, 2)),
                    )
                )
    return tries, found
