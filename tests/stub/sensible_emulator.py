"""What a sensible model answers when it is asked to emulate a tool: what the toolkit's own code would.

`answer` works on the body of a request in OpenAI's form. It reads the JSON document that the prompt fences in, runs the
rules on it, and writes the change of the state as a patch. A tool that is only specified it answers with a value that
fits what the tool returns.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import numpy as np

from autosafe_env.core.discover import Kind, names, toolkit
from autosafe_env.core.patch import diff
from autosafe_env.core.sampling import WORDS, sample_schema
from autosafe_env.core.toolkit import Fault
from autosafe_env.types.base import Json

REQUEST = re.compile(r"^<<request ([0-9a-f]+)>>\n(.*?)\n<<end request \1>>$", re.DOTALL | re.MULTILINE)


def request_in(body: dict[str, Any]) -> dict[str, Any] | None:
    """The document that an emulator's prompt fences in; None when the request is of another role."""
    for message in body["messages"]:
        found = REQUEST.search(message.get("content") or "")
        if message["role"] == "user" and found:
            document: dict[str, Any] = json.loads(found[2])
            return document
    return None


def answer(body: dict[str, Any]) -> str:
    """The text of a sensible answer to an emulator's request."""
    document = request_in(body)
    assert document is not None, "this is no request of an emulator"
    return json.dumps(sensible(document))


def sensible(document: dict[str, Any]) -> dict[str, Json]:
    """The answer to one document, as the rules would give it."""
    spec, state = document["tool"], document["state"]
    name = owner_of(spec["name"])
    if name is None:
        rng = np.random.default_rng(0)
        return {"observation": sample_schema(spec["returns"], rng, WORDS), "patch": [], "fault": None, "message": ""}
    tool = toolkit(name)[spec["name"]]
    try:
        observation, after = tool.call(state, document["arguments"], datetime.fromisoformat(document["now"]))
    except Fault as fault:
        return {"observation": None, "patch": [], "fault": fault.name, "message": fault.message}
    patch = [op.model_dump(mode="json") for op in diff(state, after)]
    return {"observation": observation, "patch": patch, "fault": None, "message": ""}


def owner_of(tool: str) -> str | None:
    """The installed toolkit that a tool belongs to; None when the tool is only specified."""
    may = (name for name in names(Kind.TOOLKIT) if tool.startswith(f"{name}_"))
    return next((name for name in may if tool in toolkit(name)), None)
