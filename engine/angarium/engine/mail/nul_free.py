"""Messages with NUL octets, in a form that IMAP can send: the parts that hold them as base64 (RFC 3516 §4.4, §6).

NUL can come in a ``literal8`` only and could not be sent by BODY[...] (RFC 9051 §4.3). So what is stored has none: BODYSTRUCTURE,
BODY and the sizes tell of the encoded part, and BINARY gives back the octets that came. A part is encoded only where it has to
be, since a signature over it is lost.
"""

import re
from collections.abc import Iterator
from typing import Final

from angarium.engine.mail.header import Octets
from angarium.engine.mail.structure import Part, parse_message
from angarium.engine.mail.textual_form import LINE_SOURCE, encode, relabel

_IDENTITIES: Final = (b"7BIT", b"8BIT", b"BINARY")
_PIECE: Final = 8_192 * LINE_SOURCE
_VERSION: Final = re.compile(rb"^MIME-Version[ \t]*:", re.IGNORECASE | re.MULTILINE)


def nul_free(octets: Octets) -> Iterator[bytes] | None:
    """The message without NUL, in pieces; None where it has NUL that no transfer encoding can carry (RFC 3516 §4.4).

    That is one outside the bodies of leaf parts, or in a part that has a real transfer encoding already, whose alphabet has none.
    """
    message = parse_message(octets)
    parts = [part for part in _leaves(message) if octets.find(b"\0", part.body, part.end) >= 0]
    kept, end = [], 0
    for part in parts:
        if part.encoding not in _IDENTITIES or part.start == part.body:
            return None
        kept.append((end, part.body))
        end = part.end
    kept.append((end, len(octets)))
    if any(octets.find(b"\0", start, stop) >= 0 for start, stop in kept):
        return None
    return _pieces(octets, message, parts)


def _leaves(part: Part) -> Iterator[Part]:
    """Parts without parts, in the order of their octets (RFC 2046 §5)."""
    below = part.children if part.message is None else (part.message,)
    if not below:
        yield part
    for each in below:
        yield from _leaves(each)


def _pieces(octets: Octets, message: Part, parts: list[Part]) -> Iterator[bytes]:
    at = 0
    for part in parts:
        yield from _stretch(octets, at, part.start)
        yield _labelled(octets[part.start : part.body], part is message)
        for start in range(part.body, part.end, _PIECE):
            yield encode(octets[start : min(start + _PIECE, part.end)])
        at = part.end
    yield from _stretch(octets, at, len(octets))


def _stretch(octets: Octets, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _PIECE):
        yield octets[at : min(at + _PIECE, end)]


def _labelled(header: bytes, whole: bool) -> bytes:
    """The header of a part that will be base64; of a whole message it also says that it is MIME (RFC 2045 §4, §6.1)."""
    labelled = relabel(header)
    fields = b"" if labelled != header else b"Content-Transfer-Encoding: base64\r\n"
    if whole and not _VERSION.search(header):
        fields += b"MIME-Version: 1.0\r\n"
    ending = 2 if labelled.endswith(b"\r\n") else 1  # the empty line: a part with a body has one
    return labelled[:-ending] + fields + labelled[-ending:]
