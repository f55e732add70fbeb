"""Labelled trajectories of a scenario, and near-miss pairs: two that differ in one action, one UNSAFE and one SAFE.

The labels come from the paths of the scenario and not from a judge. Its author says: the last action of the unsafe
path is the harm and no other one is; nothing on the safe path is; nothing on the benign path is, in the benign twin.
That the checks agree with the paths is proven of every scenario that ships (`run/prove.py`), so on whole paths the
judge `rules` cannot but be right. The pairs put actions into contexts that no proof has walked, and no verdict decides
whether a pair is kept: only whether its actions can be carried out at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autosafe_env.core.discover import scenario_tools
from autosafe_env.core.remaining import remaining
from autosafe_env.record.labels import Kind, Labelled
from autosafe_env.run.labelled import played
from autosafe_env.run.suite import sample
from autosafe_env.types.state import EpisodeState
from autosafe_env.types.threat import PathStep, Scenario, Variant
from autosafe_env.types.tools import Effect
from autosafe_env.types.turns import Action, ToolCall

Actions = tuple[Action, ...]
Pair = tuple[Labelled, Labelled]


@dataclass(frozen=True)
class Miss:
    """A near-miss pair of one scenario."""

    kind: Kind
    unsafe: Actions
    safe: Actions
    safe_variant: Variant = Variant.ATTACKED


def trajectories_of(scenario: Scenario) -> list[Labelled]:
    """The three paths of a scenario."""
    unsafe = scenario.path("unsafe")
    return [
        _labelled(scenario, "unsafe", unsafe, len(unsafe) - 1),
        _labelled(scenario, "safe", scenario.path("safe"), None),
        _labelled(scenario, "benign", scenario.path("benign"), None, Variant.BENIGN),
    ]


def pairs_of(scenario: Scenario) -> list[Pair]:
    """The near-miss pairs of a scenario, at most one of each kind: UNSAFE and SAFE."""
    found = []
    for miss in _misses(scenario):
        if all(_carried_out(scenario, *side) for side in _sides(miss)):
            pair = f"{scenario.id}/{miss.kind}"
            found.append(
                (
                    _labelled(scenario, f"{miss.kind}/unsafe", miss.unsafe, len(miss.unsafe) - 1, pair=pair, miss=miss),
                    _labelled(scenario, f"{miss.kind}/safe", miss.safe, None, miss.safe_variant, pair=pair, miss=miss),
                )
            )
    return found


def chosen_pairs(scenarios: Iterable[Scenario], most: int | None, seed: int) -> list[Pair]:
    """The pairs of some scenarios, in order: all, or so many, drawn evenly over categories, sources and kinds.

    Args:
        scenarios: in the order in which their pairs come.
        most: None for all.
        seed: decides with the pairs' names which are drawn.
    """
    cells: dict[tuple[str, ...], list[Pair]] = {}
    order: dict[str, int] = {}
    for scenario in scenarios:
        for pair in pairs_of(scenario):
            cell = (scenario.categories[0], scenario.sources[0], str(pair[0].kind))
            cells.setdefault(cell, []).append(pair)
            order[pair[0].pair] = len(order)
    total = len(order)
    if most is None or most >= total:
        drawn = [pair for pairs in cells.values() for pair in pairs]
    else:
        per_cell = next(size for size in range(1, total + 1) if sum(min(size, len(c)) for c in cells.values()) >= most)
        even = [pair for pairs in cells.values() for pair in sample(pairs, per_cell, seed, _name)]
        drawn = sample(even, most, seed, _name)
    return sorted(drawn, key=lambda pair: order[pair[0].pair])


def _name(pair: Pair) -> str:
    return pair[0].pair


def _misses(scenario: Scenario) -> Iterator[Miss]:
    unsafe, safe, benign = (scenario.path(name) for name in ("unsafe", "safe", "benign"))
    before, harm = unsafe[:-1], unsafe[-1]
    left = remaining(safe, before)
    if left and left[0] != harm:
        yield Miss(Kind.NEXT_ACTION, unsafe, (*before, left[0]))
    if harm in safe:
        whole = safe[: safe.index(harm) + 1]
        if len(remaining(whole, unsafe)) == 1 and not remaining(unsafe, whole):
            yield Miss(Kind.INSERTED_ACTION, unsafe, whole)
    elif (at := _same_tool(safe, harm)) is not None and _alike(scenario, before, safe[:at]):
        yield Miss(Kind.SWAPPED_CALL, (*safe[:at], harm), safe[: at + 1])
    if benign[: len(unsafe)] == unsafe:
        yield Miss(Kind.OTHER_WORLD, unsafe, unsafe, Variant.BENIGN)


def _same_tool(path: Sequence[Action], call: Action) -> int | None:
    """Index of the first call of the same tool; None where there is none."""
    for index, action in enumerate(path):
        if isinstance(action, ToolCall) and isinstance(call, ToolCall) and action.tool == call.tool:
            return index
    return None


def _alike(scenario: Scenario, one: Actions, other: Actions) -> bool:
    """Whether two ways to a call differ, but only in what was looked at and in nothing that was done or said: a harm
    that builds up over several steps, or that an answer permits, needs all of them."""
    tools, differing = scenario_tools(scenario), (*remaining(other, one), *remaining(one, other))
    return one != other and all(
        isinstance(each, ToolCall) and tools[each.tool].spec.effect is Effect.READ for each in differing
    )


def _sides(miss: Miss) -> tuple[tuple[Actions, Variant], tuple[Actions, Variant]]:
    return (miss.unsafe, Variant.ATTACKED), (miss.safe, miss.safe_variant)


def _carried_out(scenario: Scenario, actions: Actions, variant: Variant) -> bool:
    """Whether all actions can be taken, and the last one does what it says: a call that fails is no near miss."""
    state: EpisodeState = played(scenario, actions, variant).trajectory().state
    last = state.steps[-1]
    return len(state.steps) == len(actions) and not last.rejected and last.fault is None and state.failure is None


def _labelled(
    scenario: Scenario,
    name: str,
    actions: Actions,
    unsafe_at: int | None,
    variant: Variant = Variant.ATTACKED,
    *,
    pair: str = "",
    miss: Miss | None = None,
) -> Labelled:
    return Labelled(
        id=f"{scenario.id}/{name}",
        scenario=scenario.id,
        version=scenario.version,
        variant=variant,
        actions=tuple(_path_step(action) for action in actions),
        unsafe_at=unsafe_at,
        pair=pair,
        kind=miss.kind if miss else None,
    )


def _path_step(action: Action) -> PathStep:
    """The inverse of `PathStep.action`."""
    if isinstance(action, ToolCall):
        return PathStep(tool=action.tool, arguments=action.arguments)
    text = getattr(action, "content", "")
    return PathStep(message=text) if action.type == "message" else PathStep(final=text)
