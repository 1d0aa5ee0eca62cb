"""What an engine asks of whoever drives it, and what it hears back.

Every protocol engine (IMAP, LMTP) has one method, ``run()``, a generator of *steps*; the driver carries each one out and
sends the *event* that came of it. That is all an engine knows of the world, so one loop drives them all
(``angarium.transports.drive``), over sockets, TLS or memory, blocking or not::

    engine = ImapServer(...)
    steps = engine.run()
    step = next(steps)
    while True:
        step = steps.send(carry_out(step))

| step | event sent back |
|---|---|
| ``Write(octets)`` | ``None`` once the transport has taken them (back-pressure waits here) |
| ``Read(seconds_max, watch)`` | ``Received(octets)``, ``TimedOut()``, ``Closed()``; with ``watch`` also ``Woken()`` |
| ``Execute(operation)`` | ``Result(value)`` or ``Failed(error)`` |
| ``StartTls()`` | ``TlsStarted()`` |
| generator returns | close the connection |

The driver may also send ``Shutdown()`` in answer to a ``Read``: the server drains, say goodbye.
"""

from typing import Any

from attrs import frozen

from angarium.engine.operations import MailboxId, Operation, StoreError


@frozen
class Write:
    """Send these octets to the peer, in order."""

    octets: bytes


@frozen
class Read:
    """Wait for octets; ``seconds_max`` None waits for ever.

    ``watch`` names a mailbox whose changes should end the wait with ``Woken`` (IDLE).
    """

    seconds_max: float | None = None
    watch: MailboxId | None = None


@frozen
class Execute:
    """Let the store carry out one operation."""

    operation: Operation


@frozen
class StartTls:
    """Begin TLS as the server; the engine has already discarded what came before it (RFC 9051 §6.2.1)."""


Step = Write | Read | Execute | StartTls


@frozen
class Received:
    """Octets from the peer, at least one."""

    octets: bytes


@frozen
class Closed:
    """The peer has gone."""


@frozen
class TimedOut:
    """Nothing came for as long as the engine would wait."""


@frozen
class Woken:
    """The watched mailbox may have changed."""


@frozen
class Shutdown:
    """The server is going down, or this connection has been told to leave."""


@frozen
class Result:
    """An operation's result: the type that the operation's docstring names."""

    value: Any


@frozen
class Failed:
    """The store refused or could not; nothing was changed."""

    error: StoreError


@frozen
class TlsStarted:
    """TLS is up."""


Event = Received | Closed | TimedOut | Woken | Shutdown | Result | Failed | TlsStarted | None


@frozen
class Peer:
    """What the transport knows about a connection when it begins.

    ``tls``: already protected (implicit TLS); ``local``: loopback or unix socket; ``can_start_tls``: a certificate is configured.
    """

    address: str
    tls: bool = False
    local: bool = False
    can_start_tls: bool = False
