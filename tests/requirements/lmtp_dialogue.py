"""The client's end of an LMTP engine without a network: octets in, reply lines out, operations straight to a store."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from angarium.engine.lmtp.connection import LmtpServer
from angarium.engine.lmtp.limits import Limits
from angarium.engine.operations import Column, FetchMessages, OpenMailbox, StoreError, UserName
from angarium.engine.steps import Event, Execute, Failed, Peer, Read, Received, Result, Write
from angarium.grammar.imap.sequence_set import NumberSet

NOW = datetime(2026, 11, 24, 13, 5, 7, tzinfo=UTC)
BEGIN = b"MAIL FROM:<s@x.example>\r\nRCPT TO:<ann@here>\r\n"


class LmtpDialogue:
    """One connection to ``LmtpServer``; ``writes`` has what went out together, ``read`` what the server waits for."""

    def __init__(self, execute: Callable[[Any], Any], limits: Limits = Limits(), peer: Peer = Peer("192.0.2.1")) -> None:
        self.execute = execute
        self.server = LmtpServer(peer, clock=lambda: NOW, limits=limits, hostname="here")
        self.steps = self.server.run()
        self.writes: list[bytes] = []
        self.operations: list[Any] = []
        self.read = Read()
        self.closed = False
        self.greeting = self.send(None)

    def send(self, event: Event) -> list[str]:
        """Let an event happen; the reply lines that come of it."""
        assert not self.closed
        self.writes = []
        try:
            while not isinstance(step := self.steps.send(event), Read):
                event = self._carry_out(step)
            self.read = step
        except StopIteration:
            self.closed = True
        octets = b"".join(self.writes)
        assert octets.endswith(b"\r\n") or not octets
        return octets.decode("ascii").split("\r\n")[:-1]

    def _carry_out(self, step: Any) -> Event:
        if isinstance(step, Write):
            self.writes.append(step.octets)
            return None
        assert isinstance(step, Execute)
        self.operations.append(step.operation)
        try:
            return Result(self.execute(step.operation))
        except StoreError as error:
            return Failed(error)

    def say(self, octets: bytes) -> list[str]:
        """Send octets."""
        return self.send(Received(octets))

    def codes(self, octets: bytes) -> list[str]:
        """Send octets; the code of each reply, with its enhanced code where it has one."""
        ends = [line for line in self.say(octets) if line[3:4] == " "]
        return [line[:9].rstrip() if line[4:5].isdigit() and line[5:6] == "." else line[:3] for line in ends]


def inbox(execute: Callable[[Any], Any], user: str = "ann") -> list[bytes]:
    """The messages in a user's INBOX."""
    opened = execute(OpenMailbox(UserName(user), "INBOX"))
    page = execute(FetchMessages(opened.id, NumberSet(((1, 2**32 - 1),)), Column.CONTENT | Column.INTERNALDATE))
    return [row.content for row in page.rows]


def body(content: bytes) -> bytes:
    """A delivered message without the trace fields that were put before it."""
    return content.partition(b"+0000\r\n")[2]
