"""Faults of servers and models, planted into a share of a stub's answers."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b

from tests.stub.reply import Answering, Body, Reply, refusing

FAULTS: dict[str, Callable[[Reply], Reply]] = {
    "rate_limit": lambda _: refusing(429, "Rate limit reached.", "rate_limit_exceeded", Retry_After="0"),
    "server_error": lambda _: refusing(500, "The server had an error."),
    "hang": lambda _: Reply(hang=True),
    "disconnect": lambda _: Reply(disconnect=True),
    "truncated": lambda good: Reply(raw=good.body(), truncated=True),
    "malformed": lambda good: Reply(raw=good.body()[:-7]),
    "wrong_schema": lambda _: Reply(raw=b'{"object": "list", "data": []}'),
    "refusal": lambda _: Reply(refusal="I cannot help with that."),
    "empty": lambda _: Reply(text=""),
    "prose": lambda _: Reply(text="Well, that is a good question. Let me think about it for a while."),
}
"""Kind of fault to what it makes of a good reply."""


def faulty(reply: Answering, kind: str, share: float, seed: int = 0) -> Answering:
    """A model of whose answers a share is spoilt.

    Which ones depends on the request's content, how often it was made before, and the seed, and not on the order in
    which threads ask: a request that is made again has a new chance.

    Args:
        reply: the model without faults.
        kind: from `FAULTS`.
        share: of the requests, 0 to 1.
        seed: of the draw.
    """
    fault, lock = FAULTS[kind], threading.Lock()
    seen: Counter[bytes] = Counter()

    def spoilt(body: Body) -> Reply:
        content = json.dumps(body, sort_keys=True).encode()
        with lock:
            seen[content] += 1
            count = seen[content]
        good = reply(body)
        return fault(good) if _drawn(content, count, seed) < share else good

    return spoilt


def _drawn(content: bytes, count: int, seed: int) -> float:
    """A number from 0 to 1."""
    hashed = blake2b(content, digest_size=8, person=b"%d" % (seed % 10**16), salt=b"%d" % count)
    return int.from_bytes(hashed.digest()) / 2**64
