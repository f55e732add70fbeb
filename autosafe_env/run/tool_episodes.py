"""Episodes as objects whose methods are the tools, which is how TRL's GRPO drives an environment.

For each set of tools one class is made: a method for every tool and one for speaking to the user, each of which takes a
step. A row of the data says which scenario, variant and seed an object plays. What a model says without calling a tool
is its final answer, as it is for the agent `openai_chat`, whose prompt the rows begin with.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from autosafe_env.chat.agent import decision_of, spoken_or_call
from autosafe_env.chat.policy import ChatAgent
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.errors import ConfigError
from autosafe_env.record.manifest import digest
from autosafe_env.run.suite import members, sample
from autosafe_env.types.base import Json, compact
from autosafe_env.types.chat import ChatRequest, Completion
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Scenario
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import FeedbackSource

OVER = "[environment] The episode is over; nothing is carried out any more."
READ = "The user has read it."
TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": None,
}


@dataclass(frozen=True)
class Playground:
    """A suite as GRPO plays it."""

    name: str
    """Of suite and split."""
    digest: str
    """SHA-256 of the scenarios."""
    judges: tuple[str, ...]
    """Names of the judge that rewards."""
    rows: tuple[dict[str, Json], ...]
    """One for each scenario and variant: `prompt`, `environment`, `scenario`, `variant`, `seed`."""
    environments: dict[str, type[ToolEpisode]]
    """The classes, by what rows call them in `environment`."""
    tools: dict[str, list[dict[str, Json]]]
    """The tools of each class in OpenAI's form, as `openai_chat` offers them."""
    turns: int
    """The most steps that one of the scenarios allows."""
    score: Callable[..., list[float | None]]


class ToolEpisode:
    """One episode at a time. A subclass has a method for each of its tools; TRL offers each public one to the model."""

    _scenarios: ClassVar[dict[str, Scenario]] = {}
    _env_options: ClassVar[dict[str, Json]] = {}

    def __init__(self) -> None:
        self._env: AutoSafeEnv | None = None
        self._reward = 0.0

    def reset(self, *, scenario: str, variant: str, seed: int, **_row: object) -> None:
        """Begin the episode that a row names."""
        if self._env is None or self._env.scenario.id != scenario:
            self._env = AutoSafeEnv(self._scenarios[scenario], **self._env_options)
        self._env.reset(seed=seed, options={"variant": variant})
        self._reward = 0.0

    def _call(self, name: str, arguments: dict[str, Json]) -> str:
        """Take the step that a tool call means; returns what the model is shown."""
        env = self._running()
        if env.state.end is not None:
            return OVER
        action = spoken_or_call(name, arguments, {spec.name for spec in env.view().tools})
        self._reward += env.take(action).reward
        answers = [
            f"[user] {item.text}" if item.source is FeedbackSource.USER else item.text
            for item in env.state.steps[-1].feedback
        ]
        said = [READ] if action.type == "message" else []
        return "\n\n".join([*said, *answers, *([OVER] if env.state.end is not None else [])])

    def _finish(self, text: str) -> float | None:
        """The reward of the episode, once the model has said its last; None where a role failed, which is no result."""
        env = self._running()
        if env.state.end is None and text.strip():
            self._reward += env.take(decision_of(Completion(text=text), env.view())).reward
        return None if env.state.failure is not None else self._reward

    def _running(self) -> AutoSafeEnv:
        if self._env is None:
            raise ConfigError("reset() comes first")
        return self._env


def score(completions: Sequence[Any], environments: Sequence[ToolEpisode], **_columns: object) -> list[float | None]:
    """TRL's reward function: what each episode earned, once the model's last text is taken as its final answer."""
    return [
        episode._finish(_last_words(completion))  # here, since TRL would offer a public method as a tool
        for completion, episode in zip(completions, environments, strict=True)
    ]


def _last_words(completion: Any) -> str:
    """What the model said last; empty where it last called a tool, and so was cut off."""
    last = completion[-1] if completion else {}
    return str(last.get("content") or "") if last.get("role") == "assistant" and not last.get("tool_calls") else ""


