"""Sections of messages: BODY[...], BINARY[...] and their sizes (RFC 9051 §6.4.5, §7.5.2; RFC 3516).

Where the row brought the message along, a section is a slice. A larger message is read in pieces while it is being sent: the
length of the literal is known before its content, so no more than a piece is ever in memory. Only BINARY, which has to be
decoded before its length is known, and HEADER.FIELDS gather what they look at, up to limits.
"""

from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from angarium.engine.imap.asks import Asking, Octets
from angarium.engine.imap.fetch_plan import Content, ContentItem, section_columns
from angarium.engine.imap.limits import Limits
from angarium.engine.mail.binary import decode_part
from angarium.engine.mail.partmap import load
from angarium.engine.mail.sections import SectionRange, find_part, header_fields, section_range, textual
from angarium.engine.mail.structure import Part
from angarium.engine.mail.textual_form import LINE, encode, encoded_octets, source_range
from angarium.engine.operations import Column, MailboxId, MessageRow, ReadContent, StoreError
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
        """Octets ``start`` to ``end`` in one string, read in pieces."""
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


def at_once(source: Source, wanted: Content) -> tuple[bytes, Code | None] | None:
    """One section with its name, and why it could not be given, if so; None where the message has yet to be read for it."""
    row = source.row
    if wanted.columns is Column.HEADER:
        return _finished(source, wanted, row.header or b"")
    if row.content is None:
        return None
    place = _place(source, wanted.item)
    return _finished(source, wanted, None if place is None else _shown(place, wanted.item, row.content[place.start : place.end]))


def content(source: Source, wanted: Content, before: bytes) -> Asking[Code | None]:
    """Read and send ``before`` and one section with its name; why it could not be given, if so (RFC 9051 §7.5.2).

    ``before`` goes out together with the first octets of the section: a message that cannot be read leaves nothing half said.
    """
    item = wanted.item
    place = _place(source, item)
    if place is not None and isinstance(item, FetchBody) and not _is_header(place, item):
        yield from _stretch(source, before + wanted.name, place, item.partial)
        return None
    if place is None:
        octets, problem = _finished(source, wanted, None)
    elif not isinstance(item, FetchBody) and place.end - place.start > source.limits.decoded_octets_max:
        octets, problem = _finished(source, wanted, None)[0], Code.LIMIT
    else:
        end = min(place.end, place.start + source.limits.header_octets_max) if _is_header(place, item) else place.end
        octets, problem = _finished(source, wanted, _shown(place, item, (yield from source.read(place.start, end))))
    yield Octets(before + octets)
    return problem


def _is_header(place: SectionRange, item: ContentItem) -> bool:
    """Whether the section is a header that is looked into before it is sent, and so gathered."""
    return place.filtered or (place.encoded and isinstance(item, FetchBody) and item.section.text is SectionText.MIME)


def _shown(place: SectionRange, item: ContentItem, octets: bytes) -> bytes:
    """The octets of a place as BODY[...] shows them (RFC 9051 §7.5.2)."""
    return textual(octets, item.section) if place.encoded and isinstance(item, FetchBody) else octets


def _place(source: Source, item: ContentItem) -> SectionRange | None:
    """Where in the message the section is; None where there is none; BINARY takes no part with parts (RFC 9051 §6.4.5)."""
    if isinstance(item, FetchBody):
        section = item.section
        if not section.part and section.text is None:
            return SectionRange(0, source.row.size)
        assert source.part is not None
        return section_range(source.part, section)
    if not item.part:
        return SectionRange(0, source.row.size)
    assert source.part is not None
    part = find_part(source.part, item.part)
    return None if part is None or part.children or part.message is not None else SectionRange(part.body, part.end)


def _finished(source: Source, wanted: Content, octets: bytes | None) -> tuple[bytes, Code | None]:
    """What is sent for the octets of a section, None standing for no such section (RFC 9051 §6.4.5, §7.5.2)."""
    item, problem = wanted.item, None
    if isinstance(item, FetchBody):
        if octets is not None and item.section.fields:
            inverted = item.section.text is SectionText.HEADER_FIELDS_NOT
            octets = header_fields(octets, item.section.fields, inverted)
        value = b"NIL" if octets is None else literal(_cut(octets, item.partial))
        return b"%b %b" % (wanted.name, value), None
    if octets is not None and item.part:
        octets = _decoded(source, item.part, octets)
        problem = Code.UNKNOWN_CTE if octets is None else None
    if isinstance(item, FetchBinarySize):
        return b"%b %d" % (wanted.name, 0 if octets is None else len(octets)), problem
    return b"%b %b" % (wanted.name, binary_literal(octets, item.partial)), problem


def _decoded(source: Source, numbers: tuple[int, ...], body: bytes) -> bytes | None:
    """The body of a part without its transfer encoding, None where nobody knows it (RFC 9051 §6.4.5)."""
    assert source.part is not None
    part = find_part(source.part, numbers)
    assert part is not None
    return decode_part(body, evolve(part, start=0, body=0, end=len(body)))


def section_octets(source: Source, item: FetchBody, take: Callable[[bytes], Asking[None]]) -> Asking[bool]:
    """Let ``take`` have the octets that BODY[...] would show, a large section in pieces; False where there is none (RFC 4469 §3).

    Raises ContentMissing where the message goes away meanwhile; ``take`` has had the beginning then.
    """
    if section_columns(item.section) is Column.HEADER:
        octets = source.row.header or b""
    else:
        place = _place(source, item)
        if place is None:
            return False
        if not _is_header(place, item):
            start, end = _bounds(place, item.partial)
            for offset in range(start, end, source.limits.content_chunk_octets):
                piece = yield from _piece(source, place, offset, min(end, offset + source.limits.content_chunk_octets))
                yield from take(without_nul(piece))
            return True
        end = min(place.end, place.start + source.limits.header_octets_max)
        octets = _shown(place, item, (yield from source.read(place.start, end)))
    if item.section.fields:
        octets = header_fields(octets, item.section.fields, item.section.text is SectionText.HEADER_FIELDS_NOT)
    yield from take(without_nul(_cut(octets, item.partial)))
    return True


def _bounds(place: SectionRange, partial: Partial | None) -> tuple[int, int]:
    """First octet and end of what is wanted of a section as it is sent (RFC 9051 §6.4.5)."""
    end = encoded_octets(place.end - place.start) if place.encoded else place.end - place.start
    if partial is None:
        return 0, end
    return min(partial.offset, end), min(partial.offset + partial.octets_max, end)


def _stretch(source: Source, name: bytes, place: SectionRange, partial: Partial | None) -> Asking[None]:
    """Send a stretch of a message that is too large for a row, in pieces."""
    start, end = _bounds(place, partial)
    if start == end:
        yield Octets(name + b' ""')
        return
    piece = source.limits.content_chunk_octets
    first = yield from _piece(source, place, start, min(end, start + piece))
    yield Octets(b"%b {%d}\r\n%b" % (name, end - start, without_nul(first)))
    try:
        for offset in range(start + len(first), end, piece):
            yield Octets(without_nul((yield from _piece(source, place, offset, min(end, offset + piece)))))
    except (ContentMissing, StoreError) as error:
        raise ContentLost from error


def _piece(source: Source, place: SectionRange, start: int, end: int) -> Asking[bytes]:
    """Octets ``start`` to ``end`` of a section as it is sent."""
    if not place.encoded:
        return (yield from source.read(place.start + start, place.start + end))
    first, last = source_range(start, end)
    text = encode((yield from source.read(place.start + first, min(place.start + last, place.end))))
    return text[start % LINE : start % LINE + end - start]


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
