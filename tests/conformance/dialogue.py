"""The client's end of an engine without a network: octets in, responses out, operations straight to a store.

Everything that the server says is framed and parsed by the grammar of responses; what does not parse fails the test.
"""

from collections.abc import Callable
from typing import Any

from angarium.engine.imap.connection import ImapServer
from angarium.engine.operations import StoreError
from angarium.engine.steps import Event, Execute, Failed, Peer, Read, Received, Result, StartTls, TlsStarted, Write
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.responses import Response

LOCAL = Peer("client", local=True)


class Dialogue:
    """One connection to ``ImapServer``; it waits whenever the server does."""

    def __init__(self, execute: Callable[[Any], Any], peer: Peer = LOCAL, **options: Any) -> None:
        self.execute = execute
        self.server = ImapServer(peer, **options)
        self.steps = self.server.run()
        self.framer = Framer(1_000_000, 200_000_000, 1_000, 200_000_000, responses=True)
        self.sent: list[bytes] = []
        self.operations: list[Any] = []
        self.read = Read()
        self.closed = False
        self.tls = False
        self.writes = 0
        self._advance(lambda: next(self.steps))

    def _advance(self, first: Callable[[], Any]) -> None:
        """Carry out steps until the server waits or ends."""
        move = first
        while True:
            try:
                step = move()
            except StopIteration:
                self.closed = True
                return
            if isinstance(step, Read):
                self.read = step
                return
            event = self._carry_out(step)
            move = lambda event=event: self.steps.send(event)  # noqa: E731

    def _carry_out(self, step: Any) -> Event:
        if isinstance(step, Write):
            self.writes += 1
            self.sent.append(step.octets)
            return None
        if isinstance(step, StartTls):
            self.tls = True
            return TlsStarted()
        assert isinstance(step, Execute)
        self.operations.append(step.operation)
        try:
            return Result(self.execute(step.operation))
        except StoreError as error:
            return Failed(error)

    def send(self, event: Event) -> list[bytes]:
        """Let an event happen; the response lines that come of it, literals in place."""
        self.begin(event)
        return self.lines()

    def begin(self, event: Event) -> None:
        """Let an event happen; what comes of it stays in ``sent``."""
        assert not self.closed
        self._advance(lambda: self.steps.send(event))

    def say(self, octets: bytes) -> list[bytes]:
        """Send octets."""
        return self.send(Received(octets))

    def command(self, text: str) -> list[bytes]:
        """Send a line."""
        return self.say(text.encode() + b"\r\n")

    def append(self, message: bytes, flags: str = "", mailbox: str = "INBOX") -> None:
        """Add a message, without a word of it."""
        line = b"ap APPEND %b (%b) {%d+}\r\n%b\r\n" % (mailbox.encode(), flags.encode(), len(message), message)
        assert self.say(line)[-1].startswith(b"ap OK")

    def lines(self) -> list[bytes]:
        """What has come since the last time, one response each."""
        return [text for text, _ in self.responses()]

    def responses(self) -> list[tuple[bytes, Response]]:
        """The same with what each means."""
        for octets in self.sent:
            self.framer.feed(octets)
        self.sent.clear()
        result = []
        while (event := self.framer.next()) is not None:
            if isinstance(event, LiteralWanted):
                self.framer.accept_literal(stream=False)
                continue
            assert isinstance(event, Frame)
            parsed = parse_response(event, self.server.session.revision2)
            result.append((_whole(event), parsed))
        assert not self.framer.pending, "the server stopped in the middle of a response"
        return result


def _whole(frame: Frame) -> bytes:
    """A frame with its literals where they were."""
    pieces = frame.octets.split(b"}\r\n")
    text = pieces[0]
    for literal, piece in zip(frame.literals, pieces[1:], strict=True):
        assert isinstance(literal, bytes)
        text += b"}\r\n" + literal + piece
    return text
