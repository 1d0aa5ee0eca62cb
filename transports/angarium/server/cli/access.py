"""``angarium mailbox acl``: who may do what in a mailbox (RFC 4314)."""

from argparse import Namespace
from typing import Final

from angarium.engine.acl import RIGHTS, identifier, rights
from angarium.engine.operations import ChangeAcl, MailboxNotFound, ReadAcl, UserName
from angarium.grammar.imap.commands import StoreMode
from angarium.grammar.imap.mailbox_name import canonical
from angarium.server.cli.complaints import FINE, ProblemFound, UsageError
from angarium.server.cli.output import print_json, print_rows
from angarium.server.cli.place import open_store_of

MODES: Final = {"+": StoreMode.ADD, "-": StoreMode.REMOVE}


def acl(chosen: Namespace) -> int:
    """Show the list of a mailbox, or change what one identifier may do (RFC 4314 §3.1, §3.2, §3.3)."""
    changes = chosen.identifier is not None
    if (chosen.rights is not None or chosen.delete) != changes or (chosen.delete and chosen.rights is not None):
        raise UsageError("say who gets which rights, or --delete behind who loses all, or nothing to see the list")
    with open_store_of(chosen) as (store, user):
        name = canonical(chosen.mailbox)
        try:
            if changes:
                store.execute(_change(chosen, user, name))
                return FINE
            entries = ((user, RIGHTS), *store.execute(ReadAcl(user, name)))
        except MailboxNotFound as error:
            raise ProblemFound(f"{user} has no mailbox {name}; see: angarium mailbox list --user {user}") from error
        if chosen.json:
            print_json([{"identifier": who, "rights": letters} for who, letters in entries])
        else:
            print_rows(("Identifier", "Rights"), entries)
        return FINE


def _change(chosen: Namespace, user: UserName, name: str) -> ChangeAcl:
    given = chosen.rights or ""
    mode = MODES.get(given[:1], StoreMode.REPLACE)
    try:
        who = identifier(chosen.identifier.encode("utf-8", "surrogateescape"))
        letters = rights((given if mode is StoreMode.REPLACE else given[1:]).encode("ascii", "replace"))
    except ValueError as error:
        raise UsageError(f"{error}; rights are letters of {RIGHTS}, identifiers are users, anyone or group:NAME") from error
    if who.removeprefix("-") == user:
        raise ProblemFound(f"{user} owns the mailbox and has every right")
    return ChangeAcl(user, name, who, mode, letters)
