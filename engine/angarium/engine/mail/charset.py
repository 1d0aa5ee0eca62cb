r"""From octets to text: charsets, encoded-words, extended parameters, and folding for comparison.

Decoding never fails: an unknown charset, and US-ASCII that is not, is read as UTF-8 if it is that and as ISO-8859-1 otherwise;
octets that a known charset does not have become U+FFFD. Names are looked up in a fixed table, since Python's own lookup
imports modules and remembers every name it is asked for.
"""

import re
from binascii import a2b_qp
from encodings.aliases import aliases
from typing import Final
from unicodedata import normalize

from angarium.engine.mail.header import unfold
from angarium.engine.mail.media import Parameters, percent_encode
from angarium.engine.mail.transfer_encoding import decode_base64

_NO_CHARSETS: Final = frozenset(
    ("base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "tactis")
)
_WITHOUT_ALIAS: Final = (
    *("cp1006", "cp720", "cp737", "cp856", "cp874", "cp875", "iso8859_1", "koi8_t", "koi8_u"),
    *("mac_arabic", "mac_croatian", "mac_farsi", "mac_romanian", "palmos", "utf_8_sig"),
)
_WIDER: Final = {
    # what mail with these names really holds is the vendor's superset
    **dict.fromkeys(("gb2312", "gb_2312_80", "gbk", "gb_2312", "csgb2312", "chinese", "x_gbk"), "gb18030"),
    **dict.fromkeys(
        ("euc_kr", "euckr", "ks_c_5601_1987", "ks_c_5601", "ksc5601", "ksc_5601", "windows_949", "iso_ir_149"), "cp949"
    ),
    **dict.fromkeys(("shift_jis", "sjis", "x_sjis", "csshiftjis", "ms_kanji"), "cp932"),
    **dict.fromkeys(("big5", "big5_tw", "csbig5", "cn_big5", "x_x_big5"), "cp950"),
    **dict.fromkeys(("iso_8859_8_i", "iso_8859_8_e", "logical", "visual"), "iso8859_8"),
    **dict.fromkeys(("iso_8859_6_i", "iso_8859_6_e"), "iso8859_6"),
    **dict.fromkeys(("unicode_1_1_utf_7", "x_unicode_2_0_utf_7"), "utf_7"),
    **dict.fromkeys(("unicode_1_1_utf_8", "utf8mb4", "unicode"), "utf_8"),
    **dict.fromkeys(("windows_874", "tis_620"), "cp874"),
    "windows_1250_1": "cp1250",
    "x_mac_roman": "mac_roman",
    "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_ce": "mac_latin2",
}
_UNSURE: Final = "ascii"
CHARSETS: Final[dict[str, str]] = {
    **{name: codec for name, codec in aliases.items() if codec not in _NO_CHARSETS},
    **{codec: codec for codec in (*aliases.values(), *_WITHOUT_ALIAS) if codec not in _NO_CHARSETS},
    **_WIDER,
}
"""Python's codec for every charset name known: lower case, with ``_`` for any punctuation (RFC 2978 and usage)."""

_PUNCTUATION: Final = re.compile(r"[^a-z0-9.]++")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ENCODED_WORD: Final = re.compile(rb"=\?([!#-)+-;@-~]++)(?:\*[!-)+->@-~]*+)?\?([bBqQ])\?([ !->@-~]*+)\?=")

# Characters that UnicodeData.txt gives no single titlecase letter other than the upper-case one Python would choose
_OWN_TITLECASE: Final = re.compile(
    "([\u00df\u0149\u01c4-\u01cc\u01f0-\u01f3\u0390\u03b0\u0587\u10d0-\u10fa\u10fd-\u10ff\u1e96-\u1e9a\u1f50\u1f52\u1f54"
    "\u1f56\u1f80-\u1faf\u1fb2-\u1fb4\u1fb6-\u1fb7\u1fbc\u1fc2-\u1fc4\u1fc6-\u1fc7\u1fcc\u1fd2-\u1fd3\u1fd6-\u1fd7"
    "\u1fe2-\u1fe4\u1fe6-\u1fe7\u1ff2-\u1ff4\u1ff6-\u1ff7\u1ffc\ufb00-\ufb06\ufb13-\ufb17])"
)


def find_charset(name: bytes | str) -> str | None:
    """Python's codec for a charset name, None when it is unknown (RFC 2978)."""
    text = name if isinstance(name, str) else name.decode("latin-1")
    key = _PUNCTUATION.sub("_", text[:64].lower()).strip("_")
    return CHARSETS.get(key) or CHARSETS.get(key.removeprefix("x_"))


def decode(octets: bytes, charset: bytes | str | None) -> str:
    """Octets in a charset as text (RFC 2046 §4.1.2)."""
    codec = _UNSURE if charset is None else find_charset(charset) or _UNSURE
    if codec == _UNSURE:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            return octets.decode("latin-1")
    text = octets.decode(codec, "replace")
    # only UTF-7 lets lone surrogates through, which no UTF-8 can hold
    return _SURROGATE.sub("\ufffd", text) if codec == "utf_7" else text


def decode_words(value: bytes) -> str:
    """An unfolded field body as text, encoded-words decoded (RFC 2047 §6.2, RFC 2231 §5).

    White space between adjacent encoded-words vanishes; neighbours of one charset are decoded together, because senders cut
    characters in two.
    """
    if b"=?" not in value:
        return decode(value, None)
    pieces: list[str] = []
    run_charset, run = b"", b""
    last = 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[last : match.start()]
        charset = match[1].lower()
        if between.strip(b" \t") or last == 0 or charset != run_charset:
            pieces.append(decode(run, run_charset))
            run_charset, run = charset, b""
            if between.strip(b" \t") or last == 0:
                pieces.append(decode(between, None))
        run += a2b_qp(match[3], header=True) if match[2] in b"qQ" else decode_base64(match[3])
        last = match.end()
    pieces += decode(run, run_charset), decode(value[last:], None)
    return "".join(pieces)


def decode_header(value: bytes) -> str:
    """A field body as it stands in a message, as text (RFC 5322 §2.2.3, RFC 2047)."""
    return decode_words(unfold(value))


def parameter_text(params: Parameters, name: bytes) -> str | None:
    """A parameter by its upper-case name, in its extended form if there is one (RFC 2231 §4)."""
    plain = None
    for key, value in params:
        if key == name + b"*":
            charset, quote, rest = value.partition(b"'")
            _, second, encoded = rest.partition(b"'")
            return decode(_percent_decode(encoded if second else value), charset if quote and second else None)
        if key == name:
            plain = value
    return None if plain is None else decode_words(plain)


def extended_in_utf8(value: bytes) -> bytes:
    """The value of ``name*`` with its charset turned into UTF-8, for BODYSTRUCTURE (RFC 9051 §7.5.2, RFC 2231 §4).

    It keeps the form that the asterisk promises, charset, language and percent-encoded octets: a client that decodes it must
    not stumble over a quote or a percent sign of the text itself. What cannot be decoded without loss stays as it is.
    """
    charset, _, rest = value.partition(b"'")
    language, quote, encoded = rest.partition(b"'")
    codec = find_charset(charset) if quote else None
    if codec is None or codec in ("ascii", "utf_8"):
        return value
    try:
        text = _percent_decode(encoded).decode(codec).encode("utf-8")
    except UnicodeError:
        return value
    return b"utf-8'%b'%b" % (language, percent_encode(text))


_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


def _percent_decode(value: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), value)


def fold(text: str) -> str:
    """Text prepared for comparison: titlecased and decomposed as in i;unicode-casemap (RFC 5051 §2)."""
    if text.isascii():
        return text.upper()
    if not _OWN_TITLECASE.search(text):
        return normalize("NFKD", text.upper())
    pieces = _OWN_TITLECASE.split(text)
    pieces[0::2] = [piece.upper() for piece in pieces[0::2]]
    pieces[1::2] = [title if len(title := special.title()) == 1 else special for special in pieces[1::2]]
    return normalize("NFKD", "".join(pieces))
