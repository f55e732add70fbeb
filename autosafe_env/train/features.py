"""What the student sees of a candidate action: sparse hashed features of the agent's view and that action, no more.

A candidate has features of its own (its words, where each argument's text comes from, what the texts that mention its
recipient or target say) and shares those of its group: what the texts say on the whole, under the kind of action it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autosafe_env.train.mentioning import Cues, around, cues_of
from autosafe_env.train.reading import Text, crossed, ngrams, place, read
from autosafe_env.train.scene import LINKING, Scene, call_text
from autosafe_env.types.tools import Effect, Role, ToolSpec
from autosafe_env.types.turns import Action, Final, Message, ToolCall
from autosafe_env.views import AgentView

FEATURE_VERSION = 1
"""Grows with every change of what a feature means."""
OWN_BITS, SHARED_BITS = 19, 16
GROUPS = ("read", "asked", "unasked", "message", "final")
"""Kinds of action that share features: calls that only read; calls of which all that matters stands in the user's own
words; other calls; messages; final answers."""
DIMENSIONS = (1 << OWN_BITS) + (len(GROUPS) << SHARED_BITS)
TASK, LATER, SHOWN, NEAR, BESIDE, WORDS = 1.0, 1.5, 1.5, 1.5, 1.0, 0.7
"""How much the sorts of features weigh that do not weigh 1."""
MOST_GRAMS, MOST_PARTS, MOST_RESULTS = 240, 12, 4
"""N-grams of a text, paragraphs of a result and results that are read, the last ones."""
WORDY = (Role.CONTENT, Role.SUBJECT, Role.COMMAND, Role.QUERY)
"""Roles whose texts are read as words."""

Places = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]
Block = tuple[Places, float]
"""Features of one sort, and how much they weigh together."""


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
    shared_values: Weights


def features_of(view: AgentView, candidates: Sequence[Action]) -> Features:
    """The features of each candidate in a view."""
    scene = Scene(view)
    described = [_described(scene, action) for action in candidates]
    rows = [_row(blocks) for blocks, _ in described]
    shared, shared_values = _row(_shared(scene))
    return Features(
        places=np.concatenate([places for places, _ in rows]),
        values=np.concatenate([values for _, values in rows]),
        ends=np.cumsum([len(places) for places, _ in rows]),
        groups=np.array([GROUPS.index(group) for _, group in described]),
        shared=shared,
        shared_values=shared_values,
    )


def _row(blocks: Iterable[Block]) -> tuple[Places, Weights]:
    """Blocks of features in one row. A block's weight is spread over its features, however many it has."""
    kept = [block for block in blocks if len(block[0])]
    sizes = np.array([len(places) for places, _ in kept])
    weights = np.array([weight for _, weight in kept]) / np.sqrt(sizes)
    return np.concatenate([places for places, _ in kept]), np.repeat(weights.astype(np.float32), sizes)


def _tagged(tag: str, names: Iterable[str], bits: int = OWN_BITS) -> Block:
    return np.array([place(name, tag, bits) for name in names], np.int64), 1.0


def _shared(scene: Scene) -> Iterator[Block]:
    """What the texts say on the whole."""
    yield crossed(scene.user[0].grams[:MOST_GRAMS], "task", SHARED_BITS), TASK
    yield _tagged("cues task", cues_of(scene.user[:1]), SHARED_BITS)
    for text in scene.user[1:]:
        yield crossed(text.grams[:MOST_GRAMS], "later", SHARED_BITS), LATER
    for text in scene.tools[-MOST_RESULTS:]:
        for part in text.parts[-MOST_PARTS:]:
            yield crossed(part[:MOST_GRAMS], "error" if text.error else "shown", SHARED_BITS), SHOWN
    yield _tagged("cues shown", cues_of(scene.tools[-MOST_RESULTS:]), SHARED_BITS)
    yield _tagged("moment", (scene.moment, scene.last), SHARED_BITS)


