import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.binary import decode_section
from angarium.engine.mail.nul_free import nul_free
from angarium.engine.mail.structure import parse_message

MIXED = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    b"--b\r\n\r\ntext\r\n--b\r\n%b\r\n\r\n%b\r\n--b--\r\n"
)


def stored(octets: bytes) -> bytes | None:
    pieces = nul_free(octets)
    return None if pieces is None else b"".join(pieces)


@pytest.mark.parametrize(
    "octets", [b"", b"Subject: x\r\n\r\nbody\r\n", b"Content-Transfer-Encoding: binary\r\n\r\n\xff\xfe", b"\xff"]
)
def test_what_has_no_nul_stays_as_it_is(octets: bytes) -> None:
    assert stored(octets) == octets


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (
            b"Subject: x\r\n\r\na\0b",
            b"Subject: x\r\nContent-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nYQBi\r\n",
        ),
        (
            b"mime-version: 1.0\r\ncontent-transfer-encoding: binary\r\nX: y\r\n\r\n\0",
            b"mime-version: 1.0\r\nContent-Transfer-Encoding: base64\r\nX: y\r\n\r\nAA==\r\n",
        ),
        (b"Subject: x\n\n\0", b"Subject: x\nContent-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\nAA==\r\n"),
        (b"\r\n\0", b"Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\n\r\nAA==\r\n"),
        (
            MIXED % (b"Content-Type: image/png\r\nContent-Transfer-Encoding: BINARY", b"\0\1\2"),
            MIXED % (b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64", b"AAEC\r\n"),
        ),
        (
            MIXED % (b"Content-Type: message/rfc822", b"Subject: in it\r\n\r\n\0\1\2"),
            MIXED % (b"Content-Type: message/rfc822", b"Subject: in it\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n"),
        ),
    ],
)
def test_parts_with_nul_become_base64(octets: bytes, expected: bytes) -> None:
    assert stored(octets) == expected


@pytest.mark.parametrize(
    "octets",
    [
        b"\0",
        b"Subject: \0\r\n\r\nbody",
        MIXED % (b"Content-Transfer-Encoding: base64", b"AA\0EC"),
        MIXED % (b"Content-Transfer-Encoding: x-uue", b"AA\0EC"),
        MIXED % (b"X: \0", b"text"),
        MIXED % (b"X: y", b"text") + b"epilogue \0",
        MIXED.replace(b"\r\n\r\n--b", b"\r\n\r\npreamble \0\r\n--b", 1) % (b"X: y", b"text \0"),
        b"Content-Type: multipart/mixed\r\n\r\nno boundary, \0",
    ],
)
def test_nul_elsewhere_cannot_be_stored(octets: bytes) -> None:
    assert stored(octets) is None


@given(
    st.binary(max_size=200).map(lambda octets: octets.replace(b"--", b"").replace(b"\n", b"\0")),
    st.sampled_from([b"binary", b"8bit"]),
)
def test_binary_gives_back_what_came(content: bytes, encoding: bytes) -> None:
    octets = MIXED % (b"Content-Type: image/png\r\nContent-Transfer-Encoding: " + encoding, content)
    kept = stored(octets)
    assert kept is not None
    assert b"\0" not in kept
    assert decode_section(kept, parse_message(kept), (2,)) == content


def test_large_parts_are_encoded_in_pieces() -> None:
    content = bytes(range(256)) * 8_192
    pieces = nul_free(b"Content-Type: image/png\r\n\r\n" + content)
    assert pieces is not None
    sizes = [len(piece) for piece in pieces]
    assert max(sizes) < 700_000
    kept = stored(b"Content-Type: image/png\r\n\r\n" + content) or b""
    assert decode_section(kept, parse_message(kept), (1,)) == content
    assert not re.search(rb"[^\r\n]{77}", kept)
