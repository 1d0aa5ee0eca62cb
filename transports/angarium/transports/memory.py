"""Connections in memory, driven by a seed: several sessions over one store, each run the same for the same seed.

A ``World`` holds sessions, each one ``drive`` coroutine, and a clock of its own. At each turn the seed picks one session that
can go on and lets it run to its next wait: for octets, or (``interleave``) for its turn to execute an operation. The seed also
cuts what a client sends into pieces (``split``), delivers pieces late (``delay``) and breaks connections (``drop``), so a
failure found once is found again by its number.
"""

from collections.abc import Awaitable, Callable, Generator
from random import Random
from typing import Any

from attrs import frozen

from angarium.engine.operations import MailboxId, Operation
from angarium.engine.steps import Closed, Event, Peer, Received, Shutdown, TimedOut, TlsStarted, Woken
from angarium.store.store import Store
from angarium.transports.drive import Engine, carry_out, drive
from angarium.transports.watch import Watchers


@frozen
class Faults:
    """How rough the network is. ``delay``, ``drop``: chances per piece; ``interleave``: operations of sessions alternate."""

    split: bool = False
    delay: float = 0.0
    drop: float = 0.0
    interleave: bool = False


class _Turn(Awaitable[None]):
    """Awaited to give the others a turn."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Link:
    """Both ends of one connection: the session's transport, and the client's ``send``, ``hang_up`` and ``take``."""

    def __init__(self, world: "World", peer: Peer) -> None:
        self.peer = peer
        self.finished = False
        self._world = world
        self._arriving: list[bytes] = []
        self._sent = bytearray()
        self._hung_up = self._shutdown = self._woken = False
        self._waiting = False
        self.deadline: float | None = None
        self._watched: MailboxId | None = None

    # The client's end

    def send(self, octets: bytes) -> None:
        """Send octets to the session, in pieces that the seed decides."""
        self._arriving += self._world.pieces(octets)

    def hang_up(self) -> None:
        """Leave; what was sent before still arrives."""
        self._hung_up = True

    def shut_down(self) -> None:
        """Tell the session that the server is going down."""
        self._shutdown = True

    def take(self) -> bytes:
        """Everything that the session has sent since the last time."""
        octets = bytes(self._sent)
        self._sent.clear()
        return octets

    # The session's end

    async def read(self, seconds_max: float | None, watch: MailboxId | None) -> Event:
        """Wait for the next piece, the end, the clock, or a watched change."""
        self._watch(watch)
        self.deadline = None if seconds_max is None else self._world.clock + seconds_max
        self._waiting = True
        try:
            while (event := self._take_event()) is None:
                await _Turn()
        finally:
            self._waiting = False
        return event

    async def write(self, octets: bytes) -> None:
        """Send octets to the client."""
        if not self.finished:
            self._sent += octets

    async def start_tls(self) -> Event:
        """Pretend: octets stay as they are, buffered ones are forgotten."""
        self._arriving.clear()
        self.peer = Peer(self.peer.address, tls=True, local=self.peer.local)
        return TlsStarted()

    async def close(self) -> None:
        """End the session."""
        self._watch(None)
        self.finished = True

    # Inside

    @property
    def can_go_on(self) -> bool:
        """Whether a turn would move this session."""
        if not self._waiting or self._arriving or self._hung_up or self._shutdown or self._woken:
            return True
        return self.deadline is not None and self.deadline <= self._world.clock

    def _take_event(self) -> Event:
        if self._arriving:
            return self._world.deliver(self, self._arriving)
        if self._hung_up:
            return Closed()
        if self._shutdown:
            return Shutdown()
        if self._woken:
            self._woken = False
            return Woken()
        if self.deadline is not None and self.deadline <= self._world.clock:
            return TimedOut()
        return None

    def _watch(self, mailbox: MailboxId | None) -> None:
        if mailbox != self._watched:
            if self._watched is not None:
                self._world.watchers.remove(self._watched, self._wake)
            if mailbox is not None:
                self._world.watchers.add(mailbox, self._wake)
            self._watched, self._woken = mailbox, mailbox is not None

    def _wake(self) -> None:
        self._woken = True


class World:
    """Sessions, a clock that moves only when nobody else does, and the seed that orders everything.

    ``watchers.changed`` is for the store to call when a mailbox has changed.
    """

    def __init__(self, seed: int = 0, faults: Faults = Faults()) -> None:
        self.clock = 0.0
        self.watchers = Watchers()
        self._random = Random(seed)
        self._faults = faults
        self._sessions: dict[Link, Generator[Any, None, None]] = {}

    def connect(self, serve: Callable[[Peer], Engine], store: Store, peer: Peer = Peer("memory", local=True)) -> Link:
        """Open a connection to a fresh engine over ``store``; it speaks once ``run`` is called."""
        link = Link(self, peer)

        async def execute(operation: Operation) -> Event:
            if self._faults.interleave:
                await _Turn()
            return carry_out(store, operation)

        self._sessions[link] = drive(serve(peer), link, execute).__await__()
        return link

    def run(self) -> None:
        """Let the sessions go on, in an order of the seed, until all of them wait for their clients."""
        while ready := [link for link in self._sessions if link.can_go_on]:
            link = self._random.choice(ready)
            try:
                next(self._sessions[link])
            except StopIteration:
                del self._sessions[link]

    def pass_time(self, seconds: float) -> None:
        """Move the clock, stopping at each deadline on the way in its order."""
        end = self.clock + seconds
        self.run()
        while due := [
            link.deadline for link in self._sessions if link.deadline is not None and self.clock < link.deadline <= end
        ]:
            self.clock = min(due)
            self.run()
        self.clock = end

    def pieces(self, octets: bytes) -> list[bytes]:
        """Cut octets as the network might."""
        if not self._faults.split:
            return [octets] if octets else []
        cut = []
        while octets:
            size = self._random.choice((1, 2, 3, 7, 64, 1024, len(octets)))
            cut.append(octets[:size])
            octets = octets[size:]
        return cut

    def deliver(self, link: Link, arriving: list[bytes]) -> Event:
        """Hand over the next piece, unless the network holds it back or breaks."""
        if self._random.random() < self._faults.drop:
            arriving.clear()
            link.hang_up()
            return Closed()
        if self._random.random() < self._faults.delay:
            return None
        return Received(arriving.pop(0))
