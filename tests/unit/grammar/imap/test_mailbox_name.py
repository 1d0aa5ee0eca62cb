"""Mailbox names in modified UTF-7 (RFC 3501 §5.1.3) and INBOX (RFC 9051 §5.1)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from angarium.grammar.imap.mailbox_name import canonical, decode_modified_utf7, encode_modified_utf7


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("INBOX", b"INBOX"),
        ("", b""),
        ("a b~/c", b"a b~/c"),
        ("&", b"&-"),
        ("R&D", b"R&-D"),
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("台北日本語", b"&U,BTF2XlZyyKng-"),
        ("☺!", b"&Jjo-!"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("😀", b"&2D3eAA-"),
        ("\t", b"&AAk-"),
    ],
)
def test_both_ways(name, octets):
    assert encode_modified_utf7(name) == octets
    assert decode_modified_utf7(octets) == name


@pytest.mark.parametrize(
    "octets",
    [
        b"&Jjo!",  # no shift back
        b"&U,BTFw-&ZeVnLIqe-",  # superfluous shift
        b"&",
        b"&Jjo",
        b"&AEE-",  # "A" needs no encoding
        b"&Jjp-",  # stray bits
        b"&J-",
        b"&2D0-",  # half of a surrogate pair
        b"&Jjo=-",
        b"&J/o-",
        b"caf\xc3\xa9",
        b"\xe9&-",
        b"a\tb",
        b"&-\x7f",
    ],
)
def test_not_modified_utf7(octets):
    with pytest.raises(ValueError, match=r"."):
        decode_modified_utf7(octets)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\x7f&é&-")
def test_any_name_survives(name):
    octets = encode_modified_utf7(name)
    assert octets.isascii()
    assert octets.decode("ascii").isprintable()
    assert decode_modified_utf7(octets) == name


@given(st.binary())
def test_any_octets_are_canonical_or_refused(octets):
    try:
        name = decode_modified_utf7(octets)
    except ValueError:
        return
    assert encode_modified_utf7(name) == octets


@pytest.mark.parametrize(
    ("name", "expected"), [("inbox", "INBOX"), ("InBoX", "INBOX"), ("inbox/a", "inbox/a"), ("ınbox", "ınbox"), ("", "")]
)
def test_inbox_in_any_case(name, expected):
    assert canonical(name) == expected
