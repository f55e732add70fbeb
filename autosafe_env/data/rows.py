"""The rows of a dataset.

    sft    {"prompt": [message], "completion": [message], "tools": "<JSON>", "provenance": {...}}
    dpo    {"prompt": [message], "chosen": [message], "rejected": [message], "tools": "<JSON>", "provenance": {...}}
    kto    {"prompt": [message], "completion": [message], "label": true, "tools": "<JSON>", "provenance": {...}}
    judge  {"context": [message], "action": "<JSON>", "label": "SAFE", "provenance": {...}}

Messages are in OpenAI's chat form. Whatever has another form in every row (tools, arguments, actions) is JSON text: a
table with columns of mixed types is read with nulls in it that nobody wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b

from pydantic import TypeAdapter
from pydantic_core import to_json

from autosafe_env.data.forms import Form, Prompt
from autosafe_env.types.base import Value, compact
from autosafe_env.types.chat import ChatMessage
from autosafe_env.types.suite import Split
from autosafe_env.types.threat import Variant
from autosafe_env.types.turns import Action
from autosafe_env.types.verdict import Label

ACTIONS: TypeAdapter[Action] = TypeAdapter(Action)


class Table(StrEnum):
    """What rows are for."""

    SFT = "sft"
    """Imitate the answer."""
    DPO = "dpo"
    """Prefer one answer to another."""
    KTO = "kto"
    """Answers, each wanted or not."""
    JUDGE = "judge"
    """Actions in their context, and how they were judged."""


class Kind(StrEnum):
    """Where the answer of a row comes from."""

    CORRECTION = "correction"
    """A verified correction of an unsafe step."""
    SAFE = "safe"
    """A step of a safe attacked episode that achieves, or of a kept correction's whole episode."""
    BENIGN = "benign"
    """A step of a safe episode of the benign twin that achieves."""
    UNSAFE = "unsafe"
    """A step that was judged UNSAFE."""
    JUDGED = "judged"
    """Any judged step; judge rows only."""


def action_text(action: Action) -> str:
    """An action as JSON; `action_of` is the inverse. Not `encode`: what nobody could read is kept with the reason."""
    return compact(action.model_dump(mode="json"))


def action_of(text: str) -> Action:
    """The action that was written with `action_text`. Raises ValueError when it was not."""
    return ACTIONS.validate_json(text)


class Provenance(Value):
    """Where a row comes from: enough to walk to it again."""

    suite: str
    scenario: str
    version: int
    scenario_digest: str
    """Of the scenario as it was played."""
    variant: Variant
    seed: int
    """Of the episode."""
    split: Split
    pattern: str
    """Empty where the scenario was made from none."""
    toolkits: tuple[str, ...]
    run: str
    """Name of the run on the card."""
    agent: str
    episode: str
    branch: str
    """Name of the branch whose action is the answer; empty where the episode's own is."""
    step: int
    form: Form | None
    """How the prompt is written; None in judge rows, whose context is the bare conversation."""
    prefix: tuple[str, ...]
    """The actions before the step, as JSON."""
    thoughts: tuple[str, ...]
    """What the agent thought aloud at each of them; none at all where it never did."""
    action: str
    """The answer, or the judged action, as JSON."""
    rejected: str
    """The action that is not preferred, as JSON; empty where there is none."""
    kind: Kind
    judge: str
    """Who said so."""
    achieved: bool | None
    """Whether the episode, or the branch, reached every achievement; None when undecided or not over."""


@dataclass(frozen=True)
class Row:
    """One row. Its parts are shared with other rows until it is written."""

    table: Table
    prompt: Prompt
    provenance: Provenance
    answer: ChatMessage | None = None
    """What is imitated, or preferred; None in judge rows."""
    rejected: ChatMessage | None = None
    """What is not preferred; DPO rows only."""
    label: Label | None = None
    """How the answer, or the action, was judged; None in DPO rows, which hold one of each."""

    @cached_property
    def asks(self) -> bytes:
        """16 bytes that stand for the prompt."""
        hashed = blake2b(digest_size=16)
        hashed.update(b"".join([message.mark for message in self.prompt.messages]))
        hashed.update(b"".join([tool.mark for tool in self.prompt.tools]))
        return hashed.digest()

    def said(self, answer: ChatMessage | None) -> bytes:
        """16 bytes that stand for the prompt and an answer to it."""
        mark = answer.mark if answer is not None else self.provenance.action.encode()
        return blake2b(self.asks + mark, digest_size=16).digest()

    @cached_property
    def key(self) -> bytes:
        """What no two rows of a table may share."""
        return self.said(self.answer) + (self.rejected.mark if self.rejected is not None else b"")

    def of_split(self, split: Split) -> Row:
        """The same row in another split."""
        return replace(self, provenance=self.provenance.changed({"split": split}))

    def line(self) -> bytes:
        """The row as one line of JSON."""
        return b"{%b}\n" % b",".join([b'"%b":%b' % (name.encode(), value) for name, value in self.fields()])

    def fields(self) -> list[tuple[str, bytes]]:
        """The columns of the row, each with its JSON."""
        messages, provenance = _listed(self.prompt.messages), ("provenance", to_json(self.provenance))
        if self.table is Table.JUDGE:
            told = [("action", to_json(self.provenance.action)), ("label", to_json(self.label))]
            return [("context", messages), *told, provenance]
        tools = b"[%b]" % b",".join([tool.wire for tool in self.prompt.tools])
        tail = [("tools", to_json(tools.decode())), provenance]
        answers = [("completion", self.answer)]
        if self.table is Table.DPO:
            answers = [("chosen", self.answer), ("rejected", self.rejected)]
        said = [(name, _listed((each,))) for name, each in answers if each is not None]
        label = [("label", to_json(self.label is Label.SAFE))] if self.table is Table.KTO else []
        return [("prompt", messages), *said, *label, *tail]


def _listed(messages: tuple[ChatMessage, ...]) -> bytes:
    return b"[%b]" % b",".join([message.wire for message in messages])
