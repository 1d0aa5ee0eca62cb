r"""Header blocks: where they end and what fields they hold (RFC 5322 §2.2, §3.6, §4.5).

Lines end in CRLF or, in mail stored so, in LF alone. A header block ends with the first empty line and with nothing else:
a line that is no field (an mbox ``From `` line, junk) is passed over, so that what IMAP calls HEADER and TEXT always add up to
the whole message. All patterns run in linear time: their loops are possessive.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from mmap import mmap
from typing import Final

from angarium.engine.mail.limits import header_octets_max

Octets = bytes | mmap
"""A message as it is stored: all of it in memory, or a file mapped into memory."""

Fields = Mapping[bytes, bytes]
"""Lower-case field names, and for each the field body, unfolded and trimmed."""

_FIELD: Final = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*)|[^\n]++")
_NAME: Final = re.compile(rb"[!-9;-~]+")
_QUICK_NAMES_MAX: Final = 32
_RAW_FIELD: Final = re.compile(rb"(?:([!-9;-~]++)[ \t]*+:)?[^\n]*+(?:\n[ \t][^\n]*+)*\n?")

_STRUCTURE_FIELDS: Final = frozenset(
    (
        b"content-type",
        b"content-transfer-encoding",
        b"content-id",
        b"content-description",
        b"content-disposition",
        b"content-language",
        b"content-location",
        b"content-md5",
    )
)
_DESTINATION_FIELDS: Final = frozenset((b"to", b"cc", b"bcc"))
_ENVELOPE_FIELDS: Final = _DESTINATION_FIELDS | {
    b"date",
    b"subject",
    b"from",
    b"sender",
    b"reply-to",
    b"in-reply-to",
    b"message-id",
    b"references",
}
MIME_FIELDS: Final = _STRUCTURE_FIELDS
"""The fields of a body part that BODYSTRUCTURE tells of."""
MESSAGE_FIELDS: Final = _STRUCTURE_FIELDS | _ENVELOPE_FIELDS
"""The fields of a message that BODYSTRUCTURE, ENVELOPE, SORT and THREAD tell of."""


def header_end(octets: Octets, start: int, end: int) -> int:
    """Where the body begins: after the first empty line, or at ``end`` when there is none (RFC 5322 §2.1)."""
    first = octets[start : min(start + 2, end)]
    if first[:1] == b"\n":
        return start + 1
    if first == b"\r\n":
        return start + 2
    crlf = octets.find(b"\n\r\n", start, end)
    lf = octets.find(b"\n\n", start, crlf + 1 if crlf >= 0 else end)
    if lf >= 0:
        return lf + 2
    return crlf + 3 if crlf >= 0 else end


def unfold(value: bytes) -> bytes:
    """A field body without its line breaks and outer white space (RFC 5322 §2.2.3)."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value.strip(b" \t\r")


def parse_fields(header: bytes, wanted: frozenset[bytes]) -> dict[bytes, bytes]:
    """The wanted fields of a header block.

    Of a field that occurs more than once the first counts, but destination fields are joined (RFC 5322 §4.5.3).
    """
    fields: dict[bytes, bytes] = {}
    more: dict[bytes, list[bytes]] = {}
    for name, value in _FIELD.findall(header, 0, header_octets_max):
        key = name.lower()
        if key in wanted:
            if key not in fields:
                fields[key] = unfold(value)
            elif key in _DESTINATION_FIELDS:
                more.setdefault(key, [fields[key]]).append(unfold(value))
    for key, values in more.items():
        fields[key] = b",".join(values)
    return fields


def field_bodies(header: bytes, name: bytes) -> list[bytes]:
    """Every occurrence of one field, unfolded, in order; the name is matched without regard to case (RFC 5322 §1.2.2)."""
    key = name.lower()
    return [unfold(value) for found, value in _FIELD.findall(header) if found.lower() == key]


def all_fields(header: bytes) -> list[tuple[bytes, bytes]]:
    """Every field of a header block as name and unfolded body, in order (RFC 5322 §2.2)."""
    return [(name, unfold(value)) for name, value in _FIELD.findall(header) if name]


def header_fields(header: bytes, names: tuple[bytes, ...], invert: bool = False) -> bytes:
    """HEADER.FIELDS and (``invert``) HEADER.FIELDS.NOT of a header block (RFC 9051 §6.4.5.1).

    Fields are kept octet for octet, folds included. The empty line at the end of the block is kept in any case; lines that
    are no fields are nobody's match, so only HEADER.FIELDS.NOT brings them.
    """
    if not invert and len(names) <= _QUICK_NAMES_MAX:
        return _fields_named(header, names)
    keys = {name.lower() for name in names}
    kept = []
    for match in _RAW_FIELD.finditer(header):
        name = match[1]
        blank = name is None and match[0] in (b"\r\n", b"\n")
        if blank or (name is not None and name.lower() in keys) is not invert:
            kept.append(match[0])
    return b"".join(kept)


def _fields_named(header: bytes, names: tuple[bytes, ...]) -> bytes:
    """HEADER.FIELDS of a few names, which every message list asks for: one match a field that is kept, none for the others."""
    match = _next_named(names)
    kept = []
    at = 0
    while found := match(header, at):
        kept.append(found[1])
        at = found.end()
    return b"".join(kept)


@lru_cache(64)
def _next_named(names: tuple[bytes, ...]) -> Callable[[bytes, int], re.Match[bytes] | None]:
    """What finds, from the beginning of a line on, the next field with one of the names, or the empty line."""
    known = b"|".join(re.escape(name) for name in names if _NAME.fullmatch(name)) or rb"(?!)"
    wanted = rb"(?:%b)[ \t]*+:" % known
    empty = rb"\r?\n(?![ \t])"
    pattern = rb"(?:(?!%b|%b)[^\n]*+\n)*(%b[^\n]*+(?:\n[ \t][^\n]*+)*\n?|%b)" % (wanted, empty, wanted, empty)
    return re.compile(pattern, re.IGNORECASE).match


def count_lines(octets: Octets, start: int, end: int) -> int:
    """The line ends between two offsets (RFC 9051 §7.5.2, size in text lines)."""
    if isinstance(octets, bytes):
        return octets.count(b"\n", start, end)
    step = 1_048_576
    return sum(octets[at : min(at + step, end)].count(b"\n") for at in range(start, end, step))
