"""BINARY and BINARY.SIZE: parts without their transfer encoding (RFC 3516, RFC 9051 §6.4.5)."""

import re
from enum import Enum
from typing import Final

from angarium.engine.mail.header import Octets
from angarium.engine.mail.sections import find_part
from angarium.engine.mail.structure import Part
from angarium.engine.mail.transfer_encoding import decode


class BinaryRefusal(Enum):
    """Why BINARY and BINARY.SIZE have no answer (RFC 9051 §6.4.5, §7.1 UNKNOWN-CTE)."""

    NO_SUCH_PART = "no such part"
    NOT_A_LEAF = "not a leaf part"
    UNKNOWN_CTE = "UNKNOWN-CTE"


_LONE_LF: Final = re.compile(rb"(?<!\r)\n")


def decode_part(octets: Octets, part: Part) -> bytes | None:
    """The decoded body of a leaf part; None for an unknown encoding (RFC 9051 §7.5.2).

    Stored lone LFs of line-oriented text become CRLF first: they are line ends. What base64 or BINARY hides is content.
    """
    body = octets[part.body : part.end]
    if part.type == b"TEXT" and part.encoding not in (b"BASE64", b"BINARY") and body.count(b"\n") != body.count(b"\r\n"):
        body = _LONE_LF.sub(b"\r\n", body)
    return decode(body, part.encoding)


def decode_section(octets: Octets, message: Part, numbers: tuple[int, ...]) -> bytes | BinaryRefusal:
    """BINARY of a part number; of none it is the whole message (RFC 9051 §6.4.5); BINARY.SIZE is the length of it."""
    if not numbers:
        return octets[:]
    part = find_part(message, numbers)
    if part is None:
        return BinaryRefusal.NO_SUCH_PART
    if part.children or part.message is not None:
        return BinaryRefusal.NOT_A_LEAF
    content = decode_part(octets, part)
    return BinaryRefusal.UNKNOWN_CTE if content is None else content
