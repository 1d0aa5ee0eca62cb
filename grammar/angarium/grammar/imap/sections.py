"""What a FETCH asks of a message's body: sections and partial ranges (RFC 9051 §6.4.5)."""

from enum import Enum

from attrs import frozen


class SectionText(Enum):
    """``section-text``: which part of a message or body part (RFC 9051 §6.4.5)."""

    HEADER = b"HEADER"
    HEADER_FIELDS = b"HEADER.FIELDS"
    HEADER_FIELDS_NOT = b"HEADER.FIELDS.NOT"
    TEXT = b"TEXT"
    MIME = b"MIME"


@frozen
class Section:
    """``section``: part numbers, what of that part, and the header field names asked for (RFC 9051 §6.4.5).

    ``Section()`` is ``[]``, the whole message. ``fields`` keeps the names as the client spelled them, for the echo.
    """

    part: tuple[int, ...] = ()
    text: SectionText | None = None
    fields: tuple[bytes, ...] = ()


@frozen
class Partial:
    """``partial``: zero-based first octet and the largest number of octets wanted (RFC 9051 §6.4.5)."""

    offset: int
    octets_max: int
