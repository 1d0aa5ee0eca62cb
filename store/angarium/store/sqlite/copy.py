"""COPY and MOVE (RFC 9051 §6.4.7, §6.4.8): the octets are shared, only the small rows are written."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from angarium.engine.operations import Copied, CopyMessages, MailboxId
from angarium.store.sqlite.expunge import count_messages, remove_messages
from angarium.store.sqlite.flag_bits import keyword_set, keyword_text, spell_keywords
from angarium.store.sqlite.mail import Mail, mailbox_number, next_modseq, require_mailbox
from angarium.store.sqlite.names import canonical_name

_SELECT: Final = (
    "SELECT key & 0xFFFFFFFF, flags, keywords, octets, internal_date, internal_utc, internal_day, content"
    " FROM message WHERE key BETWEEN ? AND ? ORDER BY key"
)
INSERT_MESSAGE: Final = (
    "INSERT INTO message (key, mailbox, modseq, created_modseq, flags, keywords, octets,"
    " internal_date, internal_utc, internal_day, saved, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def copy_messages(mail: Mail, operation: CopyMessages) -> Copied:
    """Carry out ``CopyMessages`` between mailboxes of one owner, with all flags (``sharing`` does it for others)."""
    source = operation.source.number
    require_mailbox(mail.connection, source)
    target = mailbox_number(mail.connection, canonical_name(operation.name))
    pairs = transfer(mail, source, operation.uids.ranges, target, operation.move)
    highest_modseq = mail.connection.execute("SELECT highest_modseq FROM mailbox WHERE number = ?", (source,)).fetchone()[0]
    uidvalidity = mail.connection.execute("SELECT uidvalidity FROM mailbox WHERE number = ?", (target,)).fetchone()[0]
    return Copied(MailboxId(mail.user, target), uidvalidity, pairs, highest_modseq)


def transfer(mail: Mail, source: int, ranges: Iterable[tuple[int, int]], target: int, move: bool) -> tuple[tuple[int, int], ...]:
    """Copy messages in UID order, with ``move`` remove the originals; pairs of old and new UID."""
    rows = [
        row
        for low, high in ranges
        for row in mail.connection.execute(_SELECT, (source << 32 | low, source << 32 | high)).fetchall()
    ]
    if not rows:
        return ()
    modseq = next_modseq(mail, target)
    uidnext = take_uids(mail, target, len(rows))
    spelled = _spell(mail, target, {row[2] for row in rows})
    now, base = mail.now(), target << 32 | uidnext
    mail.connection.executemany(
        INSERT_MESSAGE,
        (
            (base + place, target, modseq, modseq, row[1], spelled[row[2]], row[3], row[4], row[5], row[6], now, row[7])
            for place, row in enumerate(rows)
        ),
    )
    kinds = Counter((row[1], spelled[row[2]]) for row in rows)
    count_messages(mail, target, kinds, sum(row[3] for row in rows), 1)
    if move:
        remove_messages(mail, source, [(row[0], row[0]) for row in rows] if source == target else ranges)
    return tuple((row[0], uidnext + place) for place, row in enumerate(rows))


def take_uids(mail: Mail, number: int, count: int) -> int:
    """Take ``count`` UIDs of a mailbox, in the mod-sequence just taken; the first of them."""
    row = mail.connection.execute(
        "UPDATE mailbox SET uidnext = uidnext + ?, uids_modseq = highest_modseq WHERE number = ? RETURNING uidnext",
        (count, number),
    ).fetchone()
    first: int = row[0] - count
    return first


def _spell(mail: Mail, target: int, texts: set[str]) -> dict[str, str]:
    """Spell keyword texts as the target mailbox does."""
    words = tuple(sorted({word for text in texts for word in keyword_set(text)}))
    spelled = spell_keywords(mail.connection, target, words)
    return {text: keyword_text({spelled[word.lower()] for word in keyword_set(text)}) for text in texts}
