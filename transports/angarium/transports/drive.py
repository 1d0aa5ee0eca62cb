"""The one loop that carries octets to an engine and its operations to a store (``angarium.engine.steps``).

An engine asks by yielding steps; ``drive`` carries each step out on a transport or a store and sends back the event that
came of it. The loop is a coroutine, but nothing in it is asyncio's: over a transport whose methods never suspend it runs to
its end in one ``send`` (``run_blocking``), which is how threads drive it, and ``memory`` drives many of them by a seed.

A transport never raises because its peer has gone: octets written then are dropped and the next ``read`` answers ``Closed``,
so an engine always sees the end of its connection in the one place where it waits, and tidies up there. On asyncio the same
loop is turned inside out (``tcp_asyncio``).
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Protocol, TypeVar

from angarium.engine.operations import MailboxId, Operation, StoreError
from angarium.engine.steps import Event, Execute, Failed, Peer, Read, Result, StartTls, Step, Write
from angarium.store.store import Store

T = TypeVar("T")
Executor = Callable[[Operation], Awaitable[Event]]
LOG = logging.getLogger("angarium.connection")


class Engine(Protocol):
    """One side of one connection: yields steps, is sent events."""

    def run(self) -> Generator[Step, Event, None]:
        """Speak the protocol from greeting to farewell."""

    def crash_farewell(self) -> bytes:
        """Say goodbye where the engine itself has failed: what may still be sent."""

    def still_working(self) -> bytes:
        """What may be said while an operation goes on, so that the peer waits; nothing where nothing may be."""


class Transport(Protocol):
    """A connection as octets. ``peer`` says who is there."""

    peer: Peer

    async def read(self, seconds_max: float | None, watch: MailboxId | None) -> Event:
        """Wait for ``Received``, ``Closed``, ``TimedOut``, ``Shutdown``, or with ``watch`` ``Woken``."""

    async def write(self, octets: bytes) -> None:
        """Take octets to send, waiting while too many are unsent."""

    async def start_tls(self) -> Event:
        """Begin TLS as the server, forgetting plaintext that is still buffered: ``TlsStarted``, or ``Closed`` if it failed."""

    async def close(self) -> None:
        """Send what is unsent and end the connection."""


async def drive(engine: Engine, transport: Transport, execute: Executor) -> None:
    """Run ``engine`` to its end over ``transport``; ``execute`` carries out its operations."""
    steps = engine.run()
    event: Event = None
    try:
        while True:
            step = steps.send(event)
            kind = type(step)
            if kind is Execute:
                event = await execute(step.operation)  # type: ignore[union-attr]
            elif kind is Write:
                event = await transport.write(step.octets)  # type: ignore[union-attr, func-returns-value]
            elif kind is Read:
                event = await transport.read(step.seconds_max, step.watch)  # type: ignore[union-attr]
            elif kind is StartTls:
                event = await transport.start_tls()
            else:
                raise TypeError(f"not a step: {step!r}")
    except StopIteration:
        LOG.debug("closed", extra={"peer": transport.peer.address})
    except Exception:
        # The only place that catches everything: our own bug ends this connection and no other.
        LOG.exception("crashed", extra={"peer": transport.peer.address})
        await transport.write(engine.crash_farewell())
    finally:
        steps.close()
        await transport.close()


def carry_out(store: Store, operation: Operation) -> Result | Failed:
    """Execute one operation: its result, or the store's refusal as a value."""
    try:
        return Result(store.execute(operation))
    except StoreError as error:
        return Failed(error)


def in_this_thread(store: Store) -> Executor:
    """Execute operations where the engine runs: for blocking and in-memory transports."""

    async def execute(operation: Operation) -> Event:
        return carry_out(store, operation)

    return execute


def run_blocking(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, as ``drive`` over a blocking transport."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError("a blocking transport suspended")
