"""Octets of ``string`` and ``nstring`` in responses (RFC 9051 §4.3)."""

import re
from typing import Final

_PLAIN: Final = re.compile(rb"[ !#-\[\]-~]*+").fullmatch
_UNQUOTABLE: Final = re.compile(rb"[\x00\r\n\x80-\xff]")
_SPECIAL: Final = re.compile(rb'["\\]')


def string(value: bytes) -> bytes:
    """``string``: quoted where that is possible, else a literal; a NUL, which no string can hold, becomes ``?``."""
    if _PLAIN(value):
        return b'"' + value + b'"'
    if _UNQUOTABLE.search(value):
        return b"{%d}\r\n%b" % (len(value), value.replace(b"\0", b"?"))
    return b'"' + _SPECIAL.sub(rb"\\\g<0>", value) + b'"'


def nstring(value: bytes | None) -> bytes:
    """``nstring``: a string or NIL."""
    return b"NIL" if value is None else string(value)