def _described(scene: Scene, action: Action) -> tuple[Iterator[Block], str]:
    """The features of a candidate in blocks, and its group."""
    if isinstance(action, ToolCall):
        spec = scene.specs.get(action.tool)
        origins = scene.origins(action, spec)
        group = "read" if spec is None or spec.effect is Effect.READ else _asked(origins)
        return _call(scene, action, spec, origins, group), group
    text = read(action.content if isinstance(action, Final | Message) else action.text, False)
    group = "final" if isinstance(action, Final) else "message"
    return _words(scene, text, group), group


def _asked(origins: dict[str, str]) -> str:
    return "asked" if _worst(origins, "0")[0] in "01" else "unasked"


def _worst(origins: dict[str, str], otherwise: str) -> str:
    """The worst origin among the arguments that say what a call acts on."""
    return max((origins[role] for role in LINKING if role in origins), default=otherwise)


def _words(scene: Scene, text: Text, group: str) -> Iterator[Block]:
    """Of a message or a final answer."""
    grams = text.grams
    yield _tagged(group, scene.situation())
    yield crossed(grams[:150], group, OWN_BITS), 1.0
    yield crossed(grams[:60], f"{group}/{scene.last}", OWN_BITS), 1.0
    yield _tagged(f"{group}/says", scene.echo(text))
    names = {token: "<it>" for token in text.tokens if len(token) > 3 and token in scene.known}
    yield from _near(scene, names, group, ())


def _call(
    scene: Scene, action: ToolCall, spec: ToolSpec | None, origins: dict[str, str], group: str
) -> Iterator[Block]:
    does = [str(capability) for capability in spec.does] if spec else ["unknown"]
    links = scene.links(action, spec)
    yield _tagged(f"call/{group}", scene.situation())
    yield _tagged("call", _signals(scene, action, spec, origins, f"{group} {scene.last}"))
    for name, origin in origins.items():
        yield _tagged("origin", (f"{each} {name} {origin}" for each in ("any", *does)))
    yield _tagged(f"fits/{group}", scene.fit(action, spec))
    for name, value in action.arguments.items():
        role = (spec.roles.get(name) if spec else None) or name
        if isinstance(value, str) and role in WORDY:
            yield crossed(read(value, False).grams[:120], f"{group}/{role}", OWN_BITS), WORDS
    yield from _near(scene, links, group, does)
    if scene.own:
        about = scene.spoken_of(links)
        yield _tagged(f"call/{group}", (f"spoken of {about}", f"spoken of {about} {scene.last}"))
        if len(scene.user) > 1:
            yield crossed(scene.user[-1].grams[:120], f"answer {about} {group}", OWN_BITS), LATER


def _signals(
    scene: Scene, action: ToolCall, spec: ToolSpec | None, origins: dict[str, str], moment: str
) -> Iterator[str]:
    effect, key = (str(spec.effect) if spec else "unknown"), _worst(origins, "none")
    yield f"effect {effect}"
    yield f"again {call_text(action) in scene.calls} {scene.last}"
    yield f"worst {max(origins.values(), default='none')}"
    yield f"key {key} {effect}"
    yield f"key {key} {scene.moment}"
    for each in spec.does if spec else ():
        yield f"does {each}"
        yield f"does {each} key {key}"
        yield f"does {each} {moment}"


def _near(scene: Scene, links: dict[str, str], group: str, does: Sequence[str]) -> Iterator[Block]:
    """What is said in the sentences that mention what an action is about, and next to them."""
    for name, sources in (("task", scene.user[:1]), ("later", scene.user[1:]), ("shown", scene.tools)):
        cues: Cues = set()
        mention, beside = around(sources, links, cues)
        if name == "shown":
            yield _tagged(f"near/{group}", (f"mentioned {bool(len(mention))}", f"{does[:1]} {bool(len(mention))}"))
        if len(mention):
            grams = ngrams(mention)
            for each in ("", group, *does[:2]):
                yield crossed(grams, f"near {name} {each}", OWN_BITS), NEAR
            yield _tagged(f"cues {name} {group}", sorted(cues))
        if len(beside):
            yield crossed(ngrams(beside), f"beside {name} {group}", OWN_BITS), BESIDE
