"""Which octets a section names (RFC 9051 §6.4.5.1)."""

from attrs import frozen

from angarium.engine.mail.header import Octets, header_fields
from angarium.engine.mail.structure import Part
from angarium.engine.mail.textual_form import encode, needs_encoding, relabel
from angarium.grammar.imap.sections import Section, SectionText

__all__ = ["SectionRange", "find_part", "header_fields", "section_octets", "section_range"]


@frozen
class SectionRange:
    """Octets ``start`` to ``end`` of the message; with ``filtered`` they are a header to pass through ``header_fields``.

    ``encoded``: they are no text, or the header of such a part, and ``textual_form`` says what is sent (RFC 9051 §7.5.2).
    """

    start: int
    end: int
    filtered: bool = False
    encoded: bool = False


def find_part(message: Part, numbers: tuple[int, ...]) -> Part | None:
    """The body part with this part number, None where there is none (RFC 9051 §6.4.5.1).

    A message that is not multipart has a part 1, its body; it is represented by the message.
    """
    if not numbers:
        return None
    part = _numbered(message, numbers[0])
    for number in numbers[1:]:
        if part is None:
            return None
        if part.message is not None:
            part = _numbered(part.message, number)
        else:
            part = part.children[number - 1] if number <= len(part.children) else None
    return part


def _numbered(message: Part, number: int) -> Part | None:
    """Part ``number`` of a message."""
    if message.children:
        return message.children[number - 1] if number <= len(message.children) else None
    return message if number == 1 else None


def section_range(message: Part, section: Section) -> SectionRange | None:
    """Where the octets of a section are; None for a part that does not exist or has no such text (RFC 9051 §6.4.5.1)."""
    text = section.text
    if not section.part:
        holder: Part | None = message
    else:
        part = find_part(message, section.part)
        if part is None:
            return None
        if text is None:
            return SectionRange(part.body, part.end, encoded=needs_encoding(part))
        if text is SectionText.MIME:
            return SectionRange(part.start, part.body, encoded=needs_encoding(part))
        holder = part.message
    if holder is None:
        return None
    if text is None:
        return SectionRange(holder.start, holder.end)
    if text is SectionText.TEXT:
        return SectionRange(holder.body, holder.end)
    return SectionRange(holder.start, holder.body, text is not SectionText.HEADER)


def section_octets(octets: Octets, message: Part, section: Section) -> bytes | None:
    """The octets of a section (RFC 9051 §6.4.5.1); None where ``section_range`` is None."""
    found = section_range(message, section)
    if found is None:
        return None
    content = octets[found.start : found.end]
    if found.filtered:
        return header_fields(content, section.fields, section.text is SectionText.HEADER_FIELDS_NOT)
    return textual(content, section) if found.encoded else content


def textual(content: bytes, section: Section) -> bytes:
    """What is sent of a part that is no text: its content encoded, its header saying so (RFC 9051 §7.5.2)."""
    return relabel(content) if section.text is SectionText.MIME else encode(content)
