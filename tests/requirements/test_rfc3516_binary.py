"""RFC 3516: messages with NUL octets, appended as literal8 and fetched as they came or as IMAP can send them."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.dialogue import Dialogue
from requirements.both_stores import BOTH

NULS = bytes(range(256)) * 4
HEADER = (
    b"MIME-Version: 1.0\r\nSubject: =?utf-8?q?=00gr=C3=BC=C3=9Fe?=\r\nContent-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n"
)
MIXED = (
    HEADER % (b"multipart/mixed; boundary=b", b"binary")
    + b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    + b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    + NULS
    + b"\r\n--b--\r\n"
)


@pytest.fixture(params=BOTH, ids=lambda make: make.__name__)
def on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A connection on the model, then on SQLite, with INBOX selected."""
    stores = request.param(tmp_path)
    connection = Dialogue(next(stores).execute)
    connection.command("in LOGIN tim secret")
    connection.command("se SELECT INBOX")
    yield connection
    next(stores, None)


def append(connection: Dialogue, octets: bytes) -> bytes:
    """The answer to an APPEND of one ``literal8``."""
    return connection.say(b"ap APPEND INBOX ~{%d+}\r\n%b\r\n" % (len(octets), octets))[-1]


def fetched(connection: Dialogue, item: str) -> bytes:
    """What is sent of an item of the first message, without its name."""
    line, answer = connection.command(f"fe FETCH 1 ({item})")
    assert answer.startswith(b"fe OK")
    return line.partition(b"(")[2].partition(b" ")[2][:-1]


def content_of(value: bytes) -> bytes:
    """The octets of a literal."""
    found = re.match(rb"~?\{(\d+)\}\r\n", value)
    assert found, value
    octets = value[found.end() :]
    assert len(octets) == int(found[1])
    return octets


def test_it_is_announced(on_both: Dialogue) -> None:
    assert b"BINARY" in on_both.command("a CAPABILITY")[0].split()


@pytest.mark.parametrize("size", [3, 1_024, 100_000])
def test_nul_is_stored_and_comes_back(on_both: Dialogue, size: int) -> None:
    octets = (NULS * 100)[:size]
    assert append(on_both, HEADER % (b"image/png", b"binary") + octets).startswith(b"ap OK [APPENDUID")
    value = fetched(on_both, "BINARY.PEEK[1]")
    assert value.startswith(b"~{")
    assert content_of(value) == octets
    assert fetched(on_both, "BINARY.SIZE[1]") == b"%d" % size
    assert content_of(fetched(on_both, "BINARY.PEEK[1]<0.2>")) == octets[:2]


@pytest.mark.parametrize("encoding", [b"binary", b"8bit", b"7bit"])
def test_structure_and_body_tell_of_base64(on_both: Dialogue, encoding: bytes) -> None:
    append(on_both, HEADER % (b"image/png", encoding) + NULS)
    structure = fetched(on_both, "BODYSTRUCTURE")
    body = content_of(fetched(on_both, "BODY.PEEK[1]"))
    assert b'"BASE64" %d ' % len(body) in structure
    assert base64.b64decode(body) == NULS
    whole = content_of(fetched(on_both, "BODY.PEEK[]"))
    assert whole.endswith(body)
    assert b"Content-Transfer-Encoding: base64\r\n" in whole
    assert fetched(on_both, "RFC822.SIZE") == b"%d" % len(whole)


def test_only_the_part_with_nul_is_encoded(on_both: Dialogue) -> None:
    append(on_both, MIXED)
    assert content_of(fetched(on_both, "BODY.PEEK[1]")) == b"hello"
    assert content_of(fetched(on_both, "BINARY.PEEK[2]")) == NULS
    whole = content_of(fetched(on_both, "BODY.PEEK[]"))
    encoded = content_of(fetched(on_both, "BODY.PEEK[2]"))
    assert whole == MIXED.replace(NULS, encoded).replace(
        b"image/png\r\nContent-Transfer-Encoding: binary", b"image/png\r\nContent-Transfer-Encoding: base64"
    )


def test_what_has_no_nul_is_stored_as_it_came(on_both: Dialogue) -> None:
    octets = HEADER % (b"text/plain; charset=utf-8", b"binary") + "grüße\r\n".encode()
    append(on_both, octets)
    assert content_of(fetched(on_both, "BODY.PEEK[]")) == octets


@pytest.mark.parametrize("header", [b"Subject: \0", b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: x-uue"])
@pytest.mark.parametrize("size", [1, 100_000])
def test_nul_that_no_encoding_can_carry_is_refused(on_both: Dialogue, header: bytes, size: int) -> None:
    assert append(on_both, header + b"\r\n\r\n" + b"\0" * size).startswith(b"ap NO [UNKNOWN-CTE] ")
    assert on_both.command("b STATUS INBOX (MESSAGES UIDNEXT)")[0] == b"* STATUS INBOX (MESSAGES 0 UIDNEXT 1)"


def test_headers_are_not_decoded(on_both: Dialogue) -> None:
    append(on_both, HEADER % (b"text/plain", b"binary") + b"a\0b")
    assert b"Subject: =?utf-8?q?=00gr=C3=BC=C3=9Fe?=\r\n" in fetched(on_both, "BINARY.PEEK[]")
    assert b'"=?utf-8?q?=00gr=C3=BC=C3=9Fe?="' in fetched(on_both, "ENVELOPE")


def test_binary_sets_seen_and_peek_does_not(on_both: Dialogue) -> None:
    append(on_both, MIXED)
    on_both.command("a FETCH 1 (BINARY.PEEK[2] BINARY.SIZE[2])")
    assert fetched(on_both, "FLAGS") == rb"(\Recent)"
    on_both.command("b FETCH 1 BINARY[2]")
    assert fetched(on_both, "FLAGS") == rb"(\Seen \Recent)"
