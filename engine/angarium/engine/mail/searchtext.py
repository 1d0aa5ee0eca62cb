"""The text that SEARCH looks in, decoded and folded (RFC 9051 §6.4.4).

BODY looks in ``body``, TEXT in both. Every piece (a header block, a text part) is one paragraph of its own, so no hit spans
two of them. Message parts are bodies through and through: the header of a forwarded message belongs to the body of the one
that carries it. Bodies of other media types, and the text around the parts of a multipart, are not searched.
"""

import re
from typing import Final

from attrs import frozen

from angarium.engine.mail.charset import decode, decode_words, fold
from angarium.engine.mail.header import Octets, field_bodies
from angarium.engine.mail.structure import Part
from angarium.engine.mail.transfer_encoding import decode as decode_transfer

_FOLD: Final = re.compile(rb"\r?\n(?=[ \t])")
_PIECES_APART: Final = "\0"


@frozen
class SearchText:
    """``headers``: the message header and the MIME headers of its parts; ``body``: its text and message parts."""

    headers: str
    body: str


def search_texts(octets: Octets, message: Part) -> SearchText:
    """Everything that SEARCH TEXT and BODY look in (RFC 9051 §6.4.4)."""
    headers = [_header_text(octets, message)]
    body: list[str] = []
    _gather(octets, message, headers, body)
    return SearchText(_PIECES_APART.join(headers), _PIECES_APART.join(body))


def _gather(octets: Octets, part: Part, headers: list[str], body: list[str]) -> None:
    for child in part.children:
        if child.start < child.body:
            headers.append(_header_text(octets, child))
        _gather(octets, child, headers, body)
    if part.message is not None:
        body.append(_header_text(octets, part.message))
        _gather(octets, part.message, headers, body)
    elif part.type in (b"TEXT", b"MESSAGE"):
        body.append(fold(part_text(octets, part)))


def part_text(octets: Octets, part: Part) -> str:
    """The body of a text part, transfer encoding and charset decoded (RFC 2045 §6, RFC 2046 §4.1)."""
    encoded = octets[part.body : part.end]
    decoded = decode_transfer(encoded, part.encoding)
    return decode(encoded if decoded is None else decoded, part.param(b"CHARSET"))


def _header_text(octets: Octets, part: Part) -> str:
    """A header block, unfolded and decoded."""
    header = _FOLD.sub(b"", octets[part.start : part.body])
    if b"=?" not in header and header.isascii():
        return fold(header.decode("ascii"))
    return fold("".join(decode_words(line) for line in header.splitlines(keepends=True)))


def header_values(header: bytes, name: bytes) -> list[str]:
    """Every occurrence of a field in a header block, unfolded and decoded, not folded (RFC 9051 §6.4.4 HEADER)."""
    return [decode_words(value) for value in field_bodies(header, name)]
