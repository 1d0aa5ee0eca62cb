"""Histories recorded over real sockets: the asyncio server, the threads server, two worker processes (RFC 9051 §2.1).

What the clients type comes from the seed; when octets travel is the kernel's. So a seed that failed gives the same commands
again, and mostly the same failure. Real order holds, since one thread plays all clients: what one sends is recorded before
it leaves, what one hears after it has come.
"""

import asyncio
import contextlib
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from attrs import define

from angarium.engine.imap.connection import ImapServer
from angarium.grammar.imap import commands as c
from angarium.spec.history import History, Record
from angarium.store.sqlite.store import SqliteStore
from angarium.store.store import Store
from angarium.transports.asyncio_server import AsyncioServer, Protocol, event_loop
from angarium.transports.threads_server import ThreadsServer
from angarium.transports.watch import Watchers
from stateful.imap_clients import Client
from stateful.imap_histories import LOOK, PASSWORDS, filled
from stateful.imap_machine import PATIENT

Address = tuple[str, int]
IMAP = Protocol("imap", lambda peer: ImapServer(peer, limits=PATIENT), b"* BYE full\r\n")
SECONDS_MAX = 10.0


@define(eq=False)
class End:
    """One client's socket."""

    socket: socket.socket
    client: Client

    @classmethod
    def connect(cls, address: Address, number: int, random: Random, record: Record) -> "End":
        """Open a connection."""
        sock = socket.create_connection(address, SECONDS_MAX)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        record.connected(number)
        end = cls(sock, Client(number, random, record, lambda octets: None))
        end.client.send = end.send
        return end

    def send(self, octets: bytes) -> None:
        """Send, unless the server has hung up meanwhile."""
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(octets)

    def listen(self) -> None:
        """Take what has come; the socket is known to have something."""
        try:
            octets = self.socket.recv(65_536)
        except ConnectionError:
            octets = b""
        if octets:
            self.client.hear(octets)
        else:
            self.client.closed = True
            self.client.record.closed(self.client.number)
            self.socket.close()


def over_sockets(seed: int, address: Address, actions: int = 60) -> History:
    """One run against the server at ``address``."""
    random = Random(seed)
    record = Record()
    ends = [End.connect(address, number, random, record) for number in range(1, random.choice((2, 3, 3, 4)))]
    try:
        for _ in range(actions):
            position = random.randrange(len(ends))
            if random.random() < 0.7:
                ends[position].client.act()
            listen(ends, random.choice((0.0, 0.0, 0.0005, 0.003)))
            if ends[position].client.closed:
                ends[position] = End.connect(address, ends[position].client.number, random, record)
        settle(ends)
    finally:
        for end in ends:
            end.socket.close()
    return tuple(record.events)


def listen(ends: list[End], seconds: float) -> None:
    """Wait so long for something to come, and take what has."""
    with_socket = {end.socket: end for end in ends if not end.client.closed}
    for ready in select.select(list(with_socket), [], [], seconds)[0]:
        with_socket[ready].listen()


def settle(ends: list[End]) -> None:
    """Let everything on its way be answered, then each client look at what there is."""
    for last_words in (None, c.Noop(), LOOK):
        for end in ends:
            if end.client.idling:
                end.client.act()
            elif last_words is not None and end.client.may_send():
                end.client.command(last_words)
        deadline = time.monotonic() + SECONDS_MAX
        while any(end.client.tags and not end.client.idling and not end.client.closed for end in ends):
            assert time.monotonic() < deadline, "a command is not answered"
            listen(ends, 0.05)


@contextmanager
def asyncio_server(store: Store, watchers: Watchers) -> Iterator[Address]:
    """The asyncio server on a loop in a thread of its own."""
    loop = event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[AsyncioServer, Address]:
        server = AsyncioServer(store, watchers=watchers)
        sock = socket.create_server(("127.0.0.1", 0))
        await server.listen(sock, IMAP)
        return server, sock.getsockname()

    server, address = asyncio.run_coroutine_threadsafe(start(), loop).result(SECONDS_MAX)
    try:
        yield address
    finally:
        asyncio.run_coroutine_threadsafe(server.drain(0.5), loop).result(SECONDS_MAX)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS_MAX)
        loop.close()


@contextmanager
def threads_server(store: Store, watchers: Watchers) -> Iterator[Address]:
    """The threads server."""
    with ThreadsServer(store, IMAP, watchers=watchers) as server:
        sock = socket.create_server(("127.0.0.1", 0))
        server.listen(sock)
        yield sock.getsockname()


@contextmanager
def two_workers(folder: Path) -> Iterator[Address]:
    """``angarium serve`` with two workers on a new data folder."""
    with contextlib.closing(SqliteStore(folder, upkeep=False)) as store:
        for name, password in PASSWORDS.items():
            store.accounts.add(name, password)
        filled(store)
    command = [sys.executable, "-m", "angarium.server", "serve", "--workers", "2", "--imap", "127.0.0.1:0", "--data", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            port = 0
            for line in process.stdout:
                if line.startswith("ready"):
                    break
                if line.startswith("imap "):
                    port = int(line.rpartition(":")[2])
            yield "127.0.0.1", port
        finally:
            process.terminate()
            process.wait(SECONDS_MAX)
