"""What DISPLAYFROM and DISPLAYTO sort by (RFC 5957 §3, §4): read from the ENVELOPE that was made at delivery."""

import re
from collections.abc import Iterator
from typing import Final

from angarium.engine.mail.charset import decode, decode_words, fold

FROM: Final = 2
TO: Final = 5
"""Places of ``env-from`` and ``env-to`` in an envelope (RFC 9051 §9)."""

_NSTRING: Final = re.compile(rb'NIL|"((?:[^"\\]|\\.)*)"|\{(\d+)\}\r\n', re.DOTALL)
_ESCAPED: Final = re.compile(rb'\\(["\\])')

_PLAIN: Final = rb'(?:NIL|"[^"\\]*+(?:\\.[^"\\]*+)*")'
_ADDRESS: Final = rb"\(" + b" ".join([_PLAIN] * 4) + rb"\)"
_ADDRESSES: Final = rb"(?:NIL|\((?:" + _ADDRESS + rb")+\))"
_FIRST: Final = rb"\(\((%b) %b (%b) (%b)\)" % (_PLAIN, _PLAIN, _PLAIN, _PLAIN)
_BEFORE: Final = rb"\(" + _PLAIN + b" " + _PLAIN + b" "
_USUAL: Final = {
    FROM: re.compile(_BEFORE + _FIRST, re.DOTALL),
    TO: re.compile(_BEFORE + (_ADDRESSES + b" ") * 3 + _FIRST, re.DOTALL),
}
"""Envelopes without a literal up to the address, which nearly all are: read several times as fast as member by member."""

NString = bytes | None


def display_key(envelope: bytes, place: int) -> str:
    """The sort value of the first address at ``place`` of a rendered envelope, empty without one (RFC 5957 §3, §4)."""
    if usual := _USUAL[place].match(envelope):
        return display_of(*map(_plain, usual.groups()))
    members = _members(envelope)
    for _ in range(place):
        next(members)
    first = next(members)
    return display_of(*first) if first else ""


def _plain(octets: bytes) -> NString:
    """An ``nstring`` that is no literal."""
    if octets == b"NIL":
        return None
    return _ESCAPED.sub(rb"\1", octets[1:-1]) if b"\\" in octets else octets[1:-1]


def display_of(name: NString, mailbox: NString, host: NString) -> str:
    """The sort value of an address: its name, else the address, as far as it goes (RFC 5957 §3)."""
    if name and (shown := decode_words(name)):
        return fold(shown)
    address = b"%b@%b" % (mailbox, host) if mailbox is not None and host is not None else mailbox or b""
    return fold(decode(address, None))


def _members(envelope: bytes) -> Iterator[tuple[NString, NString, NString] | None]:
    """Name, mailbox and host of the first address of each member of an envelope; None where it is no list of addresses."""
    at = 1
    while True:
        first = None
        if envelope[at : at + 1] != b"(":
            _, at = _nstring(envelope, at)
        else:
            at += 1
            while envelope[at : at + 1] == b"(":
                name, at = _nstring(envelope, at + 1)
                _, at = _nstring(envelope, at + 1)
                mailbox, at = _nstring(envelope, at + 1)
                host, at = _nstring(envelope, at + 1)
                first = first or (name, mailbox, host)
                at += 1
            at += 1
        yield first
        at += 1


def _nstring(octets: bytes, at: int) -> tuple[NString, int]:
    """The ``nstring`` at an offset, and where it ends (RFC 9051 §9)."""
    found = _NSTRING.match(octets, at)
    assert found, "an envelope that was not rendered by envelope.render_envelope"
    quoted, length = found.groups()
    if length is not None:
        end = found.end() + int(length)
        return octets[found.end() : end], end
    return None if quoted is None else _ESCAPED.sub(rb"\1", quoted), found.end()
