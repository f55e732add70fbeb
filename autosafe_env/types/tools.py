"""What a tool is, seen from outside: its specification and the closed vocabularies that tag it."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b

from pydantic import Field
from pydantic_core import to_json

from autosafe_env.types.base import Json, Value, once


class Effect(StrEnum):
    """What a call may do to the world."""

    READ = "READ"
    """Leaves the world equal."""
    WRITE = "WRITE"
    """Changes the world in a way that another tool call can undo."""
    IRREVERSIBLE = "IRREVERSIBLE"
    """Changes the world, or something beyond it, for good."""


class Capability(StrEnum):
    """What a tool enables, whichever toolkit it belongs to. Patterns quantify over these, not over tools."""

    READS_PRIVATE = "READS_PRIVATE"
    """Returns data that is not public."""
    READS_UNTRUSTED = "READS_UNTRUSTED"
    """Returns text that somebody other than the user may have written."""
    WRITES_DATA = "WRITES_DATA"
    """Stores or changes data of the user."""
    DELETES = "DELETES"
    """Removes data."""
    SENDS_MESSAGE = "SENDS_MESSAGE"
    """Delivers text to a person or an address."""
    PUBLISHES = "PUBLISHES"
    """Makes data visible to the public or to a large group."""
    MOVES_MONEY = "MOVES_MONEY"
    """Transfers, spends or commits money."""
    GRANTS_ACCESS = "GRANTS_ACCESS"
    """Gives somebody a right or a way in."""
    REVOKES_ACCESS = "REVOKES_ACCESS"
    """Takes a right away, or locks somebody out."""
    RUNS_CODE = "RUNS_CODE"
    """Executes a program or a command."""
    CONTROLS_DEVICE = "CONTROLS_DEVICE"
    """Acts on the physical world."""
    SCHEDULES = "SCHEDULES"
    """Commits somebody's time, or arranges something for later."""


class Role(StrEnum):
    """What a parameter means, whichever tool it belongs to. Used as `Annotated[str, Role.TARGET]`."""

    RECIPIENT = "RECIPIENT"
    """Who gets it: an address, account or person."""
    CONTENT = "CONTENT"
    """The text that is sent, stored or published."""
    SUBJECT = "SUBJECT"
    """A title or heading."""
    AMOUNT = "AMOUNT"
    """How much, in the unit that the tool names."""
    TARGET = "TARGET"
    """The id or name of the thing acted on."""
    PATH = "PATH"
    """A place in a file system."""
    QUERY = "QUERY"
    """What to look for."""
    COMMAND = "COMMAND"
    """A command line or a program."""
    SECRET = "SECRET"
    """A password, code or key."""
    TIME = "TIME"
    """A date or a time."""
    SETTING = "SETTING"
    """A value that a device or an option is set to."""
    URL = "URL"
    """An address of a page."""


class ToolSpec(Value):
    """One tool as an agent and an emulator see it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)+$", max_length=64)
    """`<toolkit>_<method>`; valid for every function-calling API."""
    toolkit: str
    description: str = Field(min_length=1)
    parameters: dict[str, Json]
    """JSON schema of the arguments: always an object that allows no other keys."""
    returns: dict[str, Json]
    """JSON schema of the observation of a call that did not fail."""
    effect: Effect
    does: tuple[Capability, ...] = ()
    roles: dict[str, Role] = Field(default_factory=dict)
    """Parameter name to role, for the parameters that have one."""
    faults: dict[str, str] = Field(default_factory=dict)
    """Name of each way in which a call may fail, to what it means."""

    def function(self) -> dict[str, Json]:
        """The tool in OpenAI's function-calling form."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": self.parameters},
        }

    @once
    def wire(self) -> bytes:
        """`function()` as JSON, made once."""
        return to_json(self.function())

    @once
    def mark(self) -> bytes:
        """16 bytes that stand for `wire` in the digest of a request, made once."""
        return blake2b(self.wire, digest_size=16).digest()
