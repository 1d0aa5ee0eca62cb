"""The messages of a user's mailboxes, one after the other, as an export writes them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from attrs import field, frozen

from angarium.engine.operations import SEPARATOR, Column, ListMailboxes, MailboxId, OpenedMailbox, OpenMailbox, UserName
from angarium.server.importing.identity import all_rows, whole_content
from angarium.store.store import Store

INTERNAL_DATE_FORMAT: Final = '"%d-%b-%Y %H:%M:%S %z"'


@frozen
class StoredMailbox:
    """A mailbox to export."""

    name: str
    id: MailboxId
    uidvalidity: int
    messages: int


@frozen
class StoredMessage:
    """A message to export; ``content`` has CRLF line ends, as the store keeps it."""

    uid: int
    flags: tuple[bytes, ...]
    internal_date: datetime
    content: bytes = field(repr=False)


@frozen
class Written:
    """One message of an export: ``new``, or there from an earlier one; whether all its octets and all its flags are kept."""

    new: bool
    exact: bool = True
    flags: bool = True


def stored_mailboxes(store: Store, user: UserName, wanted: tuple[str, ...] = ()) -> list[StoredMailbox]:
    """List the mailboxes to export: all, or the wanted ones and what lies below them."""
    names = [entry.name for entry in store.execute(ListMailboxes(user)) if entry.id is not None]
    chosen = [name for name in names if not wanted or any(name == want or name.startswith(f"{want}/") for want in wanted)]
    opened: list[OpenedMailbox] = [store.execute(OpenMailbox(user, name)) for name in chosen]
    return [StoredMailbox(one.name, one.id, one.uidvalidity, len(one.uids)) for one in opened]


def missing(wanted: tuple[str, ...], mailboxes: list[StoredMailbox]) -> list[str]:
    """List the wanted names that are neither a mailbox nor above one."""
    return [want for want in wanted if not any(f"{one.name}/".startswith(f"{want}/") for one in mailboxes)]


def stored_messages(store: Store, mailbox: StoredMailbox) -> Iterator[StoredMessage]:
    """Read the messages of a mailbox in UID order."""
    for row in all_rows(store, mailbox.id, Column.FLAGS | Column.INTERNALDATE | Column.SIZE | Column.CONTENT):
        date = datetime.strptime(row.internal_date.decode("ascii").replace('" ', '"0'), INTERNAL_DATE_FORMAT)
        yield StoredMessage(row.uid, row.flags, date, whole_content(store, mailbox.id, row))


def path_of(target: Path, mailbox: str) -> Path:
    """Name the file or folder of a mailbox below ``target``; a level cannot lead out of it, nor be hidden."""
    return target.joinpath(*(f"_{level}" if level.startswith(".") else level for level in mailbox.split(SEPARATOR)))
