"""Appending episodes to a run's log: one writer, whole episodes, on disk before they count."""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import threading
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from autosafe_env.errors import RunError
from autosafe_env.record.log import Header, decode_line, encode_episode
from autosafe_env.types.events import Event

EVENTS = "events.jsonl"
LOCK = "run.lock"
GATHER = 0.02
"""Seconds in which episodes gather before they are written and synced together: at most so much is lost with the power
that would have been kept by a sync for each."""


class TornLog(UserWarning):
    """A part of a log could not be read and was left out."""


class LineSink:
    """The one writer of a file of a run folder. Use it as a context manager; `put` is safe from many threads.

    A thread of its own writes and syncs, so that players do not wait for the disk; blocks that arrive while it syncs
    are synced together. When `close` returns, all that was put is on disk.

    Args:
        folder: an existing run folder.
        name: of the file.
        lock: name of the file whose lock says that somebody is writing.
        header: the form of the headers in the file.

    Raises:
        RunError: another process is writing, or the file cannot be.
    """

    def __init__(self, folder: Path, name: str, lock: str, header: type[Header] = Header) -> None:
        self._lock = locked(folder, lock)
        self.folder, path = folder, folder / name
        try:
            drop_torn_tail(path, header)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            self._lock.close()
            raise RunError(f"{path} cannot be written: {error.strerror}") from error
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._write_all, name="autosafe-sink", daemon=True)
        self._thread.start()

    def put(self, block: bytes) -> None:
        """Add whole episodes: all of them, or none.

        Raises:
            RunError: an earlier write failed; the disk may be full.
        """
        self._raise_failure()
        self._queue.put(block)

    def close(self) -> None:
        """Wait until everything is on disk, then let go of the folder. Raises RunError when a write failed."""
        if self._file.closed:
            return
        self._queue.put(None)
        self._thread.join()
        self._file.close()
        self._lock.close()
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise RunError(f"the log cannot be written: {self._failure.strerror}") from self._failure

    def _write_all(self) -> None:
        over = False
        while not over:
            blocks = [self._queue.get()]
            time.sleep(GATHER)
            while not self._queue.empty():
                blocks.append(self._queue.get())
            over = None in blocks
            if self._failure is None:
                self._write(b"".join(block for block in blocks if block is not None))

    def _write(self, data: bytes) -> None:
        """Put whole episodes on disk, or note the failure and leave the log as it was before them."""
        size = os.fstat(self._file.fileno()).st_size
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._failure = error
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def locked(folder: Path, name: str) -> IO[str]:
    """The lock file of this name, locked until it is closed. Raises RunError when somebody else holds it."""
    try:
        file = (folder / name).open("w")
    except OSError as error:
        raise RunError(f"{folder / name} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise RunError(f"another process is writing to {folder}") from error
    return file


def must_be_idle(folder: Path) -> None:
    """Refuse to read a run's log that grows meanwhile. Raises RunError when somebody is writing to the folder."""
    if os.path.exists(folder / LOCK):  # `Path.exists` raises where one may not look
        locked(folder, LOCK).close()


class JsonlSink(LineSink):
    """The one writer of a run's log.

    Args:
        folder: an existing run folder.

    Raises:
        RunError: another process is writing to this folder.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, EVENTS, LOCK)

    def append(self, episode: str, agent: str, privileged: bool, events: Sequence[Event]) -> None:
        """Add one whole episode.

        Raises:
            RunError: an earlier write failed; the disk may be full.
        """
        header = Header(episode=episode, agent=agent, privileged=privileged, events=len(events))
        self.put(encode_episode(header, events))


def drop_torn_tail(path: Path, kind: type[Header] = Header) -> None:
    """Cut off an episode at the end of a log that was not written to its end, with a `TornLog` warning."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        whole, offset, missing = 0, 0, 0
        for line in file:
            announced = events_announced(line, kind)
            if announced is not None:
                missing = announced
            elif missing and line.endswith(b"\n"):
                missing -= 1
            offset += len(line)
            if not missing and line.endswith(b"\n"):
                whole = offset
        if whole < offset:
            file.truncate(whole)
            message = f"{path}: the last episode was not written to its end ({offset - whole} bytes) and is dropped"
            warnings.warn(message, TornLog, stacklevel=3)


def events_announced(line: bytes, kind: type[Header] = Header) -> int | None:
    """How many events follow, if the line is a whole header; None otherwise."""
    if not line.startswith(b'{"line":"episode"'):
        return None
    try:
        header = decode_line(line, kind)
    except ValueError:
        return None
    return header.events if isinstance(header, Header) else None
