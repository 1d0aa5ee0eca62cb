"""Sections of messages: BODY[...], BINARY[...] and their sizes (RFC 9051 §6.4.5, §7.5.2; RFC 3516).

Where the row brought the message along, a section is a slice. A larger message is read in pieces while it is being sent: the
length of the literal is known before its content, so no more than a piece is ever in memory. Only BINARY, which has to be
decoded before its length is known, and HEADER.FIELDS gather what they look at, up to limits.
"""

from typing import Final

from attrs import evolve, frozen

from angarium.engine.imap.asks import Asking, Octets, Refused, no
from angarium.engine.imap.fetch_plan import Content
from angarium.engine.imap.limits import Limits
from angarium.engine.mail.binary import decode_part
from angarium.engine.mail.partmap import load
from angarium.engine.mail.sections import find_part, header_fields, section_range
from angarium.engine.mail.structure import Part
from angarium.engine.operations import MailboxId, MessageRow, ReadContent
from angarium.grammar.imap.commands import FetchBinary, FetchBinarySize, FetchBody
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sections import Partial, SectionText

NUL_REPLACEMENT: Final = b"\x80"
"""NUL cannot be in a literal (RFC 9051 §4.3); what was delivered with one is sent with this in its place, same length."""


class ContentLost(Exception):
    """A message went away while it was being sent. The literal cannot be completed, so the connection has to end."""


@frozen
class Source:
    """A message to cut sections from."""

    mailbox: MailboxId
    row: MessageRow
    part: Part | None

    def read(self, start: int, end: int, piece: int) -> Asking[bytes]:
        """Octets ``start`` to ``end`` in one string, from the row or in several pieces from the store."""
        if self.row.content is not None:
            return self.row.content[start:end]
        octets = bytearray()
        while start + len(octets) < end:
            offset = start + len(octets)
            read = yield ReadContent(self.mailbox, self.row.uid, offset, min(piece, end - offset))
            if not read:
                raise ContentLost
            octets += read
        return bytes(octets)


def source_of(mailbox: MailboxId, row: MessageRow) -> Source:
    """Prepare a row; the map of its parts is read once for all sections."""
    return Source(mailbox, row, load(row.partmap) if row.partmap else None)


def content(source: Source, wanted: Content, limits: Limits) -> Asking[None]:
    """Send one section with its name (RFC 9051 §7.5.2)."""
    item = wanted.item
    if isinstance(item, FetchBinarySize):
        decoded = yield from _decoded(source, item.part, limits)
        yield Octets(b"%b %d" % (wanted.name, 0 if decoded is None else len(decoded)))
    elif isinstance(item, FetchBinary):
        decoded = yield from _decoded(source, item.part, limits)
        yield Octets(b"%b %b" % (wanted.name, binary_literal(decoded, item.partial)))
    else:
        yield from _section(source, wanted.name, item, limits)


def _section(source: Source, name: bytes, item: FetchBody, limits: Limits) -> Asking[None]:
    section, row = item.section, source.row
    found: bytes | None = None
    if not section.part and section.text not in (None, SectionText.TEXT):
        found = row.header if row.header is not None else b""
    elif not section.part and section.text is None:
        yield from _range(source, name, 0, row.size, item.partial, limits)
        return
    else:
        assert source.part is not None
        place = section_range(source.part, section)
        if place is None:
            yield Octets(b"%b NIL" % name)
            return
        if not place.filtered:
            yield from _range(source, name, place.start, place.end, item.partial, limits)
            return
        end = min(place.end, place.start + limits.header_octets_max)
        found = yield from source.read(place.start, end, limits.content_chunk_octets)
    if section.fields:
        found = header_fields(found, section.fields, section.text is SectionText.HEADER_FIELDS_NOT)
    yield Octets(b"%b %b" % (name, literal(_cut(found, item.partial))))


def _range(source: Source, name: bytes, start: int, end: int, partial: Partial | None, limits: Limits) -> Asking[None]:
    """Send a stretch of the message, in pieces if the row did not bring it."""
    if partial is not None:
        start, end = min(start + partial.offset, end), min(start + partial.offset + partial.octets_max, end)
    if source.row.content is not None:
        yield Octets(b"%b %b" % (name, literal(source.row.content[start:end])))
        return
    piece = limits.content_chunk_octets
    first = yield from source.read(start, min(end, start + piece), piece)
    yield Octets(b"%b {%d}\r\n%b" % (name, end - start, without_nul(first)))
    for offset in range(start + len(first), end, piece):
        yield Octets(without_nul((yield from source.read(offset, min(end, offset + piece), piece))))


def _cut(octets: bytes, partial: Partial | None) -> bytes:
    return octets if partial is None else octets[partial.offset : partial.offset + partial.octets_max]


def literal(octets: bytes) -> bytes:
    """A string that is never quoted: its octets are searched for nothing but NUL (RFC 9051 §4.3)."""
    return b"{%d}\r\n%b" % (len(octets), without_nul(octets)) if octets else b'""'


def without_nul(octets: bytes) -> bytes:
    """Replace NUL (see ``NUL_REPLACEMENT``)."""
    return octets.replace(b"\0", NUL_REPLACEMENT) if b"\0" in octets else octets


def binary_literal(octets: bytes | None, partial: Partial | None) -> bytes:
    """A BINARY value: ``literal8`` where it holds NUL (RFC 9051 §7.5.2, RFC 3516 §4.2); NIL for a part that is not there."""
    if octets is None:
        return b"NIL"
    octets = _cut(octets, partial)
    return b"~{%d}\r\n%b" % (len(octets), octets) if b"\0" in octets else literal(octets)


def _decoded(source: Source, numbers: tuple[int, ...], limits: Limits) -> Asking[bytes | None]:
    """A part without its transfer encoding; None for one that is not there or has parts itself (RFC 9051 §6.4.5)."""
    piece = limits.content_chunk_octets
    if not numbers:
        return (yield from source.read(0, _bounded(source.row.size, limits), piece))
    assert source.part is not None
    part = find_part(source.part, numbers)
    if part is None or part.children or part.message is not None:
        return None
    body = yield from source.read(part.body, part.body + _bounded(part.end - part.body, limits), piece)
    decoded = decode_part(body, evolve(part, start=0, body=0, end=len(body)))
    if decoded is None:
        raise Refused(no(f"part {'.'.join(map(str, numbers))} cannot be decoded", Code.UNKNOWN_CTE))
    return decoded


def _bounded(size: int, limits: Limits) -> int:
    if size > limits.decoded_octets_max:
        raise Refused(no("too large to decode", Code.LIMIT))
    return size
