"""Connections to one server, kept open and lent to one call at a time.

With hundreds of episodes at once, the processor time of a call is what a run waits for. Sockets and a parser in C take
less of it than the standard library's client does, and that one takes half of what larger ones take. Proxies and
redirects are not followed.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
import weakref
from collections import deque
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

import httptools

MOST_IDLE = 1024
"""Connections that are kept for later; more are made when more threads ask."""
MOST_BYTES = 64 << 20
"""The most of one answer that is read."""
AT_ONCE = 1 << 16
"""Bytes that are read at once."""
FINAL = 200
"""The lowest status of an answer that is not followed by another."""
PATH = "/%:@!$&'()*+,;=~"
"""What a path holds beside letters, digits, dots, dashes and underscores."""


class NoConnection(OSError):
    """No connection can be made; the message says why."""


class NotHttp(Exception):
    """What came back is no whole HTTP answer; the message says why."""


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


class _Answer:
    """One answer, told by the parser as it comes."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: dict[str, str] = {}
        """Names in lower case."""
        self.parts: list[bytes] = []
        self.whole = self.kept = False
        """Whether the answer is whole, and whether the connection may be used again."""

    def on_message_begin(self) -> None:
        if self.whole:
            raise ValueError("there is more than one answer")  # which ends the reading

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        self.parts.append(data)

    def on_message_complete(self) -> None:
        if self.status < FINAL:  # the server has only said that it goes on
            self.status, self.headers = 0, {}
            return
        self.whole, self.kept = True, self.parser.should_keep_alive()

    def read(self, sock: socket.socket, waiting: float, whole: float) -> None:
        """Read until the answer is whole. Raises as `Connections.post` does."""
        watch = Watch(whole)
        while not self.whole:
            left = watch.seconds()
            if left < waiting:
                sock.settimeout(left)
            try:
                data = sock.recv(AT_ONCE)
            except TimeoutError as error:
                raise (TooSlow if left < waiting else TimeoutError)(str(error)) from error
            watch.saw(len(data))
            if data:
                self._feed(data)
            else:
                self._end()
            announced = self.headers.get("content-length", "")
            if announced.isdecimal() and int(announced[:20]) > MOST_BYTES:
                raise TooLarge

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.whole:
                raise NotHttp(f"what came is no HTTP ({error})") from error
            self.kept = False  # there is more than one answer, or it is followed by something else

    def _end(self) -> None:
        """The server has hung up, which ends an answer that did not say how long it is."""
        if not self.status or self.headers.keys() & {"content-length", "transfer-encoding"}:
            raise NotHttp("the server hung up before the end of its answer")
        self.whole = True


class Connections:
    """All connections to one server. Safe to use from many threads.

    Args:
        url: where to post.
        headers: what stands in every request, beside its length.
        connecting: the most seconds for making a connection.
        waiting: the most seconds between two signs of life from the server.
        whole: the most seconds that an answer may take.
    """

    def __init__(self, url: str, headers: Mapping[str, str], connecting: float, waiting: float, whole: float) -> None:
        parts = urlsplit(url)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._host, self._port = parts.hostname or "", parts.port or (443 if self._tls else 80)
        self._connecting, self._waiting, self._whole = connecting, waiting, whole
        self._head = _head(parts, headers)
        self._idle: deque[socket.socket] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers of the answer; the names of headers are in lower case.

        Args:
            body: what is sent.
            headers: beside those of every request; ASCII without line breaks.

        Raises:
            NoConnection: no connection can be made.
            TimeoutError: no sign of life in time.
            TooSlow, TooLarge: the answer has begun, and does not come to an end.
            NotHttp, OSError: what came is no whole HTTP answer, or the connection was lost.
        """
        own = "".join([f"{name}: {value}\r\n" for name, value in headers.items()]).encode("ascii")
        sock = self._lent()
        answer = _Answer()
        kept = False
        try:
            sock.sendall(b"%bContent-Length: %d\r\n%b\r\n%b" % (self._head, len(body), own, body))
            answer.read(sock, self._waiting, self._whole)
            kept = answer.kept and len(self._idle) < MOST_IDLE
        finally:
            if not kept:
                sock.close()
        if kept:
            self._idle.append(sock)
        return answer.status, b"".join(answer.parts), answer.headers

    def _lent(self) -> socket.socket:
        """A connection that nobody else uses: the one used last, or a new one."""
        while self._idle:
            try:
                sock = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if _is_open(sock):
                if sock.gettimeout() != self._waiting:  # the end of a long answer was waited for
                    sock.settimeout(self._waiting)
                return sock
            sock.close()
        return self._new()

    def _new(self) -> socket.socket:
        try:
            sock = socket.create_connection((self._host, self._port), self._connecting)
        except TimeoutError as error:
            raise NoConnection("it takes too long") from error
        except (OSError, UnicodeError) as error:  # a host name that no resolver takes is a UnicodeError
            raise NoConnection(str(error)) from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_hostname=self._host)
        except (OSError, ValueError) as error:
            sock.close()
            raise NoConnection("it takes too long" if isinstance(error, TimeoutError) else str(error)) from error
        sock.settimeout(self._waiting)
        return sock


def _head(parts: SplitResult, headers: Mapping[str, str]) -> bytes:
    """The lines with which each request begins."""
    host = parts.hostname or ""
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:  # then no connection is made either
        name = ""
    name = f"[{name}]" if ":" in name else name
    port = "" if parts.port is None else f":{parts.port}"
    first = {"Host": name + port, "Accept-Encoding": "identity", **headers}
    lines = [f"POST {quote(parts.path or '/', PATH)} HTTP/1.1", *(f"{key}: {value}" for key, value in first.items())]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _is_open(sock: socket.socket) -> bool:
    """Whether the server has not hung up meanwhile: an idle connection with something to read has ended."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return not poll.poll(0)


def _close_all(idle: deque[socket.socket]) -> None:
    while idle:
        idle.pop().close()
