"""Sections of messages: BODY[...], BINARY[...] and their sizes (RFC 9051 §6.4.5, §7.5.2; RFC 3516).

Where the row brought the message along, a section is a slice. A larger message is read in pieces while it is being sent: the
length of the literal is known before its content, so no more than a piece is ever in memory. Only BINARY, which has to be
decoded before its length is known, and HEADER.FIELDS gather what they look at, up to limits.
"""

from typing import Final

from attrs import evolve, frozen

from angarium.engine.imap.asks import Asking, Octets
from angarium.engine.imap.fetch_plan import Content
from angarium.engine.imap.limits import Limits
from angarium.engine.mail.binary import decode_part
from angarium.engine.mail.partmap import load
from angarium.engine.mail.sections import find_part, header_fields, section_range
from angarium.engine.mail.structure import Part
from angarium.engine.operations import MailboxId, MessageRow, ReadContent, StoreError
from angarium.grammar.imap.commands import FetchBinarySize, FetchBody
from angarium.grammar.imap.responses import Code
from angarium.grammar.imap.sections import Partial, SectionText

NUL_REPLACEMENT: Final = b"\x80"
"""NUL cannot be in a literal (RFC 9051 §4.3); what was delivered with one is sent with this in its place, same length."""


class ContentMissing(Exception):
    """A message went away before this section of it was sent."""


class ContentLost(Exception):
    """A message went away while it was being sent (RFC 9051 §4.3: a literal that has begun has to be completed)."""


@frozen
class Source:
    """A message to cut sections from."""

    mailbox: MailboxId
    row: MessageRow
    part: Part | None
    limits: Limits

    def read(self, start: int, end: int) -> Asking[bytes]:
        """Octets ``start`` to ``end`` in one string, from the row or in several pieces from the store."""
        if self.row.content is not None:
            return self.row.content[start:end]
        octets = bytearray()
        while start + len(octets) < end:
            offset = start + len(octets)
            piece = min(self.limits.content_chunk_octets, end - offset)
            read = yield ReadContent(self.mailbox, self.row.uid, offset, piece)
            if not read:
                raise ContentMissing
            octets += read
        return bytes(octets)


def source_of(mailbox: MailboxId, row: MessageRow, limits: Limits) -> Source:
    """Prepare a row; the map of its parts is read once for all sections."""
    return Source(mailbox, row, load(row.partmap) if row.partmap else None, limits)


def content(source: Source, wanted: Content, before: bytes) -> Asking[Code | None]:
    """Send ``before``, then one section with its name; why it could not be given, if so (RFC 9051 §7.5.2).

    ``before`` goes out together with the first octets of the section: a message that cannot be read leaves nothing half said.
    """
    item, problem = wanted.item, None
    if isinstance(item, FetchBody):
        yield from _section(source, before + wanted.name, item)
        return None
    decoded = yield from _decoded(source, item.part)
    if isinstance(decoded, Code):
        problem, decoded = decoded, None
    if isinstance(item, FetchBinarySize):
        yield Octets(b"%b%b %d" % (before, wanted.name, 0 if decoded is None else len(decoded)))
    else:
        yield Octets(b"%b%b %b" % (before, wanted.name, binary_literal(decoded, item.partial)))
    return problem


def _section(source: Source, name: bytes, item: FetchBody) -> Asking[None]:
    """Find where the section is: a column, the whole message, or a range of it (RFC 9051 §6.4.5.1)."""
    section, row = item.section, source.row
    if not section.part and section.text is None:
        yield from _range(source, name, 0, row.size, item.partial)
        return
    if not section.part and section.text is not SectionText.TEXT:
        header = row.header or b""
    else:
        assert source.part is not None
        place = section_range(source.part, section)
        if place is None:
            yield Octets(name + b" NIL")
            return
        if not place.filtered:
            yield from _range(source, name, place.start, place.end, item.partial)
            return
        header = yield from source.read(place.start, min(place.end, place.start + source.limits.header_octets_max))
    if section.fields:
        header = header_fields(header, section.fields, section.text is SectionText.HEADER_FIELDS_NOT)
    yield Octets(b"%b %b" % (name, literal(_cut(header, item.partial))))


def _range(source: Source, name: bytes, start: int, end: int, partial: Partial | None) -> Asking[None]:
    """Send a stretch of the message, in pieces if the row did not bring it."""
    if partial is not None:
        start, end = min(start + partial.offset, end), min(start + partial.offset + partial.octets_max, end)
    if source.row.content is not None or start == end:
        yield Octets(b"%b %b" % (name, literal((yield from source.read(start, end)))))
        return
    piece = source.limits.content_chunk_octets
    first = yield from source.read(start, min(end, start + piece))
    yield Octets(b"%b {%d}\r\n%b" % (name, end - start, without_nul(first)))
    try:
        for offset in range(start + len(first), end, piece):
            yield Octets(without_nul((yield from source.read(offset, min(end, offset + piece)))))
    except (ContentMissing, StoreError) as error:
        raise ContentLost from error


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


def _decoded(source: Source, numbers: tuple[int, ...]) -> Asking[bytes | Code | None]:
    """A part without its transfer encoding; None for one that is not there or has parts itself (RFC 9051 §6.4.5)."""
    start, end = 0, source.row.size
    part = None
    if numbers:
        assert source.part is not None
        part = find_part(source.part, numbers)
        if part is None or part.children or part.message is not None:
            return None
        start, end = part.body, part.end
    if end - start > source.limits.decoded_octets_max:
        return Code.LIMIT
    body = yield from source.read(start, end)
    if part is None:
        return body
    decoded = decode_part(body, evolve(part, start=0, body=0, end=len(body)))
    return Code.UNKNOWN_CTE if decoded is None else decoded
