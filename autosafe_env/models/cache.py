"""A model that is asked each request once: the answers are kept in a file."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from pydantic import ValidationError

from autosafe_env.chat.ask import chat_model
from autosafe_env.errors import ConfigError
from autosafe_env.protocols import ChatModel
from autosafe_env.types.base import Json
from autosafe_env.types.chat import ChatRequest, Completion

PATIENCE = 30.0
"""Seconds to wait for another process that writes."""
TABLE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, completion TEXT NOT NULL) WITHOUT ROWID"


class CachedModel:
    """Answers a request from the file when it was answered before, by whichever run, thread or process.

    Equal requests to models of equal name share one answer, by design, with the usage of the call that it cost: to have
    several answers to one prompt, give the requests different seeds, or use no cache. Only answers are kept, never
    failures. Where the file cannot be read or written any more, calls go on without it.

    Args:
        inner: the model that is asked, or its configuration.
        path: of the file, made when it is not there; `:memory:` for none.

    Raises:
        ConfigError: the file cannot be made, or is something else.
    """

    def __init__(self, inner: ChatModel | str | Mapping[str, Json], path: str | Path) -> None:
        self.inner = chat_model(inner)
        self._lock = threading.Lock()  # sqlite lets one write at a time anyway, and a look-up takes microseconds
        self._connection = _opened(str(path))
        self._close = weakref.finalize(self, self._connection.close)

    @property
    def name(self) -> str:
        """That of the inner model."""
        return self.inner.name

    def complete(self, request: ChatRequest) -> Completion:
        """The kept answer, or else the inner model's, which is then kept.

        Raises:
            ModelError: as the inner model does.
        """
        key = f"{request.digest} {self.inner.name}"
        kept = self._kept(key)
        if kept is not None:
            return kept
        return self._keep(key, self.inner.complete(request))

    def close(self) -> None:
        """Close the file; calls go on without it."""
        with self._lock:
            self._close()

    def _kept(self, key: str) -> Completion | None:
        try:
            with self._lock:
                row = self._connection.execute("SELECT completion FROM answers WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:
            return None
        try:
            return None if row is None else Completion.model_validate_json(row[0])
        except ValidationError:
            return None

    def _keep(self, key: str, completion: Completion) -> Completion:
        """Keep an answer, and give the one that is kept: another thread may have been faster."""
        try:
            with self._lock, self._connection:
                row = (key, completion.model_dump_json())
                cursor = self._connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", row)
        except sqlite3.Error:
            return completion
        return completion if cursor.rowcount else self._kept(key) or completion


def _opened(path: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
    except sqlite3.Error as error:
        raise ConfigError(f"the cache {path} cannot be opened: {error}") from error
    try:
        with connection:
            # readers and the writer do not wait for each other, and a crash loses the last answers at most
            with closing(connection.execute("PRAGMA journal_mode = WAL")) as cursor:
                cursor.fetchone()
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(TABLE)
            connection.execute("SELECT key, completion FROM answers LIMIT 1")
    except sqlite3.Error as error:
        connection.close()
        raise ConfigError(f"{path} is no cache of answers: {error}") from error
    return connection


MODEL = CachedModel
