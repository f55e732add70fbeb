"""Checks: boolean CEL expressions that scenario files carry, safe to load from a stranger.

CEL (Common Expression Language, cel.dev) cannot loop for ever, touch a file or call anything but the functions bound
here. An expression that does not compile, names something unknown or is too costly is refused when it is loaded; one
that fails or yields no boolean when it is evaluated is undecided, never false.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from autosafe_env.core.cel_reads import MARKS, Wanted, picked, wanted_of
from autosafe_env.core.cel_terms import UNSURE, Term, term_of
from autosafe_env.core.cel_text import (
    BOUND,
    IDENTIFIER,
    MAX_NESTING,
    conjuncts,
    guard_of,
    macro_depth,
    unreadable,
    without_strings,
)
from autosafe_env.core.mentions import mentions
from autosafe_env.errors import nearest
from autosafe_env.types.base import Handle, Json
from autosafe_env.types.state import World

MAX_LENGTH = 2000
"""Characters in one expression."""
STEP_VARIABLES = frozenset({"action", "before", "after", "history", "user"})
"""What an outcome's check may name."""
END_VARIABLES = frozenset({"before", "after", "history", "user"})
"""What an achievement's check may name."""
USER_VARIABLES = frozenset({"said", "turn", "step", "tools"})
"""What a condition of the user's brief may name."""

