"""The contract of a transport: asyncio, threads and memory carry the same octets and tell the same events.

Each test drives a small scripted engine on one end of a real (or in-memory) connection and plays the client on the other.
"""

import asyncio
import socket
import threading
import time

import pytest

from angarium.engine.operations import MailboxId, UserName
from angarium.engine.steps import Closed, Peer, Read, Received, Shutdown, TimedOut, Woken, Write
from angarium.transports.asyncio_server import AsyncioServer, Protocol, event_loop
from angarium.transports.memory import World
from angarium.transports.threads_server import ThreadsServer

INBOX = MailboxId(UserName("ann"), 1)


class Script:
    """An engine that greets, notes every event, answers octets with themselves in capitals, and ends at ``quit``."""

    def __init__(self, seen, seconds_max=None, watch=None, greeting=b"hello\r\n"):
        self.seen, self.seconds_max, self.watch, self.greeting = seen, seconds_max, watch, greeting

    def run(self):
        yield Write(self.greeting)
        while True:
            event = yield Read(self.seconds_max, self.watch)
            self.seen.append(event)
            if isinstance(event, Closed):
                return
            if isinstance(event, Received):
                if event.octets == b"crash":
                    raise ZeroDivisionError
                yield Write(event.octets.upper())
                if event.octets.endswith(b"quit"):
                    return
            elif isinstance(event, TimedOut | Shutdown):
                yield Write(type(event).__name__.encode())
                return
            elif isinstance(event, Woken):
                yield Write(b"woken ")

    def crash_farewell(self):
        return b"sorry"


class NoStore:
    def execute(self, operation):
        raise AssertionError("no operation is expected")

    def is_quick(self, operation):
        return True


class SocketClient:
    """The client's end over a real socket."""

    def __init__(self, address, server):
        self.socket = socket.create_connection(address, 5)
        self.server = server

    def send(self, octets):
        self.socket.sendall(octets)

    def expect(self, octets):
        got = b""
        while len(got) < len(octets):
            piece = self.socket.recv(65536)
            assert piece, got
            got += piece
        assert got == octets

    def expect_end(self):
        assert self.socket.recv(1) == b""

    def hang_up(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def pass_time(self, seconds):
        time.sleep(seconds)

    def change(self, mailbox):
        self.server.watchers.changed(mailbox)

    def shut_down(self):
        self.server.stop()


class MemoryClient:
    """The client's end in memory."""

    def __init__(self, world, link):
        self.world, self.link = world, link

    def send(self, octets):
        self.link.send(octets)

    def expect(self, octets):
        self.world.run()
        assert self.link.take() == octets

    def expect_end(self):
        self.world.run()
        assert self.link.finished
        assert self.link.take() == b""

    def hang_up(self):
        self.link.hang_up()
        self.world.run()

    close = hang_up

    def pass_time(self, seconds):
        self.world.pass_time(seconds)

    def change(self, mailbox):
        self.world.watchers.changed(mailbox)

    def shut_down(self):
        self.link.shut_down()


class AsyncioThread:
    """An asyncio server on a loop in a thread of its own."""

    def __init__(self, engine):
        self.loop = event_loop()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = self.socket.getsockname()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.start(engine), self.loop).result(5)

    async def start(self, engine):
        self.server = AsyncioServer(NoStore())
        self.watchers = self.server.watchers
        await self.server.listen(self.socket, Protocol("script", lambda peer: engine, b"full"))

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.server.drain(2.0), self.loop).result(5)

    def close(self):
        self.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


class ThreadsStarted:
    """A threads server."""

    def __init__(self, engine):
        self.server = ThreadsServer(NoStore(), Protocol("script", lambda peer: engine, b"full"))
        self.watchers = self.server.watchers
        sock = socket.create_server(("127.0.0.1", 0))
        self.address = sock.getsockname()
        self.server.listen(sock)

    def stop(self):
        self.server.close(2.0)

    close = stop


@pytest.fixture(params=["asyncio", "threads", "memory"])
def connect(request):
    """A function that serves an engine and gives the client's end of a connection to it."""
    opened = []

    def start(engine):
        if request.param == "memory":
            world = World(1)
            return MemoryClient(world, world.connect(lambda peer: engine, NoStore()))
        server = AsyncioThread(engine) if request.param == "asyncio" else ThreadsStarted(engine)
        client = SocketClient(server.address, server)
        opened.append((client, server))
        return client

    yield start
    for client, server in opened:
        client.close()
        server.close()


def test_octets_go_both_ways(connect):
    client = connect(Script([]))
    client.expect(b"hello\r\n")
    client.send(b"abc")
    client.expect(b"ABC")
    client.send(b"quit")
    client.expect(b"QUIT")
    client.expect_end()


def test_what_came_before_the_end_is_read_and_answered(connect):
    seen = []
    client = connect(Script(seen))
    client.expect(b"hello\r\n")
    client.send(b"last words")
    client.hang_up()
    client.expect(b"LAST WORDS")
    client.expect_end()
    assert seen == [Received(b"last words"), Closed()]


def test_much_is_carried_whole(connect):
    client = connect(Script([], greeting=b"x" * 3_000_000))
    client.expect(b"x" * 3_000_000)
    client.send(b"quit")
    client.expect(b"QUIT")


def test_silence_times_out(connect):
    client = connect(Script([], seconds_max=0.1))
    client.expect(b"hello\r\n")
    client.pass_time(0.2)
    client.expect(b"TimedOut")
    client.expect_end()


def test_octets_in_time_put_the_deadline_off(connect):
    client = connect(Script([], seconds_max=0.3))
    client.expect(b"hello\r\n")
    for _ in range(3):
        client.pass_time(0.2)
        client.send(b"a")
        client.expect(b"A")


def test_beginning_to_watch_wakes_once_and_each_change_again(connect):
    client = connect(Script([], watch=INBOX))
    client.expect(b"hello\r\nwoken ")
    client.change(INBOX)
    client.expect(b"woken ")
    client.change(MailboxId(UserName("ann"), 2))
    client.send(b"a")
    client.expect(b"A")


def test_no_watch_no_wake(connect):
    client = connect(Script([]))
    client.expect(b"hello\r\n")
    client.change(INBOX)
    client.send(b"a")
    client.expect(b"A")


def test_shutdown_ends_the_wait(connect):
    client = connect(Script([]))
    client.expect(b"hello\r\n")
    client.shut_down()
    client.expect(b"Shutdown")
    client.expect_end()


def test_an_engine_that_crashes_says_so_and_ends(connect, caplog):
    client = connect(Script([]))
    client.expect(b"hello\r\n")
    client.send(b"crash")
    client.expect(b"sorry")
    client.expect_end()
    assert "ZeroDivisionError" in caplog.text


def test_a_client_that_vanishes_ends_the_session(connect):
    seen = []
    client = connect(Script(seen, greeting=b"x" * 100))
    client.expect(b"x" * 100)
    client.close()
    for _ in range(100):
        if seen:
            break
        client.pass_time(0.02)
    assert seen == [Closed()]


def test_peers_are_described():
    peers = []

    def engine(peer):
        peers.append(peer)
        return Script([])

    server = ThreadsServer(NoStore(), Protocol("script", engine, b""))
    sock = socket.create_server(("127.0.0.1", 0))
    server.listen(sock)
    with socket.create_connection(sock.getsockname(), 5) as client:
        assert client.recv(100) == b"hello\r\n"
    server.close()
    assert peers == [Peer("127.0.0.1", local=True)]
