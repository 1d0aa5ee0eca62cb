"""PREVIEW: the beginning of a message's text, without markup (RFC 8970 §3)."""

import re
from html import unescape
from typing import Final

from angarium.engine.mail.charset import decode
from angarium.engine.mail.header import Octets
from angarium.engine.mail.limits import preview_chars_max, preview_octets_max
from angarium.engine.mail.structure import Part
from angarium.engine.mail.transfer_encoding import decode as decode_transfer

_MARKUP: Final = re.compile(
    r"""<(style|script|head|title)\b(?:[^<]++|<(?!/\1))*(?:</\1[^>]*+>?+|\Z)
    | <!--(?:[^-]++|-(?!->))*(?:-->|\Z)
    | <[a-z/!?][^>]*+(?:>|\Z)""",
    re.IGNORECASE | re.VERBOSE,
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]++")
_HTML_OCTETS_FACTOR: Final = 4
"""An HTML text begins with a head full of styles more often than not."""


def preview(octets: Octets, message: Part) -> str:
    """At most 200 characters of the first text/plain part, or of the first text/html part; "" without text (RFC 8970 §3.3)."""
    part = _first_text(message, b"PLAIN")
    if part is not None:
        return _shorten(_beginning(octets, part, preview_octets_max))
    part = _first_text(message, b"HTML")
    if part is None:
        return ""
    text = _beginning(octets, part, preview_octets_max * _HTML_OCTETS_FACTOR)
    return _shorten(unescape(_MARKUP.sub(" ", text)))


def _first_text(part: Part, subtype: bytes) -> Part | None:
    """The first text part of a subtype that is no attachment; enclosed messages are not looked into."""
    if part.type == b"TEXT":
        return part if part.subtype == subtype and not _is_attachment(part) else None
    return next((found for child in part.children if (found := _first_text(child, subtype))), None)


def _is_attachment(part: Part) -> bool:
    disposition = part.disposition
    return disposition is not None and disposition[0] == b"ATTACHMENT"


def _beginning(octets: Octets, part: Part, octets_max: int) -> str:
    encoded = octets[part.body : min(part.end, part.body + octets_max)]
    decoded = decode_transfer(encoded, part.encoding)
    return decode(decoded or b"", part.param(b"CHARSET"))


def _shorten(text: str) -> str:
    """White space and controls become single spaces; what lies behind four times as many characters is not looked at."""
    text = _CONTROL.sub(" ", text[: 4 * preview_chars_max])
    return " ".join(text.split())[:preview_chars_max].rstrip()
