"""The example of embedding works as its page says, over threads and over asyncio, with Python's imaplib as the client."""

import asyncio
import imaplib
import importlib.util
import threading
from pathlib import Path

import pytest

from angarium.transports.asyncio_server import event_loop
from angarium.transports.embedding import serve_imap, serve_imap_asyncio

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "embed.py"


@pytest.fixture
def example():
    specification = importlib.util.spec_from_file_location("embed_example", EXAMPLE)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class InThreads:
    def __init__(self, store):
        self.server = serve_imap(store, ("127.0.0.1", 0))
        self.port = self.server.addresses[0][1]

    def changed(self, mailbox):
        self.server.watchers.changed(mailbox)

    def close(self):
        self.server.close()


class InAsyncio:
    def __init__(self, store):
        self.loop = event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self._run(serve_imap_asyncio(store, ("127.0.0.1", 0)))
        self.port = self.server.addresses[0][1]

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def changed(self, mailbox):
        self.server.watchers.changed(mailbox)

    def close(self):
        self._run(self.server.drain(2.0))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


@pytest.fixture(params=[InThreads, InAsyncio])
def server(request, example):
    server = request.param(example.STORE)
    yield server
    server.close()


@pytest.fixture
def client(server):
    client = imaplib.IMAP4("127.0.0.1", server.port, timeout=10)
    assert client.login("support", "letmein")[0] == "OK"
    yield client
    client.logout()


def test_the_example_is_short():
    assert len(EXAMPLE.read_text().splitlines()) <= 60


def test_tickets_are_listed_and_read(client):
    assert client.list()[1] == [b'(\\HasNoChildren) "/" INBOX']
    assert client.status("INBOX", "(MESSAGES UNSEEN UIDNEXT)")[1] == [b"INBOX (MESSAGES 2 UNSEEN 1 UIDNEXT 22)"]
    assert client.select("INBOX", readonly=True) == ("OK", [b"2"])
    _, data = client.uid("FETCH", "17", "(FLAGS ENVELOPE BODY.PEEK[TEXT])")
    assert b'"[17] The printer is on fire"' in data[0][0]
    assert data[0][1] == b"Please send somebody. With water.\r\n"
    assert client.fetch("2", "(UID FLAGS)")[1] == [b"2 (UID 21 FLAGS (\\Seen))"]


def test_tickets_are_found(client):
    client.select("INBOX", readonly=True)
    assert client.search(None, "BODY", "LETTER")[1] == [b"2"]
    assert client.search(None, "UNSEEN")[1] == [b"1"]
    assert client.search(None, "SUBJECT", "nowhere")[1] == [b""]


def test_what_the_program_does_not_do_is_refused(client):
    assert client.create("other")[0] == "NO"
    assert client.append("INBOX", None, None, b"Subject: x\r\n\r\n")[0] == "NO"
    assert client.select("elsewhere")[0] == "NO"
    client.select("INBOX", readonly=True)
    assert client.store("1", "+FLAGS", "(\\Deleted)")[0] == "NO"


def test_wrong_passwords_are_refused(server):
    client = imaplib.IMAP4("127.0.0.1", server.port, timeout=10)
    with pytest.raises(imaplib.IMAP4.error):
        client.login("support", "guess")
    client.shutdown()


def test_a_new_ticket_is_announced_to_an_idle_client(server, client, example):
    client.select("INBOX", readonly=True)
    client.send(b"x IDLE\r\n")
    assert client.readline().startswith(b"+")
    example.TICKETS[30] = ("New", "c@example.org", "Hello", False)
    server.changed(example.INBOX)
    assert client.readline() == b"* 3 EXISTS\r\n"
    client.send(b"DONE\r\n")
    while not client.readline().startswith(b"x OK"):
        continue
