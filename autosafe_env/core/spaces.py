"""The action and observation spaces: unicode texts, the same for every scenario.

Gymnasium's own `Text` accepts only the characters it can sample, alphanumeric by default; a sentence with a space or an
accent would lie outside it. These accept any text within a length and sample from a small alphabet.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Self

from gymnasium import spaces
from gymnasium.error import CustomSpaceError
from gymnasium.vector.utils import batch_differing_spaces, create_shared_memory

from autosafe_env.core.codec import MAX_ACTION, encode
from autosafe_env.core.sampling import sample_action
from autosafe_env.types.tools import ToolSpec
from autosafe_env.types.turns import FeedbackSource

SAMPLE_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789 .,:;-_@/{}[]\"'äé"
SAMPLE_LENGTH = 64
TASK, TOOLS, CONTENT = 8192, 131072, 65536
"""Most characters of each text in an observation."""
TURNS = 1024
SOURCES = tuple(FeedbackSource)
"""What the `source` of an observation counts, in order."""


class UnicodeText(spaces.Text):
    """Any text of `min_length` to `max_length` code points."""

    def __init__(self, max_length: int, *, min_length: int = 0, seed: int | None = None) -> None:
        super().__init__(max_length, min_length=min_length, charset=SAMPLE_ALPHABET, seed=seed)

    def contains(self, x: Any) -> bool:
        """Whether `x` is a text of an allowed length."""
        return isinstance(x, str) and self.min_length <= len(x) <= self.max_length

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """A short random text. `mask` and `probability` are ignored: every text is as valid as any other."""
        del mask, probability
        length = int(self.np_random.integers(self.min_length, min(self.max_length, SAMPLE_LENGTH) + 1))
        picks = self.np_random.integers(len(SAMPLE_ALPHABET), size=length)
        return "".join(SAMPLE_ALPHABET[pick] for pick in picks)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.min_length}, {self.max_length})"

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is type(self)
            and isinstance(other, UnicodeText)
            and (other.min_length, other.max_length) == (self.min_length, self.max_length)
        )

    __hash__ = None  # type: ignore[assignment]  # as in Gymnasium's own spaces

    def independent(self) -> Self:
        """A space that samples from a generator of its own, seeded afresh. A tenth of the price of a new one."""
        twin = copy.copy(self)
        twin._np_random = None  # type: ignore[assignment]  # made on first use
        return twin


class ActionText(UnicodeText):
    """A JSON action. Equal for all scenarios, so that one vector env can mix them; samples call the given tools."""

    def __init__(self, tools: Sequence[ToolSpec] = (), seed: int | None = None) -> None:
        super().__init__(MAX_ACTION, min_length=1, seed=seed)
        self.tools = tuple(tools)

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """A well-formed action of the scenario. `mask` and `probability` are accepted and ignored."""
        del mask, probability
        return encode(sample_action(self.tools, self.np_random))


ANY_ACTION = ActionText()


def action_space(tools: Sequence[ToolSpec]) -> ActionText:
    """The action space of a scenario with these tools."""
    space = ANY_ACTION.independent()
    space.tools = tuple(tools)
    return space


def observation_space() -> spaces.Dict:
    """The observation space.

    `task`: the user's instruction; `tools`: JSON array of the tools in OpenAI's function form; `source`: who answered
    last, an index into `SOURCES`; `content`: what was answered; `turn`: actions taken so far.
    """
    return spaces.Dict(
        task=ANY_TASK.independent(),
        tools=ANY_TOOLS.independent(),
        source=spaces.Discrete(len(SOURCES)),
        content=ANY_CONTENT.independent(),
        turn=spaces.Discrete(TURNS),
    )


ANY_TASK, ANY_TOOLS, ANY_CONTENT = UnicodeText(TASK), UnicodeText(TOOLS), UnicodeText(CONTENT)


def clipped(text: str, length: int) -> str:
    """The text within a length: cut at the end, with a mark, when it is too long."""
    return text if len(text) <= length else text[: length - 2] + " …"


@create_shared_memory.register(UnicodeText)
def _no_shared_memory(space: UnicodeText, n: int = 1, ctx: Any = None) -> Any:
    # Stock AsyncVectorEnv reads shared text once, at construction, and then returns it for ever.
    del n, ctx
    raise CustomSpaceError(f"{space!r} needs AsyncVectorEnv(shared_memory=False), or this package's own vector env")


def _batch_differing(many: Sequence[UnicodeText]) -> spaces.Tuple[Any]:
    return spaces.Tuple(tuple(many))


# Gymnasium dispatches on the type of the first element, which its own annotation cannot say.
batch_differing_spaces.register(UnicodeText, _batch_differing)
