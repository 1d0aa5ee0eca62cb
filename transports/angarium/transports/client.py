"""A blocking IMAP client: the sans-IO client engine over a socket, one command at a time or pipelined.

For programs that want to read a script like a transcript (import from another server, tests, measurements)::

    with connect("127.0.0.1", 143) as connection:
        connection.login("user", "password")
        connection.command(Select("INBOX")).require_ok()
        for octets in connection.read_message(uid): ...

Memory is bounded whatever the server sends: ``ClientLimits`` bounds one response, ``responses_max`` what one command
gathers (a ``sink`` takes them one by one instead), and ``read_message`` asks for a large message in pieces.
"""

import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from types import TracebackType
from typing import Final

from attrs import frozen

from angarium.engine.imap.client import ImapClient
from angarium.engine.imap.client_limits import ClientLimits
from angarium.engine.imap.client_sasl import SaslExchange
from angarium.engine.imap.client_view import ServerMisbehaved
from angarium.grammar.imap.commands import Command, Fetch, FetchBody, Idle, Login, Logout, StartTls
from angarium.grammar.imap.responses import BodySection, Condition, Continuation, FetchData, Response, Tagged
from angarium.grammar.imap.sections import Partial, Section
from angarium.grammar.imap.sequence_set import SequenceSet

READ_OCTETS_MAX: Final = 262_144
PIECE_OCTETS: Final = 1_048_576
RESPONSES_MAX: Final = 2_000_000

Sink = Callable[[Response], None]


class ConnectionLost(Exception):
    """The server closed the connection, or did not answer in time."""


class CommandRefused(Exception):
    """A command that had to succeed was answered NO or BAD; ``tagged`` is that answer."""

    def __init__(self, tagged: Tagged) -> None:
        super().__init__(f"{tagged.condition.value.decode()} {tagged.text}")
        self.tagged = tagged


