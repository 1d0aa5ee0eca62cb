"""Access control lists to octets (RFC 4314 §7)."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from angarium.grammar.imap import commands, responses
from angarium.grammar.imap.render_strings import Part, astring, mailbox
from angarium.grammar.imap.render_values import render_astring, render_mailbox

Parts = Iterator[Part]


def _command(name: bytes, *fields: str) -> Callable[[Any, bool], Parts]:
    """A mailbox and then strings."""

    def parts(command: Any, utf8: bool) -> Parts:
        yield name + b" "
        yield mailbox(command.mailbox, utf8)
        for field in fields:
            yield b" "
            yield astring(getattr(command, field), utf8)

    return parts


def _acl(response: responses.AclData, utf8: bool) -> bytes:
    texts = [render_astring(text) for pair in response.entries for text in pair]
    return b" ".join([b"* ACL", render_mailbox(response.mailbox, utf8), *texts])


def _listrights(response: responses.ListRightsData, utf8: bool) -> bytes:
    texts = [render_astring(text) for text in (response.identifier, response.required, *response.optional)]
    return b" ".join([b"* LISTRIGHTS", render_mailbox(response.mailbox, utf8), *texts])


def _myrights(response: responses.MyRightsData, utf8: bool) -> bytes:
    return b"* MYRIGHTS %b %b" % (render_mailbox(response.mailbox, utf8), render_astring(response.rights))


ACL_COMMANDS: Final[dict[type[Any], Callable[[Any, bool], Parts]]] = {
    commands.SetAcl: _command(b"SETACL", "identifier", "rights"),
    commands.DeleteAcl: _command(b"DELETEACL", "identifier"),
    commands.GetAcl: _command(b"GETACL"),
    commands.ListRights: _command(b"LISTRIGHTS", "identifier"),
    commands.MyRights: _command(b"MYRIGHTS"),
}
"""Rows of how commands are rendered."""

ACL_RESPONSES: Final[dict[type[Any], Callable[[Any, bool], bytes]]] = {
    responses.AclData: _acl,
    responses.ListRightsData: _listrights,
    responses.MyRightsData: _myrights,
}
"""Rows of how responses are rendered."""
