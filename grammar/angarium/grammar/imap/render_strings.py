"""Strings in commands: a literal has to stay apart from the octets around it, because a client may have to wait before it.

RFC 9051 §4.3: the client sends the announcement, waits for the continuation request, and only then sends the content.
"""

from collections.abc import Iterable, Iterator

from attrs import frozen

from angarium.grammar.imap.render_values import is_astring_atom, is_list_atom, mailbox_octets, render_quoted


@frozen
class Literal:
    """A literal's content; with ``binary`` it goes as ``literal8`` (RFC 3516 §4.4)."""

    octets: bytes
    binary: bool = False


Part = bytes | Literal
"""What a command is made of."""


def string(octets: bytes, utf8: bool) -> Part:
    """``string`` (RFC 9051 §4.3)."""
    return render_quoted(octets, utf8) or Literal(octets)


def astring(octets: bytes, utf8: bool) -> Part:
    """``astring`` (RFC 9051 §9)."""
    return octets if is_astring_atom(octets) else string(octets, utf8)


def mailbox(name: str, utf8: bool) -> Part:
    """``mailbox`` (RFC 9051 §9)."""
    return astring(mailbox_octets(name, utf8), utf8)


def list_mailbox(pattern: str, utf8: bool) -> Part:
    """``list-mailbox`` (RFC 9051 §9)."""
    octets = mailbox_octets(pattern, utf8)
    return octets if is_list_atom(octets) else string(octets, utf8)


def spaced(parts: Iterable[Part]) -> Iterator[Part]:
    """``parts`` with SP between them."""
    for index, part in enumerate(parts):
        if index:
            yield b" "
        yield part


def parenthesised(parts: Iterable[Part]) -> Iterator[Part]:
    """``parts`` in parentheses with SP between them."""
    yield b"("
    yield from spaced(parts)
    yield b")"
