"""Parts that are no text, as they are sent (RFC 9051 §7.5.2)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.bodystructure import render_structure
from angarium.engine.mail.sections import section_octets
from angarium.engine.mail.structure import parse_message
from angarium.engine.mail.textual_form import encode, encoded_octets, needs_encoding, relabel, source_range
from angarium.grammar.imap.sections import Section, SectionText

PICTURE = b"\x89PNG\r\n\x1a\n\0\xff\xd8"
MESSAGE = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n"
    b"Content-Transfer-Encoding:\r\n Binary\r\nContent-ID: <x>\r\n\r\n"
    + PICTURE
    + b"\r\n--b\r\nContent-Transfer-Encoding: binary\r\n\r\ntext\r\n--b--\r\n"
)


@given(octets=st.binary(max_size=300))
def test_base64_in_lines(octets):
    text = encode(octets)
    assert len(text) == encoded_octets(len(octets))
    assert base64.b64decode(text) == octets
    assert all(len(line) <= 78 and line.endswith(b"\r\n") for line in text.splitlines(keepends=True))


@given(octets=st.binary(max_size=300), bounds=st.tuples(st.integers(0, 450), st.integers(0, 450)))
def test_any_piece_is_made_of_whole_lines(octets, bounds):
    start, end = sorted(bounds)
    first, last = source_range(start, end)
    assert encode(octets[first:last])[start % 78 :][: end - start] == encode(octets)[start:end]


@pytest.mark.parametrize(
    ("header", "needed"),
    [
        (b"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n", True),
        (b"Content-Type: image/png\r\nContent-Transfer-Encoding: 8bit\r\n", False),
        (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n", False),
        (b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n", False),
        (b"Content-Type: multipart/mixed\r\nContent-Transfer-Encoding: binary\r\n", False),
    ],
)
def test_what_is_text_stays(header, needed):
    assert needs_encoding(parse_message(header + b"\r\nx")) == needed


def test_structure_and_sections_agree():
    part = parse_message(MESSAGE)
    assert b'("IMAGE" "PNG" NIL "<x>" NIL "BASE64" 18)' in render_structure(part).body
    assert b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "BINARY" 4 0)' in render_structure(part).body
    assert section_octets(MESSAGE, part, Section((1,))) == base64.b64encode(PICTURE) + b"\r\n"
    assert section_octets(MESSAGE, part, Section((2,))) == b"text"
    assert section_octets(MESSAGE, part, Section((1,), SectionText.MIME)) == (
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <x>\r\n\r\n"
    )


def test_relabel_leaves_others_alone():
    assert relabel(b"X-Content-Transfer-Encoding: binary\r\n\r\n") == b"X-Content-Transfer-Encoding: binary\r\n\r\n"
