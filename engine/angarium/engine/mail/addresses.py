"""Address lists: mailboxes, groups, routes, comments as names (RFC 5322 §3.4, §4.4).

Nearly every address in real mail has one of three shapes, ``a@b``, ``Name <a@b>`` and ``"Name" <a@b>``; one pattern reads
them. A field with anything else in it is read from tokens. Both agree with ``grammar/mail/rfc5322.lark`` on every sentence
of it. Old mail puts the name in a comment (``a@b (Name)``): a mailbox without display name takes its last comment.
"""

import re
from typing import Final

from attrs import define, field, frozen

from angarium.engine.mail.lexical import Token, tokens
from angarium.engine.mail.limits import addresses_max


@frozen
class Address:
    """``address`` of an envelope (RFC 9051 §7.5.2).

    A group begins with an address whose ``host`` is None and ``mailbox`` the group's name, and ends with one where both are
    None. A mailbox or host missing from a malformed address is empty, not None.
    """

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


GROUP_END: Final = Address(None, None, None, None)

_ATEXT: Final = rb"[^\x00-\x20()<>\[\]:;@,.\"\\\x7f]++"
_DOT_ATOM: Final = _ATEXT + rb"(?:\." + _ATEXT + rb")*"
_PLAIN: Final = re.compile(
    rb"""[ \t\r\n]*+
    (?: (?P<bare>%(dot_atom)s) @ (?P<bare_host>%(dot_atom)s) [ \t\r\n]*+
    |   (?: "(?P<quoted>[^"\\\r\n]*+)"[ \t\r\n]*+ | (?P<phrase>[^\x00-\x1f()<>\[\]:;@,"\\\x7f]++) )?
        < (?P<mailbox>%(dot_atom)s) @ (?P<host>%(dot_atom)s) > [ \t\r\n]*+
    ) (?: , | \Z )"""
    % {b"dot_atom": _DOT_ATOM},
    re.VERBOSE,
)


def address_list(value: bytes) -> tuple[Address, ...]:
    """``address-list`` with its obsolete forms, of any field body (RFC 5322 §3.4, §4.4)."""
    found: list[Address] = []
    at, end = 0, len(value)
    while at < end and len(found) < addresses_max:
        match = _PLAIN.match(value, at)
        if match is None:
            return _from_tokens(value)
        bare, bare_host, quoted, phrase, mailbox, host = match.groups()
        if bare is not None:
            found.append(Address(None, None, bare, bare_host))
        else:
            name = quoted if phrase is None else b" ".join(phrase.split()) or None
            found.append(Address(name, None, mailbox, host))
        at = match.end()
    return tuple(found)


def _from_tokens(value: bytes) -> tuple[Address, ...]:
    """The general way to read an address list (RFC 5322 §3.4, §4.4)."""
    reading = _Reading()
    for token in tokens(value):
        reading.take(token)
        if len(reading.found) >= addresses_max:
            break
    reading.finish_mailbox()
    reading.finish_group()
    return tuple(reading.found)


@define
class _Reading:
    """An address list read up to some token. ``angle``: the tokens inside ``<>`` of the mailbox at hand, once ``<`` was seen."""

    found: list[Address] = field(factory=list)
    pieces: list[Token] = field(factory=list)
    angle: list[Token] | None = None
    in_angle: bool = False
    in_group: bool = False
    comment: bytes | None = None

    def take(self, token: Token) -> None:
        """Add one token."""
        if token.kind == "c":
            self.comment = token.text or self.comment
        elif self.in_angle:
            self.take_in_angle(token)
        elif token.kind == "<":
            if self.angle is not None:
                self.finish_mailbox()
            self.angle, self.in_angle = [], True
        elif token.kind == "," or token.kind == ";":
            self.finish_mailbox()
            if token.kind == ";":
                self.finish_group()
        elif token.kind == ":":
            self.start_group()
        else:
            self.pieces.append(token)

    def take_in_angle(self, token: Token) -> None:
        """Add a token between ``<`` and ``>``; a comma outside a route means that ``>`` is missing."""
        assert self.angle is not None
        if token.kind == ">":
            self.in_angle = False
        elif token.kind == "," and self.angle and self.angle[0].kind not in ("@", ","):
            self.finish_mailbox()
        else:
            self.angle.append(token)

    def start_group(self) -> None:
        """``display-name ":"``; a colon where no group can begin means nothing."""
        if self.pieces and self.angle is None and not self.in_group:
            self.found.append(Address(None, None, _phrase(self.pieces), None))
            self.in_group = True
            self.pieces, self.comment = [], None

    def finish_group(self) -> None:
        """Close the group that is open, if any."""
        if self.in_group:
            self.found.append(GROUP_END)
            self.in_group = False

    def finish_mailbox(self) -> None:
        """Close the mailbox at hand, if there is any."""
        if self.angle is not None:
            name = _phrase(self.pieces) if self.pieces else self.comment
            route, spec = _route(self.angle)
            self.found.append(Address(name, route, *_addr_spec(spec)))
        elif self.pieces:
            self.found.append(Address(self.comment, None, *_addr_spec(self.pieces)))
        self.pieces, self.angle, self.in_angle, self.comment = [], None, False, None


def _phrase(pieces: list[Token]) -> bytes:
    """The words of a phrase, with one space wherever there was any (RFC 5322 §3.2.5, ``obs-phrase`` §4.1)."""
    return b"".join(b" " + piece.text if piece.spaced and at else piece.text for at, piece in enumerate(pieces))


def _route(pieces: list[Token]) -> tuple[bytes | None, list[Token]]:
    """Split ``obs-route`` from what follows it in ``<>`` (RFC 5322 §4.4)."""
    if not pieces or pieces[0].kind not in ("@", ","):
        return None, pieces
    colon = next((at for at, piece in enumerate(pieces) if piece.kind == ":"), len(pieces))
    domains: list[list[Token]] = [[]]
    for piece in pieces[:colon]:
        if piece.kind == ",":
            domains.append([])
        else:
            domains[-1].append(piece)
    return b",".join(_domain(domain) for domain in domains if domain) or None, pieces[colon + 1 :]


def _addr_spec(pieces: list[Token]) -> tuple[bytes, bytes]:
    """Local part and domain; what follows the domain after a space is dropped (RFC 5322 §3.4.1)."""
    at_sign = next((at for at, piece in enumerate(pieces) if piece.kind == "@"), len(pieces))
    domain: list[Token] = []
    for piece in pieces[at_sign + 1 :]:
        if domain and piece.spaced and piece.kind != "." and domain[-1].kind != ".":
            break
        domain.append(piece)
    return _local_part(pieces[:at_sign]), _domain(domain)


def _local_part(pieces: list[Token]) -> bytes:
    """The words of a local part: no space around dots (RFC 5322 §3.4.1, ``obs-local-part`` §4.4)."""
    text: list[bytes] = []
    after_dot = True
    for piece in pieces:
        dot = piece.kind == "."
        text.append(b" " + piece.text if piece.spaced and not dot and not after_dot else piece.text)
        after_dot = dot
    return b"".join(text)


def _domain(pieces: list[Token]) -> bytes:
    """A domain without space and comments (RFC 5322 §3.4.1)."""
    return b"".join(piece.text for piece in pieces)
