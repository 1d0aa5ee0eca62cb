"""The tree of body parts with exact octet offsets (RFC 2046 §5, RFC 9051 §6.4.5.1, §7.5.2).

A multipart is cut at its own delimiter lines before its parts are looked at, so an outer delimiter ends whatever is inside
(RFC 2046 §5.1.2). The line break before a delimiter belongs to the delimiter. A multipart without any delimiter line gets one
text/plain part that is its whole body: BODYSTRUCTURE needs at least one part, and the text stays readable. The contents of
message/rfc822 are octets of the message itself, even where a Content-Transfer-Encoding, which RFC 2046 §5.2.1 forbids there,
claims otherwise.

Time is linear in the octets times the depth of nesting, and depth and number of parts are limited (``limits.py``).
"""

import re
from typing import Final

from attrs import define, field, frozen

from angarium.engine.mail.header import MESSAGE_FIELDS, MIME_FIELDS, Fields, Octets, count_lines, header_end, parse_fields
from angarium.engine.mail.limits import depth_max, parts_max
from angarium.engine.mail.media import (
    Parameters,
    content_disposition,
    content_language,
    content_transfer_encoding,
    content_type,
)

_DELIMITER_REST: Final = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
_NO_FIELDS: Final[Fields] = {}
_TEXT_PLAIN: Final = (b"TEXT", b"PLAIN", ((b"CHARSET", b"US-ASCII"),))
_MESSAGE_RFC822: Final = (b"MESSAGE", b"RFC822", ())
_OPAQUE: Final = (b"APPLICATION", b"OCTET-STREAM", ())


@frozen
class Part:
    """A message or body part: header from ``start``, body from ``body`` to ``end``.

    ``message`` is the message inside a message/rfc822 or message/global part. ``fields`` are the header fields that ENVELOPE
    and BODYSTRUCTURE tell of; they are no part of its identity.
    """

    start: int
    body: int
    end: int
    type: bytes
    subtype: bytes
    encoding: bytes = b"7BIT"
    params: Parameters = ()
    lines: int = 0
    children: tuple["Part", ...] = ()
    message: "Part | None" = None
    fields: Fields = field(default=_NO_FIELDS, eq=False, repr=False)

    @property
    def octets(self) -> int:
        """``body-fld-octets``: the size of the body as it is transferred (RFC 9051 §7.5.2)."""
        return self.end - self.body

    @property
    def id(self) -> bytes | None:
        """``body-fld-id``: Content-ID (RFC 2045 §7)."""
        return self.fields.get(b"content-id")

    @property
    def description(self) -> bytes | None:
        """``body-fld-desc``: Content-Description (RFC 2045 §8)."""
        return self.fields.get(b"content-description")

    @property
    def md5(self) -> bytes | None:
        """``body-fld-md5``: Content-MD5 (RFC 1864)."""
        return self.fields.get(b"content-md5")

    @property
    def disposition(self) -> tuple[bytes, Parameters] | None:
        """``body-fld-dsp``: Content-Disposition (RFC 2183)."""
        value = self.fields.get(b"content-disposition")
        return content_disposition(value) if value else None

    @property
    def language(self) -> tuple[bytes, ...]:
        """``body-fld-lang``: Content-Language (RFC 3282)."""
        value = self.fields.get(b"content-language")
        return content_language(value) if value else ()

    @property
    def location(self) -> bytes | None:
        """``body-fld-loc``: Content-Location without the spaces that folding left in it (RFC 2557 §4.4)."""
        value = self.fields.get(b"content-location")
        return None if value is None else b"".join(value.split())

    def param(self, name: bytes) -> bytes | None:
        """A parameter of the media type by its upper-case name (RFC 2045 §5.1)."""
        return next((value for key, value in self.params if key == name), None)


@define
class _Reading:
    octets: Octets
    parts_left: int = parts_max


