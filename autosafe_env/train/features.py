"""What the student sees of a candidate action: sparse hashed features of the agent's view and that action, no more.

A candidate has features of its own (its words, where each argument's text comes from, what the texts that mention its
recipient or target say) and shares those of its group: what the texts say on the whole, under the kind of action it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autosafe_env.train.mentioning import around
from autosafe_env.train.reading import Text, crossed, ngrams, number, pieces, read, squash
from autosafe_env.types.base import compact, texts
from autosafe_env.types.tools import Effect, Role, ToolSpec
from autosafe_env.types.turns import Action, Final, Message, ToolCall
from autosafe_env.views import AgentView

FEATURE_VERSION = 1
"""Grows with every change of what a feature means."""
OWN_BITS, SHARED_BITS = 18, 16
GROUPS = ("read", "asked", "unasked", "message", "final")
"""Kinds of action that share features: calls that only read; calls of which all that matters stands in the user's own
words; other calls; messages; final answers."""
DIMENSIONS = (1 << OWN_BITS) + (len(GROUPS) << SHARED_BITS)
LINKING = (Role.RECIPIENT, Role.TARGET, Role.PATH, Role.URL, Role.AMOUNT, Role.SETTING, Role.SECRET)
"""Roles whose values are looked for in other texts."""
CALM = frozenset(
    (
        "the",
        "and",
        "for",
        "with",
        "from",
        "not",
        "you",
        "your",
        "all",
        "this",
        "that",
        "are",
        "was",
        "were",
        "has",
        "have",
    )
)
"""Words that tell nothing apart."""

Places = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]


@dataclass(slots=True)
class Features:
    """The candidates of one step, as numbers."""

    places: Places
    """Of the features of all candidates, one after the other."""
    values: Weights
    ends: Places
    """Where the features of each candidate end."""
    groups: Places
    """The group of each candidate."""
    shared: Places
    """Of the features that a group shares, before they are told apart by group."""


def features_of(view: AgentView, candidates: Sequence[Action]) -> Features:
    """The features of each candidate in a view."""
    scene = Scene(view)
    rows: list[tuple[Places, Weights]] = []
    groups = []
    for action in candidates:
        blocks, group = scene.describe(action)
        rows.append(_row(blocks))
        groups.append(GROUPS.index(group))
    return Features(
        places=np.concatenate([places for places, _ in rows]),
        values=np.concatenate([values for _, values in rows]),
        ends=np.cumsum([len(places) for places, _ in rows]),
        groups=np.array(groups),
        shared=scene.shared(),
    )


def _row(blocks: Iterable[Places]) -> tuple[Places, Weights]:
    """Blocks of features in one row. Each block weighs the same, however many features it has."""
    kept = [block for block in blocks if len(block)]
    values = [np.full(len(block), 1.0 / np.sqrt(len(block)), np.float32) for block in kept]
    return np.concatenate(kept), np.concatenate(values)


class Scene:
    """A view, read once for all candidates of a step."""

    def __init__(self, view: AgentView) -> None:
        self.view = view
        self.specs = {spec.name: spec for spec in view.tools}
        self.user: list[Text] = []
        self.tools: list[Text] = []
        self.own: list[Text] = []
        self.calls: list[str] = []
        last = "start"
        for message in view.messages:
            if message.role == "user":
                self.user.append(read(message.content, False))
                last = "user"
            elif message.role == "tool":
                self.tools.append(read(message.content, True))
                last = "error" if self.tools[-1].error else "tool"
            elif message.tool_calls:
                function = message.tool_calls[0]["function"]
                self.calls.append(f"{function['name']} {squash(function['arguments'])}")
            else:
                self.own.append(read(message.content, False))
        self.last = last if view.step else "start"
        self.said = "\n".join(text.squashed for text in self.user)
        self.shown = "\n".join(text.squashed for text in self.tools if not text.error)
        self.failed = "\n".join(text.squashed for text in self.tools if text.error)
        self.names: dict[str, str] = {}
        for text in (*self.user, *self.tools):
            for address, name in text.names.items():
                self.names.setdefault(address, name)
        self.moment = f"{self.last}/{min(len(self.own), 2)}/{min(len(self.tools), 3)}"
        self.writes = sum(self._writes(call) for call in self.calls)

    def _writes(self, call: str) -> bool:
        spec = self.specs.get(call.partition(" ")[0])
        return spec is not None and spec.effect is not Effect.READ

    def shared(self) -> Places:
        """What the texts say on the whole."""
        parts = [crossed(self.user[0].grams[:240], "task", SHARED_BITS)]
        parts += [crossed(text.grams[:240], "later", SHARED_BITS) for text in self.user[1:]]
        parts += [crossed(text.grams[-700:], "error" if text.error else "shown", SHARED_BITS) for text in self.tools]
        parts.append(crossed(np.array([number(self.moment), number(self.last)]), "moment", SHARED_BITS))
        return np.concatenate(parts)

    def describe(self, action: Action) -> tuple[Iterator[Places], str]:
        """The features of a candidate in blocks, and its group."""
        if isinstance(action, ToolCall):
            spec = self.specs.get(action.tool)
            origins = self._origins(action, spec)
            group = "read" if spec is None or spec.effect is Effect.READ else _group(origins)
            return self._call(action, spec, origins, group), group
        final = isinstance(action, Final)
        group = "final" if final else "message"
        text = read(action.content if isinstance(action, Final | Message) else action.text, False)
        return self._words(text, group), group

    def _words(self, text: Text, group: str) -> Iterator[Places]:
        grams = text.grams if len(text.grams) else text.hashes
        yield _tagged(group, self._situation())
        yield crossed(grams[:150], group, OWN_BITS)
        yield crossed(grams[:60], f"{group}/{self.last}", OWN_BITS)
        yield _tagged(f"{group}/says", self._echo(text))

    def _situation(self) -> Iterator[str]:
        yield "bias"
        yield self.moment
        yield f"last {self.last}"
        yield f"writes {min(self.writes, 3)}"
        yield f"writes {min(self.writes, 3)} own {min(len(self.own), 2)} last {self.last}"

    def _echo(self, text: Text) -> Iterator[str]:
        """How much of a text's words was said by whom."""
        words = {token for token in text.tokens if len(token) > 3 and token not in CALM}
        if not words:
            return
        for name, sources in (("task", self.user), ("shown", self.tools), ("own", self.own)):
            share = sum(any(word in source.where for source in sources) for word in words) / len(words)
            yield f"{name} {int(share * 5)}"
            yield f"{name} {int(share * 5)} {self.last}"

    def _origins(self, action: ToolCall, spec: ToolSpec | None) -> dict[str, str]:
        """Role, or else parameter, to where its text comes from."""
        roles = spec.roles if spec else {}
        found = {}
        for name, value in action.arguments.items():
            worst = [self._origin(text) for text in texts(value) if text.strip()]
            if worst:
                found[str(roles.get(name, f"other {type(value).__name__}"))] = max(worst)
        return found

    def _origin(self, text: str) -> str:
        """Who said a text: 0 the user, 1 the user by its name, 2 a tool, 3 a tool that failed, 4 nobody."""
        plain = squash(text)
        if self._in(plain, self.said, self.user):
            return "0 user"
        label = squash(self.names.get(plain, ""))
        if label and self._in(label, self.said, self.user):
            return "1 named"
        if self._in(plain, self.shown, self.tools):
            return "2 shown"
        return "3 failed" if self._in(plain, self.failed, self.tools) else "4 nobody"

    @staticmethod
    def _in(plain: str, whole: str, sources: Sequence[Text]) -> bool:
        if len(plain) >= 5:
            return plain in whole
        return bool(plain) and any(plain in source.where for source in sources)

    def _call(self, action: ToolCall, spec: ToolSpec | None, origins: dict[str, str], group: str) -> Iterator[Places]:
        does = [str(capability) for capability in spec.does] if spec else ["unknown"]
        effect = str(spec.effect) if spec else "unknown"
        links = self._links(action, spec)
        again = f"{action.tool} {squash_json(action)}" in self.calls
        yield _tagged(f"call/{group}", self._situation())
        yield _tagged("call", self._signals(origins, group, effect, does, again))
        for name, role in origins.items():
            del role
            yield _tagged("origin", (f"{each} {name} {origins[name]}" for each in ("any", *does)))
        yield from self._own_words(action, spec, group)
        yield from self._near(links, group, does)
        yield from self._answered(links, group)

    def _signals(
        self, origins: dict[str, str], group: str, effect: str, does: Sequence[str], again: bool
    ) -> Iterator[str]:
        worst = max(origins.values(), default="none")
        key = max((origins[str(role)] for role in LINKING if str(role) in origins), default="none")
        yield f"effect {effect}"
        yield f"again {again} {self.last}"
        yield f"worst {worst}"
        yield f"key {key} {effect}"
        yield f"key {key} {self.moment}"
        for each in does:
            yield f"does {each}"
            yield f"does {each} key {key}"
            yield f"does {each} {group} {self.last}"

    def _own_words(self, action: ToolCall, spec: ToolSpec | None, group: str) -> Iterator[Places]:
        for name, value in action.arguments.items():
            role = (spec.roles.get(name) if spec else None) or name
            if isinstance(value, str) and role in (Role.CONTENT, Role.SUBJECT, Role.COMMAND, Role.QUERY):
                yield crossed(read(value, False).grams[:120], f"{group}/{role}", OWN_BITS)

    def _links(self, action: ToolCall, spec: ToolSpec | None) -> dict[str, str]:
        """Words by which other texts may speak of what a call acts on, each with the role it stands for."""
        links: dict[str, str] = {}
        for name, value in action.arguments.items():
            role = spec.roles.get(name) if spec else None
            if role not in LINKING:
                continue
            for text in texts(value):
                label = self.names.get(squash(text), "")
                for word in (text.casefold(), *pieces(text.partition("@")[0]), *pieces(label)):
                    if word not in CALM:
                        links.setdefault(word, f"<{role}>")
        return links

    def _near(self, links: dict[str, str], group: str, does: Sequence[str]) -> Iterator[Places]:
        """What is said in the sentences that mention what a call acts on, and next to them."""
        for name, sources in (("task", self.user[:1]), ("later", self.user[1:]), ("shown", self.tools)):
            mention, beside = around(sources, links)
            if name == "shown":
                yield _tagged(
                    f"call/{group}", (f"mentioned {min(len(mention), 2)}", f"{does[:1]} {bool(len(mention))}")
                )
            if len(mention):
                grams = ngrams(mention)
                yield crossed(grams, f"near {name}", OWN_BITS)
                yield crossed(grams, f"near {name} {group}", OWN_BITS)
                for each in does[:2]:
                    yield crossed(grams, f"near {name} {each}", OWN_BITS)
            if len(beside):
                yield crossed(ngrams(beside), f"beside {name}", OWN_BITS)

    def _answered(self, links: dict[str, str], group: str) -> Iterator[Places]:
        """What the user said after the agent had spoken of what a call acts on."""
        if not self.own:
            return
        about = any(word in text.where for text in self.own for word in links)
        yield _tagged(f"call/{group}", (f"spoken of {about}", f"spoken of {about} {self.last}"))
        if len(self.user) > 1:
            yield crossed(self.user[-1].grams[:120], f"answer {about} {group}", OWN_BITS)


def squash_json(action: ToolCall) -> str:
    """The arguments of a call, as `Scene.calls` tells them."""
    return squash(compact(action.arguments))


def _group(origins: dict[str, str]) -> str:
    key = max((origins[str(role)] for role in LINKING if str(role) in origins), default="0")
    return "asked" if key[0] in "01" else "unasked"


def _tagged(tag: str, names: Iterable[str]) -> Places:
    return crossed(np.array([number(name) for name in names], np.uint64), tag, OWN_BITS)
