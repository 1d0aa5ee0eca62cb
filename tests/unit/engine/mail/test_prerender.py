"""Everything at once, for messages of any quality."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from angarium.engine.mail.binary import decode_section
from angarium.engine.mail.partmap import load
from angarium.engine.mail.prerender import prerender
from angarium.engine.mail.searchtext import search_texts
from angarium.engine.mail.structure import parse_message

MESSAGE = (
    b"Date: Thu, 22 Aug 2002 12:36:23 +0200\r\nFrom: Joe <joe@x.org>\r\nTo: Ann <ANN@x.org>, b@c\r\nCc: G: d@e;\r\n"
    b"Subject: Re: [list] =?utf-8?q?Caf=C3=A9?=\r\nMessage-ID: <1@x.org>\r\nReferences: <0@x.org>\r\n\r\nHello\r\n"
)


def test_a_message():
    found = prerender(MESSAGE)
    assert (found.size, found.header_octets) == (len(MESSAGE), len(MESSAGE) - 7)
    assert found.envelope.startswith(b'("Thu, 22 Aug 2002 12:36:23 +0200" "Re: [list] =?utf-8?q?Caf=C3=A9?=" (("Joe" NIL')
    assert found.body == b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 7 1)'
    assert found.bodystructure == found.body[:-1] + b" NIL NIL NIL NIL)"
    assert load(found.partmap).end == len(MESSAGE)
    assert (found.subject_key, found.is_reply) == ("CAFE\u0301", True)
    assert (found.from_key, found.to_key, found.cc_key) == ("JOE", "ANN", "G")
    assert (found.sent_utc, found.sent_date) == (1030012583, "2002-08-22")
    assert (found.message_id, found.references) == ("1@x.org", ("0@x.org",))
    assert found.preview == "Hello"


def test_an_empty_message():
    found = prerender(b"")
    assert (found.size, found.header_octets, found.preview, found.subject_key) == (0, 0, "", "")
    assert (found.sent_utc, found.sent_date, found.message_id, found.references) == (None, None, "", ())
    assert (found.from_key, found.to_key, found.cc_key) == ("", "", "")


TOKEN = re.compile(rb'[()]|"(?:[^"\\\r\n\x00\x80-\xff]|\\["\\])*"|\{(\d+)\}\r\n|NIL(?=[ )])|\d+(?=[ )])| ')


def assert_well_formed(octets):
    """Parentheses balance; strings, literals and atoms are as RFC 9051 §9 has them, and one space is between any two."""
    at = depth = 0
    after = b""
    while at < len(octets):
        token = TOKEN.match(octets, at)
        assert token, octets[at:]
        at = token.end()
        depth += {b"(": 1, b")": -1}.get(token[0], 0)
        assert depth > 0 or at == len(octets)
        assert (after, token[0]) not in ((b" ", b" "), (b"(", b" "), (b" ", b")"))
        assert after in (b"", b" ", b"(") or token[0] in (b" ", b")") or (after, token[0]) == (b")", b"(")
        after = token[0][:1]
        if token[1]:
            literal = octets[at : at + int(token[1])]
            assert len(literal) == int(token[1])
            assert b"\0" not in literal
            at += len(literal)
    assert depth == 0


def assert_offsets(part, start, end):
    assert start <= part.start <= part.body <= part.end <= end
    for child in part.children:
        assert_offsets(child, part.body, part.end)
    for left, right in zip(part.children, part.children[1:], strict=False):
        assert left.end <= right.start
    if part.message is not None:
        assert (part.message.start, part.message.end) == (part.body, part.end)
        assert_offsets(part.message, part.body, part.end)


def assert_sound(octets):
    found = prerender(octets)
    for rendered in (found.envelope, found.body, found.bodystructure):
        assert_well_formed(rendered)
    message = parse_message(octets)
    assert_offsets(message, 0, len(octets))
    assert found.header_octets == message.body
    search_texts(octets, message)
    decode_section(octets, message, (1,))
    for text in (found.preview, found.subject_key, found.message_id, *found.references):
        text.encode("utf-8")


fragments = st.sampled_from([
    *(bytes((octet,)) for octet in b"\r\n \t\0\xff:;=\"\\()<>@,[]x1"),
    *(b"\r\n", b"\r\n\r\n", b"--b", b"--b--", b"--c", b"--", b"*0*", b"a@b", b"text"),
    *(b"=?utf-8?q?=C3?=", b"=?x?b?", b"?=", b"29 Feb 2001"),
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"Content-Type: multipart/digest; boundary=c\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n",
    b"Content-Type: image/png; name*0=\"x\"; name*1*=%41\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Disposition: attachment; x=\"\r\n",
    b"Content-Language: a, b\r\n",
    b"Content-ID: \xe9\r\n",
    b"From: a@b, G: c@d;\r\n",
    *(b"To: \"", b"Subject: Re: [x]", b"Date: ", b"Message-ID: <x@y>\r\n", b"References: <a> <\"b\"@c>\r\n"),
])  # fmt: skip


@given(st.lists(fragments, max_size=60).map(b"".join))
@settings(max_examples=300, deadline=None)
def test_broken_messages(octets):
    assert_sound(octets)


@given(st.binary(max_size=400))
def test_any_octets(octets):
    assert_sound(octets)


@given(st.integers(0, len(MESSAGE)), st.integers(0, 12), st.binary(max_size=4))
def test_damaged_messages(at, gone, put):
    assert_sound(MESSAGE[:at] + put + MESSAGE[at + gone :])


HEAD = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
N = 100_000


@pytest.mark.parametrize(
    "octets",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(10_000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 10_000,
        HEAD + b"--b\r\n" * N,
        HEAD + b"--b" * N,
        HEAD + b"--b\r\n\r\n" + b"--bb\r\n" * N,
        b"Content-Type: a/b" + b"; x=y" * N,
        b"Content-Type: a/b" + b"; x*0*=y" * N,
        b"Content-Type: a/b;" + b"x" * N,
        b'Content-Type: a/b; x="' + b"\\" * N,
        b"Content-Type: " + b"(" * N,
        b"Content-Type: a/b" + b"()" * N,
        b"X: y\r\n" * N,
        b"x" * N + b"\r\n" * N,
        b"X:" + b"\r\n " * N,
        b" " * N,
        b"To: a\r\n" * N,
        b"From: " + b"a@b," * N,
        b"From: " + b"<" * N,
        b"From: " + b"(" * N,
        b'From: "' + b"\\" * N,
        b"From: " + b'"' * N,
        b"From: " + b"a." * N,
        b"From: " + b'"a".' * N + b"@x",
        b"From: " + b"x " * N + b"<a@b>",
        b"From: <" + b"@a," * N,
        b"From: " + b"a:" * N,
        b"From: " + b"[" * N,
        b"Subject: " + b"[a]" * N,
        b"Subject: " + b"(fwd)" * N + b"x",
        b"Subject: " + b"[fwd:" * N + b"]" * N,
        b"Subject: " + b"=?utf-8?q?a?= " * N,
        b"Subject: " + b"=?" * N,
        b"Date: " + b"(" * N,
        b"Date: " + b"1 " * N,
        b"Date: " + b"a" * N,
        b"References: " + b"<a@b> " * N,
        b"References: " + b"<" * N,
        b"References: <" + b"a" * N,
        b"References: " + b'"<a>' * N,
        b"Content-Type: text/html\r\n\r\n" + b"<style" * N,
        b"Content-Type: text/html\r\n\r\n" + b"<!--" * N,
        b"Content-Type: text/html\r\n\r\n" + b"&" * N,
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b" " * N + b"x",
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * N,
    ],
    ids=lambda octets: repr(octets[:40]),
)
def test_hostile_messages(octets):
    assert_sound(octets)
