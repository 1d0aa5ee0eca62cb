"""A part tree as a few octets, so that sections are served without parsing the message again (RFC 9051 §6.4.5.1).

Layout: one octet ``I`` or ``Q`` (numbers of four or eight octets, little-endian); the number of parts; for every part in
preorder its start, body, end and a last number, ``children * 2**16 + has message * 2**15 + media``; then the media, each
``type SP subtype SP encoding``, with LF between them. Everything else of a part is left out.
"""

import struct

from angarium.engine.mail.structure import Part

_MESSAGE_BIT = 1 << 15


def dump(part: Part) -> bytes:
    """The octets that ``load`` reads."""
    numbers: list[int] = []
    media: dict[bytes, int] = {}
    _flatten(part, numbers, media)
    width = "I" if part.end < 1 << 32 else "Q"
    header = struct.pack(f"<B{len(numbers) + 1}{width}", ord(width), len(numbers) // 4, *numbers)
    return header + b"\n".join(media)


def _flatten(part: Part, numbers: list[int], media: dict[bytes, int]) -> None:
    name = b"%b %b %b" % (part.type, part.subtype, part.encoding)
    index = media.setdefault(name, len(media))
    has_message = _MESSAGE_BIT if part.message is not None else 0
    numbers += (part.start, part.body, part.end, len(part.children) << 16 | has_message | index)
    if part.message is not None:
        _flatten(part.message, numbers, media)
    for child in part.children:
        _flatten(child, numbers, media)


def load(octets: bytes) -> Part:
    """The tree that was dumped: offsets, media types, encodings and nesting; parameters, lines and fields are void."""
    width = octets[:1].decode("ascii")
    size = struct.calcsize(width)
    (count,) = struct.unpack_from(f"<{width}", octets, 1)
    numbers = struct.unpack_from(f"<{4 * count}{width}", octets, 1 + size)
    names = octets[1 + size + 4 * count * size :].split(b"\n")
    media = [tuple(name.split(b" ")) for name in names]
    part, _ = _unflatten(numbers, media, 0)
    return part


def _unflatten(numbers: tuple[int, ...], media: list[tuple[bytes, ...]], at: int) -> tuple[Part, int]:
    start, body, end, last = numbers[at : at + 4]
    at += 4
    message = None
    if last & _MESSAGE_BIT:
        message, at = _unflatten(numbers, media, at)
    children = []
    for _ in range(last >> 16):
        child, at = _unflatten(numbers, media, at)
        children.append(child)
    kind, subtype, encoding = media[last & (_MESSAGE_BIT - 1)]
    return Part(start, body, end, kind, subtype, encoding, children=tuple(children), message=message), at
