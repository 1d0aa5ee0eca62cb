"""A measuring client: it counts octets up to the tagged line and parses nothing while the clock runs.

Parsing would measure the client; this costs the same whatever server answers.
"""

import re
import socket
from collections.abc import Iterable, Sequence
from time import perf_counter

from peers.servers import PASSWORD, Server, await_quiet

QUICKACK = getattr(socket, "TCP_QUICKACK", socket.TCP_NODELAY)
PIPELINE = 64


class WrongAnswer(Exception):
    """The server did not do what it was measured at."""


class Wire:
    """One IMAP connection."""

    def __init__(self, server: Server, user: str | None = "u1", seconds_max: float = 300) -> None:
        self.socket = socket.create_connection((server.host, server.port), seconds_max)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tags = 0
        self.rest = b""
        self.seconds = 0.0
        greeting = self.line()
        if not greeting.startswith(b"* OK"):
            raise WrongAnswer(greeting.decode("latin-1"))
        if user is not None:
            self.command(f"LOGIN {user} {PASSWORD}")

    def close(self) -> None:
        """Close without LOGOUT."""
        self.socket.close()

    def read(self) -> bytes:
        """Octets that have arrived, acknowledged at once so that no server waits for a delayed acknowledgement."""
        self.socket.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)
        octets = self.socket.recv(1 << 18)
        if not octets:
            raise WrongAnswer("the server closed the connection")
        return octets

    def line(self) -> bytes:
        """The next line."""
        while (end := self.rest.find(b"\n")) < 0:
            self.rest += self.read()
        line, self.rest = self.rest[: end + 1], self.rest[end + 1 :]
        return line

    def command(self, text: str, *literals: bytes) -> bytes:
        """Carry out one command, given as text with ``{}`` for each literal; ``seconds`` is then what it took."""
        self.tags += 1
        tag = b"zQ%d" % self.tags
        octets = tag + b" " + _with_literals(text, literals) + b"\r\n"
        start = perf_counter()
        self.socket.sendall(octets)
        answer = self._until(tag)
        self.seconds = perf_counter() - start
        return answer

    def _until(self, tag: bytes) -> bytes:
        """All octets up to and with the tagged line, which must say OK."""
        chunks, tail = [self.rest], self.rest
        self.rest = b""
        mark = b"\r\n" + tag + b" "
        while True:
            if tail.endswith(b"\r\n"):
                at = 0 if tail.startswith(tag + b" ") else tail.rfind(mark) + 2
                if at != 1 and tail.find(b"\r\n", at) == len(tail) - 2:
                    if not tail.startswith(b"OK", at + len(tag) + 1):
                        raise WrongAnswer(tail[at:].decode("latin-1").strip())
                    return b"".join(chunks)
            octets = self.read()
            chunks.append(octets)
            tail = octets[-4096:] if len(octets) >= 4096 else (tail + octets)[-4096:]

    def pipeline(self, texts: Iterable[tuple[str, Sequence[bytes]]]) -> int:
        """Send commands with up to ``PIPELINE`` of them unanswered; return how many were answered OK."""
        sent = answered = 0
        for text, literals in texts:
            self.socket.sendall(b"P%d " % sent + _with_literals(text, literals) + b"\r\n")
            sent += 1
            while sent - answered >= PIPELINE:
                answered += self._answered()
        while answered < sent:
            answered += self._answered()
        return answered

    def _answered(self) -> int:
        line = self.line()
        if line.startswith(b"P"):
            if b" OK" not in line[:16]:
                raise WrongAnswer(line.decode("latin-1"))
            return 1
        return 0

    def append_all(self, mailbox: str, messages: Iterable[bytes]) -> int:
        """Fill a mailbox, pipelined."""
        return self.pipeline((f"APPEND {mailbox} {{}}", (message,)) for message in messages)

    def status(self, mailbox: str) -> int | None:
        """How many messages a mailbox has, None where there is none."""
        try:
            answer = self.command(f"STATUS {mailbox} (MESSAGES)")
        except WrongAnswer:
            return None
        match = re.search(rb"MESSAGES (\d+)", answer)
        return int(match.group(1)) if match else None


def _with_literals(text: str, literals: Sequence[bytes]) -> bytes:
    pieces = text.encode().split(b"{}")
    octets = pieces[0]
    for piece, literal in zip(pieces[1:], literals, strict=True):
        octets += b"{%d+}\r\n" % len(literal) + literal + piece
    return octets


def filled(server: Server, mailbox: str, count: int, messages: Iterable[bytes], user: str = "u1") -> None:
    """Make sure that the mailbox holds these messages, and that the server has done what it puts off (indexing)."""
    wire = Wire(server, user)
    have = wire.status(mailbox)
    if have != count:
        if have:
            wire.command(f"DELETE {mailbox}")
        if have != 0:
            wire.command(f"CREATE {mailbox}")
        wire.append_all(mailbox, messages)
        if wire.status(mailbox) != count:
            raise WrongAnswer(f"{mailbox} does not hold {count} messages")
    wire.close()
    await_quiet(server.pid)