def parse_message(octets: Octets) -> Part:
    """The structure of a message of any quality; it never fails (RFC 9051 §7.5.2)."""
    return _part(_Reading(octets), 0, len(octets), MESSAGE_FIELDS, _TEXT_PLAIN, depth_max)


def _part(
    reading: _Reading,
    start: int,
    end: int,
    wanted: frozenset[bytes],
    default: tuple[bytes, bytes, Parameters],
    depth: int,
) -> Part:
    """The part between two offsets (RFC 2046 §5.1); ``default`` is its media type when it names none."""
    octets = reading.octets
    reading.parts_left -= 1
    body = header_end(octets, start, end)
    fields = parse_fields(octets[start:body], wanted)
    value = fields.get(b"content-type")
    kind, subtype, params = content_type(value) or _TEXT_PLAIN if value else default
    value = fields.get(b"content-transfer-encoding")
    encoding = content_transfer_encoding(value) if value else b"7BIT"
    if kind == b"TEXT":
        return Part(start, body, end, kind, subtype, encoding, params, count_lines(octets, body, end), (), None, fields)
    if kind == b"MULTIPART" or (kind == b"MESSAGE" and subtype in (b"RFC822", b"GLOBAL")):
        if depth == 0:
            return Part(start, body, end, *_OPAQUE[:2], encoding, (), 0, (), None, fields)
        if kind == b"MULTIPART":
            children = _children(reading, body, end, subtype, params, depth - 1)
            return Part(start, body, end, kind, subtype, encoding, params, 0, children, None, fields)
        message = _part(reading, body, end, MESSAGE_FIELDS, _TEXT_PLAIN, depth - 1)
        lines = count_lines(octets, body, end)
        return Part(start, body, end, kind, subtype, encoding, params, lines, (), message, fields)
    return Part(start, body, end, kind, subtype, encoding, params, 0, (), None, fields)


def _children(reading: _Reading, body: int, end: int, subtype: bytes, params: Parameters, depth: int) -> tuple[Part, ...]:
    """The parts of a multipart (RFC 2046 §5.1.1); those of multipart/digest are messages unless they say otherwise (§5.1.5)."""
    boundary = next((value for name, value in params if name == b"BOUNDARY"), None)
    default = _MESSAGE_RFC822 if subtype == b"DIGEST" else _TEXT_PLAIN
    if boundary:
        ranges = _split(reading, body, end, b"--" + boundary)
        if ranges:
            return tuple(_part(reading, start, stop, MIME_FIELDS, default, depth) for start, stop in ranges)
    return (Part(body, body, end, *_TEXT_PLAIN[:2], b"7BIT", _TEXT_PLAIN[2], count_lines(reading.octets, body, end)),)


def _split(reading: _Reading, body: int, end: int, delimiter: bytes) -> list[tuple[int, int]]:
    """Where the parts between delimiter lines begin and end (RFC 2046 §5.1.1).

    A line is a delimiter when nothing but ``--`` and white space follows the boundary: a boundary may be the beginning of an
    inner one.
    """
    octets = reading.octets
    ranges: list[tuple[int, int]] = []
    start = None
    at = octets.find(delimiter, body, end)
    while at >= 0:
        rest = _DELIMITER_REST.match(octets, at + len(delimiter), end)
        if rest and (at == body or octets[at - 1 : at] == b"\n"):
            if start is not None:
                ranges.append((start, _before_line_break(octets, start, at)))
            start = rest.end()
            if rest[1] or len(ranges) + 1 >= reading.parts_left:
                break
            at = octets.find(delimiter, start, end)
        else:
            at = octets.find(delimiter, at + 1, end)
    else:
        rest = None
    if start is not None and not (rest and rest[1]):
        ranges.append((start, end))
    return ranges


def _before_line_break(octets: Octets, start: int, delimiter: int) -> int:
    """The end of a part: before the line break that belongs to the delimiter (RFC 2046 §5.1.1)."""
    size = 2 if octets[max(delimiter - 2, 0) : delimiter] == b"\r\n" else 1
    return max(start, delimiter - size)
