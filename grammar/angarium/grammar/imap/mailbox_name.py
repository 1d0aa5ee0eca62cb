"""Mailbox names between text and octets: modified UTF-7 (RFC 3501 §5.1.3, RFC 9051 appendix A.1) and INBOX (RFC 9051 §5.1)."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Final

_SHIFTED: Final = re.compile(rb"&([^-]*)-")
_NOT_DIRECT: Final = re.compile(r"&|[^ -~]+")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+,]+\Z")


def canonical(name: str) -> str:
    """``INBOX`` for INBOX in any case, every other name as it is (RFC 9051 §5.1)."""
    return "INBOX" if len(name) == 5 and name.isascii() and name.upper() == "INBOX" else name


def encode_modified_utf7(name: str) -> bytes:
    """Text to modified UTF-7 (RFC 3501 §5.1.3)."""
    if name.isascii() and "&" not in name and name.isprintable():
        return name.encode("ascii")
    return _NOT_DIRECT.sub(_shift, name).encode("ascii")


def _shift(run: re.Match[str]) -> str:
    if run[0] == "&":
        return "&-"
    return "&" + b64encode(run[0].encode("utf-16-be"), b"+,").rstrip(b"=").decode("ascii") + "-"


def decode_modified_utf7(octets: bytes) -> str:
    """Modified UTF-7 to text; ``ValueError`` for anything but the one right encoding of a name (RFC 3501 §5.1.3)."""
    if b"&" not in octets:
        name = octets.decode("ascii")
        if not name.isprintable():
            raise ValueError("a control character outside of modified BASE64")
        return name
    parts = []
    end = 0
    for shifted in _SHIFTED.finditer(octets):
        parts += [octets[end : shifted.start()].decode("ascii"), _unshift(shifted[1])]
        end = shifted.end()
    parts.append(octets[end:].decode("ascii"))
    name = "".join(parts)
    # Superfluous shifts, encoded printable characters, stray bits and controls in the clear all encode to something else.
    if encode_modified_utf7(name) != octets:
        raise ValueError("not the canonical modified UTF-7 of any name")
    return name


def _unshift(base64: bytes) -> str:
    if not base64:
        return "&"
    if not _BASE64.match(base64):
        raise ValueError("not modified BASE64")
    try:
        return b64decode(base64 + b"=" * (-len(base64) % 4), b"+,").decode("utf-16-be")
    except Base64Error as error:
        raise ValueError("not modified BASE64") from error
