"""Octets of one connection: what has been received and not read yet, what is to be sent, and waiting (RFC 9051 §2.2, §5.4)."""

from collections.abc import Generator
from functools import lru_cache
from typing import Any, Final

from angarium.engine.imap.asks import NextLine, NothingCame
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
    """A framer for what comes, a list for what goes; the list is sent before every wait and when it has grown long."""

    __slots__ = ("_octets", "_out", "_session", "_silent_seconds", "framer", "has_answer")

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
            yield Write(octets)

    def forget(self) -> None:
        """Drop what has gathered and is not sent."""
        self._out.clear()
        self._octets = 0
        self.has_answer = False

    def hear(self, ask: NextLine | None = None) -> Generator[Step, Event, NothingCame | None]:
        """Wait for octets and give them to the framer; leave when nobody is there any more (RFC 9051 §5.4)."""
        yield from self.flush()
        limits = self._session.limits
        before_login = self._session.state is State.NOT_AUTHENTICATED
        patience = limits.login_seconds_max if before_login else limits.idle_seconds_max
        seconds = min(patience, ask.poll_seconds) if ask and ask.poll_seconds is not None else patience
        event = yield (Read(seconds, ask.watch) if ask else _read(seconds))
        if type(event) is Received:
            self._silent_seconds = 0.0
            self.framer.feed(event.octets)
            return None
        match event:
            case Woken():
                return NothingCame(woken=True)
            case TimedOut():
                self._silent_seconds += seconds
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
