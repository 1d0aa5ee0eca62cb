"""What one LMTP connection remembers, and how it reads and writes (RFC 2033, RFC 2920)."""

from collections.abc import Callable, Generator
from datetime import datetime
from enum import Enum

from attrs import frozen

from angarium.engine.lmtp.content import Content
from angarium.engine.lmtp.limits import Limits
from angarium.engine.operations import Recipient
from angarium.engine.steps import Closed, Event, Peer, Read, Received, Shutdown, Step, TimedOut, Write
from angarium.grammar.lmtp.commands import Mail, Path
from angarium.grammar.lmtp.framing import LineBuffer
from angarium.grammar.lmtp.replies import Reply, render_reply, reply


class State(Enum):
    """Where a connection stands (RFC 5321 §4.1.4)."""

    CONNECTED = "before LHLO"
    READY = "no transaction"
    SENDER = "MAIL given"
    RECIPIENTS = "RCPT given"
    CHUNKS = "BDAT begun"


class Outcome(Enum):
    """What became of a command, for the table of transitions."""

    OK = "done"
    OVER = "transaction over"
    NO = "refused"


class Departure(Exception):
    """The connection ends; ``farewell`` is what the client still hears, if it is there to hear it."""

    def __init__(self, farewell: Reply | None) -> None:
        super().__init__()
        self.farewell = farewell


@frozen
class Accepted:
    """A recipient that RCPT was answered 250 for."""

    path: Path
    recipient: Recipient


class Transaction:
    """One mail transaction (RFC 5321 §3.3)."""

    __slots__ = ("content", "mail", "recipients")

    def __init__(self, mail: Mail) -> None:
        self.mail = mail
        self.recipients: list[Accepted] = []
        self.content: Content | None = None


class Session:
    """The memory of a connection. Replies are held back while more commands are at hand (RFC 2920 §3.2)."""

    __slots__ = ("_unsent", "buffer", "client", "clock", "hostname", "limits", "peer", "transaction")

    def __init__(self, peer: Peer, limits: Limits, hostname: str, clock: Callable[[], datetime]) -> None:
        self.peer = peer
        self.limits = limits
        self.hostname = hostname
        self.clock = clock
        self.client = ""
        self.buffer = LineBuffer(limits.line_octets_max)
        self.transaction: Transaction | None = None
        self._unsent = b""

    def say(self, *replies: Reply) -> None:
        """Answer; the octets go out with ``flush``, at the latest before the next wait."""
        self._unsent += b"".join(map(render_reply, replies))

    def flush(self) -> Generator[Step, Event, None]:
        """Send what has been said."""
        if self._unsent:
            unsent, self._unsent = self._unsent, b""
            yield Write(unsent)

    def read(self) -> Generator[Step, Event, bytes]:
        """Wait for octets, everything said before. Raises Departure where none will come."""
        yield from self.flush()
        event = yield Read(self.limits.command_seconds_max)
        if isinstance(event, Received):
            return event.octets
        if isinstance(event, TimedOut):
            raise Departure(reply(421, "4.4.2", f"{self.hostname} timed out"))
        if isinstance(event, Shutdown):
            raise Departure(reply(421, "4.3.2", f"{self.hostname} shutting down"))
        assert isinstance(event, Closed), event
        raise Departure(None)

    def forget(self) -> Generator[Step, Event, None]:
        """End the transaction, whatever stage it is in, without delivery."""
        if self.transaction is not None and self.transaction.content is not None:
            yield from self.transaction.content.discard()
        self.transaction = None
