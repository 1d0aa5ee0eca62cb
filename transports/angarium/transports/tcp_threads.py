"""Plain blocking sockets, one thread per connection: the simplest server, for embedding where no event loop runs."""

import contextlib
import select
import socket
import ssl
import time
from typing import Final

from angarium.engine.operations import MailboxId
from angarium.engine.steps import Closed, Event, Peer, Received, Shutdown, TimedOut, TlsStarted, Woken
from angarium.transports.tcp_asyncio import is_loopback
from angarium.transports.watch import Watchers

READ_OCTETS_MAX: Final = 65_536
WRITE_SECONDS_MAX: Final = 300.0
TLS_SECONDS_MAX: Final = 30.0


class BlockingTransport:
    """One connection on a blocking socket. Its coroutines never suspend (``drive.run_blocking``).

    The *bell* is a pair of sockets that other threads ring to end a wait: a watched mailbox has changed, the server goes down.
    """

    def __init__(self, sock: socket.socket, watchers: Watchers, tls_context: ssl.SSLContext | None = None) -> None:
        self._socket = sock
        self._watchers = watchers
        self._tls_context = tls_context
        self._closed = self._shutdown = False
        self._watched: MailboxId | None = None
        self._bell, self._clapper = socket.socketpair()
        self._bell.setblocking(False)
        self._clapper.setblocking(False)
        sock.settimeout(WRITE_SECONDS_MAX)
        self.peer = _describe(sock, tls_context)

    async def read(self, seconds_max: float | None, watch: MailboxId | None) -> Event:
        """Wait in ``poll`` for the socket and the bell."""
        self._watch(watch)
        deadline = None if seconds_max is None else time.monotonic() + seconds_max
        while not self._closed:
            arrived, rung = self._wait(deadline)
            if arrived:
                return self._receive()
            if self._shutdown:
                return Shutdown()
            if rung and self._watched is not None:
                return Woken()
            if deadline is not None and time.monotonic() >= deadline:
                return TimedOut()
        return Closed()

    async def write(self, octets: bytes) -> None:
        """Send all of it, or note that the peer has gone."""
        if not self._closed:
            try:
                self._socket.sendall(octets)
            except OSError:
                self._closed = True

    async def start_tls(self) -> Event:
        """Upgrade (RFC 9051 §6.2.1); nothing that was read before is kept here."""
        if self._tls_context is None or self._closed:
            self._closed = True
            return Closed()
        try:
            self._socket.settimeout(TLS_SECONDS_MAX)
            self._socket = self._tls_context.wrap_socket(self._socket, server_side=True)
            self._socket.settimeout(WRITE_SECONDS_MAX)
        except OSError:
            self._closed = True
            return Closed()
        self.peer = Peer(self.peer.address, tls=True, local=self.peer.local)
        return TlsStarted()

    async def close(self) -> None:
        """End the connection."""
        self._watch(None)
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for each in (self._socket, self._bell, self._clapper):
            each.close()

    def shut_down(self) -> None:
        """Make the next read, or the one that waits, answer ``Shutdown``; called from another thread."""
        self._shutdown = True
        self._ring()

    def _receive(self) -> Event:
        try:
            octets = self._socket.recv(READ_OCTETS_MAX)
        except OSError:
            octets = b""
        if octets:
            return Received(octets)
        self._closed = True
        return Closed()

    def _wait(self, deadline: float | None) -> tuple[bool, bool]:
        """Wait for the socket or the bell; say whether octets have arrived and whether it rang."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True, False  # decrypted already, where poll does not see it
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        milliseconds = None if deadline is None else max(0.0, (deadline - time.monotonic()) * 1000)
        ready = {descriptor for descriptor, _ in poll.poll(milliseconds)}
        rung = self._bell.fileno() in ready
        if rung:
            self._bell.recv(4096)
        return self._socket.fileno() in ready, rung or self._shutdown

    def _watch(self, mailbox: MailboxId | None) -> None:
        """Subscribe from the first read that watches to the first that does not; begin with one wake-up (see ``watch``)."""
        if mailbox != self._watched:
            if self._watched is not None:
                self._watchers.remove(self._watched, self._ring)
            self._watched = mailbox
            if mailbox is not None:
                self._watchers.add(mailbox, self._ring)
                self._ring()

    def _ring(self) -> None:
        # A full bell has rung; a closed one belongs to a connection that has just ended.
        with contextlib.suppress(OSError):
            self._clapper.send(b".")


def _describe(sock: socket.socket, tls_context: ssl.SSLContext | None) -> Peer:
    if sock.family == socket.AF_UNIX:
        return Peer("unix", local=True, can_start_tls=tls_context is not None)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    address = str(sock.getpeername()[0]).removeprefix("::ffff:")
    tls = isinstance(sock, ssl.SSLSocket)
    return Peer(address, tls=tls, local=is_loopback(address), can_start_tls=tls_context is not None and not tls)
