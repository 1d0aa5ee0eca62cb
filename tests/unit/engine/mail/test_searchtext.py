"""What SEARCH looks in (RFC 9051 §6.4.4)."""

import pytest

from angarium.engine.mail.searchtext import SearchText, header_values, search_texts
from angarium.engine.mail.structure import parse_message

MESSAGE = b"\r\n".join([
    b"Subject: =?utf-8?q?Caf=C3=A9?=", b" open", b"Content-Type: multipart/mixed; boundary=b", b"",
    b"preamble",
    b"--b", b"", b"plain",
    b"--b", b"Content-Type: text/html; charset=iso-8859-1", b"Content-Transfer-Encoding: quoted-printable", b"", b"=E9t=", b"e",
    b"--b", b"Content-Type: image/png", b"Content-Description: logo", b"", b"octets",
    b"--b", b"Content-Type: message/rfc822", b"", b"Subject: inner", b"", b"enclosed",
    b"--b", b"Content-Type: message/delivery-status", b"", b"Action: failed",
    b"--b", b"Content-Type: text/plain; charset=x-unknown", b"Content-Transfer-Encoding: x-unknown", b"", b"odd",
    b"--b--", b"epilogue", b"",
])  # fmt: skip


def search(octets):
    return search_texts(octets, parse_message(octets))


def test_headers_and_body():
    found = search(MESSAGE)
    for text in ("SUBJECT: CAFE\u0301 OPEN\r\n", "CONTENT-DESCRIPTION: LOGO", "IMAGE/PNG", "BOUNDARY=B"):
        assert text in found.headers
    assert found.body.split("\0") == ["PLAIN", "E\u0301TE", "SUBJECT: INNER\r\n\r\n", "ENCLOSED", "ACTION: FAILED", "ODD"]
    assert "INNER" not in found.headers


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", SearchText("", "")),
        (b"A: b\n c\n\nd", SearchText("A: B C\n\n", "D")),
        (b"A: \xc3\xa9\r\nB: \xe9\r\n\r\n", SearchText("A: E\u0301\r\nB: E\u0301\r\n\r\n", "")),
        (b"Content-Type: image/png\r\n\r\nd", SearchText("CONTENT-TYPE: IMAGE/PNG\r\n\r\n", "")),
    ],
)
def test_simple_messages(octets, expected):
    assert search(octets) == expected


def test_a_part_without_header_adds_none():
    octets = b"Content-Type: multipart/mixed\r\n\r\nx"
    assert search(octets) == SearchText("CONTENT-TYPE: MULTIPART/MIXED\r\n\r\n", "X")


def test_header_values():
    header = b"To: a\r\n b\r\nTO:=?utf-8?q?=C3=A9?=\r\nX: \r\n\r\n"
    assert header_values(header, b"to") == ["a b", "é"]
    assert header_values(header, b"x") == [""]
    assert header_values(header, b"y") == []
