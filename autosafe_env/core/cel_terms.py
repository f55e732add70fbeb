"""Expressions that are decided in Python, as the CEL package would, without converting a value for it.

The package takes microseconds to convert each leaf of a value and compiles a regular expression each time it is used,
which is more than all else in a check. What is not plain here, errors above all, is `Unsure`: the package has to say.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from autosafe_env.core.cel_tree import Tree, Unknown, tree_of
from autosafe_env.core.mentions import mentions
from autosafe_env.types.base import Json, texts

Scope = dict[str, Json]
"""Name of a variable to its value."""
Term = Callable[[Scope], Json]
JSON = frozenset({dict, list, str, int, float, bool, type(None)})
"""Types of JSON values. A subclass, such as an enumeration, is none."""
EXACT = 2**53
"""Whole numbers below it mean the same to Python and to CEL, also where they meet fractions."""
UNORDERED = frozenset({"all", "exists", "exists_one"})
"""Macros that run over the keys of a map, too. Of the others CEL's answer is in no certain order."""
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Unsure(Exception):
    """Only the CEL package can tell."""


UNSURE = (Unsure, LookupError, TypeError, ValueError)
"""What a term raises where the CEL package has to say."""


def term_of(source: str) -> Term | None:
    """What gives the value of an expression that compiles; None where it has a form that is not known here."""
    try:
        return _term(tree_of(source))
    except Unknown:
        return None


def _term(tree: Tree) -> Term:
    form, *parts = tree
    return FORMS[form](*parts)


def _constant(value: Json) -> Term:
    return lambda _scope: value


def _item(of: Tree, key: Tree) -> Term:
    whole, place = _term(of), _term(key)

    def item(scope: Scope) -> Json:
        value, at = whole(scope), place(scope)
        if type(value) is dict and type(at) is str:
            return value[at]
        if type(value) is list and type(at) is int and at >= 0:
            return value[at]
        raise Unsure

    return item


def _has(of: Tree, key: Tree) -> Term:
    whole, place = _term(of), _term(key)

    def has(scope: Scope) -> bool:
        value = whole(scope)
        if type(value) is not dict:
            raise Unsure
        return place(scope) in value

    return has


def _list(*items: Tree) -> Term:
    terms = [_term(item) for item in items]
    return lambda scope: [term(scope) for term in terms]


def _truth(value: Json) -> bool:
    if value is True or value is False:
        return value
    raise Unsure


def _chain(decisive: bool, *parts: Tree) -> Term:
    """The first part that is `decisive` decides; what follows is not looked at, as in CEL."""
    terms = [_term(part) for part in parts]

    def chain(scope: Scope) -> bool:
        for term in terms:
            if _truth(term(scope)) is decisive:
                return decisive
        return not decisive

    return chain


def _not(part: Tree) -> Term:
    term = _term(part)
    return lambda scope: not _truth(term(scope))


def _choice(condition: Tree, yes: Tree, no: Tree) -> Term:
    first, then, otherwise = _term(condition), _term(yes), _term(no)
    return lambda scope: then(scope) if _truth(first(scope)) else otherwise(scope)


def _minus(part: Tree) -> Term:
    term = _term(part)
    return lambda scope: -_number(term(scope))


def _number(value: Json) -> int | float:
    if type(value) is float or (type(value) is int and -EXACT < value < EXACT):
        return value
    raise Unsure


def _sum(mark: str, left: Tree, right: Tree) -> Term:
    one, other = _term(left), _term(right)

    def total(scope: Scope) -> Json:
        first, second = one(scope), other(scope)
        if type(first) is not type(second):
            raise Unsure
        if mark == "-":
            return _number(first) - _number(second)
        return first + second if type(first) in (str, list) else _number(first) + _number(second)

    return total


def _relation(mark: str, left: Tree, right: Tree) -> Term:
    one, other = _term(left), _term(right)
    if mark == "==":
        return lambda scope: _equal(one(scope), other(scope))
    if mark == "!=":
        return lambda scope: not _equal(one(scope), other(scope))
    if mark == "in":
        return lambda scope: _within(one(scope), other(scope))
    compare = ORDERS[mark]

    def ordered(scope: Scope) -> bool:
        first, second = one(scope), other(scope)
        if type(first) is str and type(second) is str:
            return compare(_text(first), _text(second))
        return compare(_number(first), _number(second))

    return ordered


