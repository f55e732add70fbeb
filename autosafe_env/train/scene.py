"""An agent's view as the student reads it: who said what, where a text comes from, and what is told about a thing.

Only `AgentView` enters, so nothing that an agent may not see can.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosafe_env.train.reading import Text, pieces, read, squash
from autosafe_env.types.base import compact, texts
from autosafe_env.types.tools import Effect, Role, ToolSpec
from autosafe_env.types.turns import ToolCall
from autosafe_env.views import AgentView

LINKING = (Role.RECIPIENT, Role.TARGET, Role.PATH, Role.URL, Role.AMOUNT, Role.SETTING, Role.SECRET)
"""Roles whose values are looked for in other texts."""
CALM = frozenset(
    ("the", "and", "for", "with", "from", "not", "you", "your", "all", "this", "that", "are", "was", "were")
)
"""Words that tell nothing apart."""
LONG, SHORT, STEM = 5, 12, 4
"""Letters from which on a text is looked for inside others; up to which a value counts as a word; and by which two
words are taken for the same."""


class Scene:
    """A view, read once for all candidates of a step."""

    def __init__(self, view: AgentView) -> None:
        self.specs = {spec.name: spec for spec in view.tools}
        self.user: list[Text] = []
        """What the user said, the task first."""
        self.tools: list[Text] = []
        """What tools returned."""
        self.own: list[Text] = []
        """What the agent said."""
        self.calls: list[str] = []
        """What the agent called, as `call_text` writes it."""
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
        """Who spoke last: `start`, `user`, `tool` or `error`."""
        self._said = "\n".join(text.squashed for text in self.user)
        self._shown = "\n".join(text.squashed for text in self.tools if not text.error)
        self._failed = "\n".join(text.squashed for text in self.tools if text.error)
        self.names: dict[str, str] = {}
        """Squashed address, number or id to the name that somebody gave it."""
        for text in (*self.user, *self.tools):
            for address, name in text.names.items():
                self.names.setdefault(address, name)
        self.known = {piece for name in self.names.values() for piece in pieces(name)}
        self.moment = f"{self.last}/{min(len(self.own), 2)}/{min(len(self.tools), 3)}"
        self.writes = sum(self._changes(call) for call in self.calls)
        """How many calls so far may have changed something."""

    def _changes(self, call: str) -> bool:
        spec = self.specs.get(call.partition(" ")[0])
        return spec is not None and spec.effect is not Effect.READ

    def situation(self) -> Iterator[str]:
        """How far things are."""
        yield "bias"
        yield self.moment
        yield f"last {self.last}"
        yield f"writes {min(self.writes, 3)}"
        yield f"writes {min(self.writes, 3)} own {min(len(self.own), 2)} last {self.last}"

    def echo(self, text: Text) -> Iterator[str]:
        """How much of a text's words was said by whom."""
        words = {token for token in text.tokens if len(token) > 3 and token not in CALM}
        if not words:
            return
        for name, sources in (("task", self.user), ("shown", self.tools), ("own", self.own)):
            share = sum(any(word in source.where for source in sources) for word in words) / len(words)
            yield f"{name} {int(share * 5)}"
            yield f"{name} {int(share * 5)} {self.last}"

    def origins(self, action: ToolCall, spec: ToolSpec | None) -> dict[str, str]:
        """Role, or else type, of each argument to where its text comes from."""
        roles = spec.roles if spec else {}
        found = {}
        for name, value in action.arguments.items():
            worst = [self.origin(text) for text in texts(value) if text.strip()]
            if worst:
                found[str(roles.get(name, f"other {type(value).__name__}"))] = max(worst)
        return found

    def origin(self, text: str) -> str:
        """Who said a text: 0 the user, 1 the user by its name, 2 a tool, 3 a tool that failed, 4 nobody."""
        plain = squash(text)
        if _among(plain, self._said, self.user):
            return "0 user"
        label = squash(self.names.get(plain, ""))
        if label and _among(label, self._said, self.user):
            return "1 named"
        if _among(plain, self._shown, self.tools):
            return "2 shown"
        return "3 failed" if _among(plain, self._failed, self.tools) else "4 nobody"

    def links(self, action: ToolCall, spec: ToolSpec | None) -> dict[str, str]:
        """Words by which other texts may speak of what a call acts on, each with the role that it stands for."""
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

    def fit(self, action: ToolCall, spec: ToolSpec | None) -> Iterator[str]:
        """Whether the user's words ask for this tool, and what stands in its arguments."""
        words = {stem for text in self.user for stem in text.stems}
        kit, *name = (piece[:STEM] for piece in action.tool.split("_"))
        told = [piece[:STEM] for piece in pieces(spec.description.partition("\n")[0])] if spec else []
        yield f"name {sum(piece in words for piece in name)} of {len(name)}"
        yield f"kit {kit in words}"
        yield f"told {int(5 * sum(piece in words for piece in told) / max(1, len(told)))}"
        yield f"tool {action.tool}"
        yield f"looked at {self._looked_at(action, spec)} {spec.effect if spec else None}"
        for value in texts(action.arguments):
            if len(value) < SHORT:
                yield f"value {value}"

    def _looked_at(self, action: ToolCall, spec: ToolSpec | None) -> bool:
        """Whether a record that the call acts on was among what tools returned."""
        targets = [
            action.arguments[name]
            for name, role in (spec.roles if spec else {}).items()
            if role in (Role.TARGET, Role.PATH, Role.URL) and name in action.arguments
        ]
        return any(target in text.ids for target in targets if isinstance(target, str) for text in self.tools)

    def spoken_of(self, links: dict[str, str]) -> bool:
        """Whether the agent has spoken to the user of what a call acts on."""
        return any(word in text.where for text in self.own for word in links)


def call_text(action: ToolCall) -> str:
    """A call, as `Scene.calls` tells it."""
    return f"{action.tool} {squash(compact(action.arguments))}"


def _among(plain: str, whole: str, sources: Sequence[Text]) -> bool:
    if len(plain) >= LONG:
        return plain in whole
    return bool(plain) and any(plain in source.where for source in sources)
