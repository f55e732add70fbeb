"""One person's e-mail account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

from autosafe_env import Capability, Effect, Record, Role, State, Toolkit, tool

ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
READS = {Capability.READS_PRIVATE, Capability.READS_UNTRUSTED}


class Attachment(Record):
    """A file that travels with a message. `content` is its text; empty where nobody needs to open it."""

    name: str
    content: str = ""


class Summary(Record):
    """A message without its text.

    `id` is unique in the mailbox. `sender`, `to` and `cc` are plain addresses. `time` is when it was sent, such as
    `2026-03-14T09:30`, or empty. `folder` is `inbox`, `archive`, `trash`, `sent` or a name of the user's own.
    """

    id: str
    sender: str
    subject: str
    to: list[str] = []
    cc: list[str] = []
    time: str = ""
    folder: str = "inbox"


class OpenMessage(Summary):
    """A message with its text; `attachments` are file names."""

    body: str
    attachments: list[str] = []


class Message(Summary):
    """A received message. `in_reply_to` is the id of the message that it answers, or empty."""

    body: str
    attachments: list[Attachment] = []
    in_reply_to: str = ""


class SentMessage(Message):
    """A message that the user sent. A file that was attached by its path has that path as its name."""

    folder: str = "sent"


class Mailbox(State):
    """An e-mail account.

    `address` is its owner's. `messages` is the received mail of all folders. `forwarding_to` is the address that gets a
    copy of all incoming mail, or empty.
    """

    address: str
    messages: list[Message] = []
    sent: list[SentMessage] = []
    forwarding_to: str = ""


# inside the class, `list` is the tool
Summaries = list[Summary]
Id = Annotated[str, Role.TARGET]
Recipients = Annotated[list[str], Role.RECIPIENT]
MoreRecipients = Annotated[list[str] | None, Role.RECIPIENT]
Paths = Annotated[list[str] | None, Role.PATH]
Text = Annotated[str, Role.CONTENT]


class Email(Toolkit):
    """Read, send and file e-mail in the user's account."""

    name = "email"
    State = Mailbox
    state: Mailbox

    @tool(effect=Effect.READ, does=READS, faults={"NotFound"})
    def list(
        self, folder: Annotated[str, Role.TARGET] = "inbox", limit: Annotated[int, Role.SETTING] = 20
    ) -> Summaries:
        """List the messages of a folder, newest first, without their text.

        Args:
            folder: inbox, archive, trash, sent, or a folder of the user's own.
            limit: How many to list at most.

        Raises:
            NotFound: there is no such folder.
        """
        folders = dict.fromkeys(["inbox", "archive", "trash", "sent", *(m.folder for m in self._everything())])
        if folder not in folders:
            self.fail("NotFound", f"No folder {folder!r}. Folders: {', '.join(folders)}.")
        return newest_first(m for m in self._everything() if m.folder == folder)[: max(limit, 0)]

    @tool(effect=Effect.READ, does=READS)
    def search(self, query: Annotated[str, Role.QUERY]) -> Summaries:
        """Find the messages of all folders that hold every word of a query, newest first, without their text.

        Args:
            query: Words to look for in addresses, subject, text and attachment names, ignoring case.
        """
        words = query.casefold().split()
        return newest_first(m for m in self._everything() if all(word in searchable(m) for word in words))

    @tool(effect=Effect.READ, does=READS, faults={"NotFound"})
    def read(self, message_id: Id) -> OpenMessage:
        """Open a message: its text, and the names of its attachments.

        Args:
            message_id: Id of the message, such as `m1`.

        Raises:
            NotFound: no message has this id.
        """
        message = self._find(message_id)
        names = [attachment.name for attachment in message.attachments]
        head = {name: getattr(message, name) for name in Summary.model_fields}
        return OpenMessage(**head, body=message.body, attachments=names)

    @tool(effect=Effect.READ, does=READS, faults={"NotFound"})
    def read_attachment(self, message_id: Id, name: Annotated[str, Role.TARGET]) -> Attachment:
        """Open one attachment of a message.

        Args:
            message_id: Id of the message, such as `m1`.
            name: File name of the attachment.

        Raises:
            NotFound: no message has this id, or it has no such attachment.
        """
        found = next((file for file in self._find(message_id).attachments if file.name == name), None)
        return found or self.fail("NotFound", f"Message {message_id!r} has no attachment {name!r}.")

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.SENDS_MESSAGE}, faults={"Invalid"})
    def send(
        self,
        to: Recipients,
        subject: Annotated[str, Role.SUBJECT],
        body: Text,
        cc: MoreRecipients = None,
        attachments: Paths = None,
    ) -> Summary:
        """Send a new message at once.

        Args:
            to: Addresses of the recipients.
            subject: Subject line.
            body: Text of the message.
            cc: Addresses that get a copy.
            attachments: Paths of the files to attach.

        Raises:
            Invalid: `to` is empty, or something is not an e-mail address.
        """
        files = [Attachment(name=path) for path in attachments or []]
        return self._send(to=to, cc=cc or [], subject=subject, body=body, attachments=files)

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.SENDS_MESSAGE}, faults={"Invalid", "NotFound"})
    def reply(self, message_id: Id, body: Text, to_all: Annotated[bool, Role.SETTING] = False) -> Summary:
        """Answer a message at once, without quoting it.

        Args:
            message_id: Id of the message to answer.
            body: Text of the answer.
            to_all: Whether everybody on the message gets the answer, not only its sender.

        Raises:
            Invalid: somebody on the message has no valid e-mail address.
            NotFound: no message has this id.
        """
        asked = self._find(message_id)
        to = asked.to if isinstance(asked, SentMessage) else [asked.sender]
        others = [*asked.to, *asked.cc] if to_all else []
        cc = [address for address in dict.fromkeys(others) if address not in (*to, self.state.address)]
        return self._send(to=to, cc=cc, subject=prefixed("Re: ", asked.subject), body=body, in_reply_to=asked.id)

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.SENDS_MESSAGE}, faults={"Invalid", "NotFound"})
    def forward(self, message_id: Id, to: Recipients, note: Text = "") -> Summary:
        """Send a message on to others at once, with its text and attachments.

        Args:
            message_id: Id of the message to send on.
            to: Addresses of the recipients.
            note: Text to put above the message.

        Raises:
            Invalid: `to` is empty, or something is not an e-mail address.
            NotFound: no message has this id.
        """
        original = self._find(message_id)
        head = f"--- Forwarded message ---\nFrom: {original.sender}\nSubject: {original.subject}"
        body = "\n\n".join(part for part in (note, head, original.body) if part)
        subject = prefixed("Fwd: ", original.subject)
        return self._send(to=to, subject=subject, body=body, attachments=original.attachments)

    @tool(effect=Effect.WRITE, does={Capability.WRITES_DATA}, faults={"Invalid", "NotFound"})
    def move(self, message_id: Id, folder: Annotated[str, Role.SETTING]) -> Summary:
        """Move a received message to another folder.

        Args:
            message_id: Id of the message.
            folder: inbox, archive, trash, or another name, which makes a folder of the user's own.

        Raises:
            Invalid: received mail cannot go into this folder.
            NotFound: no message has this id.
        """
        message = self._find(message_id)
        if isinstance(message, SentMessage) or folder == "sent" or not folder.strip():
            self.fail("Invalid", f"Cannot move {message_id!r} from {message.folder!r} to {folder!r}.")
        message.folder = folder
        return summary(message)

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.DELETES}, faults={"NotFound"})
    def delete(self, message_id: Id) -> str:
        """Delete a message for good. To keep it recoverable, move it to the folder `trash` instead.

        Args:
            message_id: Id of the message.

        Raises:
            NotFound: no message has this id.
        """
        message = self._find(message_id)
        self.state.messages = [kept for kept in self.state.messages if kept is not message]
        self.state.sent = [kept for kept in self.state.sent if kept is not message]
        return f"Deleted {message_id}: {message.subject}"

    @tool(effect=Effect.WRITE, does={Capability.GRANTS_ACCESS, Capability.WRITES_DATA}, faults={"Invalid"})
    def set_forwarding(self, to: Annotated[str | None, Role.RECIPIENT] = None) -> str:
        """Have a copy of all future incoming mail sent to another address, or stop that.

        Args:
            to: Address that gets the copies; leave it out to stop forwarding.

        Raises:
            Invalid: it is not an e-mail address.
        """
        if to is not None:
            self._require_address(to)
        before, self.state.forwarding_to = self.state.forwarding_to, to or ""
        return f"Incoming mail is forwarded to {to or 'nobody'}; before, it was to {before or 'nobody'}."

    def _everything(self) -> Iterable[Message]:
        return [*self.state.messages, *self.state.sent]

    def _find(self, message_id: str) -> Message:
        found = next((message for message in self._everything() if message.id == message_id), None)
        return found or self.fail("NotFound", f"No message has the id {message_id!r}.")

    def _require_address(self, text: str) -> None:
        if not ADDRESS.fullmatch(text):
            self.fail("Invalid", f"{text!r} is not an e-mail address.")

    def _send(self, **parts: Any) -> Summary:
        number = self.new_id("s", (message.id for message in self._everything()))
        message = SentMessage(id=number, sender=self.state.address, time=self.clock, **parts)
        if not message.to:
            self.fail("Invalid", "The message has no recipient.")
        for address in [*message.to, *message.cc]:
            self._require_address(address)
        self.state.sent.append(message)
        return summary(message)


def summary(message: Message) -> Summary:
    """The message without its text: a tool's answer holds the fields of its declared type only."""
    return message


def newest_first(messages: Iterable[Message]) -> Summaries:
    """Summaries by time; messages of the same time keep their order."""
    return [summary(message) for message in sorted(messages, key=lambda message: message.time, reverse=True)]


def searchable(message: Message) -> str:
    """All the text of a message that a search looks at, in lower case."""
    files = [attachment.name for attachment in message.attachments]
    return " ".join([message.sender, *message.to, *message.cc, message.subject, message.body, *files]).casefold()


def prefixed(prefix: str, subject: str) -> str:
    """The subject with `Re: ` or `Fwd: ` before it, once."""
    return subject if subject.casefold().startswith(prefix.casefold()) else prefix + subject


TOOLKIT = Email
