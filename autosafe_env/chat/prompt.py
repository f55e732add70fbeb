"""Prompts: a Markdown file beside the code that uses it, with `$names` to fill in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template


@dataclass(frozen=True)
class Prompt:
    """One prompt template. What is filled in is never read as a template again."""

    template: Template
    digest: str
    """SHA-256 of the file, which logs keep beside each call."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it asks for."""
        return tuple(self.template.get_identifiers())

    def render(self, **texts: str) -> str:
        """The prompt with every name filled in.

        Raises:
            KeyError: a name of the template is not given.
            ValueError: the template has a stray `$`.
        """
        return self.template.substitute(texts)


@cache
def prompt_beside(file: str, stem: str = "") -> Prompt:
    """The prompt beside a module: `prompt_beside(__file__)` reads `llm.md` for `llm.py`.

    Args:
        file: the module's `__file__`.
        stem: of another prompt in the same folder; empty for the module's own.
    """
    path = Path(file).with_suffix(".md") if not stem else Path(file).with_name(f"{stem}.md")
    data = path.read_bytes()
    return Prompt(Template(data.decode("utf-8")), hashlib.sha256(data).hexdigest())
