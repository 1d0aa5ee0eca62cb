"""INPROGRESS (RFC 9585): the server says that it is at work while an operation takes its time."""

import asyncio
import contextlib
import socket
import threading
from datetime import datetime
from typing import Any

import pytest

from angarium.engine.imap.client import ImapClient
from angarium.engine.imap.connection import ImapServer
from angarium.engine.lmtp.connection import LmtpServer
from angarium.engine.operations import Operation, ReadContent, SearchMessages, StageOctets
from angarium.engine.steps import Execute, Peer, Step
from angarium.grammar.imap.commands import Noop
from angarium.grammar.imap.framing import Frame
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.render_response import render_response
from angarium.grammar.imap.responses import Code, Condition, ResponseCode, Untagged
from angarium.spec.model_store import ModelStore
from angarium.transports import tcp_asyncio
from angarium.transports.asyncio_server import AsyncioServer, Protocol
from conformance.dialogue import Dialogue
from requirements.compressed_dialogue import CompressedDialogue


def progress(*arguments: object) -> Untagged:
    return Untagged(Condition.OK, "x", ResponseCode(Code.INPROGRESS, arguments))


def said_meanwhile(connection: Dialogue, line: str, kind: type) -> list[bytes]:
    """What the server says while operations of that kind go on."""
    said: list[bytes] = []
    carry_out = connection._carry_out

    def slowly(step: Step) -> Any:
        if isinstance(step, Execute) and isinstance(step.operation, kind):
            said.append(connection.server.still_working())
            connection.sent.append(said[-1])
        return carry_out(step)

    connection._carry_out = slowly  # type: ignore[method-assign]
    connection.command(line)
    return said


def test_it_is_announced(inbox: Dialogue) -> None:
    assert b" INPROGRESS" in inbox.command("a CAPABILITY")[0]


def test_it_names_the_command(inbox: Dialogue) -> None:
    said = said_meanwhile(inbox, "tag7 SEARCH ALL", SearchMessages)
    assert said == [b'* OK [INPROGRESS ("tag7" NIL NIL)] still working\r\n']


def test_a_tag_with_a_bracket_is_not_said(inbox: Dialogue) -> None:
    assert said_meanwhile(inbox, "a]b SEARCH ALL", SearchMessages) == [b"* OK [INPROGRESS (NIL NIL NIL)] still working\r\n"]


def test_what_was_said_before_comes_first(inbox: Dialogue) -> None:
    said = said_meanwhile(inbox, "a SELECT INBOX", Operation.__args__)  # type: ignore[attr-defined]
    assert said[0].startswith(b"* OK [CLOSED]")
    assert said[0].endswith(b'* OK [INPROGRESS ("a" NIL NIL)] still working\r\n')


def test_nothing_is_said_inside_a_literal(inbox: Dialogue) -> None:
    inbox.append(b"Subject: large\r\n\r\n" + b"x" * 3_000_000)
    assert said_meanwhile(inbox, "a FETCH 4 BODY[]", ReadContent) == [b""] * 12


def test_nothing_is_said_while_a_literal_comes(store: ModelStore) -> None:
    connection = Dialogue(store.execute)
    connection.command("a LOGIN tim secret")
    assert set(said_meanwhile(connection, "b APPEND INBOX {200000+}\r\n" + "x" * 200_000, StageOctets)) == {b""}


def test_it_is_compressed_where_all_is(store: ModelStore) -> None:
    connection = CompressedDialogue(store.execute)
    connection.command("a LOGIN tim secret")
    connection.compress()
    connection.command("b SELECT INBOX")
    (said,) = said_meanwhile(connection, "c SEARCH ALL", SearchMessages)
    assert not said.startswith(b"*")


@pytest.mark.parametrize(
    ("octets", "response"),
    [
        (b"* OK [INPROGRESS] x", progress()),
        (b'* OK [INPROGRESS ("a b" NIL NIL)] x', progress(b"a b", None, None)),
        (b"* OK [inprogress (nil 0 nil)] x", progress(None, 0, None)),
        (b'* OK [INPROGRESS ("a" 175 1000)] x', progress(b"a", 175, 1000)),
    ],
)
def test_the_client_reads_it(octets: bytes, response: Untagged) -> None:
    assert parse_response(Frame(octets)) == response
    assert parse_response(Frame(render_response(response)[:-2])) == response


@pytest.mark.parametrize("state", [b"NIL 1", b"1 0", b"0 0", b"5 4", b"4294967296 NIL", b"1 4294967296", b"1 " + b"9" * 5_000])
def test_numbers_that_cannot_be_are_passed_over(state: bytes) -> None:
    client = ImapClient()
    client.receive(b"* PREAUTH ready\r\n")
    tag = client.send(Noop())
    answer = b'* OK [INPROGRESS ("A1" %b)] x\r\nA1 OK done\r\n' % state
    assert len(client.receive(answer)) == 2
    assert not client.pending(tag)


def test_lmtp_says_nothing() -> None:
    assert LmtpServer(Peer("x"), hostname="here", clock=datetime.now).still_working() == b""


class SlowStore:
    """Is at work until it is let go; logging in is quick."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.model = ModelStore({"tim": "secret"})

    def is_quick(self, operation: Operation) -> bool:
        return not isinstance(operation, SearchMessages)

    def execute(self, operation: Operation) -> Any:
        if isinstance(operation, SearchMessages):
            self.done.wait(10)
        return self.model.execute(operation)


def test_over_a_socket_it_comes_while_the_store_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp_asyncio, "PROGRESS_SECONDS", 0.02)
    store = SlowStore()

    async def run() -> list[bytes]:
        server = AsyncioServer(store)  # type: ignore[arg-type]
        sock = socket.create_server(("127.0.0.1", 0))
        sock.setblocking(False)
        await server.listen(sock, Protocol("imap", ImapServer, b""))
        reader, writer = await asyncio.open_connection(*server.addresses[0])
        writer.write(b"a LOGIN tim secret\r\nb SELECT INBOX\r\nc SEARCH ALL\r\n")
        lines = []
        while not lines or not lines[-1].startswith(b"c "):
            lines.append(await asyncio.wait_for(reader.readline(), 5))
            if sum(b"INPROGRESS (" in line for line in lines) == 3:
                store.done.set()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        await server.drain(0.05)
        return lines

    lines = asyncio.run(run())
    told = [line for line in lines if b"INPROGRESS (" in line]
    assert len(told) >= 3
    assert set(told) == {b'* OK [INPROGRESS ("c" NIL NIL)] still working\r\n'}
    assert lines[-1] == b"c OK SEARCH completed\r\n"


def test_the_pace() -> None:
    assert 10 <= tcp_asyncio.PROGRESS_SECONDS <= 15
