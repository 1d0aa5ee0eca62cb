"""Content-Transfer-Encoding removed (RFC 2045 §6)."""

import re
from binascii import Error, a2b_base64, a2b_qp
from typing import Final

_TRAILING_SPACE: Final = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")
_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_IDENTITY: Final = frozenset((b"7BIT", b"8BIT", b"BINARY"))


def decode_base64(octets: bytes) -> bytes:
    """Base64 of any quality: what is not of the alphabet is passed over, the first padding ends it (RFC 2045 §6.8)."""
    try:
        return a2b_base64(octets)
    except Error:
        digits = octets.partition(b"=")[0].translate(None, _NOT_BASE64)
        # a single digit left over holds too few bits for an octet
        digits = digits[: len(digits) - (len(digits) % 4 == 1)]
        return a2b_base64(digits + b"=" * (-len(digits) % 4))


def decode_quoted_printable(octets: bytes) -> bytes:
    """Quoted-printable of any quality; white space before a line end is not content (RFC 2045 §6.7)."""
    if b" \r\n" in octets or b"\t\r\n" in octets or b" \n" in octets or b"\t\n" in octets or octets[-1:] in (b" ", b"\t"):
        octets = _TRAILING_SPACE.sub(b"", octets)
    return a2b_qp(octets)


def decode(octets: bytes, encoding: bytes) -> bytes | None:
    """A body without its transfer encoding (upper-case name); None for an encoding nobody knows (RFC 2045 §6.1)."""
    if encoding in _IDENTITY:
        return octets
    if encoding == b"BASE64":
        return decode_base64(octets)
    if encoding == b"QUOTED-PRINTABLE":
        return decode_quoted_printable(octets)
    return None
