"""Purging: giving back the room of expunged messages once nobody can bring them back."""

from typing import Final

from angarium.store.sqlite.mail import Mail

BATCH: Final = 200
_FORGET: Final = "DELETE FROM expunged WHERE content = ? AND at <= ? AND mailbox NOT IN (SELECT number FROM mailbox)"


def purge(mail: Mail, before: int) -> list[int]:
    """Forget the octets of messages expunged before a time (Unix seconds), a batch of them; the contents that are gone.

    What ``expunged`` knows of UIDs and mod-sequences stays as long as the mailbox does (RFC 7162 §5.3). A blob's file goes inside
    the transaction, when no row names it any more: a rollback after that leaves rows of which no message is made.
    """
    contents = [
        number
        for (number,) in mail.connection.execute(
            "SELECT DISTINCT content FROM expunged WHERE content IS NOT NULL AND at <= ? LIMIT ?", (before, BATCH)
        )
    ]
    gone = []
    for number in contents:
        mail.connection.execute(_FORGET, (number, before))
        mail.connection.execute("UPDATE expunged SET content = NULL WHERE content = ? AND at <= ?", (number, before))
        if not _is_used(mail, number):
            _remove_content(mail, number)
            gone.append(number)
    return gone


def has_work(mail: Mail, before: int) -> bool:
    """Say whether there is anything to purge."""
    sql = "SELECT 1 FROM expunged WHERE content IS NOT NULL AND at <= ? LIMIT 1"
    return mail.connection.execute(sql, (before,)).fetchone() is not None


def _is_used(mail: Mail, number: int) -> bool:
    sql = "SELECT 1 FROM message WHERE content = ? UNION ALL SELECT 1 FROM expunged WHERE content = ? LIMIT 1"
    return mail.connection.execute(sql, (number, number)).fetchone() is not None


def _remove_content(mail: Mail, number: int) -> None:
    digest, outside = mail.connection.execute("SELECT digest, outside FROM content WHERE number = ?", (number,)).fetchone()
    mail.connection.execute("DELETE FROM content WHERE number = ?", (number,))
    mail.connection.execute("DELETE FROM octets WHERE content = ?", (number,))
    if (
        outside
        and not mail.connection.execute("SELECT 1 FROM content WHERE digest = ? AND outside = 1 LIMIT 1", (digest,)).fetchone()
    ):
        mail.parts.blobs(mail.user).delete(digest)
