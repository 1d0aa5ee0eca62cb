"""STATUS (RFC 9051 §6.3.11): everything but RECENT stands in the mailbox's row."""

from typing import Final

from angarium.engine.operations import FetchStatus, MailboxId, MailboxStatus
from angarium.grammar.imap.commands import StatusItem
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.names import canonical_name

_COLUMNS: Final[tuple[tuple[StatusItem, int], ...]] = (
    (StatusItem.MESSAGES, 2),
    (StatusItem.UIDNEXT, 3),
    (StatusItem.UIDVALIDITY, 4),
    (StatusItem.UNSEEN, 5),
    (StatusItem.DELETED, 6),
    (StatusItem.SIZE, 7),
    (StatusItem.HIGHESTMODSEQ, 8),
    (StatusItem.MAILBOXID, 10),
)
_SELECT: Final = (
    "SELECT name, number, messages, uidnext, uidvalidity, unseen, deleted, octets, highest_modseq, recent_uid,"
    " CAST(object_id AS BLOB) FROM mailbox WHERE name = ?"
)
_RECENT: Final = "SELECT count(*) FROM message WHERE key >= ? AND key < ?"


def fetch_status(mail: Mail, operation: FetchStatus) -> tuple[MailboxStatus | None, ...]:
    """Carry out ``FetchStatus``."""
    return tuple(_status(mail, canonical_name(name), operation.items) for name in operation.names)


def _status(mail: Mail, name: str, items: frozenset[StatusItem]) -> MailboxStatus | None:
    row = mail.connection.execute(_SELECT, (name,)).fetchone()
    if row is None:
        return None
    number, recent_uid = row[1], row[9]
    values = {item: row[column] for item, column in _COLUMNS if item in items}
    if StatusItem.RECENT in items:
        values[StatusItem.RECENT] = mail.connection.execute(_RECENT, (number << 32 | recent_uid, number + 1 << 32)).fetchone()[0]
    return MailboxStatus(name, MailboxId(mail.user, number), values)
