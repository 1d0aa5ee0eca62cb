"""A server on asyncio: accepts connections, drives an engine on each, drains. Workers run one; so can an embedder's loop.

Blocking stores run in a bounded pool of threads, except for what the store calls quick. ``tcp_asyncio`` drives the engines.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from attrs import frozen

from angarium.engine.operations import Operation
from angarium.engine.steps import Event, Peer
from angarium.store.store import Store
from angarium.transports.drive import carry_out
from angarium.transports.tcp_asyncio import TLS_SECONDS_MAX, Connection, Execution
from angarium.transports.watch import Watchers

LOG = logging.getLogger("angarium.server")
THREADS_MAX: Final = 16
DISMISSAL_SECONDS_MAX: Final = 10.0
BACKLOG: Final = 1024


def nobody(engine: Any) -> None:
    """Belong to no user: protocols without sessions of users."""


@frozen
class Protocol:
    """What is spoken on a listening socket. ``refusal``: what a connection hears that there is no room for.

    ``stranger``: whether the peer of an engine has still to prove who it is; after ``stranger_seconds_max`` such a connection
    ends, however busily it drips octets. ``user``: whose session an engine serves, None while nobody has logged in.
    """

    name: str
    engine: Callable[[Peer], Any]
    refusal: bytes
    stranger: Callable[[Any], bool] | None = None
    stranger_seconds_max: float = 120.0
    user: Callable[[Any], str | None] = nobody


@frozen
class Admission:
    """Who may connect: ``enter`` says whether there is room for this address, ``leave`` gives its place back."""

    enter: Callable[[str], bool]
    leave: Callable[[str], None]


def admit_all() -> Admission:
    """Set no limit on connections."""
    return Admission(enter=lambda address: True, leave=lambda address: None)


Observer = Callable[[Operation, Event, float, Peer, str], None]
"""Told of each operation: what came of it, how many seconds it took, for whom, in which protocol. Called from any thread."""


class AsyncioServer:
    """Connections on one event loop over one store. ``observe`` is told of each operation."""

    def __init__(
        self,
        store: Store,
        *,
        threads_max: int = THREADS_MAX,
        watchers: Watchers | None = None,
        admission: Admission | None = None,
        observe: Observer | None = None,
    ) -> None:
        self.watchers = Watchers() if watchers is None else watchers
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(threads_max, thread_name_prefix="store")
        self._store = store
        self._admission = admission or admit_all()
        self._observe = observe
        self._listening: list[asyncio.Server] = []
        self._connections: dict[Connection, Callable[[], str | None]] = {}
        self._timers: dict[Connection, asyncio.TimerHandle] = {}
        self._none_open = asyncio.Event()
        self._none_open.set()

    async def listen(
        self, sock: socket.socket, protocol: Protocol, tls_context: ssl.SSLContext | None = None, implicit_tls: bool = False
    ) -> None:
        """Accept connections on a bound socket; with a context but no ``implicit_tls``, clients may ask for STARTTLS."""

        def connected(connection: Connection) -> None:
            self._begin(connection, protocol)

        def make() -> Connection:
            return Connection(self._loop, self.watchers, connected, self._ended, tls_context)

        context = tls_context if implicit_tls else None
        options: dict[str, Any] = {"ssl_handshake_timeout": TLS_SECONDS_MAX} if context else {}
        create = self._loop.create_unix_server if sock.family == socket.AF_UNIX else self._loop.create_server
        self._listening.append(await create(make, sock=sock, ssl=context, backlog=BACKLOG, **options))

    @property
    def addresses(self) -> list[Any]:
        """Where it listens."""
        return [sock.getsockname() for server in self._listening for sock in server.sockets]

    def stop_accepting(self) -> None:
        """Take no new connections; those that are open go on."""
        for server in self._listening:
            server.close()
        self._listening.clear()

    async def drain(self, seconds_max: float) -> None:
        """Tell every connection goodbye, wait for them to end, cut those that have not after ``seconds_max``."""
        self.stop_accepting()
        for connection in tuple(self._connections):
            connection.shut_down()
        await self.finish(seconds_max)
        for connection in tuple(self._connections):
            connection.cut()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def users(self) -> set[str]:
        """Say who is logged in."""
        return {name for user in self._connections.values() if (name := user()) is not None}

    def dismiss(self, user: str) -> None:
        """End the sessions of a user whose account has changed: at their next read, or soon whatever they are doing."""
        for connection, whose in tuple(self._connections.items()):
            if whose() == user:
                connection.shut_down()
                self._loop.call_later(DISMISSAL_SECONDS_MAX, connection.cut)

    async def finish(self, seconds_max: float | None) -> None:
        """Wait until no connection is open, or for so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none_open.wait(), seconds_max)

    def _begin(self, connection: Connection, protocol: Protocol) -> None:
        """Start an engine on a new connection, or turn it away politely."""
        peer = connection.peer
        if not self._admission.enter(peer.address):
            LOG.warning("refused", extra={"peer": peer.address, "protocol": protocol.name})
            connection.refuse(protocol.refusal)
            return
        engine = protocol.engine(peer)
        self._connections[connection] = partial(protocol.user, engine)
        self._none_open.clear()
        if protocol.stranger is not None:
            timer = self._loop.call_later(protocol.stranger_seconds_max, _leave_stranger, protocol.stranger, engine, connection)
            self._timers[connection] = timer
        connection.begin(engine, self._execution(peer, protocol.name))

    def _ended(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        timer = self._timers.pop(connection, None)
        if timer is not None:
            timer.cancel()
        self._admission.leave(connection.peer.address)
        if not self._connections:
            self._none_open.set()

    def _execution(self, peer: Peer, protocol: str) -> Execution:
        """Carry out the operations of one connection: quick ones at once, the others in the pool."""
        store, observe = self._store, self._observe

        def run(operation: Operation) -> Event:
            if observe is None:
                return carry_out(store, operation)
            began = time.perf_counter()
            event = carry_out(store, operation)
            observe(operation, event, time.perf_counter() - began, peer, protocol)
            return event

        def run_in_thread(operation: Operation, connection: Connection) -> None:
            try:
                told = partial(connection.resume, run(operation))
            except Exception as error:
                told = partial(connection.crash, error)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(told)

        def execute(operation: Operation, connection: Connection) -> Event:
            if store.is_quick(operation):
                return run(operation)
            self._pool.submit(run_in_thread, operation, connection)
            return None

        return execute


def _leave_stranger(stranger: Callable[[Any], bool], engine: Any, connection: Connection) -> None:
    """End a connection whose peer has not said in time who it is."""
    if stranger(engine):
        connection.shut_down()


def event_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop: uvloop's where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
