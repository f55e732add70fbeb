"""Connections to one server, kept open and lent to one call at a time.

The standard library's client takes half the processor time that larger ones take for a call, and with hundreds of
episodes at once that time is what a run waits for. Proxies and redirects are not followed.
"""

from __future__ import annotations

import http.client
import select
import ssl
import weakref
from collections import deque
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

MOST_IDLE = 1024
"""Connections that are kept for later; more are made when more threads ask."""


class NoConnection(OSError):
    """No connection can be made; the message says why."""


class Connections:
    """All connections to one server. Safe to use from many threads.

    Args:
        url: where to post.
        connecting: the most seconds for making a connection.
        waiting: the most seconds between two signs of life from the server.
    """

    def __init__(self, url: str, connecting: float, waiting: float) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path
        self._connecting, self._waiting = connecting, waiting
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[http.client.HTTPConnection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers of the answer.

        Raises:
            NoConnection: no connection can be made.
            TimeoutError: no sign of life in time.
            OSError, http.client.HTTPException: the connection was lost, or what came over it is no HTTP.
        """
        connection = self._lent()
        kept = False
        try:
            connection.request("POST", self._path, body, dict(headers))
            response = connection.getresponse()
            # Its names are found in any case, which no dict would do.
            answer = response.status, response.read(), cast("Mapping[str, str]", response.headers)
            kept = not response.will_close and len(self._idle) < MOST_IDLE
        finally:
            if not kept:
                connection.close()
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
