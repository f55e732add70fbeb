"""The attacker that asks a language model to write the next phrasing. Its prompt is `attacker_llm.md`.

What a model writes counts only if every telling word of the payload can still be read in it; else the bandit chooses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from pydantic import Field

from autosafe_env.chat.ask import ask_for
from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.chat.role import ModelRole
from autosafe_env.chat.shown import document, fitted
from autosafe_env.errors import ModelError
from autosafe_env.generate.attacker import Attempt, BanditAttacker, Phrasing
from autosafe_env.generate.redress import attack_texts, can_be_dressed
from autosafe_env.generate.styles import STYLES, lost_words
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json, Value
from autosafe_env.types.threat import Scenario

CLIP = 4000
"""Characters of one earlier text in the prompt."""
LONGEST = 8000
"""Characters that one text may have beyond its payload's."""


class Written(Value):
    """What the model answers."""

    style: str = Field(min_length=1, max_length=60)
    texts: tuple[str, ...]


class LlmAttacker(ModelRole):
    """Asks a model, and falls back on a bandit where it gives no text that counts.

    Args:
        model, temperature, seed, max_tokens: see `ModelRole`.
        fallback: who chooses where the model does not; None for a bandit over all styles.

    Raises:
        UnknownName: there is no such kind of model.
        ConfigError: an option has a value that is not valid.
    """

    prompt = prompt_beside(__file__)

    def __init__(
        self,
        model: ChatModel | str | Mapping[str, Json],
        temperature: float | None = None,
        seed: int | None = None,
        max_tokens: int | None = None,
        fallback: BanditAttacker | None = None,
    ) -> None:
        super().__init__(model, temperature, seed, max_tokens)
        self.fallback = fallback or BanditAttacker()

    def choose(self, scenario: Scenario, attempts: Sequence[Attempt], seed: int) -> Phrasing:
        """See `Attacker`; `note` says why the bandit chose where it did."""
        spare = self.fallback.choose(scenario, attempts, seed)
        payloads = attack_texts(scenario)
        request = self.request(_documents(scenario, payloads, attempts))
        check = partial(_mistake, payloads)
        try:
            answer, calls = ask_for(
                Written, self.model, request, "attacker", prompt_digest=self.prompt.digest, check=check
            )
        except ModelError as error:
            note = f"{type(error).__name__}: {error}"
            return Phrasing(spare.style, spare.texts, spare.by, note=note, calls=error.calls)
        return Phrasing(answer.style, answer.texts, by="llm", calls=calls)


def _documents(scenario: Scenario, payloads: tuple[str, ...], attempts: Sequence[Attempt]) -> dict[str, str]:
    return {
        "payloads": document(list(payloads)),
        "places": document(_places(scenario)),
        "task": document(fitted(scenario.instruction, CLIP)),
        "attempts": document([_tried(attempt) for attempt in attempts]),
        "styles": document(list(STYLES)),
    }


def _places(scenario: Scenario) -> list[Json]:
    """Where each of the texts stands."""
    return [
        {"source": trigger.source, "hole": trigger.hole}
        for trigger in scenario.triggers
        if can_be_dressed(trigger.source, trigger.hole) and isinstance(trigger.payload, str)
    ]


def _tried(attempt: Attempt) -> dict[str, Json]:
    return {
        "style": attempt.phrasing.style,
        "texts": fitted(list(attempt.phrasing.texts), CLIP),
        "came": str(attempt.came),
        "seen": attempt.exposed,
    }


def _mistake(payloads: tuple[str, ...], answer: Written) -> str:
    """What is wrong with an answer that has the form; empty when nothing is."""
    if len(answer.texts) != len(payloads):
        return f"texts: {len(payloads)} are wanted, not {len(answer.texts)}"
    for payload, text in zip(payloads, answer.texts, strict=True):
        if not _is_unicode(text):
            return "texts: a text is not Unicode"
        if len(text) > len(payload) + LONGEST:
            return f"texts: a text has {len(text)} characters; at most {len(payload) + LONGEST} are allowed"
        if lost := lost_words(payload, text):
            return f"texts: these words of the payload are missing: {', '.join(map(repr, lost[:20]))}"
    return ""


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
