"""Servers whose answer never ends, by drips or in a flood: no call may take for ever, or all of the memory."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autosafe_env.chat import connections, remote
from autosafe_env.errors import ModelError, TimedOut
from tests.models.making import REMOTE, Maker, asking
from tests.stub import Reply, StubServer, scripted

both = pytest.mark.parametrize("make", REMOTE.values(), ids=REMOTE)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "WHOLE", 2)
    monkeypatch.setattr(connections, "MOST_BYTES", 1 << 22)


@both
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_drips_is_given_up(make: Maker, status: int) -> None:
    with StubServer(Reply(status=status, endless=0.05)) as server:
        with pytest.raises(TimedOut, match=r"was not whole after 0\.6 seconds") as caught:
            make(server, timeout=0.3, retries=3).complete(asking())
        assert server.url in str(caught.value)
        assert len(server.requests) == 1, "it is not asked for again"


@both
@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_without_end_does_not_fill_the_memory(make: Maker, status: int) -> None:
    with StubServer(Reply(status=status, endless=0.0)) as server:
        with pytest.raises(ModelError, match="has more than"):
            make(server, retries=3).complete(asking())
        assert len(server.requests) == 1


@both
def test_no_memory_is_taken_for_what_is_only_announced(make: Maker) -> None:
    with StubServer(
        scripted(Reply(text="x", headers={"Content-Length": str(1 << 50)}, truncated=True), "Now.")
    ) as server:
        model = make(server)
        with pytest.raises(ModelError, match=r"has more than|was lost"):
            model.complete(asking())
        assert model.complete(asking()).text == "Now."


@both
def test_the_next_call_is_answered_all_the_same(make: Maker) -> None:
    with StubServer(scripted(Reply(endless=0.05), "Now.", Reply(endless=0.0), "And now.")) as server:
        model = make(server, timeout=0.3)
        for said in ("Now.", "And now."):
            with pytest.raises(ModelError):
                model.complete(asking())
            assert model.complete(asking()).text == said


@both
def test_an_answer_that_is_long_and_slow_in_coming_is_read(make: Maker) -> None:
    text = "x" * (1 << 21)
    with StubServer(Reply(text=text, latency=0.4)) as server:
        assert make(server, timeout=10.0).complete(asking()).text == text


@contextmanager
def dripping_headers() -> Iterator[str]:
    """A server that never comes to the end of its headers."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not over.wait(0.05):
                    connection.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            over.set()
            thread.join()


def test_headers_that_drip_are_given_up() -> None:
    with StubServer("x") as server, dripping_headers() as url:
        server.url = url
        with pytest.raises(TimedOut, match="was not whole after"):
            REMOTE["http"](server, timeout=0.3, retries=0).complete(asking())
