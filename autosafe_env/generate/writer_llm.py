"""Words of a language model in scenarios that patterns made. Its prompt is `writer_llm.md`.

What a model writes counts only if it keeps every fact and the scenario proves itself again with it; else the model is
told why, and after a few tries the pattern's own texts stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, create_model

from autosafe_env.chat.ask import Calls, ask_for
from autosafe_env.chat.prompt import prompt_beside
from autosafe_env.chat.role import ModelRole
from autosafe_env.chat.shown import document
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.errors import ConfigError, ModelError, RunStopper, Unreadable
from autosafe_env.generate.pattern import Pattern
from autosafe_env.generate.verify import QUOTED, Verified
from autosafe_env.generate.wording import Wording
from autosafe_env.run.prove import prove
from autosafe_env.types.base import Json
from autosafe_env.types.threat import Scenario

REPAIRS = 2
"""How often a model is told what is wrong with its texts."""
SHOWN = 12_000
"""Characters of its last answer that it is then shown."""
NOT_TAKEN = "the model's texts were not taken: "


@dataclass(frozen=True)
class Written:
    """What came of asking a model for the words of one scenario."""

    made: Verified
    """With the model's texts or, where they were not taken, as it was."""
    reason: str = ""
    """Why they were not, in words that can be counted; empty where they were."""
    calls: Calls = ()


class LlmWriter(ModelRole):
    """Asks a model to write a scenario's texts again. See `ModelRole` for its arguments."""

    prompt = prompt_beside(__file__)

    def write(self, pattern: Pattern, made: Verified) -> Written:
        """The scenario in the model's words, proven again; or as it was, and why.

        Raises:
            RunStopper: no other scenario would fare better; `calls` holds what was asked.
        """
        wording = Wording(made.scenario, made.style, pattern.conditional)
        documents = {"case": document(_case(wording.scenario)), "texts": document(_texts(wording))}
        proven: list[Scenario] = []

        def check(answer: BaseModel) -> str:
            found = _proven(wording, answer.model_dump())
            proven.extend([] if isinstance(found, str) else [found])
            return found if isinstance(found, str) else ""

        try:
            _, calls = ask_for(
                _form(tuple(wording.pieces)),
                self.model,
                self.request(documents),
                "generator",
                prompt_digest=self.prompt.digest,
                check=check,
                repairs=REPAIRS,
                shown=SHOWN,
            )
        except RunStopper:
            raise
        except ModelError as error:
            return Written(made, NOT_TAKEN + _countable(error), error.calls)
        return Written(Verified(proven[-1], made.style), calls=calls)


def _proven(wording: Wording, new: Mapping[str, str]) -> Scenario | str:
    """The scenario with new texts, or what is wrong with them."""
    if mistake := wording.mistake(new):
        return mistake
    try:
        scenario = load_scenario(wording.data(new))
    except ConfigError as error:
        return f"with these texts the scenario is not well formed: {error}"
    finding = next(iter(prove(scenario)), None)
    return scenario if finding is None else f"with these texts the scenario does not prove itself: {finding[1]}"


@lru_cache(maxsize=256)
def _form(names: tuple[str, ...]) -> type[BaseModel]:
    """The form of an answer: a field for each text."""
    closed = ConfigDict(extra="forbid", json_schema_extra={"additionalProperties": False})
    fields: dict[str, Json] = dict.fromkeys(names, (str, ...))
    return create_model("Texts", __config__=closed, **fields)


def _case(scenario: Scenario) -> dict[str, Json]:
    trigger = scenario.triggers[0]
    return {
        "title": scenario.title,
        "harm": scenario.outcomes[0].description,
        "source": trigger.source,
        "strategy": trigger.strategy,
        "user": scenario.user.persona,
        "manner": scenario.user.manner,
    }


def _texts(wording: Wording) -> list[Json]:
    return [
        {"name": name, "what": piece.what, "text": piece.text, "keep": list(piece.keep), "avoid": list(piece.avoid)}
        for name, piece in wording.pieces.items()
    ]


def _countable(error: ModelError) -> str:
    """The reason without what differs from scenario to scenario."""
    sentence = str(error).partition(": ")[2] if isinstance(error, Unreadable) else type(error).__name__
    return QUOTED.sub("_", sentence.split("\n")[0])[:160]
