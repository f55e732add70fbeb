"""Connections to one server, kept open and lent to one call at a time.

The standard library's client takes half the processor time that larger ones take for a call, and with hundreds of
episodes at once that time is what a run waits for. Proxies and redirects are not followed.
"""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

MOST_IDLE = 1024
"""Connections that are kept for later; more are made when more threads ask."""
MOST_BYTES = 64 << 20
"""The most of one answer that is read."""


class NoConnection(OSError):
    """No connection can be made; the message says why."""


class TooSlow(Exception):
    """An answer has begun and takes too long."""


class TooLarge(Exception):
    """An answer is larger than any answer should be."""


class Watch:
    """Ends an answer that would go on for ever, however often it gives a sign of life.

    Args:
        seconds: the most that the answer may take from now on.
    """

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._left = MOST_BYTES

    def seconds(self) -> float:
        """What is left of the time. Raises TooSlow when nothing is."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TooSlow
        return left

    def saw(self, size: int) -> None:
        """Count so many bytes. Raises TooLarge when they are too many."""
        self._left -= size
        if self._left < 0:
            raise TooLarge


class _Watched(io.RawIOBase):
    """What comes over a socket, watched."""

    def __init__(self, sock: socket.socket, waiting: float, whole: float) -> None:
        self._sock, self._waiting = sock, waiting
        self._raw = sock.makefile("rb", buffering=0)
        self._watch = Watch(whole)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._watch.seconds()
        if left < self._waiting:
            self._sock.settimeout(left)
        try:
            size = self._raw.readinto(buffer)
        except TimeoutError as error:
            raise (TooSlow if left < self._waiting else TimeoutError)(str(error)) from error
        self._watch.saw(size or 0)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that ends."""

    def __init__(self, waiting: float, whole: float, sock: socket.socket, **options: Any) -> None:
        super().__init__(sock, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Watched(sock, waiting, whole))


class Connections:
    """All connections to one server. Safe to use from many threads.

    Args:
        url: where to post.
        connecting: the most seconds for making a connection.
        waiting: the most seconds between two signs of life from the server.
        whole: the most seconds that an answer may take.
    """

    def __init__(self, url: str, connecting: float, waiting: float, whole: float) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path
        self._connecting, self._waiting = connecting, waiting
        self._response: Any = partial(_Response, waiting, whole)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[http.client.HTTPConnection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers of the answer.

        Raises:
            NoConnection: no connection can be made.
            TimeoutError: no sign of life in time.
            TooSlow, TooLarge: the answer has begun, and does not come to an end.
            OSError, http.client.HTTPException: the connection was lost, or what came over it is no HTTP.
        """
        connection = self._lent()
        response, kept = None, False
        try:
            connection.request("POST", self._path, body, dict(headers))
            response = connection.getresponse()
            if (response.length or 0) > MOST_BYTES:  # memory would be taken for all that is announced
                raise TooLarge
            # Its names are found in any case, which no dict would do.
            answer = response.status, response.read(), cast("Mapping[str, str]", response.headers)
            kept = not response.will_close and len(self._idle) < MOST_IDLE
        finally:
            if not kept:
                connection.close()
                if response is not None:  # one that ends with its connection is the connection's no more
                    response.close()
        if kept:
            self._idle.append(connection)
        return answer

    def _lent(self) -> http.client.HTTPConnection:
        """A connection that nobody else uses: the one used last, or a new one."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if _is_open(connection):
                return connection
            connection.close()
        return self._new()

    def _new(self) -> http.client.HTTPConnection:
        if self._tls is None:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._connecting)
        else:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=self._connecting, context=self._tls
            )
        try:
            connection.connect()
        except TimeoutError as error:
            raise NoConnection("it takes too long") from error
        except (OSError, UnicodeError) as error:  # a host name that no resolver takes is a UnicodeError
            raise NoConnection(str(error)) from error
        connection.response_class = self._response
        connection.sock.settimeout(self._waiting)
        return connection


def _is_open(connection: http.client.HTTPConnection) -> bool:
    """Whether the server has not hung up meanwhile: an idle connection with something to read has ended."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)


def _close_all(idle: deque[http.client.HTTPConnection]) -> None:
    while idle:
        idle.pop().close()
