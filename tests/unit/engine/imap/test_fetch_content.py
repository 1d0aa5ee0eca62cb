from binascii import b2a_base64
from collections.abc import Callable
from typing import Any

import pytest

from angarium.engine.imap.fetch_content import binary_literal, literal, without_nul
from angarium.engine.imap.limits import Limits
from angarium.engine.operations import CONTENT_OCTETS_MAX, AppendMessages, NewMessage, ReadContent, StoreUnavailable, UserName
from angarium.engine.steps import Received
from angarium.grammar.imap.sections import Partial
from angarium.spec.model_store import ModelStore
from conformance.dialogue import Dialogue

BODY = b"0123456789abcde\r\n" * 20_000
LARGE = b"Subject: large\r\n\r\n" + BODY
INNER = b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nTo: x\r\n\r\n" + BODY


@pytest.mark.parametrize(
    ("octets", "expected"),
    [(b"", b'""'), (b"abc", b"{3}\r\nabc"), (b'"', b'{1}\r\n"'), (b"a\0b", b"{3}\r\na\x80b")],
)
def test_literal(octets: bytes, expected: bytes) -> None:
    assert literal(octets) == expected
    assert len(without_nul(octets)) == len(octets)


@pytest.mark.parametrize(
    ("octets", "partial", "expected"),
    [
        (None, None, b"NIL"),
        (b"abc", None, b"{3}\r\nabc"),
        (b"a\0c", None, b"~{3}\r\na\0c"),
        (b"a\0c", Partial(2, 5), b"{1}\r\nc"),
        (b"abc", Partial(9, 5), b'""'),
    ],
)
def test_binary_literal(octets: bytes | None, partial: Partial | None, expected: bytes) -> None:
    assert binary_literal(octets, partial) == expected


PICTURE = bytes(range(256)) * 1200
SHOWN = b"".join(b2a_base64(PICTURE[at : at + 57], newline=False) + b"\r\n" for at in range(0, len(PICTURE), 57))
BINARY = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + PICTURE + b"\r\n--b--\r\n"
)


@pytest.fixture
def tim(store: ModelStore) -> Dialogue:
    connection = Dialogue(store.execute, limits=Limits(content_chunk_octets=100_000, decoded_octets_max=500_000))
    connection.command("a LOGIN tim secret")
    assert len(LARGE) > CONTENT_OCTETS_MAX
    connection.append(LARGE)
    connection.append(INNER)
    store.execute(AppendMessages(UserName("tim"), "INBOX", (NewMessage(BINARY),)))
    connection.command("b EXAMINE INBOX")
    connection.operations.clear()
    return connection


