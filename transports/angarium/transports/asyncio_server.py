"""A server on asyncio: accepts connections, drives an engine on each, drains. Workers run one; so can an embedder's loop.

Blocking stores run in a bounded pool of threads, except for what the store calls quick. A connection is one task that runs
``drive``; nothing else is kept for it.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from attrs import frozen

from angarium.engine.operations import Operation
from angarium.engine.steps import Peer
from angarium.store.store import Store
from angarium.transports.drive import Executor, drive
from angarium.transports.tcp_asyncio import TLS_SECONDS_MAX, AsyncioTransport
from angarium.transports.watch import Watchers

LOG = logging.getLogger("angarium.server")
THREADS_MAX: Final = 16
QUICK_IN_A_ROW_MAX: Final = 64
BACKLOG: Final = 1024


@frozen
class Protocol:
    """What is spoken on a listening socket. ``refusal``: what a connection hears that there is no room for.

    ``stranger``: whether the peer of an engine has still to prove who it is; after ``stranger_seconds_max`` such a connection
    ends, however busily it drips octets.
    """

    name: str
    engine: Callable[[Peer], Any]
    refusal: bytes
    stranger: Callable[[Any], bool] | None = None
    stranger_seconds_max: float = 120.0


@frozen
class Admission:
    """Who may connect: ``enter`` says whether there is room for this address, ``leave`` gives its place back."""

    enter: Callable[[str], bool]
    leave: Callable[[str], None]


def admit_all() -> Admission:
    """Set no limit on connections."""
    return Admission(enter=lambda address: True, leave=lambda address: None)


Observer = Callable[[Executor, Peer, str], Executor]


def _unobserved(execute: Executor, peer: Peer, protocol: str) -> Executor:
    return execute


class AsyncioServer:
    """Connections on one event loop over one store. ``observe`` may wrap the execution of operations of each connection."""

    def __init__(
        self,
        store: Store,
        *,
        threads_max: int = THREADS_MAX,
        watchers: Watchers | None = None,
        admission: Admission | None = None,
        observe: Observer = _unobserved,
    ) -> None:
        self.watchers = Watchers() if watchers is None else watchers
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(threads_max, thread_name_prefix="store")
        self._execute = off_the_loop(store, self._pool, self._loop)
        self._admission = admission or admit_all()
        self._observe = observe
        self._listening: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], AsyncioTransport] = {}
        self._timers: dict[asyncio.Task[None], asyncio.TimerHandle] = {}

    async def listen(
        self, sock: socket.socket, protocol: Protocol, tls_context: ssl.SSLContext | None = None, implicit_tls: bool = False
    ) -> None:
        """Accept connections on a bound socket; with a context but no ``implicit_tls``, clients may ask for STARTTLS."""

        def connected(transport: AsyncioTransport) -> None:
            self._begin(transport, protocol)

        def make() -> AsyncioTransport:
            return AsyncioTransport(self._loop, self.watchers, connected, tls_context)

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
        for transport in tuple(self._connections.values()):
            transport.shut_down()
        await self.finish(seconds_max)
        for task in tuple(self._connections):
            task.cancel()
        await self.finish(1.0)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def finish(self, seconds_max: float | None) -> None:
        """Wait until no connection is open, or for so long."""
        if self._connections:
            await asyncio.wait(tuple(self._connections), timeout=seconds_max)

    def _begin(self, transport: AsyncioTransport, protocol: Protocol) -> None:
        """Start driving a new connection, or turn it away politely."""
        peer = transport.peer
        if not self._admission.enter(peer.address):
            LOG.warning("refused", extra={"peer": peer.address, "protocol": protocol.name})
            transport.refuse(protocol.refusal)
            return
        execute = self._observe(self._execute, peer, protocol.name)
        engine = protocol.engine(peer)
        task = self._loop.create_task(drive(engine, transport, execute))
        self._connections[task] = transport
        task.add_done_callback(self._ended)
        if protocol.stranger is not None:
            timer = self._loop.call_later(protocol.stranger_seconds_max, _leave_stranger, protocol.stranger, engine, transport)
            self._timers[task] = timer

    def _ended(self, task: "asyncio.Task[None]") -> None:
        transport = self._connections.pop(task)
        timer = self._timers.pop(task, None)
        if timer is not None:
            timer.cancel()
        self._admission.leave(transport.peer.address)
        if not task.cancelled() and task.exception() is not None:
            LOG.error("crashed", exc_info=task.exception(), extra={"peer": transport.peer.address})


def _leave_stranger(stranger: Callable[[Any], bool], engine: Any, transport: AsyncioTransport) -> None:
    """End a connection whose peer has not said in time who it is."""
    if stranger(engine):
        transport.shut_down()


def off_the_loop(store: Store, pool: ThreadPoolExecutor, loop: asyncio.AbstractEventLoop) -> Executor:
    """Execute operations in ``pool``, quick ones at once; a client that pipelines many of those lets others have a turn."""
    in_a_row = 0

    async def execute(operation: Operation) -> Any:
        nonlocal in_a_row
        if store.is_quick(operation):
            in_a_row += 1
            if in_a_row >= QUICK_IN_A_ROW_MAX:
                in_a_row = 0
                await asyncio.sleep(0)
            return store.execute(operation)
        in_a_row = 0
        return await loop.run_in_executor(pool, store.execute, operation)

    return execute


def event_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop: uvloop's where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
