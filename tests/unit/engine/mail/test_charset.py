"""Charsets, encoded-words, folding (RFC 2047, RFC 5051)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.engine.mail.charset import CHARSETS, decode, decode_header, decode_words, extended_in_utf8, find_charset, fold


@pytest.mark.parametrize(
    ("octets", "charset", "expected"),
    [
        (b"abc", None, "abc"),
        (b"\xc3\xa9", None, "é"),
        (b"\xe9", None, "é"),
        (b"\xe9", b"us-ascii", "é"),
        (b"\xe9", b"no-such-charset", "é"),
        (b"\xe9", b"ISO-8859-1", "é"),
        (b"\xe9", "utf-8", "\ufffd"),
        (b"\xa4", b"ISO_8859-15", "€"),
        (b"\x80", b"Windows-1252", "€"),
        (b"\xc4\xe3", b"gb2312", "你"),
        (b"\x82\xa0", b"Shift_JIS", "あ"),
        (b"\x1b$B$\"\x1b(B", b"ISO-2022-JP", "あ"),
        (b"\xb0\xa1", b"ks_c_5601-1987", "가"),
        (b"\xc1", b"KOI8-R", "а"),
        (b"+2AA-", b"utf-7", "\ufffd"),
        (b"x", b'"utf-8"', "x"),
        (b"=41", b"quopri", "=41"),
    ],
)  # fmt: skip
def test_decode(octets, charset, expected):
    assert decode(octets, charset) == expected


@pytest.mark.parametrize("name", ["hex", "base64", "rot13", "zip", "idna", "punycode", "unicode_escape", "undefined", "../x", ""])
def test_what_is_no_charset(name):
    assert find_charset(name) is None


@given(st.sampled_from(sorted(CHARSETS)), st.binary())
def test_every_charset_gives_text(charset, octets):
    decode(octets, charset).encode("utf-8")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?Caf=C3=A9_au?= lait", "Café au lait"),
        (b"a =?ISO-8859-1*fr?Q?=E9?=b", "a éb"),
        (b"=?utf-8?B?w6k=?=", "é"),
        # white space between encoded-words is not text
        (b"=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= =?iso-8859-1?q?=e9?=", "aé"),
        (b"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        # characters cut in two
        (b"=?utf-8?q?=C3?= =?UTF-8?q?=A9?=", "é"),
        (b"=?utf-8?b?w?= =?utf-8?q?x?=", "x"),
        (b" =?utf-8?q?a?=", " a"),
        (b"=?x?y?z?= =?utf-8?q?unclosed", "=?x?y?z?= =?utf-8?q?unclosed"),
        (b"=?no-such?q?=e9?= \xe9", "é é"),
        (b"=?utf-8?q?with space?=", "with space"),
        (b"=?utf-8?q??=", ""),
    ],
)
def test_encoded_words(value, expected):
    assert decode_words(value) == expected


def test_a_header_is_unfolded_first():
    assert decode_header(b" =?utf-8?q?a?=\r\n =?utf-8?q?b?= c\r\n") == "ab c"


@given(st.binary())
def test_any_header_is_text(value):
    decode_header(value).encode("utf-8")
    decode_words(b"=?utf-7?q?" + value + b"?=").encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "HELLO"),
        ("café", "CAFE\u0301"),
        # the example of RFC 5051 §2
        ("\u01c4", "Dz\u030c"),
        ("x\u01c6", "XDz\u030c"),
        ("ß", "ß"),
        ("ǰ", "j\u030c"),
        ("Ｆｕｌｌ", "FULL"),
        ("σς", "ΣΣ"),
    ],
)
def test_fold(text, expected):
    assert fold(text) == expected


def test_fold_is_the_titlecase_mapping_of_every_character():
    for code in [*range(0xD800), *range(0xE000, 0x11000), *range(0x1D400, 0x1F000)]:
        title = chr(code).title()
        assert fold(chr(code)) == unicodedata.normalize("NFKD", title if len(title) == 1 else chr(code))


@given(st.text(st.characters(max_codepoint=0x7F)) | st.text("éÉñÑжЖΩω"))
def test_case_does_not_matter_once_folded(text):
    assert fold(text.lower()) == fold(text.upper()) == fold(fold(text))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"iso-8859-1'en'%e9 x", b"utf-8'en'%C3%A9%20x"),
        (b"ISO-2022-JP''%1B$B$%22%1B(B", b"utf-8''%E3%81%82"),
        (b"iso-8859-1''a'b%25", b"utf-8''a%27b%25"),
        (b"utf-8''%c3%A9", b"utf-8''%c3%A9"),
        (b"us-ascii''%41", b"us-ascii''%41"),
        (b"no-such-charset''%e9", b"no-such-charset''%e9"),
        (b"shift_jis''%82", b"shift_jis''%82"),
        (b"utf-7''+2AA-", b"utf-7''+2AA-"),
        (b"''%e9", b"''%e9"),
        (b"iso-8859-1'%e9", b"iso-8859-1'%e9"),
        (b"plain", b"plain"),
        (b"", b""),
    ],
)
def test_extended_values_in_utf8(value, shown):
    assert extended_in_utf8(value) == shown
    assert extended_in_utf8(shown) == shown
