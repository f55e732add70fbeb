"""Where a model is served, and the name of the variable that holds the key to it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from autosafe_env.core.codec import storable_text
from autosafe_env.errors import ConfigError

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SHORTEST_KEY = 8
"""Characters. What is shorter is a word that local servers take for a key, and no secret."""
MOST_SAID = 500
"""Characters of a server's text that stand in an error."""


@dataclass(frozen=True)
class Endpoint:
    """One model at one server. The key is in none of its fields.

    Raises:
        ConfigError: there is no model, the base URL is none, or holds a password, or the key itself is given where the
            name of its variable belongs.
    """

    model: str
    base_url: str
    """Such as `https://api.openai.com/v1`."""
    api_key_env: str
    """Name of the environment variable that holds the key; empty for servers that take none."""

    def __post_init__(self) -> None:
        if not self.model or not isinstance(self.model, str):
            raise ConfigError("give the name of the model, as its server knows it")
        try:
            parts = urlsplit(self.base_url)
            known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 0) >= 0
        except ValueError:
            known = False
        if not known:
            raise ConfigError(
                "base_url begins with http:// or https:// and names a host, such as http://127.0.0.1:8000/v1"
            )
        if parts.username is not None or parts.query or parts.fragment:
            raise ConfigError("base_url holds neither a user nor a query: they might be secret, and URLs are shown")
        if self.api_key_env and not VARIABLE.fullmatch(self.api_key_env):
            raise ConfigError("api_key_env is the name of an environment variable, not the key itself")

    @property
    def url(self) -> str:
        """Where chat completions are asked for."""
        return self.base_url.rstrip("/") + "/chat/completions"

    def key(self) -> str:
        """The key, as the environment has it now; empty when there is none.

        Raises:
            ConfigError: it holds characters that no header may.
        """
        key = os.environ.get(self.api_key_env, "").strip() if self.api_key_env else ""
        if not (key.isascii() and key.isprintable()):
            raise ConfigError(f"the key in {self.api_key_env} holds characters that no key has, such as a line break")
        return key

    def __str__(self) -> str:
        return f"{self.model!r} at {self.url}"

    @property
    def keys(self) -> str:
        """What is sent to prove who asks, in words."""
        if not self.api_key_env:
            return "requests without a key, and no variable is named that holds one"
        if not self.key():
            return f"requests without a key: {self.api_key_env} is not set"
        return f"the key in {self.api_key_env}"

    def said(self, text: str) -> str:
        """What a server said, fit for an error: on one line, not too long, without the key."""
        key = os.environ.get(self.api_key_env, "").strip() if self.api_key_env else ""
        return said(text, [key])


def said(text: str, keys: Iterable[str]) -> str:
    """Foreign text fit for an error: on one line, not too long, without the keys."""
    for key in keys:
        if len(key) >= SHORTEST_KEY:
            text = text.replace(key, "***")
    text = " ".join(storable_text(text).split())
    return text if len(text) <= MOST_SAID else text[:MOST_SAID] + " ..."
