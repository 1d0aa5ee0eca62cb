"""BINARY (RFC 3516, RFC 9051 §6.4.5) and transfer encodings (RFC 2045 §6)."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.binary import BinaryRefusal, decode_section
from angarium.engine.mail.structure import parse_message
from angarium.engine.mail.transfer_encoding import decode, decode_base64, decode_quoted_printable


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVs\r\nbG8=\r\n", b"hello"),
        (b"aGVs!bG8=", b"hello"),
        (b"aGVsbG8", b"hello"),
        (b"aGVsbG8=junk", b"hello"),
        (b"aGVsb", b"hel"),
        (b"a", b""),
        (b"=", b""),
        (b"", b""),
    ],
)
def test_base64(octets, expected):
    assert decode_base64(octets) == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"a=3Db=e9", b"a=b\xe9"),
        (b"soft =\r\nbreak=\nx", b"soft breakx"),
        (b"space  \r\nat end\t\n. \t", b"space\r\nat end\n."),
        (b"=zz=", b"=zz"),
        (b"", b""),
    ],
)
def test_quoted_printable(octets, expected):
    assert decode_quoted_printable(octets) == expected


@given(st.binary())
def test_what_was_encoded_comes_back(octets):
    assert decode(base64.encodebytes(octets), b"BASE64") == octets
    assert decode(quopri.encodestring(octets), b"QUOTED-PRINTABLE") == octets
    assert decode(octets, b"BINARY") == octets


@given(st.binary(), st.sampled_from([b"BASE64", b"QUOTED-PRINTABLE", b"8BIT"]))
def test_anything_is_decoded(octets, encoding):
    assert isinstance(decode(octets, encoding), bytes)


def message(media, encoding, body):
    return b"Content-Type: " + media + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("octets", "numbers", "expected"),
    [
        (message(b"image/png", b"base64", b"AAEC"), (1,), b"\0\1\2"),
        (message(b"text/plain", b"quoted-printable", b"a=\r\nb=C3\r\n"), (1,), b"ab\xc3\r\n"),
        # lone LFs of text are line ends, those of other media are not
        (message(b"text/plain", b"8bit", b"a\nb\r\n"), (1,), b"a\r\nb\r\n"),
        (message(b"text/plain", b"quoted-printable", b"a=0A\nb"), (1,), b"a\n\r\nb"),
        (message(b"text/plain", b"binary", b"a\nb"), (1,), b"a\nb"),
        (message(b"text/plain", b"base64", b"YQpi"), (1,), b"a\nb"),
        (message(b"image/png", b"binary", b"a\n"), (1,), b"a\n"),
        (message(b"text/plain", b"x-uue", b"a"), (1,), BinaryRefusal.UNKNOWN_CTE),
        (message(b"text/plain", b"7bit", b"a"), (2,), BinaryRefusal.NO_SUCH_PART),
        (message(b"message/rfc822", b"7bit", b"a"), (1,), BinaryRefusal.NOT_A_LEAF),
        (message(b"message/rfc822", b"7bit", b"\r\na"), (1, 1), b"a"),
        (b"A: b\r\n\r\n\0", (), b"A: b\r\n\r\n\0"),
    ],
)
def test_decode_section(octets, numbers, expected):
    assert decode_section(octets, parse_message(octets), numbers) == expected


def test_a_multipart_is_no_leaf():
    octets = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx"
    )
    assert decode_section(octets, parse_message(octets), (1,)) is BinaryRefusal.NOT_A_LEAF
    assert decode_section(octets, parse_message(octets), (1, 1)) == b"x"
