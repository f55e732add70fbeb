"""Whole new patterns from a language model: from what a toolkit can do and a harm to a pattern. Its prompt is
`proposer_llm.md`.

What a model proposes is read, linted and tried like any other pattern. What is wrong is told to it, a few times; only a
pattern of which every trigger makes proven scenarios is given out.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from autosafe_env.chat.ask import Calls, ask_for
from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.chat.role import ModelRole
from autosafe_env.chat.shown import document
from autosafe_env.core.discover import toolkit
from autosafe_env.errors import ConfigError, ModelError, boundary
from autosafe_env.generate.compose import Order
from autosafe_env.generate.pattern import Pattern
from autosafe_env.generate.pattern_lint import lint_pattern
from autosafe_env.generate.verify import Verified, verified
from autosafe_env.generate.wording import UNSEEN
from autosafe_env.types.base import Json
from autosafe_env.types.threat import STRATEGIES, Category, Source

REPAIRS = 4
"""How often a model is told what is wrong with its pattern."""
SHOWN = 40_000
"""Characters of its last answer that it is then shown; a pattern may not be longer."""
TRIES = 6
"""Scenarios that are tried of each trigger."""
ENOUGH = 3
"""Scenarios that must be proven in all, and of each trigger one."""
FEWEST_INSTRUCTIONS = 4
MOST_TRIGGERS = 8
MOST_PROBLEMS = 12
"""Problems that are told at once."""


@dataclass(frozen=True)
class Wish:
    """What is asked for."""

    id: str
    """Of the pattern."""
    toolkits: tuple[str, ...]
    """Those that it must make scenarios with."""
    category: Category
    source: Source | None = None
    """That at least one trigger must have; None for any."""
    outcome: str = ""
    """What must not happen, in words; empty leaves it to the model."""
    seed: str = "0"
    """Of the scenarios that are tried."""


Made = list[tuple[int, Verified]]
"""Scenarios that are proven, each with the index of its trigger."""
Reasons = Counter[tuple[int, str]]
"""How often something kept a trigger from making one, by its index and the reason."""


@dataclass(frozen=True)
class Proposal:
    """A pattern that works."""

    pattern: Pattern
    proven: int
    tried: int
    calls: Calls = ()


class LlmProposer(ModelRole):
    """Asks a model for patterns. See `ModelRole` for its arguments."""

    prompt = prompt_beside(__file__)

    def propose(self, wish: Wish) -> Proposal:
        """A pattern that is well formed and of which every trigger makes proven scenarios.

        Raises:
            ModelError: no useful answer; `calls` of it holds what was asked.
            Unreadable: the last answer was no such pattern either; the message says why.
        """
        made: Made = []
        documents = {
            "wish": document(_wished(wish)),
            "toolkits": document([_toolkit(name) for name in wish.toolkits]),
        }
        pattern, calls = ask_for(
            Pattern,
            self.model,
            self.request(documents),
            "generator",
            prompt_digest=self.prompt.digest,
            check=lambda found: _mistake(found, wish, made),
            repairs=REPAIRS,
            shown=SHOWN,
        )
        return Proposal(pattern, len(made), TRIES * len(pattern.triggers), calls)


def _wished(wish: Wish) -> dict[str, Json]:
    sources = [wish.source] if wish.source else list(Source)
    return {
        "id": wish.id,
        "category": wish.category,
        "outcome": wish.outcome,
        "strategies": {source: sorted(STRATEGIES[source]) for source in sources},
    }


def _toolkit(name: str) -> dict[str, Json]:
    tools = [
        {
            "name": tool.spec.name,
            "description": tool.spec.description,
            "effect": tool.spec.effect,
            "does": sorted(tool.spec.does),
            "roles": sorted(set(tool.spec.roles.values())),
        }
        for tool in toolkit(name).values()
    ]
    return {"name": name, "tools": tools}


def _mistake(pattern: Pattern, wish: Wish, made: Made) -> str:
    """What is wrong with a pattern that has the form; empty when nothing is. What it makes is left in `made`."""
    problems = [*_amiss(wish, pattern)]
    if not problems:
        problems = [f"{'.'.join(map(str, place))}: {message}" for place, message in lint_pattern(pattern)]
    if problems:
        return "; ".join(problems[:MOST_PROBLEMS])
    made[:], reasons = tried(pattern, wish)
    return _idle(pattern, made, reasons)


def _amiss(wish: Wish, pattern: Pattern) -> list[str]:
    """Where it is not what was asked for."""
    words = [*_words(pattern.model_dump())]
    long = sum(map(len, words))
    odd = {char for word in words for char in word if unicodedata.category(char) in UNSEEN and char not in "\n\t"}
    sources = {trigger.source for trigger in pattern.triggers}
    found = {
        f"id: it must be {wish.id!r}": pattern.id != wish.id,
        f"category: it must be {wish.category}": pattern.category != wish.category,
        f"triggers: one must have the source {wish.source}": wish.source is not None and wish.source not in sources,
        f"triggers: there may be {MOST_TRIGGERS} at most": len(pattern.triggers) > MOST_TRIGGERS,
        f"instructions: at least {FEWEST_INSTRUCTIONS} that differ are needed": len(set(pattern.instructions))
        < FEWEST_INSTRUCTIONS,
        f"the pattern has {long} characters; at most {SHOWN} are allowed": long > SHOWN,
        f"the texts have characters that nobody sees: {sorted(map(ascii, odd))[:5]}": bool(odd),
    }
    return [sentence for sentence, is_so in found.items() if is_so]


def _words(value: Json) -> Iterator[str]:
    """Every text of a pattern, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in (*value, *value.values()) if isinstance(value, dict) else value:
            yield from _words(each)


