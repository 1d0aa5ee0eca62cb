"""Octets of one connection: what has been received and not read yet, what is to be sent, and waiting (RFC 9051 §2.2, §5.4)."""

from collections.abc import Generator
from functools import lru_cache
from typing import Any, Final

from angarium.engine.imap.asks import NextLine, NothingCame
from angarium.engine.imap.deflate import Compression, NotDeflate
from angarium.engine.imap.state import Session, State
from angarium.engine.steps import Event, Read, Received, Shutdown, Step, TimedOut, Woken, Write
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.render_response import render_response
from angarium.grammar.imap.responses import Code, Condition, Response, ResponseCode, Untagged

Steps = Generator[Step, Event, Any]

NO_LINE: Final = b"\0"
"""What stands for something that came instead of a line: too long, or a literal. No exchange takes it."""


@lru_cache
def _read(seconds: float) -> Read:
    return Read(seconds)


class Departure(Exception):
    """The connection ends now; ``farewell`` is its BYE, None where nobody would hear it (RFC 9051 §7.1.5)."""

    def __init__(self, farewell: Untagged | None) -> None:
        super().__init__()
        self.farewell: Final = farewell


def bye(text: str, code: Code | None = None) -> Departure:
    """Leave with BYE (RFC 9051 §7.1.5)."""
    return Departure(Untagged(Condition.BYE, text, ResponseCode(code) if code else None))


class Wire:
    """A framer for what comes, a list for what goes; the list is sent before every wait and when it has grown long.

    Either direction may be compressed; then DEFLATE is between this list or the framer and the transport (RFC 4978 §3).
    """

    __slots__ = ("_compression", "_octets", "_out", "_session", "_silent_seconds", "framer", "has_answer")

    def __init__(self, session: Session) -> None:
        limits = session.limits
        self.framer: Final = Framer(
            limits.line_octets_max,
            limits.append_octets_max,
            max(limits.literal_count_max, limits.append_literals_max),
            limits.literal_octets_max,
            limits.append_memory_octets_max,
        )
        self._session: Final = session
        self._out: Final[list[bytes]] = []
        self._octets = 0
        self._silent_seconds = 0.0
        self._compression: Compression | None = None
        self.has_answer = False
        """a whole answer is among what has gathered: it should not wait for what may take long"""

    def say(self, response: Response) -> None:
        """Have a response sent (RFC 9051 §7)."""
        self.write(render_response(response, self._session.revision2))

    def write(self, octets: bytes) -> None:
        """Have octets sent."""
        self._out.append(octets)
        self._octets += len(octets)

    @property
    def is_full(self) -> bool:
        """Whether enough has gathered to be sent at once."""
        return self._octets >= self._session.limits.write_octets

    def flush(self) -> Steps:
        """Send what has gathered."""
        if self._out:
            octets = self._out[0] if len(self._out) == 1 else b"".join(self._out)
            self.forget()
            yield Write(octets if self._compression is None else self._compression.sent(octets))

    def forget(self) -> None:
        """Drop what has gathered and is not sent."""
        self._out.clear()
        self._octets = 0
        self.has_answer = False

    def hear(self, ask: NextLine | None = None) -> Generator[Step, Event, NothingCame | None]:
        """Wait for octets and give them to the framer; leave when nobody is there any more (RFC 9051 §5.4)."""
        yield from self.flush()
        if self._compression is not None and self._inflate(self._compression):
            return None
        limits = self._session.limits
        before_login = self._session.state is State.NOT_AUTHENTICATED
        patience = limits.login_seconds_max if before_login else limits.idle_seconds_max
        seconds = min(patience, ask.poll_seconds) if ask and ask.poll_seconds is not None else patience
        if self._compression is not None and self._compression.may_rest:
            seconds = min(seconds, limits.deflater_seconds_max)
        event = yield (Read(seconds, ask.watch) if ask else _read(seconds))
        if type(event) is Received:
            self._silent_seconds = 0.0
            self._receive(event.octets)
            return None
        match event:
            case Woken():
                return NothingCame(woken=True)
            case TimedOut():
                self._silent_seconds += seconds
                if self._compression is not None:
                    self._compression.rest()
                if self._silent_seconds >= patience:
                    raise bye("autologout, idle for too long")
                return NothingCame(woken=False)
            case Shutdown():
                raise bye("the server is shutting down", Code.UNAVAILABLE)
            case _:
                raise Departure(None)

    def line(self, ask: NextLine) -> Generator[Step, Event, bytes | NothingCame]:
        """A line that is no command, ``NO_LINE`` for what is none (RFC 9051 §6.2.2, §6.3.13)."""
        while True:
            event = self.framer.next()
            if event is None:
                nothing = yield from self.hear(ask)
                if nothing is not None:
                    return nothing
            elif isinstance(event, Frame):
                return event.octets
            else:
                if isinstance(event, LiteralWanted):
                    self.framer.refuse_literal()
                return NO_LINE

    def begin_compression(self) -> Steps:
        """Compress from here on, and take all that follows the command for compressed, whenever it came (RFC 4978 §3)."""
        yield from self.flush()
        self._compression = Compression(self._session.limits.inflate_octets)
        self._receive(self.framer.take_rest())

    def end_compression(self) -> Steps:
        """Send what has gathered as the last that is compressed, and wait for the client's end of it (RFC 8437 §4.1)."""
        assert self._compression is not None
        octets = b"".join(self._out)
        self.forget()
        self.framer.discard()
        yield Write(self._compression.last_sent(octets))
        self._compression.expect_end()

    def at_once(self, response: Response) -> bytes:
        """All that has gathered and a response, for the transport: the engine itself waits for something else."""
        self.say(response)
        octets = b"".join(self._out)
        self.forget()
        return self.compressed(octets)

    def compressed(self, octets: bytes) -> bytes:
        """Octets that do not go the usual way, for the transport."""
        return octets if self._compression is None else self._compression.sent(octets)

    def _receive(self, octets: bytes) -> None:
        if self._compression is None:
            self.framer.feed(octets)
        else:
            self._compression.came(octets)

    def _inflate(self, compression: Compression) -> bool:
        """Give the framer the next piece of what has come; False when more has to come first (RFC 4978 §3, RFC 8437 §4.1)."""
        try:
            octets = compression.next_piece()
        except NotDeflate:
            raise bye("expected DEFLATE") from None
        if compression.over:
            self._compression = None
        self.framer.feed(octets)
        return bool(octets)
