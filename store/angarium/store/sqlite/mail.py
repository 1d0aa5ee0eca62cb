"""What the functions behind the operations get: one user's mail inside a transaction, and the store's parts."""

import sqlite3
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from attrs import define, field, frozen

from angarium.engine.operations import MailboxId, MailboxNotFound, UserName
from angarium.store.sqlite.blobs import Blobs
from angarium.store.sqlite.staging import Staging
from angarium.store.sqlite.stamps import Stamps
from angarium.store.sqlite.uid_maps import UidMaps
from angarium.store.sqlite.users import BLOBS, user_folder


@frozen
class Limits:
    """Fixed limits of the store."""

    message_octets_max: int = 104_857_600
    mailboxes_max: int = 10_000
    keywords_max: int = 1_000
    name_octets_max: int = 1_000
    name_depth_max: int = 64


@frozen(eq=False)
class Parts:
    """What all users' mail has in common.

    ``keep_seconds``: how long expunged messages keep their octets. ``announce`` tells the world of committed changes.
    """

    folder: Path
    stamps: Stamps
    staging: Staging
    uid_maps: UidMaps
    limits: Limits
    clock: Callable[[], float]
    initial_mailboxes: Mapping[str, tuple[bytes, ...]]
    keep_seconds: int
    announce: Callable[[set[MailboxId]], None]

    def blobs(self, user: UserName) -> Blobs:
        """Give the blob files of a user."""
        return _blobs(self.folder, user)


@lru_cache(1024)
def _blobs(folder: Path, user: UserName) -> Blobs:
    """Remember the blob folders of users: working out a path costs as much as an insert."""
    return Blobs(user_folder(folder, user) / BLOBS)


@define(eq=False)
class Mail:
    """One user's mail, inside a transaction. ``touched`` gathers the mailboxes whose messages change."""

    connection: sqlite3.Connection
    user: UserName
    parts: Parts
    touched: set[MailboxId] = field(factory=set)

    def touch(self, number: int) -> None:
        """Note that the messages of a mailbox, or the mailbox itself, change."""
        self.touched.add(MailboxId(self.user, number))

    def now(self) -> int:
        """Give the time in Unix seconds."""
        return int(self.parts.clock())


def mailbox_number(connection: sqlite3.Connection, name: str) -> int:
    """Find a mailbox by name. Raises MailboxNotFound."""
    row = connection.execute("SELECT number FROM mailbox WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise MailboxNotFound(f"No mailbox {name}")
    number: int = row[0]
    return number


def require_mailbox(connection: sqlite3.Connection, number: int) -> None:
    """Raise MailboxNotFound when the mailbox has been deleted."""
    if connection.execute("SELECT 1 FROM mailbox WHERE number = ?", (number,)).fetchone() is None:
        raise MailboxNotFound("The mailbox is gone")


def next_modseq(mail: Mail, number: int) -> int:
    """Take the next mod-sequence of a mailbox (RFC 7162 §3.1). Raises MailboxNotFound."""
    row = mail.connection.execute(
        "UPDATE mailbox SET highest_modseq = highest_modseq + 1 WHERE number = ? RETURNING highest_modseq", (number,)
    ).fetchone()
    if row is None:
        raise MailboxNotFound("The mailbox is gone")
    mail.touch(number)
    modseq: int = row[0]
    return modseq
