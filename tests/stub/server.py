"""An OpenAI-compatible server over real HTTP that answers what a function says."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.stub.reply import Answering, Body, Reply, refusing


@dataclass(frozen=True)
class Request:
    """One request that reached the server."""

    path: str
    headers: dict[str, str]
    """Lower-case name to value."""
    body: Body


class StubServer:
    """Serves `/v1/chat/completions` on a loopback port while it is entered.

    Args:
        reply: a model, or what is always answered.
        port: 0 for any that is free.
    """

    def __init__(self, reply: Answering | Reply | str, port: int = 0) -> None:
        self.reply: Answering = _answering(reply)
        self.requests: list[Request] = []
        """In the order of arrival."""
        self.connections = 0
        """How many were made so far."""
        self.closed = threading.Event()
        self._server = _Server(self, port)
        host, port = self._server.server_address[:2]
        self.url = f"http://{host!s}:{port}/v1"
        """The base URL."""
        # serve_forever looks only so often whether it shall stop
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop: whoever is still waiting for an answer is cut off."""
        self.closed.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    @property
    def bodies(self) -> list[Body]:
        """The bodies of all requests."""
        return [request.body for request in self.requests]


def _answering(reply: Answering | Reply | str) -> Answering:
    if isinstance(reply, str):
        reply = Reply(text=reply)
    if isinstance(reply, Reply):
        fixed = reply
        return lambda _body: fixed
    return reply


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = False
    block_on_close = True

    def __init__(self, stub: StubServer, port: int) -> None:
        self.stub = stub
        self.open: set[socket.socket] = set()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self.open.add(request)
            self.stub.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection, so that its thread ends."""
        with self.lock:
            for each in self.open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; a reply function that raises is shown."""
        if not self.stub.closed.is_set():
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # with the unbuffered default, each header line is a packet of its own and waits for an ACK
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        stub = self.server.stub
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        stub.requests.append(Request(self.path, headers, body))
        known = self.path == "/v1/chat/completions"
        reply = stub.reply(body) if known else refusing(404, f"no such path: {self.path}")
        if reply.latency:
            stub.closed.wait(reply.latency)
        if reply.hang:
            stub.closed.wait()
        with suppress(ConnectionError):
            self.answer(reply)

    def answer(self, reply: Reply) -> None:
        if reply.hang or reply.disconnect:
            self.close_connection = True
            return
        body = reply.body()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        if reply.endless is None and "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.endless is not None:
            self.close_connection = True
            while not self.server.stub.closed.wait(reply.endless):
                self.wfile.write(b" " * (1 if reply.endless else 1 << 20))
                self.wfile.flush()
        if reply.truncated:
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(body)
        self.wfile.flush()

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        with suppress(ConnectionError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def scripted(*replies: Reply | str) -> Callable[[Body], Reply]:
    """A model that gives these replies in order, the last for ever."""
    given = iter(replies)
    last = [Reply()]
    lock = threading.Lock()

    def reply(_body: Body) -> Reply:
        with lock:
            now = next(given, last[0])
            last[0] = Reply(text=now) if isinstance(now, str) else now
            return last[0]

    return reply
