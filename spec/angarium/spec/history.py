r"""Histories: what clients sent and what a server said, on one connection or several, in real order (RFC 9051 §2.2).

An event happens on a session, a number. ``Sent`` stands where the command's first octet left, ``Received`` where the last
octet of a response arrived; so a command takes effect, if at all, between the two. ``Record`` makes a history of octets as
they come and go. ``to_text`` writes it for people, octet by octet, and ``from_text`` reads that again::

    1 connected
    1 S: * OK ready
    1 C: a1 APPEND INBOX {9+}
    1 C+ hello
    1 C+
    1 C+
    1 S: a1 OK [APPENDUID 7 1] done
    1 closed

``C+`` and ``S+`` go on with octets that the line above began; every line but one that ends in ``\`` ends with CRLF, and
``\xNN`` stands for an octet that a page cannot show.
"""

import re
from typing import Final

from attrs import define, field, frozen

from angarium.grammar.imap.commands import Authenticate, Command, Idle
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.parse_command import CommandSyntaxError, parse_command
from angarium.grammar.imap.parse_response import ResponseSyntaxError, parse_response
from angarium.grammar.imap.responses import Enabled, Response, Tagged

OCTETS_MAX: Final = 1 << 30


@frozen
class Connected:
    """The client has opened a connection (RFC 9051 §2.1)."""

    session: int


@frozen
class Sent:
    """A whole command, literals and all (RFC 9051 §2.2.1)."""

    session: int
    tag: bytes
    command: Command
    octets: bytes = field(repr=False, default=b"")


@frozen
class SentLine:
    """A line that the server asked for: the answer to a SASL challenge (RFC 9051 §6.2.2), or DONE (§6.3.13)."""

    session: int
    line: bytes


@frozen
class SentGarbage:
    """Octets that are no command (RFC 9051 §7.1.3)."""

    session: int
    octets: bytes


@frozen
class Received:
    """A response (RFC 9051 §2.2.2, §7)."""

    session: int
    response: Response
    octets: bytes = field(repr=False, default=b"")


@frozen
class Unreadable:
    """Octets that are no response."""

    session: int
    octets: bytes


@frozen
class Closed:
    """The connection has ended, whoever ended it."""

    session: int


Event = Connected | Sent | SentLine | SentGarbage | Received | Unreadable | Closed
History = tuple[Event, ...]


@define
class _Connection:
    """How far the octets of one connection have been read; ``waits`` has the commands that go on with a line."""

    framer: Framer = field(factory=lambda: Framer(OCTETS_MAX, OCTETS_MAX, OCTETS_MAX, OCTETS_MAX, responses=True))
    utf8: bool = False
    waits: dict[bytes, Command] = field(factory=dict)


@define
class Record:
    """Makes events of octets, in the order it is told of them."""

    events: list[Event] = field(factory=list)
    _connections: dict[int, _Connection] = field(factory=dict)

    def connected(self, session: int) -> None:
        """A connection was opened."""
        self._connections[session] = _Connection()
        self.events.append(Connected(session))

    def has(self, session: int) -> bool:
        """Say whether there is such a connection, or was."""
        return session in self._connections

    def sent(self, session: int, octets: bytes) -> None:
        """One whole command is on its way, or one line that the server waits for."""
        connection = self._connections[session]
        if connection.waits:
            self.events.append(SentLine(session, octets.removesuffix(b"\r\n")))
            return
        frame = _whole_frame(octets)
        try:
            tagged = parse_command(frame, connection.utf8) if frame else None
        except CommandSyntaxError:
            tagged = None
        if tagged is None:
            self.events.append(SentGarbage(session, octets))
            return
        if isinstance(tagged.command, Idle | Authenticate):
            connection.waits[tagged.tag] = tagged.command
        self.events.append(Sent(session, tagged.tag, tagged.command, octets))

    def received(self, session: int, octets: bytes) -> None:
        """Octets have come, in whatever pieces."""
        connection = self._connections[session]
        connection.framer.feed(octets)
        while (event := connection.framer.next()) is not None:
            if isinstance(event, LiteralWanted):
                connection.framer.accept_literal(stream=False)
            elif isinstance(event, Frame):
                self._response(session, connection, event)

    def closed(self, session: int) -> None:
        """The connection has ended."""
        self.events.append(Closed(session))

    def _response(self, session: int, connection: _Connection, frame: Frame) -> None:
        octets = _octets_of(frame)
        try:
            response = parse_response(frame, connection.utf8)
        except ResponseSyntaxError:
            self.events.append(Unreadable(session, octets))
            return
        if isinstance(response, Tagged):
            connection.waits.pop(response.tag, None)
        if isinstance(response, Enabled) and b"IMAP4REV2" in {name.upper() for name in response.capabilities}:
            connection.utf8 = True
        self.events.append(Received(session, response, octets))


