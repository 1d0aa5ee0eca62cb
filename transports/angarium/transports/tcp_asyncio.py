"""TCP, TLS and unix sockets on asyncio (uvloop where installed): one ``asyncio.Protocol`` object per connection.

This is ``drive`` turned inside out, because on an event loop the time of a small command goes into tasks and futures: octets
that arrive are sent straight into the engine, which runs on until it waits again (``_go_on``). A connection is this object
and its engine, nothing else: no task, no stream, no buffer while idle.

Octets that arrive while the engine is busy gather up to ``READ_OCTETS_MAX``, then the socket is left alone until the engine
reads again; while the peer does not take what was sent the engine stands still, and a peer that takes nothing for
``WRITE_SECONDS_MAX`` is cut off.

Deadlines: a connection has at most one timer. A new wait only moves ``_deadline``; the timer, when it rings too early, sets
itself again. At 20,000 commands a second that saves as many timers.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Generator
from typing import Any, Final

from angarium.engine.operations import MailboxId, Operation
from angarium.engine.steps import (
    Closed,
    Event,
    Execute,
    Peer,
    Read,
    Received,
    Shutdown,
    StartTls,
    Step,
    TimedOut,
    TlsStarted,
    Woken,
    Write,
)
from angarium.transports.drive import Engine
from angarium.transports.watch import Watchers

READ_OCTETS_MAX: Final = 65_536
WRITE_OCTETS_MAX: Final = 131_072
WRITE_SECONDS_MAX: Final = 300.0
TLS_SECONDS_MAX: Final = 30.0
IDLE_PROBE_SECONDS: Final = 600
QUICK_IN_A_ROW_MAX: Final = 64
WRITE_IN_A_ROW: Final = 8
"""A write counts for so many operations: thousands of commands may come in a few compressed octets (RFC 4978)."""
PROGRESS_SECONDS: Final = 12.0
"""While an operation goes on the engine may say so this often (RFC 9585 §4: every 10 to 15 seconds)."""
LOG = logging.getLogger("angarium.connection")


class Connection(asyncio.Protocol):
    """One connection. ``on_connected`` is told once it is up (after the TLS handshake, where TLS is implicit), ``on_ended``
    when its engine has ended.
    """

    __slots__ = (

        "_buffer",
        "_choked",
        "_closed",
        "_deadline",
        "_ended",
        "_engine",
        "_eof",
        "_execute",
        "_executing",
        "_in_a_row",
        "_loop",
        "_on_connected",
        "_on_ended",
        "_paused",
        "_reading",
        "_rings_at",
        "_shutdown",
        "_steps",
        "_tcp",
        "_timer",
        "_tls_context",
        "_tls_task",
        "_watched",
        "_watchers",
        "_woken",
        "_writing",
        "peer",
    )  # fmt: skip

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        watchers: Watchers,
        on_connected: Callable[["Connection"], None],
        on_ended: Callable[["Connection"], None],
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._loop = loop
        self._watchers = watchers
        self._on_connected = on_connected
        self._on_ended = on_ended
        self._tls_context = tls_context
        self.peer = Peer("")
        self._tcp: Any = None
        self._engine: Engine | None = None
        self._steps: Generator[Step, Event, None] | None = None
        self._execute: Execution | None = None
        self._tls_task: asyncio.Task[None] | None = None
        self._buffer: list[bytes] = []
        self._in_a_row = 0
        self._closed = self._ended = self._eof = self._paused = self._shutdown = self._woken = False
        self._reading = False  # the engine waits for an event
        self._executing = False  # the engine waits for an operation in another thread
        self._choked = False  # the peer is slow to take what was sent
        self._writing = False  # the engine waits until it is not
        self._deadline: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._watched: MailboxId | None = None

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note who is there and let the server begin."""
        self._tcp = transport
        self._tcp.set_write_buffer_limits(high=WRITE_OCTETS_MAX)
        self.peer = describe_peer(self._tcp, self._tls_context is not None)
        self._on_connected(self)

    def data_received(self, data: bytes) -> None:
        """Give the engine what came; keep it where the engine is busy, and past the limit read no more until it asks."""
        if self._reading:
            self._go_on(Received(data))
            return
        self._buffer.append(data)
        if sum(map(len, self._buffer)) >= READ_OCTETS_MAX:
            self._paused = True
            self._tcp.pause_reading()

    def eof_received(self) -> bool:
        """Keep our direction open, so that answers to what came before still go out (TLS cannot)."""
        self._eof = True
        self._notify()
        return not self.peer.tls

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the engine; from now on octets written go nowhere."""
        self._closed = self._eof = True
        self._stop_watching()
        self._stop_timer()
        self.resume_writing()
        self._notify()

    def pause_writing(self) -> None:
        """Note that the peer is slow."""
        self._choked = True

    def resume_writing(self) -> None:
        """Let the engine go on where it waits for that."""
        self._choked = False
        if self._writing:
            self._writing = False
            self._go_on(None)

    # What the server calls, on the loop

    def begin(self, engine: Engine, execute: "Execution") -> None:
        """Let ``engine`` serve the connection; ``execute`` carries out its operations."""
        self._engine, self._steps, self._execute = engine, engine.run(), execute
        self._go_on(None)

    def resume(self, event: Event) -> None:
        """Go on with the result of an operation that has taken its time."""
        self._go_on(event)

    def shut_down(self) -> None:
        """Make the next read, or the one that waits, answer ``Shutdown``."""
        self._shutdown = True
        self._notify()

    def cut(self) -> None:
        """End the connection, whatever it is doing."""
        if not self._ended:
            self._abort()
            self._end()

    def refuse(self, farewell: bytes) -> None:
        """Turn the connection away."""
        self._tcp.write(farewell)
        self._closed = self._eof = self._ended = True
        self._tcp.close()

    def crash(self, error: Exception) -> None:
        """End the connection because of a bug of ours: it ends no other."""
        if self._ended or self._engine is None:
            return
        LOG.error("crashed", exc_info=error, extra={"peer": self.peer.address})
        self._write(self._engine.crash_farewell())
        self._end()

    # The driver

    def _go_on(self, event: Event) -> None:
        """Run the engine until it waits: for octets, for the store, for a slow peer, for TLS."""
        if self._ended or self._steps is None:
            return
        self._reading = self._executing = False
        send = self._steps.send
        try:
            while True:
                step = send(event)
                kind = type(step)
                if kind is Read:
                    event = self._read(step.seconds_max, step.watch)  # type: ignore[union-attr]
                elif kind is Write:
                    event = None
                    self._write(step.octets)  # type: ignore[union-attr]
                    if self._choked:
                        self._writing = True
                        self._wait(WRITE_SECONDS_MAX)
                    elif not self._others_turn(WRITE_IN_A_ROW, None):
                        continue
                elif kind is Execute:
                    event = self._carry_out(step.operation)  # type: ignore[union-attr]
                elif kind is StartTls:
                    event = None
                    self._tls_task = self._loop.create_task(self._start_tls())
                else:
                    raise TypeError(f"not a step: {step!r}")
                if event is None:
                    return
        except StopIteration:
            self._end()
        except Exception as error:
            # The only place that catches everything: see ``crash``.
            self.crash(error)

    def _carry_out(self, operation: Operation) -> Event:
        """Begin an operation: its event, or None where that comes later; a client that pipelines gives others a turn."""
        assert self._execute is not None
        event = self._execute(operation, self)
        if event is None:
            self._in_a_row = 0
            self._executing = True
            self._wait(PROGRESS_SECONDS)
            return None
        return None if self._others_turn(1, event) else event

    def _others_turn(self, weight: int, event: Event) -> bool:
        """Count what was done in a row; True where the engine goes on with ``event`` only after others had their turn."""
        self._in_a_row += weight
        if self._in_a_row < QUICK_IN_A_ROW_MAX:
            return False
        self._in_a_row = 0
        self._loop.call_soon(self._go_on, event)
        return True

    def _read(self, seconds_max: float | None, watch: MailboxId | None) -> Event:
        """Say what has happened since the last read, or None and wait."""
        if watch != self._watched:
            self._watch(watch)
        event = self._take_event()
        if event is None:
            self._reading = True
            self._in_a_row = 0
            self._wait(seconds_max)
        return event

    def _take_event(self) -> Event:
        """Say what has happened: octets first, so that none are lost to an end that follows them."""
        if self._buffer:
            octets = b"".join(self._buffer)
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
        return None

    def _write(self, octets: bytes) -> None:
        if not self._closed:
            self._tcp.write(octets)

    async def _start_tls(self) -> None:
        """Upgrade (RFC 9051 §6.2.1); plaintext that came behind the command is forgotten, not carried into TLS."""
        self._buffer.clear()
        upgraded: Any = None
        if not self._closed and self._tls_context is not None:
            try:
                upgraded = await self._loop.start_tls(
                    self._tcp, self, self._tls_context, server_side=True, ssl_handshake_timeout=TLS_SECONDS_MAX
                )
            except OSError:  # a handshake that failed, timed out, or whose peer left
                upgraded = None
        self._tls_task = None
        if upgraded is None:
            self._abort()
            self._go_on(Closed())
            return
        self._tcp = upgraded
        self.peer = Peer(self.peer.address, tls=True, local=self.peer.local)
        self._go_on(TlsStarted())

    def _end(self) -> None:
        """Flush and end; what the peer will not take within the time limit is dropped with the connection."""
        if self._ended:
            return
        self._ended = True
        if self._steps is not None:
            self._steps.close()
        self._stop_watching()
        self._stop_timer()
        if self._tcp is not None and not self._closed:
            self._closed = self._eof = True
            self._tcp.close()
            self._loop.call_later(TLS_SECONDS_MAX, _abort_if_open, self._tcp)
        LOG.debug("closed", extra={"peer": self.peer.address})
        self._on_ended(self)

    def _abort(self) -> None:
        self._closed = self._eof = True
        if self._tcp is not None:
            self._tcp.abort()

    # Waiting

    def _notify(self) -> None:
        """Tell the engine what has happened, where it waits for that."""
        if self._reading:
            event = self._take_event()
            if event is not None:
                self._go_on(event)

    def _watch(self, mailbox: MailboxId | None) -> None:
        """Subscribe from the first read that watches to the first that does not; begin with one wake-up (see ``watch``)."""
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
            self._loop.call_soon_threadsafe(self._notify)

    def _wait(self, seconds_max: float | None) -> None:
        """Set the deadline of the wait that begins."""
        if seconds_max is None:
            self._deadline = None
            return
        self._deadline = deadline = self._loop.time() + seconds_max
        if self._timer is None or self._rings_at > deadline:
            self._set_timer(deadline)

    def _set_timer(self, deadline: float) -> None:
        self._stop_timer()
        self._rings_at = deadline
        self._timer = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._deadline is None or not (self._reading or self._writing or self._executing):
            return
        if self._loop.time() < self._deadline:
            self._set_timer(self._deadline)
        elif self._reading:
            self._go_on(TimedOut())
        elif self._executing:
            self._say_still_working()
        else:
            self._abort()

    def _say_still_working(self) -> None:
        """Let the client know that its command is being carried out; one that takes nothing in is not told."""
        if self._engine is not None and not self._choked:
            self._write(self._engine.still_working())
        self._wait(PROGRESS_SECONDS)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


Execution = Callable[[Operation, Connection], Event]
"""Carries out an operation: its event at once, or None, and ``Connection.resume`` or ``crash`` is called on the loop later."""


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
