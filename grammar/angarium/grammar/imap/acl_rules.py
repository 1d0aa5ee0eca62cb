"""Rules of access control lists to values (RFC 4314 §7)."""

from collections.abc import Callable
from typing import Any, Final

from lark import Token

from angarium.grammar.imap import commands, responses, terminals
from angarium.grammar.imap.terminals import Source

Rules = dict[str, Callable[[list[Any], Source], Any]]


def _octets(children: list[Token], source: Source) -> bytes:
    return terminals.string(children[0], source)


def _value(command: Callable[..., Any]) -> Callable[[list[Any], Source], Any]:
    """The rule's children are the value's fields in their order."""
    return lambda children, source: command(*children)


def _acl_data(children: list[Any], source: Source) -> responses.AclData:
    mailbox, *pairs = children
    return responses.AclData(mailbox, tuple(zip(pairs[::2], pairs[1::2], strict=True)))


def _listrights_data(children: list[Any], source: Source) -> responses.ListRightsData:
    mailbox, identifier, required, *optional = children
    return responses.ListRightsData(mailbox, identifier, required, tuple(optional))


ACL_COMMAND_RULES: Final[Rules] = {
    "identifier": _octets,
    "mod_rights": _octets,
    "setacl": _value(commands.SetAcl),
    "deleteacl": _value(commands.DeleteAcl),
    "getacl": _value(commands.GetAcl),
    "listrights": _value(commands.ListRights),
    "myrights": _value(commands.MyRights),
}
"""Rows of ``COMMAND_RULES``."""

ACL_RESPONSE_RULES: Final[Rules] = {
    "identifier": _octets,
    "rights": _octets,
    "acl_data": _acl_data,
    "listrights_data": _listrights_data,
    "myrights_data": _value(responses.MyRightsData),
}
"""Rows of ``RESPONSE_RULES``."""