def _whole_frame(octets: bytes) -> Frame | None:
    """The command, if the octets are exactly one."""
    framer = Framer(OCTETS_MAX, OCTETS_MAX, OCTETS_MAX, OCTETS_MAX)
    framer.feed(octets)
    while isinstance(event := framer.next(), LiteralWanted):
        framer.accept_literal(stream=False)
    return event if isinstance(event, Frame) and not framer.pending else None


def _octets_of(frame: Frame) -> bytes:
    """A frame as it was on the wire, its literals in place."""
    first, *rest = frame.octets.split(b"}\r\n")
    octets = first
    for literal, piece in zip(frame.literals, rest, strict=True):
        assert isinstance(literal, bytes)
        octets += b"}\r\n" + literal + piece
    return octets + b"\r\n"


_UNSHOWN: Final = re.compile(rb"[^ -~]| \Z|\\(?=x[0-9a-f]{2}|\Z)")


def to_text(history: History) -> str:
    """The history as lines for people."""
    return "".join(f"{line}\n" for event in history for line in event_lines(event))


def event_lines(event: Event) -> list[str]:
    """One event as lines."""
    match event:
        case Connected(session):
            return [f"{session} connected"]
        case Closed(session):
            return [f"{session} closed"]
        case SentLine(session, line):
            return _octet_lines(session, "C", line + b"\r\n")
        case Sent(session, octets=octets) | SentGarbage(session, octets):
            return _octet_lines(session, "C", octets)
        case Received(session, octets=octets) | Unreadable(session, octets):
            return _octet_lines(session, "S", octets)


def _octet_lines(session: int, side: str, octets: bytes) -> list[str]:
    pieces = octets.split(b"\r\n")
    texts = [_UNSHOWN.sub(lambda found: rb"\x%02x" % ord(found[0]), piece).decode() for piece in pieces]
    last = [f"{texts[-1]}\\"] if texts[-1] else []
    first, *rest = [*texts[:-1], *last] or ["\\"]
    return [f"{session} {side}{mark} {text}".rstrip() for mark, text in [(":", first), *(("+", text) for text in rest)]]


_LINE: Final = re.compile(r"(\d+) (?:(connected|closed)|([CS])([:+])(?: (.*))?)\Z")
_ESCAPE: Final = re.compile(rb"\\x([0-9a-f]{2})")


def from_text(text: str) -> History:
    """The history that the lines tell; empty lines and those that begin with # are for the reader."""
    record = Record()
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [_LINE.match(line.strip()) for line in lines]
    for position, match in enumerate(found):
        if match is None:
            raise ValueError(f"not a line of a history: {lines[position]!r}")
        session = int(match[1])
        if match[2]:
            (record.connected if match[2] == "connected" else record.closed)(session)
        elif not record.has(session):
            raise ValueError(f"not a history, for session {session} has not connected: {lines[position]!r}")
        elif match[4] == ":":
            octets = _shown_octets(match[5]) + b"".join(_continued(found[position + 1 :], match[1], match[3]))
            (record.sent if match[3] == "C" else record.received)(session, octets)
    return tuple(record.events)


def lines_of_events(text: str) -> list[int]:
    """On which line of the text each event begins, counted from 1."""
    found = [_LINE.match(line.strip()) for line in text.splitlines()]
    return [number for number, match in enumerate(found, 1) if match is not None and match[4] != "+"]


def _continued(following: list[re.Match[str] | None], session: str, side: str) -> list[bytes]:
    """The octets of the lines that go on."""
    octets = []
    for match in following:
        if match is None or (match[1], match[3], match[4]) != (session, side, "+"):
            break
        octets.append(_shown_octets(match[5]))
    return octets


def _shown_octets(text: str | None) -> bytes:
    shown = (text or "").encode("utf-8")
    whole, end = (shown[:-1], b"") if shown.endswith(b"\\") else (shown, b"\r\n")
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), whole) + end
