"""What a CEL expression reads of each variable, told from its text, so that nothing else need be converted for it.

The CEL package takes one to six microseconds to convert each leaf of a value, more than all else in a check. What is
not understood here counts as read whole, so that leaving out never changes an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autosafe_env.core.cel_text import CLOSING, IDENTIFIER, MAX_NESTING, OPENING, TOKEN
from autosafe_env.types.base import Json, texts

Wanted = dict[str, Any] | None
"""What is read of a value: field to what is read of that; None when it may be read whole. Beside fields:
`*`: each item that a macro or `in` goes through: the items of a list, the keys of a map;
`[]`: any item of a list, or any value of a map, found by an index;
`#`: how many there are;
`$`: all texts in it, as one."""
MARKS = frozenset({"*", "[]", "#", "$"})

EACH = frozenset({"all", "exists", "exists_one"})
"""Macros that look at each item and bind a name to it. What `filter` and `map` yield is looked at elsewhere, so what
they run over counts as read whole."""
WORDS = frozenset({"true", "false", "null", "in"})
Path = tuple[str, ...]


def wanted_of(source: str, variable: str) -> Wanted:
    """What an expression reads of a variable."""
    bound, uses = _uses(TOKEN.findall(source))
    paths = {path[1:] for use in uses for path in _spelled(use, bound) if path[0] == variable}
    for path in list(paths):  # a value read both for its text and for a part of it is needed whole
        if path[-1:] == ("$",) and any(other != path and other[: len(path) - 1] == path[:-1] for other in paths):
            paths.add(path[:-1])
    return _tree(paths)


def picked(value: Json, wanted: Wanted) -> Json:
    """Only what is wanted of a value; what is not there is left out, what is only counted stands as None."""
    if wanted is None:
        return value
    if "$" in wanted:
        return "\n".join(texts(value))
    if isinstance(value, list | tuple):
        return [picked(item, wanted["*"]) for item in value] if "*" in wanted else [None] * len(value)
    if not isinstance(value, dict):
        return value
    fields = wanted.keys() - MARKS
    if "[]" in wanted:
        return value if fields else {key: picked(item, wanted["[]"]) for key, item in value.items()}
    some = {key: picked(value[key], wanted[key]) for key in fields if key in value}
    return some if len(fields) == len(wanted) else {**dict.fromkeys(value), **some}


def _uses(tokens: Sequence[str]) -> tuple[dict[str, set[Path]], list[Path]]:
    """Names that macros bind, to what each macro runs over; and every use of a name, as a path from it."""
    bound: dict[str, set[Path]] = {}
    uses = []
    for index, token in enumerate(tokens):
        before, after = tokens[max(0, index - 1) : index], tokens[index + 1 : index + 2]
        if IDENTIFIER.fullmatch(token) is None or token in WORDS or before == ["."] or after == ["("]:
            continue
        if after == [","] and before == ["("] and tokens[max(0, index - 2)] in EACH:
            continue  # a name being bound
        path, end = _chain(tokens, index)
        if item := _item(tokens, end):
            bound.setdefault(item, set()).add(path)
            uses.append((*path, "#"))
        else:
            uses.append((*path, *_mark(tokens, index, end)))
    return bound, uses


def _chain(tokens: Sequence[str], start: int) -> tuple[Path, int]:
    """The fields and indices read from the name at `start` on, and where they end: a method called is no field."""
    path, at = [tokens[start]], start + 1
    while at + 1 < len(tokens):
        if tokens[at] == "." and IDENTIFIER.fullmatch(tokens[at + 1]) and tokens[at + 2 : at + 3] != ["("]:
            path.append(tokens[at + 1])
            at += 2
        elif tokens[at] == "[":
            close = _closing(tokens, at)
            path.append(_key(tokens[at + 1 : close]))
            at = close + 1
        else:
            break
    return tuple(path), at


def _key(index: Sequence[str]) -> str:
    """The one key that an index reads, where it says so itself; else the mark for any."""
    if len(index) == 1 and index[0][0] in "\"'" and "\\" not in index[0] and index[0][1:-1] not in MARKS:
        return index[0][1:-1]
    return "[]"


def _closing(tokens: Sequence[str], opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += (tokens[at] in OPENING) - (tokens[at] in CLOSING)
        if depth == 0:
            return at
    return len(tokens)


def _item(tokens: Sequence[str], end: int) -> str:
    """The name that a macro which follows at `end` binds to each item; empty where none follows."""
    match tokens[end : end + 5]:
        case [".", macro, "(", item, ","] if macro in EACH:
            return item
    return ""


def _mark(tokens: Sequence[str], start: int, end: int) -> Path:
    """What is asked of the value that stands from `start` to `end`, where that is less than all."""
    before, after = list(tokens[max(0, start - 2) : start]), list(tokens[end : end + 4])
    if before[-1:] == ["in"]:
        return ("*",)
    if (before == ["size", "("] and after[:1] == [")"]) or after == [".", "size", "(", ")"]:
        return ("#",)
    if before == ["mentions", "("] and after[:1] == [","]:
        return ("$",)
    return ()


def _tree(paths: set[Path]) -> Wanted:
    """The paths as a tree; a path that ends where another goes on wins."""
    if () in paths:
        return None
    heads = sorted({path[0] for path in paths})
    tree = {head: _tree({path[1:] for path in paths if path[0] == head}) for head in heads}
    if "[]" in tree:  # a list is read by index and by macros alike
        tree["*"] = _tree({path[1:] for path in paths if path[0] in ("*", "[]")})
    return tree


def _spelled(path: Path, bound: dict[str, set[Path]], depth: int = 0) -> set[Path]:
    """A path with the name that a macro bound replaced by what the macro runs over."""
    if path[0] not in bound or depth > MAX_NESTING:
        return {path}
    outer = {whole for source in bound[path[0]] for whole in _spelled(source, bound, depth + 1)}
    return {(*whole, "*", *path[1:]) for whole in outer}
