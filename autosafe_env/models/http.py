"""A model behind any OpenAI-compatible server, asked over pooled connections: the cheapest of the clients."""

from __future__ import annotations

from autosafe_env.chat.failures import Failure
from autosafe_env.chat.remote import CONNECTING, RemoteModel
from autosafe_env.types.chat import Completion

MOST_CONNECTIONS = 1024
"""Connections that are kept for later; more are made when more threads ask."""


class HttpModel(RemoteModel):
    """OpenAI, vLLM, Ollama, llama.cpp or a gateway, by HTTP itself. One instance serves all threads of a run.

    The arguments are those of `RemoteModel`.
    """

    def _open(self) -> None:
        import urllib3  # only runs with models need it

        url, waits = self.endpoint.url, urllib3.Timeout(connect=min(self.timeout, CONNECTING), read=self.timeout)
        self._pool = urllib3.connection_from_url(
            url, maxsize=MOST_CONNECTIONS, block=False, timeout=waits, retries=False
        )
        self._path = urllib3.util.parse_url(url).request_uri
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "autosafe-env"}

    def _post(self, body: bytes) -> Completion | Failure:
        from urllib3 import exceptions

        key = self.endpoint.key()
        headers = {**self._headers, "Authorization": f"Bearer {key}"} if key else self._headers
        try:
            response = self._pool.urlopen("POST", self._path, body, headers, redirect=False)
        except (exceptions.NewConnectionError, exceptions.SSLError) as error:
            return self._no_connection(str(error).rpartition(": ")[2])
        except exceptions.ConnectTimeoutError:
            return self._no_connection("it takes too long")
        except exceptions.TimeoutError:
            return self._no_answer()
        except exceptions.HTTPError as error:
            return self._lost(str(error))
        return self._read(response.status, response.data, response.headers)


MODEL = HttpModel
