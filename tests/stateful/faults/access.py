"""Faults of access control lists, and of LIST with MYRIGHTS (RFC 4314, RFC 8440)."""

from typing import Any

from attrs import evolve

from angarium.engine.acl import RIGHTS
from angarium.engine.operations import ChangeAcl
from angarium.grammar.imap import commands as c
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.responses import AclData, ListRightsData, MyRightsData
from stateful.faults.changes import altered, asked, obeyed
from stateful.faults.fault import fault

KNOWN = f"{RIGHTS}cd+-".encode()


def only_known(command: c.SetAcl) -> c.SetAcl:
    return evolve(command, rights=bytes(letter for letter in command.rights if letter in KNOWN))


def without_obsolete(data: Any) -> Any:
    return evolve(data, rights=data.rights.translate(None, b"cd"))


def required_too(data: ListRightsData) -> ListRightsData:
    return evolve(data, required=data.required + b"".join(data.optional))


FAULTS = (
    fault("GETACL leaves out an entry", "rfc4314-3.3-1", altered(AclData, lambda data: evolve(data, entries=data.entries[:-1]))),
    fault("MYRIGHTS tells no obsolete rights", "rfc4314-2.1.1-2 rfc4314-2.1.1-5", altered(MyRightsData, without_obsolete)),
    fault("SETACL passes over an unknown right", "rfc4314-3.1-1 rfc4314-3.1-2", obeyed(c.SetAcl, only_known), 3),
    fault(
        "SETACL with a sign replaces the rights",
        "rfc4314-3.1-3",
        asked(ChangeAcl, lambda operation: evolve(operation, mode=StoreMode.REPLACE)),
        3,
    ),
    fault(
        "LISTRIGHTS tells the identifier as it is kept",
        "rfc4314-3.4-1",
        altered(ListRightsData, lambda data: evolve(data, identifier=data.identifier.lower())),
    ),
    fault("LISTRIGHTS lists rights twice", "rfc4314-3.7-2", altered(ListRightsData, required_too)),
    fault(
        "LIST with RETURN (MYRIGHTS) tells no rights",
        "rfc8440-3-2",
        obeyed(c.List, lambda command: evolve(command, returns=command.returns - {c.ListReturn.MYRIGHTS})),
        3,
    ),
)
