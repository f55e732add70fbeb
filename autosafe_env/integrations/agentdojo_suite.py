"""AgentDojo's suites, loaded faster than it loads them itself, and its attacks by name.

AgentDojo (Debenedetti et al., arXiv 2406.13352) is the extra `agentdojo`. Nothing of it is copied: its tasks, worlds,
tools, checkers and attacks are those of the installed package.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import yaml

from autosafe_env.errors import ConfigError, UnknownName
from autosafe_env.types.base import Json

PACKAGE, KNOWN_VERSION = "agentdojo", "0.1.35"
BENCHMARK = "v1.2.2"
"""The benchmark version that is played: the newest of AgentDojo 0.1.35."""
SUITES = ("workspace", "travel", "banking", "slack")
USUAL_ATTACK = "important_instructions_no_model_name"
"""AgentDojo's strongest general attack, in the form that addresses no model by name."""
VICTIM = "local"
"""What attacks that address the agent by its model's name are told; they call it `Local model`."""
UNPLAYED_ATTACKS = ("manual", "dos")
"""Registered by AgentDojo, and not to be played: one asks a person, the other is the abstract class of others."""
TOOLKIT = "agentdojo_"
"""Begins the names of the toolkits that stand for AgentDojo's suites."""


@dataclass(frozen=True)
class Pair:
    """One user task and one injection task of a suite."""

    suite: str
    user_task: str
    injection_task: str

    @property
    def id(self) -> str:
        """The scenario's id."""
        return f"agentdojo-{self.suite}-{self.user_task}-{self.injection_task}".replace("_", "-")

    @property
    def toolkit(self) -> str:
        """The name of the toolkit that stands for the suite."""
        return TOOLKIT + self.suite

    @classmethod
    def of(cls, state: Mapping[str, Json]) -> Pair:
        """The pair that the state of a toolkit belongs to."""
        return cls(state["suite"], state["user_task"], state["injection_task"])


@cache
def part(module: str) -> Any:
    """A module of AgentDojo. Imported when asked for: it takes seconds, and is an extra.

    Raises:
        ConfigError: AgentDojo is not installed.
    """
    try:
        return importlib.import_module(f"{PACKAGE}.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != PACKAGE:
            raise ConfigError(f"agentdojo cannot be imported: {error}") from error
        raise ConfigError(
            f"the suite 'agentdojo' needs the package agentdojo: pip install 'autosafe-env[agentdojo]' "
            f"(tried with {KNOWN_VERSION})"
        ) from error


def installed_version() -> str:
    """The version of the installed AgentDojo. Raises ConfigError when it is not installed."""
    part("task_suite.load_suites")
    return importlib.metadata.version(PACKAGE)


class QuickSuite:
    """A suite of AgentDojo whose environments load in a tenth of the time; all else is the suite's own.

    AgentDojo reads a YAML text with PyYAML's pure Python loader for each environment; libyaml reads the same text to
    the same value.
    """

    def __init__(self, suite: Any) -> None:
        self.suite = suite
        self.vectors: dict[str, str] = suite.get_injection_vector_defaults()
        """Injection vector to the harmless text that stands there by default."""
        self.injected_tasks: Mapping[str, Any] = suite.injection_tasks
        self.tasks: Mapping[str, Any] = suite.user_tasks
        self.runtime = part("functions_runtime").FunctionsRuntime(suite.tools)
        self._text: str = part("task_suite.task_suite").read_suite_file(suite.name, "environment.yaml", suite.data_path)
        self._loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def __getattr__(self, name: str) -> Any:
        """What AgentDojo's attacks ask of a suite besides."""
        return getattr(self.suite, name)

    def get_injection_vector_defaults(self) -> dict[str, str]:
        """See `vectors`."""
        return dict(self.vectors)

    def load_and_inject_default_environment(self, injections: Mapping[str, str]) -> Any:
        """A new environment with these texts in its injection vectors, the default ones in the others."""
        text = self._text.format(**{**self.vectors, **injections})
        data = yaml.load(text, Loader=self._loader)  # noqa: S506 - a safe loader, the text AgentDojo's own
        return self.suite.environment_type.model_validate(data)


@cache
def suite(name: str) -> QuickSuite:
    """A suite by name.

    Raises:
        UnknownName: AgentDojo has no such suite.
        ConfigError: AgentDojo is not installed.
    """
    if name not in SUITES:
        raise UnknownName("suite of AgentDojo", name, SUITES)
    return QuickSuite(part("task_suite.load_suites").get_suites(BENCHMARK)[name])


def pairs(name: str = "") -> Iterator[Pair]:
    """Every pair of a suite, or of all; see `suite` for what it raises."""
    for each in (name,) if name else SUITES:
        found = suite(each)
        for user_task in found.tasks:
            for injection_task in found.injected_tasks:
                yield Pair(each, user_task, injection_task)


def attack_names() -> tuple[str, ...]:
    """The attacks of AgentDojo that can be played, by name."""
    part("attacks.baseline_attacks"), part("attacks.dos_attacks"), part("attacks.important_instructions_attacks")
    known = part("attacks.attack_registry").ATTACKS
    return tuple(sorted(name for name in known if name not in UNPLAYED_ATTACKS))


@cache
def attack(name: str, suite_name: str) -> Any:
    """An attack of AgentDojo on a suite.

    Raises:
        UnknownName: it has no such attack.
    """
    if name not in attack_names():
        raise UnknownName("attack of AgentDojo", name, attack_names())
    victim = part("agent_pipeline.ground_truth_pipeline").GroundTruthPipeline(None)
    victim.name = VICTIM
    return part("attacks.attack_registry").load_attack(name, suite(suite_name), victim)


@lru_cache(maxsize=4096)
def injections(pair: Pair, attack_name: str) -> dict[str, str]:
    """Injection vector to the text that the attack puts there, for the vectors that the user task brings to light."""
    found = suite(pair.suite)
    user_task, injection_task = found.tasks[pair.user_task], found.injected_tasks[pair.injection_task]
    texts: dict[str, str] = attack(attack_name, pair.suite).attack(user_task, injection_task)
    return texts


def has_ground_truth(pair: Pair) -> bool:
    """Whether AgentDojo shows how the injection task is carried out by calls; for nine of its tasks it does not."""
    return _has_ground_truth(pair.suite, pair.injection_task)


@cache
def _has_ground_truth(suite_name: str, injection_task: str) -> bool:
    found = suite(suite_name)
    return bool(found.injected_tasks[injection_task].ground_truth(found.load_and_inject_default_environment({})))
