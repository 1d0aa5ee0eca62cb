"""TCP, TLS and unix sockets on asyncio (uvloop where installed): one ``asyncio.Protocol`` object per connection.

Memory is what this file economises: no streams, no per-read timers, no buffer while idle. Octets that arrive while the
engine is busy gather up to ``READ_OCTETS_MAX``, then the socket is left alone until the engine reads again; writes wait
while the peer does not take what was sent, and a peer that takes nothing for ``WRITE_SECONDS_MAX`` is cut off.

Deadlines: a connection has at most one timer. A new read only moves ``_deadline``; the timer, when it rings too early, sets
itself again. At 12,000 commands a second that saves as many timers.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

from angarium.engine.operations import MailboxId
from angarium.engine.steps import Closed, Event, Peer, Received, Shutdown, TimedOut, TlsStarted, Woken
from angarium.transports.watch import Watchers

READ_OCTETS_MAX: Final = 65_536
WRITE_OCTETS_MAX: Final = 131_072
WRITE_SECONDS_MAX: Final = 300.0
TLS_SECONDS_MAX: Final = 30.0
IDLE_PROBE_SECONDS: Final = 600


class AsyncioTransport(asyncio.Protocol):
    """One connection; ``on_connected`` is told once it is up (after the TLS handshake, where TLS is implicit)."""

    __slots__ = (

        "_buffer",
        "_closed",
        "_deadline",
        "_eof",
        "_loop",
        "_on_connected",
        "_paused",
        "_reader",
        "_shutdown",
        "_tcp",
        "_timer",
        "_tls_context",
        "_watched",
        "_watchers",
        "_woken",
        "_writer",
        "peer",
    )  # fmt: skip

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        watchers: Watchers,
        on_connected: Callable[["AsyncioTransport"], None],
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._loop = loop
        self._watchers = watchers
        self._on_connected = on_connected
        self._tls_context = tls_context
        self.peer = Peer("")
        self._tcp: Any = None
        self._buffer: list[bytes] = []
        self._closed = self._eof = self._paused = self._shutdown = self._woken = False
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._watched: MailboxId | None = None

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who is there and let the server begin."""
        self._tcp = transport
        self._tcp.set_write_buffer_limits(high=WRITE_OCTETS_MAX)
        self.peer = describe_peer(self._tcp, self._tls_context is not None)
        self._on_connected(self)

    def data_received(self, data: bytes) -> None:
        """Keep what came; past the limit, read no more until the engine asks."""
        self._buffer.append(data)
        if len(data) >= READ_OCTETS_MAX or sum(map(len, self._buffer)) >= READ_OCTETS_MAX:
            self._paused = True
            self._tcp.pause_reading()
        self._notify_reader()

    def eof_received(self) -> bool:
        """Keep our direction open, so that answers to what came before still go out (TLS cannot)."""
        self._eof = True
        self._notify_reader()
        return not self.peer.tls

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits; from now on octets written go nowhere."""
        self._closed = self._eof = True
        self._notify_reader()
        self.resume_writing()
        self._stop_watching()
        self._stop_timer()

    def pause_writing(self) -> None:
        """Make writers wait."""
        self._writer = self._loop.create_future()

    def resume_writing(self) -> None:
        """Let the writer go on."""
        if self._writer is not None and not self._writer.done():
            self._writer.set_result(None)
        self._writer = None

    # What the driver calls

    async def read(self, seconds_max: float | None, watch: MailboxId | None) -> Event:
        """Wait for octets, the end, the clock, a watched change or the server's shutdown."""
        self._watch(watch)
        self._deadline = None if seconds_max is None else self._loop.time() + seconds_max
        while (event := self._take_event()) is None:
            if self._deadline is not None:
                self._arm()
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return event

    async def write(self, octets: bytes) -> None:
        """Send octets; wait while the peer is slow, give it up when it takes nothing at all."""
        if self._closed:
            return
        self._tcp.write(octets)
        if self._writer is not None:
            try:
                await asyncio.wait_for(asyncio.shield(self._writer), WRITE_SECONDS_MAX)
            except TimeoutError:
                self._abort()

    async def start_tls(self) -> Event:
        """Upgrade (RFC 9051 §6.2.1); plaintext that came behind the command is forgotten, not carried into TLS."""
        self._buffer.clear()
        if self._closed or self._tls_context is None:
            return self._abort()
        try:
            upgraded = await self._loop.start_tls(
                self._tcp, self, self._tls_context, server_side=True, ssl_handshake_timeout=TLS_SECONDS_MAX
            )
        except OSError:  # a handshake that failed, timed out, or whose peer left
            return self._abort()
        if upgraded is None:
            return self._abort()
        self._tcp = upgraded
        self.peer = Peer(self.peer.address, tls=True, local=self.peer.local)
        return TlsStarted()

    async def close(self) -> None:
        """Flush and end; what the peer will not take within the time limit is dropped with the connection."""
        self._stop_watching()
        self._stop_timer()
        if self._tcp is not None and not self._closed:
            self._closed = self._eof = True
            self._tcp.close()
            self._loop.call_later(TLS_SECONDS_MAX, _abort_if_open, self._tcp)

    def refuse(self, farewell: bytes) -> None:
        """Turn the connection away."""
        self._tcp.write(farewell)
        self._closed = self._eof = True
        self._tcp.close()

    def shut_down(self) -> None:
        """Make the next read, or the one that waits, answer ``Shutdown``."""
        self._shutdown = True
        self._notify_reader()

    # Inside

    def _take_event(self) -> Event:
        """Say what has happened since the last read: octets first, so that none are lost to an end that follows them."""
        if self._buffer:
            octets = self._buffer[0] if len(self._buffer) == 1 else b"".join(self._buffer)
            self._buffer.clear()
            if self._paused:
                self._paused = False
                self._tcp.resume_reading()
            return Received(octets)
        if self._eof:
            return Closed()
        if self._shutdown:
            return Shutdown()
        if self._woken:
            self._woken = False
            return Woken()
        if self._deadline is not None and self._loop.time() >= self._deadline:
            return TimedOut()
        return None

    def _notify_reader(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _watch(self, mailbox: MailboxId | None) -> None:
        """Subscribe from the first read that watches to the first that does not; begin with one wake-up (see ``watch``)."""
        if mailbox != self._watched:
            self._stop_watching()
            if mailbox is not None:
                self._watchers.add(mailbox, self._wake)
                self._watched = mailbox
                self._woken = True

    def _stop_watching(self) -> None:
        if self._watched is not None:
            self._watchers.remove(self._watched, self._wake)
            self._watched = None
        self._woken = False

    def _wake(self) -> None:
        """Note a change; called from whichever thread committed it."""
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._notify_reader)

    def _arm(self) -> None:
        if self._timer is None or self._timer.when() > self._deadline:  # type: ignore[operator]
            self._stop_timer()
            self._timer = self._loop.call_at(self._deadline, self._ring)  # type: ignore[arg-type]

    def _ring(self) -> None:
        self._timer = None
        if self._deadline is not None and self._reader is not None:
            if self._loop.time() >= self._deadline:
                self._notify_reader()
            else:
                self._arm()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _abort(self) -> Event:
        self._closed = self._eof = True
        self._tcp.abort()
        return Closed()


def _abort_if_open(tcp: Any) -> None:
    """Cut a connection whose last octets were never taken."""
    if tcp.get_write_buffer_size() > 0:
        tcp.abort()


def describe_peer(tcp: Any, can_start_tls: bool) -> Peer:
    """Say who is at the other end of an asyncio transport, and keep the socket quick and noticed when half open."""
    sock = tcp.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE_PROBE_SECONDS)
        address = str(tcp.get_extra_info("peername")[0]).removeprefix("::ffff:").partition("%")[0]
        local = is_loopback(address)
    else:
        address, local = "unix", True
    tls = tcp.get_extra_info("sslcontext") is not None
    return Peer(address, tls=tls, local=local, can_start_tls=can_start_tls and not tls)


def is_loopback(address: str) -> bool:
    """Say whether an IP address never leaves this machine."""
    return address == "::1" or address.startswith("127.")
