"""The stub as a program: a sensible model in every role, as slow and as faulty as one likes, for trying things by hand.

    python -m tests.stub [--port 8000] [--latency 0.5] [--fault rate_limit --share 0.1 --seed 0]

It prints its base URL and answers until it is interrupted. For load there is `benchmarks/mock_server.py`.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import threading

from tests.stub import FAULTS, Body, Reply, StubServer, faulty
from tests.stub.sensible import sensible, warm


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.stub", description="A sensible model over HTTP.")
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--fault", choices=[*FAULTS], help="what goes wrong in a share of the answers")
    parser.add_argument("--share", type=float, default=0.1, help="of the answers, 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of those answers")
    given = parser.parse_args()

    def slowly(body: Body) -> Reply:
        return dataclasses.replace(sensible(body), latency=given.latency)

    warm()
    reply = faulty(slowly, given.fault, given.share, given.seed) if given.fault else slowly
    with StubServer(reply, given.port) as server:
        print(server.url, flush=True)  # noqa: T201 - whoever started it reads the URL
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.exit(130)


if __name__ == "__main__":
    main()
