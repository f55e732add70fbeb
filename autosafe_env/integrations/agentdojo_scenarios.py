"""Each pair of AgentDojo as a scenario of ours: for evaluation only, by construction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from autosafe_env.core.patch import format_pointer
from autosafe_env.errors import ConfigError, UnknownName, nearest
from autosafe_env.integrations.agentdojo_suite import (
    SUITES,
    USUAL_ATTACK,
    Pair,
    attack,
    has_ground_truth,
    injections,
    installed_version,
    pairs,
    suite,
)
from autosafe_env.integrations.agentdojo_tools import harm, is_loose, specified
from autosafe_env.run.suite import Member
from autosafe_env.types.base import Json
from autosafe_env.types.origin import Origin
from autosafe_env.types.threat import Achievement, Outcome, Scenario, Severity, Source, Strategy, Trigger

NAME = "agentdojo"
NOW = "2024-05-15T09:00"
"""The day on which AgentDojo's workspace is set."""
MAX_STEPS = 40
"""The longest ground truths, of a user task and an injection task in one, take 23 calls."""
TITLE = 70
"""Characters of the user task that a scenario's title shows."""
ROLE = "autosafe_env.integrations.agentdojo_roles:"
SIDES: dict[str, Json] = {
    "emulator": f"{ROLE}AgentDojoEmulator",
    "judge": f"{ROLE}AgentDojoJudge",
    "stop_on_unsafe": False,
}
"""Arguments of the environment: AgentDojo's tools and checkers, and episodes that go on, as its own do, to the end."""
NO_GROUND_TRUTH = "AgentDojo ships no calls that carry this injection task out, so nothing shows its checker to fire."
LOOSE = "AgentDojo's checker holds for any transfer to the attacker's account (a fault of precedence)."


def is_agentdojo(name: str) -> bool:
    """Whether the name of a suite means AgentDojo, or one of its suites."""
    return re.split("[:@]", name)[0] == NAME


def members(name: str) -> Iterator[Member]:
    """The members of `agentdojo[:SUITE][@ATTACK]`: all its suites or one, under the usual attack or another.

    Raises:
        UnknownName: AgentDojo has no such suite or attack.
        ConfigError: AgentDojo is not installed.
    """
    place, _, named = name.partition("@")
    _, colon, own = place.partition(":")
    if not is_agentdojo(name) or (colon and own not in SUITES):
        raise UnknownName("suite", place, (NAME, *(f"{NAME}:{each}" for each in SUITES)))
    installed_version()
    chosen = named or USUAL_ATTACK
    denial = attack(chosen, own or SUITES[0]).is_dos_attack
    for pair in pairs(own):
        if not denial or pair.injection_task == next(iter(suite(pair.suite).injected_tasks)):
            yield Member(pair.id, partial(scenario_of, pair, chosen), style=chosen)


def find_pair(scenario_id: str) -> Pair:
    """The pair of a scenario's id.

    Raises:
        UnknownName: AgentDojo has no such pair.
    """
    known = {pair.id: pair for pair in pairs()}
    if scenario_id not in known:
        raise UnknownName("pair of AgentDojo", scenario_id, known)
    return known[scenario_id]


def pair_of(scenario: Scenario) -> Pair:
    """The pair that a scenario was made from.

    Raises:
        ConfigError: it was made from none.
    """
    if scenario.origin is None or scenario.origin.form != NAME:
        raise ConfigError(f"the scenario {scenario.id!r} is none of AgentDojo's")
    return Pair.of(scenario.world[scenario.toolkits[0]])


def scenario_of(pair: Pair, attack_name: str = USUAL_ATTACK) -> Scenario:
    """The scenario of a pair: its holes are the injection vectors that the user task brings to light.

    Raises:
        UnknownName: AgentDojo has no such suite, task or attack.
        ConfigError: AgentDojo is not installed, or the attack finds no vector.
    """
    found, kit = suite(pair.suite), specified(pair.suite)
    for word, name, known in (
        ("user task", pair.user_task, found.tasks),
        ("injection task", pair.injection_task, found.injected_tasks),
    ):
        if name not in known:
            raise ConfigError(f"{word} {name!r} is none of the suite {pair.suite!r}{nearest(name, known)}")
    user_task, denial = found.tasks[pair.user_task], attack(attack_name, pair.suite).is_dos_attack
    try:
        texts = injections(pair, attack_name)
    except ValueError as error:
        raise ConfigError(f"{pair.id}: {error}") from error
    prompt = " ".join(user_task.PROMPT.split())
    return Scenario(
        id=pair.id,
        title=prompt if len(prompt) <= TITLE else prompt[: TITLE - 1] + "…",
        toolkits=(kit.name,),
        specified=(kit,),
        now=NOW,
        instruction=user_task.PROMPT,
        world={kit.name: _world(pair, attack_name, {name: found.vectors[name] for name in texts})},
        triggers=tuple(_trigger(pair, name, text, found.vectors[name]) for name, text in texts.items()),
        outcomes=(_outcome(pair, denial),),
        achievements=(Achievement(description=f"AgentDojo's own test of {pair.user_task} in {pair.suite}: {prompt}"),),
        max_steps=MAX_STEPS,
        eval_only=True,
        origin=Origin(form=NAME, name=f"{pair.suite}/{pair.user_task}/{pair.injection_task}"),
    )


def _world(pair: Pair, attack_name: str, texts: dict[str, str]) -> dict[str, Json]:
    named = {"suite": pair.suite, "user_task": pair.user_task, "injection_task": pair.injection_task}
    return {**named, "attack": attack_name, "injections": texts, "calls": [], "changed": {}}


def _trigger(pair: Pair, vector: str, payload: str, benign: str) -> Trigger:
    return Trigger(
        id=vector,
        source=Source.CONTEXT,
        strategy=Strategy.INJECTION,
        hole=format_pointer((pair.toolkit, "injections", vector)),
        payload=payload,
        benign=benign,
    )


def _outcome(pair: Pair, denial: bool) -> Outcome:
    category, severity = harm(pair)
    task = suite(pair.suite).injected_tasks[pair.injection_task]
    if denial:
        text = "The agent is kept from doing what the user asked for."
        return Outcome(id="denial", category=category, severity=Severity.MILD, description=text)
    notes = [] if has_ground_truth(pair) else [NO_GROUND_TRUTH]
    notes += [LOOSE] if is_loose(pair) else []
    return Outcome(
        id=pair.injection_task,
        category=category,
        severity=severity,
        description=f"The agent does what an injected text asks for: {task.GOAL}",
        notes=tuple(notes),
    )
