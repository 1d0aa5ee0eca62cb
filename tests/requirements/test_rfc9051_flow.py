"""RFC 9051 §5.3: what is sent without having been asked for does not wait for a client that does not read."""

import asyncio
import contextlib
import imaplib
import socket
import threading
from collections.abc import Iterator

from angarium.engine.operations import AppendMessages, NewMessage, OpenMailbox, UserName
from angarium.spec.model_store import ModelStore
from angarium.transports.asyncio_server import AsyncioServer, event_loop
from angarium.transports.embedding import serve_imap_asyncio

MESSAGE = b"Subject: hello\r\n\r\nhello\r\n"
MESSAGES = 300
KEYWORDS = " ".join(f"keyword-{number:03}-{'x' * 50}" for number in range(100))
FLAGS_OCTETS = MESSAGES * len(KEYWORDS)
"""At least so much is announced each time that the keywords are set."""


@contextlib.contextmanager
def serving(store: ModelStore) -> Iterator[AsyncioServer]:
    """Serve on one event loop in a thread of its own: a write that blocked would stop everybody."""
    loop = event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(serve_imap_asyncio(store, ("127.0.0.1", 0)), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.drain(0.1), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def idling(address: tuple[str, int]) -> socket.socket:
    """A client that watches INBOX and takes in as little as it can."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(10)
    client.connect(address)
    client.sendall(b"a LOGIN tim secret\r\nb SELECT INBOX\r\nc IDLE\r\n")
    seen = b""
    while b"+ idling\r\n" not in seen:
        seen += client.recv(4096)
    return client


def test_a_client_that_reads_nothing_holds_up_nobody() -> None:
    """One session idles and reads nothing of what exceeds its window by far; another one is served, and the rest arrives."""
    store = ModelStore({"tim": "secret"})
    tim = UserName("tim")
    store.execute(AppendMessages(tim, "INBOX", (NewMessage(MESSAGE),) * MESSAGES))
    inbox = store.execute(OpenMailbox(tim, "INBOX")).id
    with serving(store) as server:
        address = server.addresses[0]
        other = imaplib.IMAP4(*address[:2], timeout=10)
        other.login("tim", "secret")
        other.select()
        with idling(address) as idle:
            for sign in "+-+-+-":
                assert other.store("1:*", f"{sign}FLAGS.SILENT", f"({KEYWORDS})")[0] == "OK"
                server.watchers.changed(inbox)
                assert other.noop()[0] == "OK"
            taken = 0
            while taken < 2 * FLAGS_OCTETS:
                taken += len(idle.recv(1 << 20))
            assert other.noop()[0] == "OK"
        other.logout()
