"""What the items are that come of parsing a message, by the model's own rendering (RFC 9051 §6.4.5, §7.5.2; RFC 3516 §4).

The model and our stores share the parsers of mail, so of our own server this shows that it gives what belongs to this message.
Other servers read odd mail in other ways (RFC 5322 leaves many); of theirs only what leaves no doubt is compared.
"""

from functools import lru_cache
from typing import Final

from angarium.engine.mail.partmap import load
from angarium.engine.mail.prerender import Prerendered, prerender
from angarium.engine.mail.sections import section_octets, section_range
from angarium.grammar.imap.framing import Frame, Framer, LiteralWanted
from angarium.grammar.imap.parse_response import parse_response
from angarium.grammar.imap.responses import BodyItem, BodySection, Envelope, EnvelopeItem, FetchData, FetchDatum, Size
from angarium.grammar.imap.sections import Partial, Section

NUL_SHOWN: Final = b"\x80"
"""What our server sends for a NUL, which no string can hold (RFC 9051 §4.3)."""


def is_true(item: FetchDatum, content: bytes, exact: bool) -> bool:
    """Say whether a datum, asked for or not, is of a message with this content (RFC 9051 §7.5.2)."""
    match item:
        case Size(octets):
            return octets == len(content)
        case EnvelopeItem(Envelope() as envelope):
            ours = envelope_of(content)
            same = None in (envelope.message_id, ours.message_id) or envelope.message_id == ours.message_id
            return envelope == ours or (same and not exact)
        case BodyItem(structure, extensible):
            expected = structure_of(content, extensible)
            alike = type(structure) is type(expected.structure)
            return item == expected or (alike and not exact)
        case _:
            return True


def shows_section(item: BodySection, section: Section, partial: Partial | None, content: bytes, exact: bool) -> bool:
    """Say whether these are the octets of a section (RFC 9051 §6.4.5); another server may encode what is no text otherwise."""
    part = load(parsed(content).partmap)
    place = section_range(part, section)
    if place is None:
        return not item.octets
    if place.encoded and not exact:
        return True
    octets = section_octets(content, part, section) or b""
    cut = octets if partial is None else octets[partial.offset : partial.offset + partial.octets_max]
    return item.octets == cut.replace(b"\0", NUL_SHOWN) or (b"\0" in cut and not exact)


@lru_cache(1000)
def parsed(content: bytes) -> Prerendered:
    """What our parsers make of a message."""
    return prerender(content)


@lru_cache(1000)
def envelope_of(content: bytes) -> Envelope:
    """The envelope of a message, as a client would take it in."""
    item = as_told(b"ENVELOPE " + parsed(content).envelope)
    assert isinstance(item, EnvelopeItem)
    assert isinstance(item.envelope, Envelope)
    return item.envelope


@lru_cache(1000)
def structure_of(content: bytes, extensible: bool) -> BodyItem:
    """The structure of a message, with or without extension data."""
    both = parsed(content)
    item = as_told(b"BODYSTRUCTURE " + both.bodystructure if extensible else b"BODY " + both.body)
    assert isinstance(item, BodyItem)
    return item


def as_told(octets: bytes) -> FetchDatum:
    """A data item as it is read in a response."""
    framer = Framer(1 << 30, 1 << 30, 1 << 30, 1 << 30, responses=True)
    framer.feed(b"* 1 FETCH (%b)\r\n" % octets)
    while isinstance(event := framer.next(), LiteralWanted):
        framer.accept_literal(stream=False)
    assert isinstance(event, Frame)
    response = parse_response(event)
    assert isinstance(response, FetchData)
    return response.items[0]
