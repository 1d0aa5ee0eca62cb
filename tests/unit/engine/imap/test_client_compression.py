"""The client's side of COMPRESS and UNAUTHENTICATE, against a server that has only zlib (RFC 4978, RFC 8437)."""

import zlib

import pytest

from angarium.engine.imap.client import ConnectionState, ImapClient
from angarium.engine.imap.client_view import ServerMisbehaved
from angarium.grammar.imap.commands import Compress, Enable, Noop, Select, Unauthenticate
from angarium.grammar.imap.responses import Condition


def logged_in() -> ImapClient:
    client = ImapClient()
    client.receive(b"* PREAUTH ready\r\n")
    return client


def asked(client: ImapClient, answer: bytes) -> ImapClient:
    client.send(Compress())
    assert client.outgoing() == b"A1 COMPRESS DEFLATE\r\n"
    client.receive(answer)
    return client


def deflated(server: "zlib._Compress", octets: bytes, flush: int = zlib.Z_SYNC_FLUSH) -> bytes:
    return server.compress(octets) + server.flush(flush)


def test_the_client_compresses_behind_the_ok() -> None:
    client = asked(logged_in(), b"A1 OK active\r\n")
    said, heard = zlib.decompressobj(-15), zlib.compressobj(wbits=-15)
    client.send(Noop())
    assert said.decompress(client.outgoing()) == b"A2 NOOP\r\n"
    assert client.outgoing() == b""
    octets = deflated(heard, b"* OK one\r\n" + b"* OK two\r\n" * 50_000 + b"A2 OK done\r\n")
    responses = [each for at in range(0, len(octets), 100) for each in client.receive(octets[at : at + 100])]
    assert len(responses) == 50_002
    assert not client.pending(b"A2")


def test_what_comes_with_the_ok_is_inflated() -> None:
    heard = zlib.compressobj(wbits=-15)
    client = logged_in()
    client.send(Compress())
    responses = client.receive(b"A1 OK active\r\n" + deflated(heard, b"* BYE bye\r\n"))
    assert len(responses) == 2
    assert client.state is ConnectionState.LOGOUT


@pytest.mark.parametrize("answer", [b"A1 NO [COMPRESSIONACTIVE] TLS does\r\n", b"A1 BAD what?\r\n"])
def test_a_refusal_changes_nothing(answer: bytes) -> None:
    client = asked(logged_in(), answer)
    client.send(Noop())
    assert client.outgoing() == b"A2 NOOP\r\n"
    (response,) = client.receive(b"A2 OK done\r\n")
    assert response.condition is Condition.OK  # type: ignore[union-attr]


def test_a_server_that_does_not_compress_misbehaves() -> None:
    client = asked(logged_in(), b"A1 OK active\r\n")
    with pytest.raises(ServerMisbehaved, match="DEFLATE"):
        client.receive(b"* OK in the clear\r\n")


@pytest.mark.parametrize("flush", [zlib.Z_SYNC_FLUSH, zlib.Z_FINISH])
def test_the_client_ends_it_with_unauthenticate(flush: int) -> None:
    client = asked(logged_in(), b"A1 OK active\r\n")
    said, heard = zlib.decompressobj(-15), zlib.compressobj(wbits=-15)
    client.send(Noop())
    client.send(Unauthenticate())
    client.send(Noop())
    assert said.decompress(client.outgoing()) == b"A2 NOOP\r\nA3 UNAUTHENTICATE\r\n"
    assert said.unused_data == b"A4 NOOP\r\n"
    answers = deflated(heard, b"A2 OK done\r\nA3 OK who are you?\r\n", flush) + b"A4 OK done\r\n"
    assert len(client.receive(answers)) == 3
    client.send(Noop())
    assert client.outgoing() == b"A5 NOOP\r\n"


def test_unauthenticate_forgets_the_user() -> None:
    client = logged_in()
    client.send(Enable((b"IMAP4rev2",)))
    client.receive(b"* ENABLED IMAP4rev2\r\nA1 OK [CAPABILITY IMAP4rev2] done\r\n")
    client.send(Select("INBOX"))
    client.receive(b"A2 OK done\r\n")
    client.send(Unauthenticate())
    client.receive(b"A3 OK done\r\n")
    assert client.state is ConnectionState.NOT_AUTHENTICATED
    assert client.view is None
    assert client.capabilities is None
    assert client.enabled == frozenset()
    client.send(Unauthenticate())
    client.receive(b"A4 OK [CAPABILITY IMAP4rev1] done\r\n")
    assert client.capabilities == {b"IMAP4REV1"}
