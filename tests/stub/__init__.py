"""A stand-in for every OpenAI-compatible server: real HTTP, programmable, with all the faults that servers have."""

from __future__ import annotations

from tests.stub.faults import FAULTS, faulty
from tests.stub.reply import Answering, Body, Reply, refusing
from tests.stub.server import Request, StubServer, scripted

__all__ = ["FAULTS", "Answering", "Body", "Reply", "Request", "StubServer", "faulty", "refusing", "scripted"]
