"""Parts whose content came as it is, octets of no text, in the form in which IMAP sends them: base64 (RFC 9051 §7.5.2).

A part with Content-Transfer-Encoding BINARY can come by APPEND or by RFC 3030. It is stored as it came; BODYSTRUCTURE, BODY[n]
and BODY[n.MIME] show it as base64. Wherever in it somebody begins to read, the lines are the same, so a large one is encoded
piece by piece: 57 octets make a line of 76 letters and CRLF (RFC 2045 §6.8).
"""

import re
from binascii import b2a_base64
from typing import Final

from angarium.engine.mail.structure import Part

LINE_SOURCE: Final = 57
LINE: Final = 78
_TEXTUAL: Final = frozenset((b"TEXT", b"MESSAGE", b"MULTIPART"))
_ENCODING_FIELD: Final = re.compile(rb"^Content-Transfer-Encoding[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)


def needs_encoding(part: Part) -> bool:
    """Whether the content of a part has to be encoded before it is sent (RFC 9051 §7.5.2)."""
    return part.encoding == b"BINARY" and part.type not in _TEXTUAL


def encoded_octets(octets: int) -> int:
    """How long so many octets are as base64 in lines (RFC 2045 §6.8)."""
    lines, rest = divmod(octets, LINE_SOURCE)
    return lines * LINE + ((rest + 2) // 3 * 4 + 2 if rest else 0)


def source_range(start: int, end: int) -> tuple[int, int]:
    """Which octets have to be encoded to get the text from ``start`` to ``end``: those of whole lines (RFC 2045 §6.8)."""
    return start // LINE * LINE_SOURCE, -(-end // LINE) * LINE_SOURCE


def encode(octets: bytes) -> bytes:
    """Base64 in lines (RFC 2045 §6.8)."""
    lines = (b2a_base64(octets[at : at + LINE_SOURCE], newline=False) for at in range(0, len(octets), LINE_SOURCE))
    return b"".join([b"%b\r\n" % line for line in lines])


def relabel(header: bytes) -> bytes:
    """The MIME header of such a part as it is sent (RFC 2045 §6.1)."""
    return _ENCODING_FIELD.sub(b"Content-Transfer-Encoding: base64\r", header)
