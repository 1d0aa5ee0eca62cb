"""ENVELOPE (RFC 9051 §7.5.2)."""

import pytest

from angarium.engine.mail.envelope import envelope, render_envelope
from angarium.engine.mail.header import MESSAGE_FIELDS, parse_fields
from angarium.engine.mail.nstring import nstring, string


def rendered(header):
    return render_envelope(envelope(parse_fields(header, MESSAGE_FIELDS)))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"\r\n", b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
        # present but empty
        (b"Date:\r\nSubject: \r\nFrom:\r\nTo: ,\r\nIn-Reply-To:\r\nMessage-ID:\r\n\r\n",
         b'("" "" NIL NIL NIL NIL NIL NIL "" "")'),
        # Sender and Reply-To default to From, also when they are empty
        (b"From: A <a@b>\r\nSender:\r\n\r\n",
         b'(NIL NIL (("A" NIL "a" "b")) (("A" NIL "a" "b")) (("A" NIL "a" "b")) NIL NIL NIL NIL NIL)'),
        (b"From: a@b\r\nSender: c@d\r\nReply-To: e@f\r\n\r\n",
         b'(NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "c" "d")) ((NIL NIL "e" "f")) NIL NIL NIL NIL NIL)'),
        (b"To: G: a@b;\r\nCc: c@d\r\nCc: e@f\r\nBcc: g@h\r\n\r\n",
         b'(NIL NIL NIL NIL NIL ((NIL NIL "G" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)) '
         b'((NIL NIL "c" "d")(NIL NIL "e" "f")) ((NIL NIL "g" "h")) NIL NIL)'),
        (b"Date: Thu,\r\n 1 Jan 1970\r\nSubject: a \"b\" \\c\r\nMessage-Id: <x@y>\r\n\r\n",
         b'("Thu, 1 Jan 1970" "a \\"b\\" \\\\c" NIL NIL NIL NIL NIL NIL NIL "<x@y>")'),
        (b"Subject: =?utf-8?q?x?= y\r\nFrom: <@r:a@b>\r\n\r\n",
         b'(NIL "=?utf-8?q?x?= y" ((NIL "@r" "a" "b")) ((NIL "@r" "a" "b")) ((NIL "@r" "a" "b")) NIL NIL NIL NIL NIL)'),
    ],
)  # fmt: skip
def test_envelope(header, expected):
    assert rendered(header) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", b'""'),
        (b"a b", b'"a b"'),
        (b'a"b\\c', b'"a\\"b\\\\c"'),
        (b"a\tb\x01", b'"a\tb\x01"'),
        (b"caf\xc3\xa9", b"{5}\r\ncaf\xc3\xa9"),
        (b"a\r\nb", b"{4}\r\na\r\nb"),
        (b"a\x00b", b"{3}\r\na?b"),
    ],
)
def test_string(value, expected):
    assert string(value) == expected
    assert nstring(value) == expected


def test_nil():
    assert nstring(None) == b"NIL"
