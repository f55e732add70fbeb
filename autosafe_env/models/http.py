"""A model behind any OpenAI-compatible server, asked over kept connections: the cheapest of the clients."""

from __future__ import annotations

from autosafe_env.chat.connections import Connections, NoConnection, NotHttp, TooLarge, TooSlow
from autosafe_env.chat.failures import Failure
from autosafe_env.chat.remote import CONNECTING, RemoteModel
from autosafe_env.types.chat import Completion

HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "autosafe-env"}


class HttpModel(RemoteModel):
    """OpenAI, vLLM, Ollama, llama.cpp or a gateway, by HTTP itself. One instance serves all threads of a run.

    The arguments are those of `RemoteModel`. Proxies are not used; `openai_compat` does.
    """

    def _open(self) -> None:
        connecting = min(self.timeout, CONNECTING)
        self._connections = Connections(self.endpoint.url, HEADERS, connecting, self.timeout, self.whole)

    def _post(self, body: bytes) -> Completion | Failure:
        key = self.endpoint.key()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            status, data, answered = self._connections.post(body, headers)
        except NoConnection as error:
            return self._no_connection(str(error))
        except TimeoutError:
            return self._no_answer()
        except (TooSlow, TooLarge) as error:
            return self._no_end(error)
        except (OSError, NotHttp) as error:
            return self._lost(str(error) or type(error).__name__)
        return self._read(status, data, answered)


MODEL = HttpModel
