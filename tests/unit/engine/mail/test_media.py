"""Structured MIME fields (RFC 2045 §5, RFC 2183, RFC 2231)."""

import pytest

from angarium.engine.mail.charset import parameter_text
from angarium.engine.mail.limits import parameters_max
from angarium.engine.mail.media import content_disposition, content_language, content_transfer_encoding, content_type, parameters


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"text/plain", (b"TEXT", b"PLAIN", ())),
        (b"text/plain; charset=us-ascii (plain text)", (b"TEXT", b"PLAIN", ((b"CHARSET", b"us-ascii"),))),
        (b'a/b;x="y;z" ; u = v', (b"A", b"B", ((b"X", b"y;z"), (b"U", b"v")))),
        (b'a/b; x="\\"q\\""', (b"A", b"B", ((b"X", b'"q"'),))),
        (b"a/b; name=My File.txt; x=1", (b"A", b"B", ((b"NAME", b"My File.txt"), (b"X", b"1")))),
        (b'a/b; x="never closed', (b"A", b"B", ((b"X", b"never closed"),))),
        (b"a/b; x=", (b"A", b"B", ((b"X", b""),))),
        (b"a/b; junk; x=1; =y", (b"A", b"B", ((b"X", b"1"),))),
        (b"a/b;", (b"A", b"B", ())),
        (b"text", None),
        (b"/plain", None),
    ],
)
def test_content_type(value, expected):
    assert content_type(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"; x*0=a; x*1=b", [(b"X", b"ab")]),
        (b"; x*1=b; y=1; x*0=a", [(b"Y", b"1"), (b"X", b"ab")]),
        (b"; x*=utf-8''%41", [(b"X*", b"utf-8''%41")]),
        (b"; x*0*=utf-8'en'%41; x*1=\"b c\"; x*2*=%42", [(b"X*", b"utf-8'en'%41b%20c%42")]),
        (b'; x*0="a\'b"; x*1*=%42', [(b"X*", b"''a%27b%42")]),
        (b"; x*0=a; x*2=c", [(b"X*0", b"a"), (b"X*2", b"c")]),
        (b"; x*1=a", [(b"X*1", b"a")]),
        (b"; x*01=a; *=b; y=*", [(b"X*01", b"a"), (b"*", b"b"), (b"Y", b"*")]),
        (b"; x*0=a; x*0=b; x*1=c", [(b"X", b"ac"), (b"X", b"ac")]),
    ],
)
def test_continuations(value, expected):
    assert list(parameters(value, 0)) == expected


def test_parameters_have_a_limit():
    assert len(parameters(b";a=b" * 1_000_000, 0)) == parameters_max


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"attachment", (b"ATTACHMENT", ())),
        (b'(c) inline; filename="a b"', (b"INLINE", ((b"FILENAME", b"a b"),))),
        (b"; filename=x", None),
    ],
)
def test_content_disposition(value, expected):
    assert content_disposition(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"base64", b"BASE64"), (b" 8bit (x)", b"8BIT"), (b"(x) x-uue; y", b"X-UUE"), (b"", b"7BIT"), (b";", b"7BIT")],
)
def test_content_transfer_encoding(value, expected):
    assert content_transfer_encoding(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(b"en", (b"en",)), (b"en (x), de-AT ,,", (b"en", b"de-AT")), (b"", ())])
def test_content_language(value, expected):
    assert content_language(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"; filename=x", "x"),
        (b'; filename="=?utf-8?q?=C3=A9?="', "é"),
        (b"; filename=x; filename*=utf-8'en'%c3%A9%zz", "é%zz"),
        (b"; filename*=iso-8859-1''%e9", "é"),
        (b"; filename*0*=utf-8''%c3; filename*1*=%a9; filename=x", "é"),
        (b"; filename*=plain", "plain"),
        (b"; filename*=half'plain", "half'plain"),
        (b"; name=x", None),
    ],
)
def test_parameter_text(value, expected):
    assert parameter_text(parameters(value, 0), b"FILENAME") == expected
