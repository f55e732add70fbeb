"""A chat-completion server that waits and then answers what it was told to, for measurements: run by `concurrency.py`.

    python benchmarks/mock_server.py '{"latency": 0.5, ...}'

It prints its URL, and answers until it is killed. It costs as little CPU as Python allows (no HTTP library, bodies
searched and not parsed), so that on a machine of two cores the client keeps one for itself.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def completion(message: dict[str, Any]) -> bytes:
    """A whole HTTP answer with this message."""
    choice = {"index": 0, "message": {"role": "assistant", "content": None, **message}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020}
    whole = {"id": "c", "object": "chat.completion", "created": 0, "model": "mock", "choices": [choice], "usage": usage}
    body = json.dumps(whole).encode()
    return HEAD % len(body) + body


class Plan:
    """What is answered: to an agent first one call, then another `turns` times, then a final text; to all others the
    text whose needle their request holds."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.latency: float = plan["latency"]
        self.turns: int = plan["turns"]
        self.first, self.call = (
            completion({"tool_calls": [{"id": "call_x", "type": "function", "function": plan[name]}]})
            for name in ("first", "call")
        )
        self.final = completion({"content": "That is all."})
        self.texts = [(needle.encode(), completion({"content": text})) for needle, text in plan["texts"].items()]

    def answer(self, body: bytes) -> bytes:
        """The HTTP answer to one request."""
        for needle, text in self.texts:
            if needle in body:
                return text
        said = body.count(b'"role":"assistant"')
        if said > self.turns:
            return self.final
        return self.call if said else self.first


class Connection(asyncio.Protocol):
    """One connection, kept alive; requests on it come one after the other."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.data, self.need = plan, bytearray(), 0
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        if not self.need:
            end = self.data.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.data[:end]).lower()
            length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            self.need = end + 4 + int(length or 0)
        if len(self.data) >= self.need:
            body = bytes(self.data[: self.need])
            del self.data[: self.need]
            self.need = 0
            self.loop.call_later(self.plan.latency, self.send, self.plan.answer(body))

    def send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)


async def serve(plan: Plan) -> None:
    """Answer until the process is killed."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(plan), sock=listening, backlog=2048)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Plan(json.loads(sys.argv[1]))))
