"""Message ids in normal form (RFC 5322 §3.6.4, RFC 5256 REFERENCES)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.limits import references_max
from angarium.engine.mail.message_ids import message_id, message_ids, references


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"<a@b>", ("a@b",)),
        (b"<a@b> <c@d><e@f>", ("a@b", "c@d", "e@f")),
        # RFC 5256: one id, two ways to write it
        (b'<"01KF8JCEOCBS0045PS"@xxx.yyy.com>', ("01KF8JCEOCBS0045PS@xxx.yyy.com",)),
        (b"<a . b @ c>", ("a.b@c",)),
        (b"<a (x) @b> (<not@this>)", ("a@b",)),
        (b"<a@[1.2.3.4]>", ("a@[1.2.3.4]",)),
        (b"Your message of <a@b> said", ("a@b",)),
        (b'"Joe" <a@b>', ("a@b",)),
        (b"<no-at-sign>", ("no-at-sign",)),
        (b"<a\xe9@b>", ("a\ufffd@b",)),
        (b"<> <( )>", ()),
        (b"a@b", ()),
        (b"> <a@b", ()),
        (b"<<a@b>", ("a@b",)),
        (b"(x) >", ()),
        (b"", ()),
    ],
)
def test_message_ids(value, expected):
    assert message_ids(value) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ()),
        ({b"references": b"<a@b> <c@d>", b"in-reply-to": b"<e@f>"}, ("a@b", "c@d")),
        ({b"references": b"none", b"in-reply-to": b"<e@f> <g@h>"}, ("e@f",)),
        ({b"in-reply-to": b"Joe's of Friday"}, ()),
    ],
)
def test_references(fields, expected):
    assert references(fields) == expected


def test_references_have_a_limit():
    found = references({b"references": b"".join(b"<%d>" % n for n in range(references_max + 5))})
    assert (len(found), found[-1]) == (references_max, str(references_max + 4))


def test_message_id():
    assert message_id({b"message-id": b"<a@b> <c@d>"}) == "a@b"
    assert message_id({}) == ""


@given(st.binary())
def test_any_value(value):
    assert all(message_ids(value))