def playground(
    suite: str,
    split: str = Split.TRAIN.value,
    limit: int | None = None,
    seed: int = 0,
    env_options: Mapping[str, Json] | None = None,
) -> Playground:
    """The scenarios of a suite that may be trained on, attacked and benign.

    Args:
        suite: its name or file.
        split: `train`; empty for a suite without splits.
        limit: at most so many scenarios, drawn by the seed; None for all.
        seed: of that sample, and of the episodes.
        env_options: arguments of `AutoSafeEnv`, such as the judge.

    Raises:
        UnknownName: there is no such suite.
        ConfigError: the split is held out, or a scenario is there for evaluation only.
    """
    scenarios = _trainable(suite, split, limit, seed)
    agent = ChatAgent({"kind": "scripted", "script": []})
    rows: list[dict[str, Json]] = []
    tools: dict[str, list[dict[str, Json]]] = {}
    shared: dict[str, tuple[str, dict[str, Scenario], ChatRequest]] = {}
    for scenario in scenarios:
        env = AutoSafeEnv(scenario, **(env_options or {}))
        for variant in scenario.variants:
            env.reset(seed=seed, options={"variant": variant.value})
            request = agent.request(env.view())
            functions = [spec.function() for spec in request.tools]
            name, known, _ = shared.setdefault(compact(functions), (_name(scenario, tools), {}, request))
            tools.setdefault(name, functions)
            known[scenario.id] = scenario
            prompt = [message.plain() for message in request.messages]
            place = {"environment": name, "scenario": scenario.id, "variant": variant.value, "seed": seed}
            rows.append({"prompt": prompt, **place})
    options = dict(env_options or {})
    classes = {name: episode_class(request.tools, known, options) for name, known, request in shared.values()}
    turns = max(scenario.max_steps for scenario in scenarios)
    named = f"{suite} {split}".strip()
    judges = _names(options.get("judge", "rules"))
    return Playground(named, digest(scenarios), judges, tuple(rows), classes, tools, turns, score)


def _names(judge: Json) -> tuple[str, ...]:
    """What a judge of this configuration may be called in its verdicts."""
    named = {judge} if isinstance(judge, str) else {str(judge[key]) for key in ("kind", "name") if key in judge}
    return tuple(sorted(named))


def _trainable(suite: str, split: str, limit: int | None, seed: int) -> list[Scenario]:
    if split not in ("", Split.TRAIN):
        raise ConfigError(
            f"the split {split!r} is held out, or none; a model is trained on 'train', or it measures nothing"
        )
    found = list(members(suite))
    splits = {str(member.split or "") for member in found}
    if split not in splits:
        has = f"has the splits {', '.join(sorted(splits))}" if splits != {""} else "has no splits: say --split ''"
        raise ConfigError(f"the suite {suite!r} {has}")
    chosen = [member for member in found if split == str(member.split or "")]
    if limit is not None:
        chosen = sample(chosen, limit, seed, lambda member: member.id)
    scenarios = [member.load() for member in chosen]
    if kept_out := [scenario.id for scenario in scenarios if scenario.eval_only]:
        raise ConfigError(f"{kept_out[0]!r} is there for evaluation only ({len(kept_out)} such in {suite!r})")
    return scenarios


def _name(scenario: Scenario, taken: Mapping[str, object]) -> str:
    """A name for a set of tools: that of its toolkits, numbered where two sets would have the same."""
    stem = "+".join(sorted(scenario.toolkits)) or "none"
    return stem if stem not in taken else f"{stem}#{sum(1 for name in taken if name.partition('#')[0] == stem) + 1}"


def episode_class(
    tools: Sequence[ToolSpec], scenarios: Mapping[str, Scenario], env_options: Mapping[str, Json]
) -> type[ToolEpisode]:
    """A class with a method for each of the tools, which plays these scenarios."""
    methods: dict[str, Any] = {spec.name: _method(spec) for spec in tools}
    fields = {"_scenarios": dict(scenarios), "_env_options": dict(env_options)}
    return type("Episode", (ToolEpisode,), {**methods, **fields, "__doc__": ToolEpisode.__doc__})


def _method(spec: ToolSpec) -> Callable[..., str]:
    """A function with the signature, the hints and the docstring that transformers makes a tool's schema from."""

    def method(self: ToolEpisode, /, **arguments: Json) -> str:
        return self._call(spec.name, arguments)

    properties = spec.parameters.get("properties", {})
    required = spec.parameters.get("required", ())
    hints = {name: _hint(schema) for name, schema in properties.items()}
    kind = inspect.Parameter
    parameters = [
        kind(name, kind.KEYWORD_ONLY, annotation=hint, default=kind.empty if name in required else None)
        for name, hint in hints.items()
    ]
    told = [f"    {name}: {_line(schema.get('description') or name)}" for name, schema in properties.items()]
    method.__name__ = method.__qualname__ = spec.name
    method.__doc__ = "\n".join([_line(spec.description), *(["", "Args:", *told] if told else [])])
    method.__annotations__ = {**hints, "return": str}
    method.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [kind("self", kind.POSITIONAL_ONLY), *parameters], return_annotation=str
    )
    return method


def _hint(schema: Json) -> Any:
    """The type that is nearest to a JSON schema."""
    if not isinstance(schema, dict):
        return Any
    if choices := schema.get("enum"):
        return Literal[tuple(choices)]
    if parts := schema.get("anyOf") or schema.get("oneOf"):
        hint = _hint(parts[0])
        for part in parts[1:]:
            hint = hint | _hint(part)
        return hint
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        return list[_hint(schema["items"])]  # type: ignore[misc]
    return TYPES.get(str(schema.get("type")), Any)


def _line(text: str) -> str:
    return " ".join(text.split())
