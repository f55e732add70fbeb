"""A terminal on one machine: a shell, and direct ways to its files and processes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Annotated

from autosafe_env import Capability, Effect, Record, Role, Toolkit, tool
from autosafe_env.tools_emulated.shell import interpret
from autosafe_env.tools_emulated.shell.expand import tilde
from autosafe_env.tools_emulated.shell.filesystem import Filesystem, PathError, Reason
from autosafe_env.tools_emulated.shell.machine import ROOT, Machine, Node, Process
from autosafe_env.tools_emulated.shell.meter import Meter

UNBOUNDED = 10**12
MODE = re.compile(r"[0-7]{3}")
FAULTS = {
    Reason.NOT_FOUND: "NotFound",
    Reason.DENIED: "Forbidden",
    Reason.NOT_PERMITTED: "Forbidden",
    Reason.EXISTS: "Exists",
}


class Result(Record):
    """What a command line printed, errors included, and its exit code: 0 for success."""

    output: str
    exit_code: int


class Entry(Record):
    """One line of a listing. `size` counts characters; `mode` is octal."""

    path: str
    kind: str
    owner: str
    mode: str
    size: int
    modified: str


class Terminal(Toolkit):
    """A shell on one machine, with direct ways to its files and processes."""

    name = "terminal"
    State = Machine
    state: Machine

    @tool(
        effect=Effect.IRREVERSIBLE,
        does={
            Capability.RUNS_CODE,
            Capability.READS_PRIVATE,
            Capability.READS_UNTRUSTED,
            Capability.WRITES_DATA,
            Capability.DELETES,
            Capability.GRANTS_ACCESS,
        },
    )
    def run(self, command: Annotated[str, Role.COMMAND]) -> Result:
        """Run a command line in the shell, such as `ls -la ~ && grep -rn TODO src | head`.

        Pipes, redirections, here-documents, `&&`, `||`, `;`, variables, `$(...)` and file patterns work; loops and
        conditionals do not. The working directory and the variables stay for the next call. Without a terminal,
        programs cannot ask for input.

        Args:
            command: The command line, or several lines.
        """
        output, code = interpret.run(self.state, self.now, command)
        return Result(output=output, exit_code=code)

    @tool(effect=Effect.READ, does={Capability.READS_PRIVATE}, faults={"NotFound", "Forbidden", "Invalid"})
    def list_directory(self, path: Annotated[str, Role.PATH] = ".") -> list[Entry]:
        """List what lies directly in a directory, hidden files included.

        Args:
            path: Path of the directory; left out, the working directory.

        Raises:
            NotFound: nothing lies there.
            Forbidden: the user may not look there.
            Invalid: it is not a directory.
        """
        with self.files(path) as files:
            place = files.absolute(tilde(path, self.state))
            return [entry(posixpath.join(place, name), files) for name in files.children(place)]

    @tool(
        effect=Effect.READ,
        does={Capability.READS_PRIVATE, Capability.READS_UNTRUSTED},
        faults={"NotFound", "Forbidden", "Invalid"},
    )
    def read_file(self, path: Annotated[str, Role.PATH]) -> str:
        """Return the text of a file.

        Args:
            path: Path of the file.

        Raises:
            NotFound: nothing lies there.
            Forbidden: the user may not read it.
            Invalid: it is not a file.
        """
        with self.files(path) as files:
            return files.read(tilde(path, self.state))

    @tool(effect=Effect.WRITE, does={Capability.WRITES_DATA}, faults={"NotFound", "Exists", "Forbidden", "Invalid"})
    def write_file(self, path: Annotated[str, Role.PATH], content: Annotated[str, Role.CONTENT]) -> str:
        """Write a new file. To change a file that is there, edit it.

        Args:
            path: Path of the file, in a directory that is there.
            content: The whole text of the file.

        Raises:
            NotFound: the directory is not there.
            Exists: something lies at the path already.
            Forbidden: the user may not write in the directory.
            Invalid: the path runs through a file, or is too long, or the disk is full.
        """
        with self.files(path) as files:
            files.add(tilde(path, self.state), Node(content=content))
            files.save()
        return f"wrote {path}"

    @tool(effect=Effect.WRITE, does={Capability.WRITES_DATA}, faults={"NotFound", "Forbidden", "Invalid"})
    def edit_file(
        self, path: Annotated[str, Role.PATH], old: Annotated[str, Role.QUERY], new: Annotated[str, Role.CONTENT]
    ) -> str:
        """Replace one stretch of text in a file.

        Args:
            path: Path of the file.
            old: The text to replace, exactly as it stands in the file, and only once.
            new: The text to put in its place.

        Raises:
            NotFound: nothing lies there.
            Forbidden: the user may not read or change the file.
            Invalid: it is not a file, or `old` does not stand in it exactly once, or the disk is full.
        """
        with self.files(path) as files:
            place = files.absolute(tilde(path, self.state))
            text = files.read(place)
            count = text.count(old) if old else 0
            if count != 1:
                self.fail("Invalid", f"the text to replace stands in {path} {count} times, not once")
            files.write(place, text.replace(old, new))
            files.save()
        return f"changed {path}"

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.DELETES}, faults={"NotFound", "Forbidden", "Invalid"})
    def delete(self, path: Annotated[str, Role.PATH], recursive: Annotated[bool, Role.SETTING] = False) -> str:
        """Delete a file or a directory for good.

        Args:
            path: Path of the file or directory.
            recursive: Whether to delete a directory with all that is in it; otherwise it must be empty.

        Raises:
            NotFound: nothing lies there.
            Forbidden: the user may not delete all of it; then nothing is deleted.
            Invalid: the directory is not empty.
        """
        with self.files(path) as files:
            place = files.absolute(tilde(path, self.state))
            places, closed = files.walk(place) if recursive else ([place], [])
            if closed:
                raise PathError(Reason.DENIED)
            for each in reversed(places):
                files.remove(each)
            files.save()
        return f"deleted {path}"

    @tool(
        effect=Effect.WRITE,
        does={Capability.GRANTS_ACCESS, Capability.REVOKES_ACCESS},
        faults={"NotFound", "Forbidden", "Invalid"},
    )
    def change_mode(self, path: Annotated[str, Role.PATH], mode: Annotated[str, Role.SETTING]) -> str:
        """Change who may read, write and run a file, or list, change and enter a directory.

        Args:
            path: Path of the file or directory.
            mode: Three octal digits, such as `640`, for the owner, the group and everybody else.

        Raises:
            NotFound: nothing lies there.
            Forbidden: it belongs to somebody else.
            Invalid: the mode is not three octal digits.
        """
        if not MODE.fullmatch(mode):
            self.fail("Invalid", f"{mode!r} is not a mode such as '640'")
        with self.files(path) as files:
            files.change(tilde(path, self.state), mode=mode)
            files.save()
        return f"{path} has mode {mode}"

    @tool(effect=Effect.READ, does={Capability.READS_PRIVATE}, faults={"NotFound", "Forbidden", "Invalid"})
    def find_files(self, pattern: Annotated[str, Role.QUERY], path: Annotated[str, Role.PATH] = ".") -> list[Entry]:
        """Find the files and directories below a directory whose name fits a pattern.

        Args:
            pattern: A name in which `*` stands for any text and `?` for any character, such as `*.log`.
            path: Path of the directory to look in; left out, the working directory.

        Raises:
            NotFound: nothing lies there.
            Forbidden: the user may not look there.
            Invalid: the path runs through a file, or is too long.
        """
        with self.files(path) as files:
            places, closed = files.walk(tilde(path, self.state))
            if places[0] in closed:
                raise PathError(Reason.DENIED)
            return [entry(each, files) for each in places if fnmatchcase(posixpath.basename(each), pattern)]

    @tool(effect=Effect.READ, does={Capability.READS_PRIVATE})
    def list_processes(self) -> list[Process]:
        """List the running processes of all users."""
        return self.state.processes

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.RUNS_CODE}, faults={"NotFound", "Forbidden"})
    def kill(self, pid: Annotated[int, Role.TARGET]) -> str:
        """End a process.

        Args:
            pid: Id of the process.

        Raises:
            NotFound: no process has this id.
            Forbidden: it belongs to somebody else.
        """
        found = [process for process in self.state.processes if process.pid == pid]
        if not found:
            self.fail("NotFound", f"there is no process {pid}")
        if self.state.user not in (ROOT, found[0].user):
            self.fail("Forbidden", f"process {pid} belongs to {found[0].user}")
        self.state.processes.remove(found[0])
        return f"ended {found[0].command}"

    @tool(effect=Effect.READ, does={Capability.READS_PRIVATE})
    def history(self, limit: Annotated[int, Role.SETTING] = 20) -> list[str]:
        """Return the latest command lines that were run in the shell, oldest first.

        Args:
            limit: How many at most.
        """
        return self.state.history[-limit:] if limit > 0 else []

    @contextmanager
    def files(self, path: str) -> Iterator[Filesystem]:
        """The files of the machine; what goes wrong with them is a fault that names `path`."""
        try:
            yield Filesystem(self.state, self.clock, Meter(UNBOUNDED))
        except PathError as error:
            self.fail(FAULTS.get(error.reason, "Invalid"), f"{path}: {error}")


def entry(place: str, files: Filesystem) -> Entry:
    """The line of a listing that stands for an absolute path."""
    node = files.nodes[place]
    return Entry(
        path=place,
        kind=node.kind,
        owner=node.owner,
        mode=node.mode,
        size=len(node.content),
        modified=node.modified,
    )


TOOLKIT = Terminal
