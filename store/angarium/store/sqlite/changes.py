"""What has happened in a mailbox since a mod-sequence (RFC 7162 §3.1, §3.2)."""

from typing import Final

from angarium.engine.operations import Changes, FlagsRow, MailboxNotFound, ReadChanges
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.sqlite.flag_bits import join_flags
from angarium.store.sqlite.mail import Mail

_SELECT: Final = "SELECT uidnext, highest_modseq, uids_modseq, removed_modseq, recent_uid FROM mailbox WHERE number = ?"
_FLAGS: Final = (
    "SELECT key & 0xFFFFFFFF, flags, keywords, modseq FROM message INDEXED BY message_modseq"
    " WHERE mailbox = ? AND modseq > ? ORDER BY key"
)
_VANISHED: Final = "SELECT uid FROM expunged WHERE mailbox = ? AND modseq > ?"


def read_changes(mail: Mail, operation: ReadChanges) -> tuple[Changes, int] | None:
    """Carry out ``ReadChanges`` but for the claim; with the changes comes ``uidnext``. The stamp is taken before the snapshot is.

    When only the stamp differs (its slot is shared, or the caller made the change itself), the answer has no changes but the
    new stamp.
    """
    number, since = operation.mailbox.number, operation.since
    stamp = mail.parts.stamps.read(operation.mailbox)
    mail.connection.execute("BEGIN")
    row = mail.connection.execute(_SELECT, (number,)).fetchone()
    if row is None:
        raise MailboxNotFound("The mailbox is gone")
    uidnext, highest_modseq, uids_modseq, removed_modseq, recent_uid = row
    if highest_modseq <= since and stamp in (0, operation.stamp):
        return None
    uids = mail.parts.uid_maps.current(mail.connection, operation.mailbox, uidnext, uids_modseq, removed_modseq)
    flags = tuple(
        FlagsRow(uid, join_flags(bits, keywords), modseq)
        for uid, bits, keywords, modseq in mail.connection.execute(_FLAGS, (number, since))
    )
    vanished = NumberSet()
    if removed_modseq > since:
        vanished = NumberSet.from_numbers(uid for (uid,) in mail.connection.execute(_VANISHED, (number, since)))
    return Changes(highest_modseq, uids, flags, vanished, recent_uid, stamp), uidnext
