"""Sessions that have to end because their user's account has changed."""

import asyncio
import contextlib
import socket
import threading

import pytest

from angarium.engine.steps import Execute, Read, Received, Write
from angarium.transports import asyncio_server
from angarium.transports.asyncio_server import AsyncioServer, Protocol


class Session:
    """Repeats what it hears; the first line names the user; a ``busy`` one has the store do something long then."""

    def __init__(self, busy):
        self.busy, self.user = busy, None

    def run(self):
        while isinstance(event := (yield Read()), Received):
            self.user = event.octets.decode()
            yield Write(event.octets)
            if self.busy and self.user == "ann":
                yield Execute("something long")
        yield Write(b"bye")


class SlowStore:
    """Is at work until it is let go."""

    def __init__(self):
        self.done = threading.Event()

    def is_quick(self, operation):
        return False

    def execute(self, operation):
        self.done.wait(10)


@pytest.mark.parametrize(("busy", "farewell"), [(False, b"bye"), (True, b"")])
def test_a_user_is_dismissed_and_nobody_else(busy, farewell, monkeypatch):
    monkeypatch.setattr(asyncio_server, "DISMISSAL_SECONDS_MAX", 0.05)
    store = SlowStore()

    async def run():
        server = AsyncioServer(store)
        sock = socket.create_server(("127.0.0.1", 0))
        sock.setblocking(False)
        await server.listen(sock, Protocol("x", lambda peer: Session(busy), b"", user=lambda engine: engine.user))
        address = server.addresses[0]
        streams = {}
        for user in (b"ann", b"ben"):
            streams[user] = await asyncio.open_connection(*address)
            streams[user][1].write(user)
            assert await streams[user][0].read(10) == user
        assert server.users() == {"ann", "ben"}
        server.dismiss("nobody")
        server.dismiss("ann")
        assert await asyncio.wait_for(_rest(streams[b"ann"][0]), 5) == farewell
        assert server.users() == {"ben"}
        streams[b"ben"][1].write(b"ben")
        assert await streams[b"ben"][0].read(10) == b"ben"
        store.done.set()
        await server.drain(0.05)

    asyncio.run(run())


async def _rest(reader):
    octets = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := await reader.read(100):
            octets += piece
    return octets
