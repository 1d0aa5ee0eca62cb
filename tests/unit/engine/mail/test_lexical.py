"""Tokens of structured fields (RFC 5322 §3.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.lexical import Token, comment_end, strip_comments, tokens


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a.b", [Token("a", b"a", False), Token(".", b".", False), Token("a", b"b", False)]),
        (b' "x\\"y"z', [Token("q", b'x"y', True), Token("a", b"z", False)]),
        (b'"a\r\n b"', [Token("q", b"a b", False)]),
        (b"(a (b\\)) \r\n c)d", [Token("c", b"a (b)) c", False), Token("a", b"d", True)]),
        (b"[a\\]b]", [Token("d", b"[a]b]", False)]),
        (b"a\\b", [Token("a", b"a\\b", False)]),
        (b'"a\\', [Token("q", b"a", False)]),
        (b"[a\\", [Token("d", b"[a", False), Token("a", b"\\", False)]),
        (b"]", [Token("]", b"]", False)]),
        (b"(a", [Token("c", b"a", False)]),
    ],
)
def test_tokens(value, expected):
    assert tokens(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(b"a(b)c", b"a c"), (b'"(a)"(b(c))', b'"(a)" '), (b"a(b", b"a "), (b"(a)(b)", b"  ")]
)
def test_strip_comments(value, expected):
    assert strip_comments(value) == expected


def test_comment_end():
    assert comment_end(b"x(a(b)c)d", 1) == 8
    assert comment_end(b"(a(b)", 0) == 5


@given(st.binary())
def test_no_octet_is_lost(value):
    said = b"".join(token.text for token in tokens(value) if token.kind == "a")
    assert set(said) <= set(value)
    assert all(token.kind in "aqdc" or len(token.text) == 1 for token in tokens(value))
