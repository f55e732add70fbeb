"""What can be told of a CEL expression from its text alone: its shape, what it reads, when it is surely false.

The CEL package compiles and evaluates; it does not show its syntax tree. What is read here only ever saves work: an
expression that these patterns do not understand is evaluated in full.
"""

from __future__ import annotations

import re

MAX_NESTING = 2
"""Macros (all, exists, exists_one, filter, map) inside one another: deeper ones take seconds on honest data."""

UNREADABLE = re.compile(
    r"""(?P<triple>\"{3}|'{3})|(?P<prefixed>(?<!\w)[rRbB]{1,2}["'])|(?P<comment>//)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
)
"""Spellings in which these patterns could not tell code from text, beside the plain strings that they can."""
STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(")
BOUND = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(\s*([A-Za-z_]\w*)\s*,")
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
TOKEN = re.compile(
    r""""(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[A-Za-z_]\w*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?u?|&&|\|\||[=!<>]=|[^\s\w]"""
)
"""Strings, names, numbers and marks: all that an expression is made of."""
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
GUARD = re.compile(
    r"""^\s*(?:action\.tool\s*==\s*["'](?P<tool>\w+)["']|["'](?P<does>\w+)["']\s+in\s+action\.does)\s*&&"""
)
"""A first condition on the tool that was called, which most steps fail."""


def guard_of(source: str, bare: str) -> tuple[str, str] | None:
    """The guard of an expression. Without an `or` or a condition anywhere, it is false wherever its first part is."""
    match = GUARD.match(source)
    if match is None or "||" in bare or "?" in bare:
        return None
    return next((field, literal) for field, literal in match.groupdict().items() if literal is not None)


def conjuncts(source: str) -> tuple[str, ...]:
    """The parts of `a && b && ...`: each alone can make the whole false. Any other is one part."""
    cuts, depth = [], 0
    for token in TOKEN.finditer(source):
        depth += (token[0] in OPENING) - (token[0] in CLOSING)
        if depth == 0 and token[0] in ("||", "?"):
            return (source,)
        if depth == 0 and token[0] == "&&":
            cuts.append(token.span())
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(source)]
    return tuple(source[start:end].strip() for start, end in zip(starts, ends, strict=True))


def unreadable(source: str) -> str:
    """What in an expression the patterns of this module cannot read, in words; empty when they can read all."""
    words = {"triple": "triple-quoted strings", "prefixed": "raw and bytes strings", "comment": "comments"}
    return next((words[match.lastgroup] for match in UNREADABLE.finditer(source) if match.lastgroup), "")


def without_strings(source: str) -> str:
    """The expression with every string literal emptied, so that patterns see code only."""
    return STRING.sub('""', source)


def macro_depth(bare: str) -> int:
    """How deep macros are nested in an expression without strings."""
    opens = {match.end() - 1 for match in MACRO.finditer(bare)}
    deepest, stack = 0, []
    for index, char in enumerate(bare):
        if char == "(":
            stack.append(index in opens)
            deepest = max(deepest, sum(stack))
        elif char == ")" and stack:
            stack.pop()
    return deepest
