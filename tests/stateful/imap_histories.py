"""Histories recorded from our own server, and what the relation says of them.

In memory everything hangs on the seed: who goes next, how octets are cut, delayed, dropped, when operations of the sessions
alternate. A run that fails is that seed again.
"""

from collections.abc import Callable
from random import Random
from typing import TypeVar

from angarium.engine.imap.connection import ImapServer
from angarium.engine.operations import AppendMessages, NewMessage
from angarium.engine.steps import Peer
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.sequence_set import STAR, SequenceSet
from angarium.spec.history import History, Record, event_lines
from angarium.spec.model_store import ModelStore
from angarium.spec.protocol.answer import Inadmissible
from angarium.spec.relation import judge
from angarium.store.store import Store
from angarium.transports.memory import Faults, Link, World
from stateful.imap_clients import Client
from stateful.imap_commands import DATES, MESSAGES
from stateful.imap_machine import PATIENT
from stateful.imap_worlds import USER

StoreType = TypeVar("StoreType", bound=Store)
PASSWORDS = {"mira": "secret"}
MEMORY = Peer("memory", local=True)
LOOK = c.Fetch(SequenceSet(((1, STAR),)), (c.FetchItem.UID, c.FetchItem.FLAGS))


class SteppingWorld(World):
    """A world that lets the clients act between any two steps of the server."""

    def step(self) -> None:
        """Let one session that can go on do so, up to its next wait."""
        ready = [link for link in self._sessions if link.can_go_on]
        if not ready:
            return
        link = self._random.choice(ready)
        try:
            next(self._sessions[link])
        except StopIteration:
            del self._sessions[link]

    @property
    def quiet(self) -> bool:
        """Nobody can go on."""
        return not any(link.can_go_on for link in self._sessions)


def in_memory(seed: int, make_store: Callable[[Callable[..., None]], Store], actions: int = 60) -> History:
    """One run on the in-memory transport, all of it from the seed."""
    random = Random(seed)
    faults = Faults(
        split=random.random() < 0.5,
        delay=random.choice((0.0, 0.3)),
        drop=random.choice((0.0, 0.0, 0.01)),
        interleave=random.random() < 0.8,
    )
    world = SteppingWorld(seed, faults)
    store = filled(make_store(world.watchers.changed))
    record = Record()
    ends = [connect(number, random, record, world, store) for number in range(1, random.choice((2, 3, 3, 4)))]
    for _ in range(actions):
        position = random.randrange(len(ends))
        _, client = ends[position]
        if random.random() < 0.6:
            client.act()
        for _ in range(random.choice((0, 1, 1, 2, 5, 20))):
            world.step()
            listen(ends)
        if client.closed:
            ends[position] = connect(client.number, random, record, world, store)
    settle(world, ends)
    return tuple(record.events)


def filled(store: StoreType) -> StoreType:
    """Put in some messages to begin with, so that short runs are interesting already."""
    messages = tuple(NewMessage(octets, (), date) for octets, date in zip(MESSAGES, DATES, strict=True))
    for message in messages:
        store.execute(AppendMessages(USER, "INBOX", (message,)))
    return store


def connect(number: int, random: Random, record: Record, world: World, store: Store) -> tuple[Link, Client]:
    """A new connection and its client."""
    link = world.connect(lambda peer: ImapServer(peer, limits=PATIENT), store, MEMORY)
    record.connected(number)
    return link, Client(number, random, record, link.send)


def listen(ends: list[tuple[Link, Client]]) -> None:
    """Hand to the clients what their servers have said; note whose connection has ended."""
    for link, client in ends:
        octets = link.take()
        if octets:
            client.hear(octets)
        if link.finished and not client.closed:
            client.closed = True
            client.record.closed(client.number)


def settle(world: SteppingWorld, ends: list[tuple[Link, Client]]) -> None:
    """Let everything on its way arrive, then each client look at what there is."""
    for last_words in (None, c.Noop(), LOOK):
        for _, client in ends:
            if client.idling:
                client.act()
            elif last_words is not None and client.may_send():
                client.command(last_words)
        while not world.quiet:
            world.step()
            listen(ends)


def complain(seed: int, history: History, breach: Inadmissible) -> str:
    """What a failing run has to say: seed, clause, history."""
    lines = [f"ANGARIUM_SEED={seed}", str(breach), ""]
    for position, event in enumerate(history):
        mark = ">>> " if position == breach.event else "    "
        lines += [f"{mark}{line}" for line in event_lines(event)]
    return "\n".join(lines)


def require_admissible(seed: int, history: History, *, exact: bool = True) -> None:
    """Fail with the seed, the clause and the history where the relation rejects it."""
    try:
        judge(history, filled(ModelStore(PASSWORDS)), exact=exact)
    except Inadmissible as breach:
        raise AssertionError(complain(seed, history, breach)) from breach
