"""The syntax tree of a CEL expression, of those forms that nearly all checks are made of.

The CEL package does not show its own. An expression with a form that is not known here has no tree, and is left to the
package. Only for expressions that compile: what is no CEL may have a tree, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from autosafe_env.core.cel_text import CLOSING, IDENTIFIER, OPENING, TOKEN

Tree = tuple[Any, ...]
"""The name of a form, then its parts."""

MOST_TOKENS, MOST_BRACKETS = 300, 20
"""In an expression that has a tree, and inside one another: bounds on its depth, since Python's stack has one."""
END = ""
WORDS = {"true": True, "false": False, "null": None}
ESCAPED = re.compile(r"\\(.)")
ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t", "r": "\r"}
RELATIONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
METHODS = {"size": 1, "contains": 2, "startsWith": 2, "endsWith": 2, "matches": 2}
"""What may be called on a value, to how many values it takes, that one included."""
FUNCTIONS = {"size": 1, "mentions": 2}


class Unknown(Exception):
    """The expression has a form that is not known here."""


def tree_of(source: str) -> Tree:
    """The tree of an expression that compiles. Raises Unknown."""
    tokens = TOKEN.findall(source)
    depths = accumulate((token in OPENING) - (token in CLOSING) for token in tokens)
    if len(tokens) > MOST_TOKENS or max(depths, default=0) > MOST_BRACKETS:
        raise Unknown
    parser = _Parser(tokens)
    tree = parser.choice()
    if parser.next != END:
        raise Unknown
    return tree


class _Parser:
    """Reads tokens from left to right. Each method reads one form or, without it, one that binds tighter."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = [*tokens, END]
        self.at = 0

    @property
    def next(self) -> str:
        """The first token that has not been read; `END` where all are."""
        return self.tokens[self.at]

    def take(self) -> str:
        """Read one token. Raises Unknown at the end."""
        token = self.next
        if token == END:
            raise Unknown
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        """Read this token. Raises Unknown where another stands."""
        if self.take() != token:
            raise Unknown

    def choice(self) -> Tree:
        """`a ? b : c`."""
        condition = self.chain("or", "||", self.conjunction)
        if self.next != "?":
            return condition
        self.take()
        yes = self.choice()
        self.expect(":")
        return ("choice", condition, yes, self.choice())

    def conjunction(self) -> Tree:
        """`a && b`."""
        return self.chain("and", "&&", self.relation)

    def chain(self, form: str, mark: str, part: Callable[[], Tree]) -> Tree:
        """Parts with a mark between them."""
        parts = [part()]
        while self.next == mark:
            self.take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else (form, *parts)

    def relation(self) -> Tree:
        """`a == b`, `a in b` and the like."""
        left = self.sum()
        while self.next in RELATIONS:
            left = ("relation", self.take(), left, self.sum())
        return left

    def sum(self) -> Tree:
        """`a + b`, `a - b`. Products are not known."""
        left = self.unary()
        while self.next in ("+", "-"):
            left = ("sum", self.take(), left, self.unary())
        return left

    def unary(self) -> Tree:
        """`!a`, `-a`."""
        if self.next in ("!", "-"):
            return ("not" if self.take() == "!" else "minus", self.unary())
        return self.member()

    def member(self) -> Tree:
        """`a.b`, `a[b]`, `a.method(b)`."""
        tree = self.primary()
        while self.next in (".", "["):
            if self.take() == "[":
                tree = ("item", tree, self.choice())
                self.expect("]")
            else:
                name = self.name()
                tree = self.method(tree, name) if self.next == "(" else ("item", tree, ("constant", name))
        return tree

    def method(self, subject: Tree, name: str) -> Tree:
        """What is called on a value, from the bracket on."""
        if name not in MACROS:
            return self.call(name, METHODS, [subject])
        self.take()
        bound = self.name()
        self.expect(",")
        body = self.choice()
        self.expect(")")
        return ("macro", name, subject, bound, body)

    def call(self, name: str, known: dict[str, int], values: list[Tree]) -> Tree:
        """What is called with some values, from the bracket on."""
        values += self.listed(")")
        if name == "has" and len(values) == 1 and values[0][0] == "item":
            return ("has", *values[0][1:])
        if known.get(name) != len(values):
            raise Unknown
        return ("call", name, *values)

    def listed(self, closing: str) -> list[Tree]:
        """What stands between brackets, with commas."""
        self.take()
        found: list[Tree] = []
        while self.next != closing:
            if found:
                self.expect(",")
            found.append(self.choice())
        self.take()
        return found

    def primary(self) -> Tree:
        """A literal, a name, a function, a list or anything in brackets."""
        if self.next == "[":
            return ("list", *self.listed("]"))
        if self.next == "(":
            self.take()
            tree = self.choice()
            self.expect(")")
            return tree
        if self.next in WORDS:
            return ("constant", WORDS[self.take()])
        if self.next[:1] in ("'", '"') or self.next[:1].isdigit():
            return ("constant", _literal(self.take()))
        name = self.name()
        return self.call(name, FUNCTIONS, []) if self.next == "(" else ("name", name)

    def name(self) -> str:
        """A name."""
        token = self.take()
        if IDENTIFIER.fullmatch(token) is None:
            raise Unknown
        return token


def _literal(token: str) -> str | int | float:
    if token[0].isdigit():
        if token.endswith("u"):
            raise Unknown
        return int(token) if token.isdigit() else float(token)
    return ESCAPED.sub(_unescaped, token[1:-1])


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] not in ESCAPES:
        raise Unknown
    return ESCAPES[escape[1]]
