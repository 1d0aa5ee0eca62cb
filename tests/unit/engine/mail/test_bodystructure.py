"""BODY and BODYSTRUCTURE (RFC 9051 §7.5.2)."""

import pytest

from angarium.engine.mail.bodystructure import render_structure
from angarium.engine.mail.structure import parse_message

TEXT = b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" %d %d'


@pytest.mark.parametrize(
    ("octets", "body", "extension"),
    [
        (b"A: b\r\n\r\nHello\r\n", TEXT % (7, 1) + b")", b" NIL NIL NIL NIL)"),
        (b"Content-Type: text/html\r\n\r\n", b'("TEXT" "HTML" NIL NIL NIL "7BIT" 0 0)', b" NIL NIL NIL NIL)"),
        (
            b"Content-Type: image/png; name=\"a b\"\r\nContent-ID: <x@y>\r\nContent-Description: d\xe9\r\nContent-MD5: m\r\n"
            b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=x; size=1\r\n"
            b"Content-Language: en\r\nContent-Location: u\r\n\r\nxx",
            b'("IMAGE" "PNG" ("NAME" "a b") "<x@y>" {2}\r\nd\xe9 "BASE64" 2)',
            b' "m" ("ATTACHMENT" ("FILENAME" "x" "SIZE" "1")) "en" "u")',
        ),
        (b"Content-Type: a/b\r\nContent-Disposition: inline\r\nContent-Language: en,de\r\n\r\n",
         b'("A" "B" NIL NIL NIL "7BIT" 0)', b' NIL ("INLINE" NIL) ("en" "de") NIL)'),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
         b"(" + TEXT % (1, 0) + b') "MIXED")', None),
    ],
)  # fmt: skip
def test_structure(octets, body, extension):
    found = render_structure(parse_message(octets))
    assert found.body == body
    if extension is not None:
        assert found.bodystructure == body[:-1] + extension


def test_a_multipart_has_extension_data_of_its_own():
    octets = b"Content-Type: multipart/mixed; boundary=b\r\nContent-Language: en\r\n\r\n--b\r\n\r\nx\r\n--b--"
    child = TEXT % (1, 0) + b" NIL NIL NIL NIL)"
    assert render_structure(parse_message(octets)).bodystructure == b"(" + child + b' "MIXED" ("BOUNDARY" "b") NIL "en" NIL)'


def test_a_multipart_without_parts_is_valid():
    found = render_structure(parse_message(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"))
    assert found.body == b"(" + TEXT % (0, 0) + b') "MIXED")'


def test_an_enclosed_message_has_envelope_and_structure():
    octets = b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nHello\r\n"
    found = render_structure(parse_message(octets))
    envelope = b'(NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL)'
    basic = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 22 ' + envelope + b" "
    assert found.body == basic + TEXT % (7, 1) + b") 3)"
    assert found.bodystructure == basic + TEXT % (7, 1) + b" NIL NIL NIL NIL) 3 NIL NIL NIL NIL)"
