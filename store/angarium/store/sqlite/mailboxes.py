"""Mailboxes by name: LIST, CREATE, DELETE, SUBSCRIBE (RFC 9051 §6.3). STATUS is in ``status``, RENAME in ``rename``."""

from sqlite3 import Connection
from typing import Final
from uuid import uuid4

from angarium.engine.operations import (
    CreatedMailbox,
    CreateMailbox,
    DeleteMailbox,
    HasChildren,
    LimitReached,
    ListMailboxes,
    MailboxEntry,
    MailboxExists,
    MailboxId,
    MailboxNotFound,
    PermissionDenied,
    SetSubscription,
)
from angarium.store.sqlite.access import forget, inherit
from angarium.store.sqlite.mail import Mail, mailbox_number
from angarium.store.sqlite.names import below, canonical_name, check_name, parents

SPECIAL_USE_MAILBOXES: Final = {
    "Drafts": (rb"\Drafts",),
    "Sent": (rb"\Sent",),
    "Junk": (rb"\Junk",),
    "Trash": (rb"\Trash",),
    "Archive": (rb"\Archive",),
}
"""What a new user gets beside INBOX (RFC 6154 §2)."""


def list_mailboxes(mail: Mail, operation: ListMailboxes) -> tuple[MailboxEntry, ...]:
    """Carry out ``ListMailboxes``."""
    subscribed = {name for (name,) in mail.connection.execute("SELECT name FROM subscription")}
    entries = {
        name: MailboxEntry(name, MailboxId(mail.user, number), name in subscribed, tuple(special_use.encode().split()))
        for number, name, special_use in mail.connection.execute("SELECT number, name, special_use FROM mailbox")
    }
    for name in subscribed - entries.keys():
        entries[name] = MailboxEntry(name, None, True)
    return tuple(entries[name] for name in sorted(entries))


def create_mailbox(mail: Mail, operation: CreateMailbox) -> CreatedMailbox:
    """Carry out ``CreateMailbox`` (RFC 9051 §6.3.4)."""
    name = canonical_name(operation.name)
    check_name(name, mail.parts.limits)
    if _exists(mail.connection, name):
        raise MailboxExists(f"Mailbox {name} exists")
    make_parents(mail, name)
    number = insert_mailbox(mail, name, operation.special_use)
    total = mail.connection.execute("SELECT count(*) FROM mailbox").fetchone()[0]
    if total > mail.parts.limits.mailboxes_max:
        raise LimitReached(f"There can be {mail.parts.limits.mailboxes_max} mailboxes")
    object_id = mail.connection.execute("SELECT object_id FROM mailbox WHERE number = ?", (number,)).fetchone()[0]
    return CreatedMailbox(MailboxId(mail.user, number), object_id.encode())


def make_parents(mail: Mail, name: str) -> None:
    """Make the mailboxes above ``name`` that are missing."""
    for parent in parents(name):
        if not _exists(mail.connection, parent):
            insert_mailbox(mail, parent)


def insert_mailbox(mail: Mail, name: str, special_use: tuple[bytes, ...] = ()) -> int:
    """Insert an empty mailbox with a UIDVALIDITY never used before (RFC 9051 §2.3.1.1) and the ACL of the one above."""
    uidvalidity = mail.connection.execute(
        "UPDATE state SET last_uidvalidity = max(last_uidvalidity + 1, ?) RETURNING last_uidvalidity", (mail.now(),)
    ).fetchone()[0]
    uses = b" ".join(special_use).decode()
    row = mail.connection.execute(
        "INSERT INTO mailbox (name, uidvalidity, object_id, special_use, created) VALUES (?, ?, ?, ?, ?) RETURNING number",
        (name, uidvalidity, f"F{uuid4().hex}", uses, mail.now()),
    ).fetchone()
    number: int = row[0]
    inherit(mail, number, name)
    return number


def delete_mailbox(mail: Mail, operation: DeleteMailbox) -> None:
    """Carry out ``DeleteMailbox``: a mailbox with children is refused, not emptied (RFC 9051 §6.3.5)."""
    name = canonical_name(operation.name)
    number = mailbox_number(mail.connection, name)
    if name == "INBOX":
        raise PermissionDenied("INBOX cannot be deleted")
    low, high = below(name)
    if mail.connection.execute("SELECT 1 FROM mailbox WHERE name >= ? AND name < ? LIMIT 1", (low, high)).fetchone():
        raise HasChildren(f"Mailbox {name} has mailboxes below it")
    modseq = mail.connection.execute("SELECT highest_modseq + 1 FROM mailbox WHERE number = ?", (number,)).fetchone()[0]
    bury(mail, modseq, number << 32, (number + 1 << 32) - 1)
    # What cannot be brought back any more need not be remembered either (RFC 7162 §5.3); ``purge`` sees to the others.
    mail.connection.execute("DELETE FROM expunged WHERE mailbox = ? AND content IS NULL", (number,))
    mail.connection.execute("DELETE FROM keyword WHERE mailbox = ?", (number,))
    forget(mail, number)
    mail.connection.execute("DELETE FROM mailbox WHERE number = ?", (number,))
    mail.touch(number)


def bury(mail: Mail, modseq: int, low: int, high: int, condition: str = "") -> None:
    """Move messages from ``message`` to ``expunged``, from key ``low`` to ``high``; counters are the caller's to mend."""
    where = f"WHERE key BETWEEN ? AND ? {condition}"
    mail.connection.execute(
        "INSERT INTO expunged (mailbox, modseq, uid, at, flags, keywords, internal_date, internal_utc, internal_day, saved,"
        " octets, content) SELECT mailbox, ?, key & 0xFFFFFFFF, ?, flags, keywords, internal_date, internal_utc, internal_day,"
        f" saved, octets, content FROM message {where}",
        (modseq, mail.now(), low, high),
    )
    mail.connection.execute(f"DELETE FROM message {where}", (low, high))


def set_subscription(mail: Mail, operation: SetSubscription) -> None:
    """Carry out ``SetSubscription`` (RFC 9051 §6.3.7, §6.3.8)."""
    name = canonical_name(operation.name)
    if operation.subscribed:
        check_name(name, mail.parts.limits)
        total = mail.connection.execute("SELECT count(*) FROM subscription").fetchone()[0]
        if total >= mail.parts.limits.mailboxes_max:
            raise LimitReached(f"There can be {mail.parts.limits.mailboxes_max} subscriptions")
        mail.connection.execute("INSERT OR IGNORE INTO subscription VALUES (?)", (name,))
    else:
        mail.connection.execute("DELETE FROM subscription WHERE name = ?", (name,))


def make_initial_mailboxes(mail: Mail) -> None:
    """Give a new user INBOX and the mailboxes for special uses."""
    insert_mailbox(mail, "INBOX")
    for name, special_use in mail.parts.initial_mailboxes.items():
        insert_mailbox(mail, name, special_use)


def _exists(connection: Connection, name: str) -> bool:
    try:
        mailbox_number(connection, name)
    except MailboxNotFound:
        return False
    return True
