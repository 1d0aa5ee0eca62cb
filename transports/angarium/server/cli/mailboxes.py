"""``angarium mailbox``: the mailboxes of one user."""

from argparse import Namespace
from typing import Final

from angarium.engine.operations import (
    CreateMailbox,
    DeleteMailbox,
    FetchStatus,
    ListMailboxes,
    MailboxEntry,
    MailboxExists,
    MailboxNotFound,
    MailboxStatus,
    RenameMailbox,
    SetSubscription,
)
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.mailbox_name import canonical
from angarium.grammar.imap.responses import StatusValue
from angarium.server.cli.complaints import FINE, ProblemFound
from angarium.server.cli.output import print_json, print_rows
from angarium.server.cli.place import open_store_of

SHOWN: Final = (StatusItem.MESSAGES, StatusItem.UNSEEN, StatusItem.SIZE)


def list_mailboxes(chosen: Namespace) -> int:
    """List the mailboxes with messages, unseen messages, octets, special use and whether they are subscribed to."""
    with open_store_of(chosen) as (store, user):
        entries: list[MailboxEntry] = [entry for entry in store.execute(ListMailboxes(user)) if entry.id is not None]
        names = tuple(entry.name for entry in entries)
        statuses: list[MailboxStatus | None] = store.execute(FetchStatus(user, names, frozenset(SHOWN)))
        found = [(entry, status.values) for entry, status in zip(entries, statuses, strict=True) if status is not None]
        if chosen.json:
            print_json([_facts(entry, values) for entry, values in found])
        else:
            columns = ("Mailbox", *(item.value.decode().capitalize() for item in SHOWN), "Use", "Subscribed")
            print_rows(columns, [_row(*one) for one in found])
        return FINE


def _facts(entry: MailboxEntry, values: dict[StatusItem, StatusValue]) -> dict[str, object]:
    counts = {item.value.decode().lower(): values[item] for item in SHOWN}
    return {"name": entry.name, **counts, "special_use": _uses(entry), "subscribed": entry.subscribed}


def _row(entry: MailboxEntry, values: dict[StatusItem, StatusValue]) -> list[object]:
    return [entry.name, *(values[item] for item in SHOWN), " ".join(_uses(entry)), "yes" if entry.subscribed else ""]


def _uses(entry: MailboxEntry) -> list[str]:
    return [use.decode("ascii") for use in entry.special_use]


def create(chosen: Namespace) -> int:
    """Create a mailbox and subscribe to it (RFC 9051 §6.3.4, §6.3.7)."""
    with open_store_of(chosen) as (store, user):
        name = canonical(chosen.mailbox)
        try:
            store.execute(CreateMailbox(user, name))
        except MailboxExists as error:
            raise ProblemFound(f"{user} has a mailbox {name} already") from error
        store.execute(SetSubscription(user, name, True))
        return FINE


def delete(chosen: Namespace) -> int:
    """Delete a mailbox and the subscription to it (RFC 9051 §6.3.5)."""
    with open_store_of(chosen) as (store, user):
        name = canonical(chosen.mailbox)
        try:
            store.execute(DeleteMailbox(user, name))
        except MailboxNotFound as error:
            raise _not_found(user, name) from error
        store.execute(SetSubscription(user, name, False))
        return FINE


def rename(chosen: Namespace) -> int:
    """Rename a mailbox (RFC 9051 §6.3.6)."""
    with open_store_of(chosen) as (store, user):
        name, new_name = canonical(chosen.mailbox), canonical(chosen.new_name)
        try:
            store.execute(RenameMailbox(user, name, new_name))
        except MailboxNotFound as error:
            raise _not_found(user, name) from error
        except MailboxExists as error:
            raise ProblemFound(f"{user} has a mailbox {new_name} already") from error
        return FINE


def _not_found(user: str, name: str) -> ProblemFound:
    return ProblemFound(f"{user} has no mailbox {name}; see: angarium mailbox list --user {user}")
