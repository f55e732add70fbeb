"""A model behind any OpenAI-compatible server, asked through the `openai` SDK."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from functools import cache, partial
from threading import Lock
from typing import Any

from autosafe_env.chat.connections import TooLarge, TooSlow, Watch
from autosafe_env.chat.failures import Failure
from autosafe_env.chat.remote import RemoteModel
from autosafe_env.types.chat import Completion


class OpenAIModel(RemoteModel):
    """OpenAI, vLLM, Ollama, llama.cpp or a gateway. One instance serves all threads of a run, and holds one client.

    The arguments are those of `RemoteModel`, which tries again instead of the SDK, so that all clients wait alike.
    """

    def _open(self) -> None:
        self._lock = Lock()
        self._made: Any = None

    def _client(self) -> Any:
        """The client, made when it is first needed: importing the SDK takes a second."""
        with self._lock:
            if self._made is None:
                from openai import DefaultHttpxClient, OpenAI

                # the SDK refuses to be made without a key; the right one is sent with each request
                url, wait = self.endpoint.base_url, self.timeout
                client = DefaultHttpxClient(timeout=wait, event_hooks={"response": [partial(_watch, self.whole)]})
                weakref.finalize(self, client.close)
                self._made = OpenAI(api_key="none", base_url=url, max_retries=0, timeout=wait, http_client=client)
            return self._made

    def _post(self, body: bytes) -> Completion | Failure:
        client, key = self._client(), self.endpoint.key()
        from openai import APIConnectionError, APIStatusError, APITimeoutError, Omit

        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}" if key else Omit()}
        try:
            # the SDK's own method takes the messages apart and copies them, which costs more with every turn
            text = client.post("/chat/completions", cast_to=str, content=body, options={"headers": headers})
        except (TooSlow, TooLarge) as error:
            return self._no_end(error)
        except APITimeoutError as error:
            return self._no_connection("it takes too long") if _kind(error) == "ConnectTimeout" else self._no_answer()
        except APIConnectionError as error:
            reason = str(error.__cause__ or error)
            return self._no_connection(reason) if _kind(error) == "ConnectError" else self._lost(reason)
        except APIStatusError as error:
            return self._read(error.response.status_code, error.response.content, error.response.headers)
        return self._read(200, text.encode("utf-8", "replace"), {})


def _watch(whole: float, response: Any) -> None:
    """Watch what follows the headers of an answer."""
    kind: Any = type(response.stream)
    response.stream = _watched_kind(kind)(response.stream, Watch(whole))


@cache
def _watched_kind(kind: Any) -> Any:
    """The kind of stream that ends an answer which would go on for ever, made from a kind of the HTTP client's own,
    since that is all that the client takes."""

    class Watched(kind):  # type: ignore[misc]
        """A stream, watched."""

        def __init__(self, stream: Any, watch: Watch) -> None:
            self._pieces, self._watch = stream, watch

        def __iter__(self) -> Iterator[bytes]:
            for piece in self._pieces:
                self._watch.seconds()
                self._watch.saw(len(piece))
                yield piece

        def close(self) -> None:
            self._pieces.close()

    return Watched


def _kind(error: Exception) -> str:
    """What the HTTP client of the SDK calls the failure; which client that is, differs between versions."""
    return type(error.__cause__).__name__


MODEL = OpenAIModel
