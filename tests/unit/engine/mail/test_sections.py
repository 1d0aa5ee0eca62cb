"""Sections and part numbers (RFC 9051 §6.4.5.1)."""

import pytest

from angarium.engine.mail.sections import SectionRange, find_part, section_octets, section_range
from angarium.engine.mail.structure import parse_message
from angarium.grammar.imap.sections import Section, SectionText

# the example of RFC 9051 §6.4.5.1
INNER = b"\r\n".join([
    b"Subject: inner", b"Content-Type: multipart/mixed; boundary=i", b"",
    b"--i", b"", b"3.1 text",
    b"--i", b"Content-Type: application/octet-stream", b"", b"3.2 octets",
    b"--i--",
])  # fmt: skip
DEEP = b"\r\n".join([
    b"Subject: deep", b"Content-Type: multipart/mixed; boundary=d", b"",
    b"--d", b"", b"4.2.1 text",
    b"--d", b"Content-Type: multipart/alternative; boundary=a", b"",
    b"--a", b"", b"4.2.2.1 text",
    b"--a", b"Content-Type: text/richtext", b"", b"4.2.2.2 text",
    b"--a--",
    b"--d--",
])  # fmt: skip
MESSAGE = b"\r\n".join([
    b"Subject: outer", b"Content-Type: multipart/mixed; boundary=o", b"",
    b"--o", b"", b"1 text",
    b"--o", b"Content-Type: application/octet-stream", b"", b"2 octets",
    b"--o", b"Content-Type: message/rfc822", b"", INNER,
    b"--o", b"Content-Type: multipart/mixed; boundary=m", b"",
    b"--m", b"Content-Type: image/gif", b"", b"4.1 gif",
    b"--m", b"Content-Type: message/rfc822", b"", DEEP,
    b"--m--",
    b"--o--", b"",
])  # fmt: skip
PLAIN = b"Subject: plain\r\n\r\nHello\r\n"
ONLY_MESSAGE = b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nHello\r\n"

T = SectionText


def at(octets, numbers, text=None, fields=()):
    return section_octets(octets, parse_message(octets), Section(numbers, text, fields))


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((1,), b"1 text"),
        ((2,), b"2 octets"),
        ((3,), INNER),
        ((3, 1), b"3.1 text"),
        ((3, 2), b"3.2 octets"),
        ((4, 1), b"4.1 gif"),
        ((4, 2), DEEP),
        ((4, 2, 1), b"4.2.1 text"),
        ((4, 2, 2, 1), b"4.2.2.1 text"),
        ((4, 2, 2, 2), b"4.2.2.2 text"),
        ((5,), None),
        ((1, 1), None),
        ((3, 3), None),
        ((3, 1, 1, 1), None),
        ((4, 3), None),
    ],
)
def test_part_numbers(numbers, expected):
    assert at(MESSAGE, numbers) == expected


@pytest.mark.parametrize(
    ("octets", "numbers", "text", "expected"),
    [
        (MESSAGE, (), None, MESSAGE),
        (MESSAGE, (), T.HEADER, b"Subject: outer\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"),
        (MESSAGE, (), T.TEXT, MESSAGE[MESSAGE.index(b"--o") :]),
        (MESSAGE, (1,), T.MIME, b"\r\n"),
        (MESSAGE, (4, 1), T.MIME, b"Content-Type: image/gif\r\n\r\n"),
        (MESSAGE, (3,), T.HEADER, INNER[: INNER.index(b"--i")]),
        (MESSAGE, (3,), T.TEXT, INNER[INNER.index(b"--i") :]),
        (MESSAGE, (4, 2), T.HEADER, DEEP[: DEEP.index(b"--d")]),
        (MESSAGE, (4, 2), T.TEXT, DEEP[DEEP.index(b"--d") :]),
        (MESSAGE, (4, 2), T.MIME, b"Content-Type: message/rfc822\r\n\r\n"),
        # only of message parts
        (MESSAGE, (1,), T.HEADER, None),
        (MESSAGE, (4,), T.TEXT, None),
        (MESSAGE, (9,), T.MIME, None),
        # part 1 of a message that is not multipart
        (PLAIN, (1,), None, b"Hello\r\n"),
        (PLAIN, (1,), T.MIME, b"Subject: plain\r\n\r\n"),
        (PLAIN, (1,), T.HEADER, None),
        (PLAIN, (2,), None, None),
        (PLAIN, (1, 1), None, None),
        (ONLY_MESSAGE, (1,), None, b"Subject: in\r\n\r\nHello\r\n"),
        (ONLY_MESSAGE, (1,), T.HEADER, b"Subject: in\r\n\r\n"),
        (ONLY_MESSAGE, (1, 1), None, b"Hello\r\n"),
        (ONLY_MESSAGE, (1, 1), T.MIME, b"Subject: in\r\n\r\n"),
    ],
)
def test_section_texts(octets, numbers, text, expected):
    assert at(octets, numbers, text) == expected


@pytest.mark.parametrize("octets", [MESSAGE, PLAIN, ONLY_MESSAGE, b"", b"A: b"])
def test_header_and_text_are_the_whole(octets):
    assert at(octets, (), T.HEADER) + at(octets, (), T.TEXT) == octets


def test_header_fields_are_filtered():
    assert at(MESSAGE, (3,), T.HEADER_FIELDS, (b"SUBJECT",)) == b"Subject: inner\r\n\r\n"
    assert at(MESSAGE, (), T.HEADER_FIELDS_NOT, (b"content-type",)) == b"Subject: outer\r\n\r\n"
    message = parse_message(PLAIN)
    assert section_range(message, Section((), T.HEADER_FIELDS, (b"x",))) == SectionRange(0, message.body, filtered=True)


def test_no_part_number_is_no_part():
    assert find_part(parse_message(PLAIN), ()) is None
