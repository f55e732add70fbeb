"""The report of a run that may still be going on, served to this machine's own browser."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from autosafe_env.bench.report.files import OURS
from autosafe_env.bench.report.gather import RunReader
from autosafe_env.bench.report.model import Report, cards_of
from autosafe_env.bench.report.page import chunk_script, live_page
from autosafe_env.errors import RunError

LOOPBACK = "127.0.0.1"
HOME = "transcripts"
"""Under which transcripts are asked for."""
HTML, TEXT, SCRIPT = "text/html; charset=utf-8", "text/plain; charset=utf-8", "text/javascript; charset=utf-8"


class Followed:
    """A run as it stands whenever it is asked for; read again only where it has changed. Safe to ask from threads."""

    def __init__(self, folder: Path, title: str = "") -> None:
        self._reader = RunReader(folder)
        self._title = title or folder.resolve().name
        self._lock = threading.Lock()
        self._mark: object = None
        self._report = Report(self._title, ())

    def version(self) -> str:
        """Differs when the run has changed."""
        return hashlib.sha256(repr(self._reader.mark()).encode()).hexdigest()[:16]

    def report(self) -> Report:
        """The report as it stands. Raises RunError where the run cannot be read."""
        with self._lock:
            mark = self._reader.mark()
            if mark != self._mark:
                run = self._reader.read()
                cards, notices = cards_of([run.folder])
                self._report = Report(self._title, (run,), notices, cards)
                self._mark = mark
            return self._report


class Server(ThreadingHTTPServer):
    """Serves one run on loopback, to whoever asks for it by a name of this machine."""

    daemon_threads = True

    def __init__(self, followed: Followed, port: int) -> None:
        self.followed = followed
        try:
            super().__init__((LOOPBACK, port), _Request)
        except (OSError, OverflowError) as error:
            raise RunError(
                f"port {port} of {LOOPBACK} cannot be listened on: {error}; --port 0 takes a free one"
            ) from (error)

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    @property
    def hosts(self) -> Sequence[str]:
        """The names by which it may be asked. Another one means that some web page leads a browser here."""
        return [f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost")]


class _Request(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    server_version = "autosafe"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """Answer with the page, its version or a chunk of transcripts."""
        if self.headers.get("Host", "") not in self.server.hosts:
            self._answer(HTTPStatus.FORBIDDEN, TEXT, f"This server answers to {self.server.address} only.\n".encode())
            return
        try:
            self._answer(*self._found(urlsplit(self.path).path))
        except RunError as error:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, TEXT, f"{error}\n".encode(errors="replace"))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the browser has gone elsewhere

    def do_HEAD(self) -> None:
        """The same without the body."""
        self.do_GET()

    def _found(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        followed = self.server.followed
        home, _, name = path.lstrip("/").rpartition("/")
        if path == "/":
            # Asked for first: a run that grows meanwhile is then found newer at the next look, and not overlooked.
            version = followed.version()
            return HTTPStatus.OK, HTML, live_page(followed.report(), HOME, version).html.encode()
        if path == "/version":
            return HTTPStatus.OK, TEXT, followed.version().encode()
        if home == HOME and OURS.fullmatch(name):
            report = followed.report()
            starts = report.chunk_starts()
            if int(name[:5]) < len(starts):
                return HTTPStatus.OK, SCRIPT, chunk_script(report, starts, int(name[:5]))
        return HTTPStatus.NOT_FOUND, TEXT, b"There is nothing here; the report is at /\n"

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not told: the terminal says where the report is, and nothing else."""