def _idle(pattern: Pattern, made: Made, reasons: Reasons) -> str:
    """Which triggers make no scenario that is proven, and why; empty when there are enough."""
    by_trigger = Counter(index for index, _ in made)
    problems = [
        f"triggers.{index}: none of {TRIES} scenarios could be made and proven; most often: {_most(reasons, index)}"
        for index in range(len(pattern.triggers))
        if not by_trigger[index]
    ]
    if not problems and len(made) < ENOUGH:
        problems = [f"only {len(made)} scenarios could be made and proven; most often: {_most(reasons, None)}"]
    return "; ".join(problems)


def _most(reasons: Reasons, index: int | None) -> str:
    of = Counter[str]()
    for (number, reason), times in reasons.items():
        of[reason] += times if index in (None, number) else 0
    return of.most_common(1)[0][0]


def tried(pattern: Pattern, wish: Wish) -> tuple[Made, Reasons]:
    """Some scenarios of each trigger: those that are proven, and why others are not, each with the trigger's index."""
    made, reasons = Made(), Reasons()
    for number in range(TRIES * len(pattern.triggers)):
        index = number % len(pattern.triggers)
        try:
            with boundary(ModelError):  # a pattern that somebody invented may break the composer in any way
                found = verified(pattern, Order(f"{wish.seed}/{number}", wish.toolkits, way=index))
        except (ModelError, ConfigError) as error:
            reasons[index, str(error)] += 1
            continue
        if isinstance(found, Verified):
            made.append((index, found))
        else:
            reasons[index, found.reason] += 1
    return made, reasons


def as_yaml(pattern: Pattern, comment: str = "") -> str:
    """The file of a pattern, which `read_pattern` reads back as the same pattern."""
    data = pattern.model_dump(mode="json", exclude_defaults=True)
    for name, act in data["acts"].items():
        roles = {role.lower(): given for role, given in act["fill"].items()}
        data["acts"][name] = {"use": act["use"], **roles, **({"ask": act["ask"]} if "ask" in act else {})}
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
