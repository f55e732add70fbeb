"""JSON pointers and patches over plain JSON, without changing anything in place.

What a patch does not touch is shared between the value before and the value after.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autosafe_env.types.base import Json
from autosafe_env.types.events import PatchOp


def parse_pointer(pointer: str) -> list[str]:
    """The keys of a JSON pointer (RFC 6901). Raises ValueError when it does not begin with `/`."""
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer begins with '/': {pointer!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def format_pointer(keys: Iterable[str | int]) -> str:
    """The JSON pointer of some keys. Inverse of `parse_pointer`."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def resolve(value: Json, pointer: str) -> Json:
    """What stands at `pointer`. Raises KeyError naming the first key that leads nowhere."""
    for key in parse_pointer(pointer):
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise KeyError(key)
    return value


def diff(before: Json, after: Json, at: str = "") -> tuple[PatchOp, ...]:
    """The operations that turn `before`, which stands at the pointer `at`, into `after`.

    `apply_patch(before, diff(before, after)) == after`.
    """
    ops: list[PatchOp] = []
    if not same(before, after):
        _diff(before, after, at, ops)
    return tuple(ops)


def same(one: Json, other: Json) -> bool:
    """Equality of JSON values, which tells 1 from 1.0 and from true where Python's does not."""
    if one is other:
        return True
    if type(one) is not type(other) or one != other:
        return False
    return _alike(one, other)


def _alike(one: Json, other: Json) -> bool:
    """Whether two values that Python calls equal have parts of the same types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return all(value is other[key] or _alike(value, other[key]) for key, value in one.items())
    return all(map(_alike, one, other)) if isinstance(one, list) else True


def _diff(before: Json, after: Json, at: str, ops: list[PatchOp]) -> None:
    """Add to `ops` what turns `before` into `after`, two values that are not the same, at the pointer `at`."""
    if isinstance(before, dict) and isinstance(after, dict):
        ops += [PatchOp.made(op="remove", path=at + format_pointer((key,))) for key in before if key not in after]
        for key, value in after.items():
            if key not in before:
                ops.append(PatchOp.made(op="add", path=at + format_pointer((key,)), value=value))
            elif not same(before[key], value):
                _diff(before[key], value, at + format_pointer((key,)), ops)
    elif isinstance(before, list) and isinstance(after, list):
        _diff_lists(before, after, at, ops)
    else:
        ops.append(PatchOp.made(op="replace", path=at, value=after))


def _diff_lists(before: list[Any], after: list[Any], at: str, ops: list[PatchOp]) -> None:
    """`_diff` for lists: what is the same at both ends stays, and what lies between is paired in order."""
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if not same(before[i], after[i])), shorter)
    tail = next((i for i in range(shorter - head) if not same(before[-1 - i], after[-1 - i])), shorter - head)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    paired = min(len(old), len(new))
    for index in range(paired):
        if not same(old[index], new[index]):
            _diff(old[index], new[index], f"{at}/{head + index}", ops)
    for index in range(len(old) - 1, paired - 1, -1):
        ops.append(PatchOp.made(op="remove", path=f"{at}/{head + index}"))
    for index in range(paired, len(new)):
        ops.append(PatchOp.made(op="add", path=f"{at}/{head + index}", value=new[index]))


def apply_patch(value: Json, patch: Iterable[PatchOp]) -> Json:
    """`value` with the operations carried out in order. Raises KeyError when a path leads nowhere."""
    for op in patch:
        value = _apply(value, parse_pointer(op.path), op)
    return value


def replace_at(value: Json, pointer: str, new: Json) -> Json:
    """`value` with `new` in the place that `pointer` names, which must exist."""
    return apply_patch(value, (PatchOp(op="replace", path=pointer, value=new),))


def _apply(value: Json, keys: list[str], op: PatchOp) -> Json:
    if not keys:
        return op.value
    key, rest = keys[0], keys[1:]
    if isinstance(value, dict):
        return _apply_to_dict(value, key, rest, op)
    if isinstance(value, list) and key.isdecimal() and int(key) <= len(value):
        return _apply_to_list(value, int(key), rest, op)
    raise KeyError(op.path)


def _apply_to_dict(value: dict[str, Json], key: str, rest: list[str], op: PatchOp) -> Json:
    if key not in value and (rest or op.op != "add"):
        raise KeyError(op.path)
    if op.op == "remove" and not rest:
        return {name: item for name, item in value.items() if name != key}
    return {**value, key: _apply(value.get(key), rest, op)}


def _apply_to_list(value: list[Json], index: int, rest: list[str], op: PatchOp) -> Json:
    if not rest and op.op == "add":
        return [*value[:index], op.value, *value[index:]]
    if index == len(value):
        raise KeyError(op.path)
    if not rest and op.op == "remove":
        return value[:index] + value[index + 1 :]
    return [*value[:index], _apply(value[index], rest, op), *value[index + 1 :]]
