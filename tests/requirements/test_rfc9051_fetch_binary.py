"""Clauses of RFC 9051 §7.5.2 on BINARY and BINARY.SIZE."""

import base64

import pytest

from conformance.dialogue import Dialogue


def part(media: bytes, encoding: bytes, body: bytes) -> bytes:
    """A message of one part."""
    return b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (media, encoding, body)


def fetched(connection: Dialogue, message: bytes, item: str) -> list[bytes]:
    """The answers to FETCH of the only message there is."""
    connection.append(message)
    connection.command("a SELECT INBOX")
    return connection.command(f"f FETCH 1 {item}")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"\xff\xfe no NUL", b"BINARY[1] {9}\r\n\xff\xfe no NUL"),
        (b"plain", b"BINARY[1] {5}\r\nplain"),
        (b"a\0b", b"BINARY[1] ~{3}\r\na\0b"),
    ],
)
def test_no_nul_is_a_string(tim: Dialogue, data: bytes, answer: bytes) -> None:
    lines = fetched(tim, part(b"image/png", b"base64", base64.b64encode(data)), "BINARY.PEEK[1]")
    assert lines == [b"* 1 FETCH (" + answer + b")", b"f OK FETCH completed"]


@pytest.mark.parametrize(
    ("encoding", "body"), [(b"7bit", b"one\ntwo\r\n"), (b"quoted-printable", b"one\nt=77o\r\n"), (b"8bit", b"one\r\ntwo\n")]
)
def test_lines_end_in_crlf(tim: Dialogue, encoding: bytes, body: bytes) -> None:
    lines = fetched(tim, part(b"text/plain", encoding, body), "BINARY.PEEK[1]")
    assert lines[0] == b"* 1 FETCH (BINARY[1] {10}\r\none\r\ntwo\r\n)"


@pytest.mark.parametrize("item", ["BINARY[1]", "BINARY.PEEK[1]", "BINARY.PEEK[1]<0.3>", "BINARY.SIZE[1]"])
def test_unknown_encoding_is_refused(tim: Dialogue, item: str) -> None:
    lines = fetched(tim, part(b"text/plain", b"x-uue", b"????"), item)
    assert lines[-1].startswith(b"f NO [UNKNOWN-CTE] ")
    assert not any(b"????" in line for line in lines)


@pytest.mark.parametrize(
    ("media", "encoding", "body", "size"),
    [
        (b"image/png", b"base64", b"AAEC\r\n", 3),
        (b"image/png", b"base64", b"AAE", 2),
        (b"text/plain", b"quoted-printable", b"=C3=A9=\r\nx", 3),
        (b"text/plain", b"7bit", b"one\ntwo\n", 10),
        (b"text/plain", b"7bit", b"", 0),
    ],
)
def test_size_is_that_of_the_data(tim: Dialogue, media: bytes, encoding: bytes, body: bytes, size: int) -> None:
    lines = fetched(tim, part(media, encoding, body), "(BINARY.SIZE[1] BINARY.PEEK[1])")
    (_, response) = lines
    assert response == b"f OK FETCH completed"
    announced = b'""' if not size else (b"~{%d}\r\n" if b"~" in lines[0] else b"{%d}\r\n") % size
    assert lines[0].startswith(b"* 1 FETCH (BINARY.SIZE[1] %d BINARY[1] %b" % (size, announced))