@frozen
class Completed:
    """What came of a command: its tagged response and the other responses that arrived before it."""

    tagged: Tagged
    responses: tuple[Response, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it was answered OK."""
        return self.tagged.condition is Condition.OK

    def require_ok(self) -> "Completed":
        """Return itself, or raise ``CommandRefused``."""
        if not self.ok:
            raise CommandRefused(self.tagged)
        return self


class Connection:
    """One connection to a server; not for use by two threads at once."""

    def __init__(self, sock: socket.socket, *, limits: ClientLimits | None = None, responses_max: int = RESPONSES_MAX) -> None:
        self.client = ImapClient(limits)
        self.responses_max = responses_max
        self._socket = sock
        self._arrived: deque[Response] = deque()
        self._finished: dict[bytes, Tagged] = {}
        while self.client.greeting is None:
            self._receive()
        self._arrived.popleft()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close without a word; ``logout`` is the polite way."""
        self._socket.close()

    def command(self, command: Command, sink: Sink | None = None) -> Completed:
        """Carry out one command. With ``sink`` the untagged responses go there instead of being gathered."""
        return self._complete(self.client.send(command), sink)

    def pipeline(self, commands: Iterable[Command]) -> list[Completed]:
        """Send commands without waiting between them (RFC 9051 §5.5); needs LITERAL+ where they hold literals."""
        tags = [self.client.send(command) for command in commands]
        return [self._complete(tag, None) for tag in tags]

    def login(self, user: str, password: str) -> Completed:
        """LOGIN, required to succeed (RFC 9051 §6.2.3)."""
        return self.command(Login(user.encode(), password.encode())).require_ok()

    def authenticate(self, mechanism: bytes, exchange: SaslExchange) -> Completed:
        """AUTHENTICATE, required to succeed (RFC 9051 §6.2.2)."""
        return self._complete(self.client.authenticate(mechanism, exchange), None).require_ok()

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Protect the connection with STARTTLS (RFC 9051 §6.2.1)."""
        self.command(StartTls()).require_ok()
        self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def idle(self, seconds: float) -> Iterator[Response]:
        """Idle for so long, or until the caller has heard enough, and yield what the server tells (RFC 9051 §6.3.13)."""
        tag = self.client.send(Idle())
        self._flush()
        end = monotonic() + seconds
        try:
            while (left := end - monotonic()) > 0 and self.client.pending(tag):
                if not self._arrived:
                    self._receive(left)
                while self._arrived and not isinstance(self._arrived[0], Tagged):
                    if not isinstance(response := self._arrived.popleft(), Continuation):
                        yield response
        finally:
            if self.client.idling:
                self.client.done()
            self._complete(tag, None).require_ok()

    def logout(self) -> None:
        """LOGOUT and close (RFC 9051 §6.1.3)."""
        try:
            self.command(Logout())
        finally:
            self.close()

    def read_message(self, uid: int, section: Section | None = None, piece_octets: int = PIECE_OCTETS) -> Iterator[bytes]:
        r"""Yield a message or a section of it in pieces, so that none of its size is held; \Seen is not set (RFC 9051 §6.4.5)."""
        offset = 0
        while True:
            item = FetchBody(section or Section(), Partial(offset, piece_octets), peek=True)
            completed = self.command(Fetch(SequenceSet(((uid, uid),)), (item,), uid=True)).require_ok()
            piece = _section_octets(completed.responses, offset)
            if piece:
                yield piece
            if len(piece) < piece_octets:
                return
            offset += len(piece)

    def _complete(self, tag: bytes, sink: Sink | None) -> Completed:
        """Read until the tagged response; one that came early, to a later pipelined command, is kept for it."""
        self._flush()
        gathered: list[Response] = []
        while tag not in self._finished:
            match self._next():
                case Tagged() as tagged:
                    self._finished[tagged.tag] = tagged
                case response if sink is not None:
                    sink(response)
                case response:
                    if len(gathered) == self.responses_max:
                        raise ServerMisbehaved(f"more than {self.responses_max} responses to one command")
                    gathered.append(response)
        return Completed(self._finished.pop(tag), tuple(gathered))

    def _next(self) -> Response:
        while not self._arrived:
            self._receive()
        return self._arrived.popleft()

    def _receive(self, seconds_max: float | None = None) -> None:
        """Wait for octets, take them in, and send what they released."""
        if seconds_max is not None:
            before = self._socket.gettimeout()
            self._socket.settimeout(seconds_max)
        try:
            octets = self._socket.recv(READ_OCTETS_MAX)
        except TimeoutError as error:
            if seconds_max is not None:
                return
            raise ConnectionLost("the server did not answer in time") from error
        except OSError as error:
            raise ConnectionLost(f"connection lost: {error}") from error
        finally:
            if seconds_max is not None:
                self._socket.settimeout(before)
        if not octets:
            raise ConnectionLost("the server closed the connection")
        self._arrived.extend(self.client.receive(octets))
        self._flush()

    def _flush(self) -> None:
        octets = self.client.outgoing()
        if octets:
            try:
                self._socket.sendall(octets)
            except OSError as error:
                raise ConnectionLost(f"connection lost: {error}") from error


def _section_octets(responses: Iterable[Response], origin: int) -> bytes:
    """Find the piece that was asked for; b"" where the message is gone or ends before it."""
    for response in responses:
        if isinstance(response, FetchData):
            for item in response.items:
                if isinstance(item, BodySection) and item.origin == origin:
                    return item.octets or b""
    return b""


def connect(
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    seconds_max: float | None = 60,
    limits: ClientLimits | None = None,
) -> Connection:
    """Connect and take the greeting; with ``tls`` it is implicit TLS (RFC 8314 §3.2). ``seconds_max`` bounds each wait."""
    try:
        sock = socket.create_connection((host, port), seconds_max)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            sock = tls.wrap_socket(sock, server_hostname=host)
    except OSError as error:
        raise ConnectionLost(f"cannot connect to {host} port {port}: {error}") from error
    return Connection(sock, limits=limits)
