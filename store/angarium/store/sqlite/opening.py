r"""SELECT and EXAMINE (RFC 9051 §6.3.2), and claiming \Recent (RFC 3501 §2.3.2)."""

from typing import Final

from angarium.engine.operations import MailboxId, MailboxNotFound, OpenedMailbox, OpenMailbox
from angarium.store.sqlite.flag_bits import SEEN
from angarium.store.sqlite.mail import Mail, mailbox_number
from angarium.store.sqlite.names import canonical_name

_SELECT: Final = (
    "SELECT name, uidvalidity, uidnext, highest_modseq, uids_modseq, removed_modseq, recent_uid, unseen,"
    " CAST(object_id AS BLOB) FROM mailbox WHERE number = ?"
)
_KEYWORDS: Final = "SELECT name FROM keyword WHERE mailbox = ? AND messages > 0 ORDER BY folded"
_FIRST_UNSEEN: Final = (
    f"SELECT key & 0xFFFFFFFF FROM message WHERE key >= ? AND key < ? AND flags & {SEEN} = 0 ORDER BY key LIMIT 1"
)


def open_mailbox(mail: Mail, operation: OpenMailbox) -> OpenedMailbox:
    """Carry out ``OpenMailbox`` but for the claim, in a transaction that has not read anything yet.

    The stamp is taken before the snapshot is. The first look, at the name, is not part of the snapshot.
    """
    number = mailbox_number(mail.connection, canonical_name(operation.name))
    mailbox = MailboxId(mail.user, number)
    stamp = mail.parts.stamps.read(mailbox)
    mail.connection.execute("BEGIN")
    row = mail.connection.execute(_SELECT, (number,)).fetchone()
    if row is None:
        raise MailboxNotFound(f"No mailbox {operation.name}")
    name, uidvalidity, uidnext, highest_modseq, uids_modseq, removed_modseq, recent_uid, unseen, object_id = row
    uids = mail.parts.uid_maps.current(mail.connection, mailbox, uidnext, uids_modseq, removed_modseq)
    keywords = tuple(word.encode() for (word,) in mail.connection.execute(_KEYWORDS, (number,)))
    first_unseen = _first_unseen(mail, number) if unseen else None
    return OpenedMailbox(
        id=mailbox, name=name, uidvalidity=uidvalidity, uidnext=uidnext, highest_modseq=highest_modseq, uids=uids,
        keywords=keywords, recent_from=recent_uid, first_unseen=first_unseen, stamp=stamp,
        keywords_full=len(keywords) >= mail.parts.limits.keywords_max, object_id=object_id,
    )  # fmt: skip


def _first_unseen(mail: Mail, number: int) -> int | None:
    row = mail.connection.execute(_FIRST_UNSEEN, (number << 32, number + 1 << 32)).fetchone()
    return row[0] if row else None


def claim_recent(mail: Mail, number: int, uidnext: int) -> int:
    """Claim the messages below ``uidnext`` that no session was told of; the first UID of them, ``uidnext`` if there are none."""
    row = mail.connection.execute("SELECT recent_uid FROM mailbox WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise MailboxNotFound("The mailbox is gone")
    first: int = min(row[0], uidnext)
    mail.connection.execute("UPDATE mailbox SET recent_uid = max(recent_uid, ?) WHERE number = ?", (uidnext, number))
    return first