def _text(value: Json) -> str:
    """A text, known to be Unicode: any other cannot be given to CEL at all."""
    if type(value) is not str:
        raise Unsure
    if not value.isascii():
        value.encode()
    return value


def _equal(one: Json, other: Json) -> bool:
    kind = type(one)
    if kind is not type(other):
        if not {kind, type(other)} <= JSON:
            raise Unsure
        return {kind, type(other)} == {int, float} and _number(one) == _number(other)
    if kind is str:
        return _text(one) == _text(other)
    if one is other:
        return True
    if kind is dict:
        return len(one) == len(other) and all(key in other and _equal(one[key], other[key]) for key in one)
    if kind is list:
        return len(one) == len(other) and all(map(_equal, one, other))
    return one == other if kind in (bool, type(None)) else _number(one) == _number(other)


def _within(one: Json, other: Json) -> bool:
    if type(other) is dict:
        return _text(one) in other
    if type(other) is list:
        return any(_equal(one, each) for each in other)
    raise Unsure


def _call(name: str, *values: Tree) -> Term:
    if name == "matches":
        return _matches(*values)
    call = CALLS[name]
    if len(values) == 1:
        only = _term(values[0])
        return lambda scope: call(only(scope))
    first, second = map(_term, values)
    return lambda scope: call(first(scope), second(scope))


def _size(value: Json) -> int:
    if type(value) is str:
        return len(value.encode())
    if type(value) in (dict, list):
        return len(value)
    raise Unsure


def _mentions(value: Json, needle: Json) -> bool:
    return mentions(_text(value if type(value) is str else "\n".join(texts(value))), needle)


def _matches(subject: Tree, pattern: Tree) -> Term:
    """Whether a regular expression is found in a text. Pydantic has the engine of the CEL package: linear in time."""
    if pattern[0] != "constant" or type(pattern[1]) is not str:
        raise Unknown
    try:
        found = SchemaValidator(core_schema.str_schema(pattern=pattern[1], strict=True)).isinstance_python
    except SchemaError as error:
        raise Unknown from error
    term = _term(subject)
    return lambda scope: found(_text(term(scope)))


def _macro(name: str, over: Tree, bound: str, body: Tree) -> Term:
    items, each, run = _term(over), _term(body), MACROS[name]

    def macro(scope: Scope) -> Json:
        value, inner = items(scope), {**scope}
        if type(value) is not list and (type(value) is not dict or name not in UNORDERED):
            raise Unsure

        def of(item: Json) -> Json:
            inner[bound] = item
            return each(inner)

        return run(of, value)

    return macro


MACROS: dict[str, Callable[[Term, Any], Json]] = {
    "all": lambda of, items: all(_truth(of(item)) for item in items),
    "exists": lambda of, items: any(_truth(of(item)) for item in items),
    "exists_one": lambda of, items: sum(_truth(of(item)) for item in items) == 1,
    "filter": lambda of, items: [item for item in items if _truth(of(item))],
    "map": lambda of, items: [of(item) for item in items],
}
CALLS: dict[str, Callable[..., Json]] = {
    "size": _size,
    "mentions": _mentions,
    "contains": lambda text, part: _text(part) in _text(text),
    "startsWith": lambda text, part: _text(text).startswith(_text(part)),
    "endsWith": lambda text, part: _text(text).endswith(_text(part)),
}
FORMS: dict[str, Callable[..., Term]] = {
    "constant": _constant,
    "name": operator.itemgetter,
    "item": _item,
    "has": _has,
    "list": _list,
    "and": partial(_chain, False),
    "or": partial(_chain, True),
    "not": _not,
    "choice": _choice,
    "minus": _minus,
    "sum": _sum,
    "relation": _relation,
    "call": _call,
    "macro": _macro,
}