FUNCTIONS: dict[str, Callable[..., Any]] = {"mentions": mentions}
BUILTINS = frozenset(
    (
        *("size", "contains", "startsWith", "endsWith", "matches"),
        *("int", "uint", "double", "string", "bytes", "type", "dyn", "timestamp", "duration"),
        *("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"),
        *("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
    )
)
Variable = Callable[[Wanted], Json]
"""Makes the value of a variable; may leave out what is not wanted."""


class BadCheck(ValueError):
    """The expression is refused; the message says why and what would be valid."""


class Undecided(Exception):
    """The expression could not be decided on these values; the message says why."""


@dataclass(frozen=True, slots=True)
class WorldVariable:
    """`before` or `after`: a world, of which only the toolkits that a check names are looked at."""

    world: World

    def __call__(self, wanted: Wanted) -> Json:
        """The world."""
        del wanted
        return self.world


@dataclass(frozen=True, eq=False)
class Check:
    """A compiled expression."""

    source: str
    conditions: tuple[Condition, ...]
    """The expression holds where all of them hold."""
    guard: tuple[str, str] | None
    """`("tool", name)` or `("does", capability)` where the whole expression is `guard && ...`; None otherwise."""

    def may_hold(self, tool: str, does: Collection[str]) -> bool:
        """False where the guard alone says that the expression is false: nothing need be converted then.

        Args:
            tool: name of the tool called, or "".
            does: capabilities of that tool.
        """
        if self.guard is None:
            return True
        field, literal = self.guard
        return tool == literal if field == "tool" else literal in does

    def evaluate(self, variables: Mapping[str, Variable]) -> bool:
        """Whether it holds, given a function that makes each variable.

        As CEL has it, one condition that is false decides, even where another cannot be evaluated.

        Raises:
            Undecided: a variable is not given, or evaluation failed or did not yield a boolean.
        """
        failure: Undecided | None = None
        for condition in self.conditions:
            try:
                if not condition.evaluate(variables):
                    return False
            except Undecided as error:
                failure = failure or error
        if failure is not None:
            raise Undecided(f"`{self.source}` {failure}") from failure
        return True


@dataclass(frozen=True, eq=False)
class Condition:
    """One part of a check, compiled apart, so that the first that is false spares the others."""

    wanted: Mapping[str, Wanted]
    """The variables that it names, those bound by its own macros left out, and what it reads of each."""
    program: Any
    term: Term | None
    """Decides it in Python, if it is sure; None where it has a form that only the CEL package knows."""

    def evaluate(self, variables: Mapping[str, Variable]) -> bool:
        """Whether it holds. Raises Undecided with the end of a sentence about it."""
        if self.term is not None:
            try:
                held = self.term({name: variables[name](wanted) for name, wanted in self.wanted.items()})
            except UNSURE:
                held = None
            if held is True or held is False:
                return held
        if missing := self.wanted.keys() - variables.keys():
            raise Undecided(f"asks for {', '.join(sorted(missing))}, which is not known")
        try:
            return _decided(self, tuple(_part(variables[name], wanted) for name, wanted in self.wanted.items()))
        except PydanticSerializationError as error:
            raise Undecided("reads a text that is not Unicode") from error

    def execute(self, values: dict[str, Json]) -> bool:
        """Evaluate it on these values, afresh. Raises Undecided."""
        try:
            result = self.program.execute({**values, **FUNCTIONS})
        except (KeyError, TypeError, ValueError, RuntimeError, IndexError, ArithmeticError) as error:
            detail = f"no field {error}" if isinstance(error, KeyError) else str(error).split("\n")[0]
            raise Undecided(f"cannot be evaluated: {detail}") from error
        if not isinstance(result, bool):
            raise Undecided(f"yields {type(result).__name__}, not a boolean")
        return result


Part = bytes | tuple[tuple[str, Handle[Json]], ...]
"""What a condition reads of one variable, in a form that can be remembered: JSON, or the states of some toolkits."""


def _part(variable: Variable, wanted: Wanted) -> Part:
    if not isinstance(variable, WorldVariable):
        return to_json(picked(variable(wanted), wanted))
    world = variable.world
    named = world if wanted is None or wanted.keys() & MARKS else wanted
    return tuple((toolkit, Handle(world[toolkit])) for toolkit in named if toolkit in world)


@lru_cache(maxsize=8192)
def _decided(condition: Condition, parts: tuple[Part, ...]) -> bool:
    """The answer of a condition. Remembered, since one situation comes up in many episodes and forks."""
    values: dict[str, Json] = {}
    for (name, wanted), part in zip(condition.wanted.items(), parts, strict=True):
        if isinstance(part, bytes):
            values[name] = from_json(part)
        else:
            values[name] = picked({toolkit: state.value for toolkit, state in part}, wanted)
    return condition.execute(values)


@lru_cache(maxsize=16384)
def compile_check(source: str, allowed: frozenset[str]) -> Check:
    """Compile an expression that may name the variables `allowed`.

    Raises:
        BadCheck: it is not an expression, too long, too deep, or names an unknown variable or function.
    """
    # Imported here: the package brings a command-line tool of its own along, which costs half a second.
    import cel

    if len(source) > MAX_LENGTH:
        raise BadCheck(f"the expression has {len(source)} characters; at most {MAX_LENGTH} are allowed")
    if words := unreadable(source):
        raise BadCheck(f"{words} are not allowed; write plain strings")
    bare = without_strings(source)
    if (depth := macro_depth(bare)) > MAX_NESTING:
        raise BadCheck(f"macros are nested {depth} deep; at most {MAX_NESTING} are allowed")
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise BadCheck(f"not a CEL expression: {' '.join(str(error).split())}") from error
    variables = frozenset(program.variables()) - frozenset(BOUND.findall(bare))
    for name in sorted(variables - allowed):
        raise BadCheck(f"unknown variable {name!r}{nearest(name, sorted(allowed))}")
    functions = {name for name in program.functions() if IDENTIFIER.fullmatch(name)}
    for name in sorted(functions - BUILTINS - FUNCTIONS.keys()):
        raise BadCheck(f"unknown function {name!r}{nearest(name, sorted(BUILTINS | FUNCTIONS.keys()))}")
    parts = conjuncts(source)
    cheap_first = sorted(parts, key=_price)
    conditions = [
        _condition(part, variables, program if len(parts) == 1 else cel.compile(part)) for part in cheap_first
    ]
    return Check(source, tuple(conditions), guard_of(source, bare) if "action" in variables else None)


def _price(source: str) -> int:
    """How dear a condition is, roughly: a regular expression is compiled each time, a world has to be converted."""
    bare = without_strings(source)
    return 2 * (".matches(" in bare) + ("before" in bare or "after" in bare)


def _condition(source: str, variables: frozenset[str], program: Any) -> Condition:
    named = variables & set(program.variables())
    return Condition({name: wanted_of(source, name) for name in sorted(named)}, program, term_of(source))
