"""The server side of an LMTP connection (RFC 2033): from greeting to farewell, as steps (``angarium.engine.steps``).

A transaction is MAIL, one RCPT or more, then DATA or BDAT; after the message comes one reply for each recipient that was
accepted, each sent only when that recipient's copy is durable. Replies to pipelined commands go out together
(RFC 2920 §3.2), as far as ``tables.REPLIES_MAY_WAIT`` allows.
What is valid where stands in ``tables``; what commands do, in ``commands``.
"""

from collections.abc import Callable, Generator
from datetime import datetime
from typing import Final

from angarium.engine.lmtp.commands import receive_chunk
from angarium.engine.lmtp.limits import Limits
from angarium.engine.lmtp.session import Departure, Outcome, Session, State
from angarium.engine.lmtp.tables import COMMANDS, REPLIES_MAY_WAIT, TRANSITIONS
from angarium.engine.steps import Event, Peer, Step
from angarium.grammar.lmtp.commands import Bdat, Command
from angarium.grammar.lmtp.framing import LineTooLong
from angarium.grammar.lmtp.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.lmtp.replies import Reply, render_reply, reply

_ROWS: Final = {row.value: row for row in COMMANDS}


class LmtpServer:
    """One connection. ``clock`` gives the time, with its zone, for trace fields and internal dates."""

    __slots__ = ("_errors", "_session", "state")

    def __init__(
        self, peer: Peer, *, clock: Callable[[], datetime], limits: Limits = Limits(), hostname: str = "localhost"
    ) -> None:
        self._session = Session(peer, limits, hostname, clock)
        self._errors = 0
        self.state = State.CONNECTED

    def run(self) -> Generator[Step, Event, None]:
        """Speak LMTP until the client leaves or has to."""
        session = self._session
        session.say(reply(220, "", f"{session.hostname} LMTP ready"))
        try:
            while True:
                command = self._understand((yield from self._line()))
                if command is not None:
                    yield from self._carry_out(command)
                if type(command) not in REPLIES_MAY_WAIT:
                    yield from session.flush()
        except Departure as departure:
            yield from session.forget()
            if departure.farewell is not None:
                session.say(departure.farewell)
            yield from session.flush()

    def still_working(self) -> bytes:
        """Say nothing: LMTP has no word for it, and its clients wait for minutes (RFC 5321 §4.5.3.2)."""
        return b""

    def crash_farewell(self) -> bytes:
        """Say that it is our fault and the message should be sent again (RFC 5321 §4.2.3)."""
        return render_reply(reply(421, "4.3.0", f"{self._session.hostname} internal error"))

    def _line(self) -> Generator[Step, Event, bytes | LineTooLong]:
        """Wait for the next command line."""
        buffer = self._session.buffer
        while (line := buffer.line()) is None:
            buffer.feed((yield from self._session.read()))
        return line

    def _understand(self, line: bytes | LineTooLong) -> Command | None:
        """Read a command, or say why it is none."""
        if isinstance(line, LineTooLong):
            self._refuse(reply(500, "5.5.2", "Line too long"))
            return None
        try:
            return parse_command(line)
        except CommandSyntaxError as error:
            code, enhanced = (500, "5.5.1") if error.unknown else (501, "5.5.4")
            self._refuse(reply(code, enhanced, str(error).capitalize()))
            return None

    def _carry_out(self, command: Command) -> Generator[Step, Event, None]:
        """Carry out a command where it is in place."""
        row = _ROWS[type(command)]
        if self.state not in row.valid_in:
            yield from self._swallow_chunk(command)
            self._refuse(reply(503, "5.5.1", row.out_of_place))
            return
        outcome = yield from row.carry_out(self._session, command)
        self._errors = self._errors + 1 if outcome is Outcome.NO else 0
        self.state = TRANSITIONS.get((self.state, row.value, outcome), self.state)

    def _swallow_chunk(self, command: Command) -> Generator[Step, Event, None]:
        """Let the octets of a BDAT that is out of place pass (RFC 3030 §2): they are no commands."""
        if isinstance(command, Bdat):
            yield from receive_chunk(self._session, command.chunk_size, None)

    def _refuse(self, answer: Reply) -> None:
        """Answer an error; whoever only makes errors is sent away."""
        self._errors += 1
        self._session.say(answer)
        if self._errors > self._session.limits.errors_max:
            raise Departure(reply(421, "4.7.0", f"{self._session.hostname} too many errors"))
