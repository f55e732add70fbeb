"""What comes over a connection is read as HTTP has it, however it is cut, and nothing else is taken for an answer."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosafe_env.chat.connections import Connections, NoConnection, NotHttp

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 2\r\n\r\nhi"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n"


class Raw:
    """A server that answers each request with the next of some bytes, cut where one likes, and keeps the requests."""

    def __init__(self, answers: list[list[bytes]], hang_up: bool) -> None:
        self.answers, self.hang_up = answers, hang_up
        self.requests: list[bytes] = []
        self.accepted: list[socket.socket] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/v1/chat"

    def serve(self) -> None:
        while self.answers:
            try:
                sock, _ = self.listening.accept()
            except OSError:
                return
            self.accepted.append(sock)
            with suppress(OSError):  # the client hangs up when it has what it wants
                self._talk(sock)
            sock.close()

    def close(self) -> None:
        for sock in (self.listening, *self.accepted):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _talk(self, sock: socket.socket) -> None:
        while self.answers:
            request = self._request(sock)
            if not request:
                return
            self.requests.append(request)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for part in self.answers.pop(0):
                sock.sendall(part)
            if self.hang_up:
                return
        sock.recv(1)  # until one of both hangs up

    @staticmethod
    def _request(sock: socket.socket) -> bytes:
        data = b""
        while not data.endswith(b"BODY"):
            part = sock.recv(1 << 16)
            if not part:
                return b""
            data += part
        return data


@contextmanager
def raw(*answers: list[bytes], hang_up: bool = False) -> Iterator[Raw]:
    server = Raw(list(answers), hang_up)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def to(server: Raw, headers: Mapping[str, str] | None = None) -> Connections:
    return Connections(server.url, headers or {}, connecting=5, waiting=5, whole=20)


def posted(*parts: bytes, hang_up: bool = False) -> tuple[int, bytes, Mapping[str, str]]:
    with raw([*parts], hang_up=hang_up) as server:
        return to(server).post(b"BODY", {})


@pytest.mark.parametrize(
    "answer",
    [
        SIZED,
        CHUNKED,
        b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + CHUNKED,
        SIZED + b"and more",
        SIZED + SIZED,
    ],
)
@given(cuts=st.sets(st.integers(1, 100), max_size=4))
def test_an_answer_is_read_however_it_is_cut(answer: bytes, cuts: set[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(answer)), len(answer)]
    parts = [answer[start:end] for start, end in itertools.pairwise(edges)]
    assert posted(*parts)[:2] == (200, b"hi")


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_an_answer_without_a_length_ends_with_its_connection(version: bytes) -> None:
    assert posted(version + b" 404 Not Found\r\nRetry-After: 7\r\n\r\nlost", hang_up=True) == (
        404,
        b"lost",
        {"retry-after": "7"},
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        OK,
        OK + b"Content-Length: 9\r\n\r\nhi",
        CHUNKED[:-7],
        b"SSH-2.0-OpenSSH_9.2\r\n",
        OK + b"Content-Length: two\r\n\r\nhi",
        OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhi",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_what_is_no_whole_answer_is_told(answer: bytes) -> None:
    with pytest.raises(NotHttp):
        posted(answer, hang_up=True)


def test_a_connection_is_used_again_unless_the_server_says_otherwise() -> None:
    closing = OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi"
    with raw([SIZED], [SIZED], [closing], [SIZED]) as server:
        connections = to(server)
        for opened, kept in ((1, 1), (1, 1), (1, 0), (2, 1)):
            assert connections.post(b"BODY", {})[1] == b"hi"
            assert (len(server.accepted), len(connections._idle)) == (opened, kept)


@pytest.mark.parametrize("more", [b"and more", SIZED])
def test_a_connection_with_more_on_it_is_not_used_again(more: bytes) -> None:
    with raw([SIZED + more]) as server:
        connections = to(server)
        assert connections.post(b"BODY", {})[1] == b"hi"
        assert not connections._idle


def test_a_request_is_what_servers_expect() -> None:
    with raw([SIZED]) as server:
        to(server, {"Accept": "application/json"}).post(b"the BODY", {"Authorization": "Bearer k"})
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        assert (first, body) == ("POST /v1/chat HTTP/1.1", b"the BODY")
        assert dict(line.split(": ") for line in lines) == {
            "Host": server.url.split("/")[2],
            "Accept-Encoding": "identity",
            "Accept": "application/json",
            "Content-Length": "8",
            "Authorization": "Bearer k",
        }


@pytest.mark.parametrize(
    ("url", "first", "host"),
    [
        ("http://[::1]:80/v1", b"POST /v1 HTTP/1.1", b"Host: [::1]:80"),
        ("https://api.example", b"POST / HTTP/1.1", b"Host: api.example"),
        ("http://b\u00fccher.example/v1", b"POST /v1 HTTP/1.1", b"Host: xn--bcher-kva.example"),
        ("http://h/a b\u00e4\r\nX: y", b"POST /a%20b%C3%A4X:%20y HTTP/1.1", b"Host: h"),
    ],
)
def test_odd_addresses_make_no_odd_requests(url: str, first: bytes, host: bytes) -> None:
    lines = Connections(url, {}, 1, 1, 1)._head.split(b"\r\n")
    assert lines[:2] == [first, host]


@pytest.mark.parametrize("host", ["xn--\u00fc", "a" * 300, "no.such.host.invalid"])
def test_a_host_that_cannot_be_is_no_connection(host: str) -> None:
    with pytest.raises(NoConnection):
        Connections(f"http://{host}:1/v1", {}, 1, 1, 1).post(b"", {})