@pytest.mark.parametrize(
    ("number", "item", "name", "octets"),
    [
        (1, "BODY[]", "BODY[]", LARGE),
        (1, "BODY[TEXT]", "BODY[TEXT]", BODY),
        (1, "BODY[1]<10.200000>", "BODY[1]<10>", BODY[10:200_010]),
        (1, "BODY[]<0.5>", "BODY[]<0>", LARGE[:5]),
        (1, "BODY[]<900000.5>", "BODY[]<900000>", b""),
        (1, "BINARY[]", "BINARY[]", LARGE),
        (1, "BINARY[1]<1.3>", "BINARY[1]<1>", BODY[1:4]),
        (3, "BODY[1]", "BODY[1]", SHOWN),
        (3, "BODY[1]<77.150000>", "BODY[1]<77>", SHOWN[77:150_077]),
        (3, "BODY[1]<999999.5>", "BODY[1]<999999>", b""),
        (3, "BODY[1.MIME]", "BODY[1.MIME]", b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
        (3, "BINARY.SIZE[1]", "BINARY.SIZE[1]", None),
        (2, "BODY[1.HEADER]", "BODY[1.HEADER]", b"Subject: inner\r\nTo: x\r\n\r\n"),
        (2, "BODY[1.HEADER.FIELDS (to)]", "BODY[1.HEADER.FIELDS (to)]", b"To: x\r\n\r\n"),
        (2, "BODY[1.HEADER.FIELDS.NOT (to)]", "BODY[1.HEADER.FIELDS.NOT (to)]", b"Subject: inner\r\n\r\n"),
    ],
)
def test_large_message_is_read_in_pieces(tim: Dialogue, number: int, item: str, name: str, octets: bytes | None) -> None:
    (row, done) = tim.command(f"c FETCH {number} {item}")
    value = b"%d" % len(PICTURE) if octets is None else b"{%d}\r\n%b" % (len(octets), octets) if octets else b'""'
    assert row == b"* %d FETCH (%b %b)" % (number, name.encode(), value)
    assert done == b"c OK FETCH completed"
    assert all(read.octets <= 100_000 for read in tim.operations if isinstance(read, ReadContent))


@pytest.mark.parametrize("item", ["BINARY[]", "BINARY.SIZE[1]"])
def test_too_large_to_decode(store: ModelStore, item: str) -> None:
    connection = Dialogue(store.execute, limits=Limits(decoded_octets_max=10))
    connection.command("a LOGIN tim secret")
    connection.append(LARGE)
    connection.command("b EXAMINE INBOX")
    value = b"0" if "SIZE" in item else b"NIL"
    assert connection.command(f"c FETCH 1 {item}") == [
        b"* 1 FETCH (%b %b)" % (item.encode(), value),
        b"c NO [LIMIT] some parts could not be decoded",
    ]


def losing(execute: Callable[[Any], Any], at: int, result: Any) -> Callable[[Any], Any]:
    """Content from offset ``at`` on is gone, or cannot be read."""

    def carry_out(operation: Any) -> Any:
        if isinstance(operation, ReadContent) and operation.offset >= at:
            if isinstance(result, Exception):
                raise result
            return result
        return execute(operation)

    return carry_out


@pytest.mark.parametrize("items", ["UID BODY[]", "BODY[HEADER] BODY[TEXT]"])
def test_expunged_before_it_was_sent(tim: Dialogue, items: str) -> None:
    tim.execute = losing(tim.execute, 0, b"")
    assert tim.command(f"c FETCH 1 ({items})") == [b"c OK FETCH completed"]


def test_sections_that_are_not_there_beside_those_that_are_large(tim: Dialogue) -> None:
    (row, _) = tim.command("c FETCH 1 (BODY[9] BINARY[9] BINARY.SIZE[9] BODY[]<0.3> BODY[HEADER])")
    assert row == (
        b"* 1 FETCH (BODY[9] NIL BINARY[9] NIL BINARY.SIZE[9] 0 BODY[]<0> {3}\r\nSub BODY[HEADER] {18}\r\nSubject: large\r\n\r\n)"
    )


def test_store_fails_before_anything_was_sent(tim: Dialogue) -> None:
    tim.execute = losing(tim.execute, 0, StoreUnavailable())
    assert tim.command("c FETCH 1 (UID BODY[])") == [b"c NO [UNAVAILABLE] the mail store is not available"]


@pytest.mark.parametrize("result", [b"", StoreUnavailable()])
def test_second_section_cannot_be_read(tim: Dialogue, result: Any) -> None:
    tim.execute = losing(tim.execute, 50, result)
    tim.begin(Received(b"c FETCH 1 (BODY[]<0.5> BODY[]<100.5>)\r\n"))
    assert tim.closed
    assert not b"".join(tim.sent)


@pytest.mark.parametrize("result", [b"", StoreUnavailable()])
def test_lost_in_the_middle_of_a_literal(tim: Dialogue, result: Any) -> None:
    tim.execute = losing(tim.execute, 150_000, result)
    tim.begin(Received(b"c FETCH 1 BODY[]\r\n"))
    assert tim.closed
    octets = b"".join(tim.sent)
    assert octets.startswith(b"* 1 FETCH (BODY[] {%d}\r\n" % len(LARGE))
    assert len(octets) < len(LARGE)


def test_many_sections_do_not_gather(tim: Dialogue) -> None:
    tim.append(b"Subject: x\r\n\r\n" + BODY[:200_000])
    before = tim.writes
    items = " ".join(f"BODY[]<{number}.200000>" for number in range(20))
    tim.command("c NOOP")
    (row, _) = tim.command(f"d FETCH 3 ({items})")
    assert len(row) > 3_900_000
    assert tim.writes - before >= 20
