"""EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9), and what every removal of messages has to keep in step."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from angarium.engine.operations import ExpungeMessages, MailboxNotFound, Removed
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.store.sqlite.flag_bits import DELETED, SEEN, count_keywords, keyword_set
from angarium.store.sqlite.mail import Mail, next_modseq
from angarium.store.sqlite.mailboxes import bury

_ONLY_DELETED: Final = f"AND flags & {DELETED} <> 0"


def expunge_messages(mail: Mail, operation: ExpungeMessages) -> Removed:
    """Carry out ``ExpungeMessages``."""
    number = operation.mailbox.number
    row = mail.connection.execute("SELECT deleted, highest_modseq FROM mailbox WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise MailboxNotFound("The mailbox is gone")
    deleted, highest_modseq = row
    ranges = ((1, 0xFFFFFFFF),) if operation.uids is None else operation.uids.ranges
    gone = remove_messages(mail, number, ranges, _ONLY_DELETED) if deleted else NumberSet()
    return Removed(gone, highest_modseq + 1 if gone.ranges else highest_modseq)


def remove_messages(mail: Mail, number: int, ranges: Iterable[tuple[int, int]], condition: str = "") -> NumberSet:
    """Remove messages with one new mod-sequence, if there are any, and keep the counts in step."""
    uids: list[int] = []
    found: list[tuple[int, int]] = []
    kinds: Counter[tuple[int, str]] = Counter()
    octets = 0
    for low, high in ranges:
        rows = mail.connection.execute(
            f"SELECT key & 0xFFFFFFFF, flags, keywords, octets FROM message WHERE key BETWEEN ? AND ? {condition}",
            (number << 32 | low, number << 32 | high),
        ).fetchall()
        if rows:
            found.append((low, high))
        for uid, flags, keywords, size in rows:
            uids.append(uid)
            kinds[flags, keywords] += 1
            octets += size
    if not uids:
        return NumberSet()
    modseq = next_modseq(mail, number)
    for low, high in found:
        bury(mail, modseq, number << 32 | low, number << 32 | high, condition)
    mail.connection.execute(
        "UPDATE mailbox SET uids_modseq = highest_modseq, removed_modseq = highest_modseq WHERE number = ?", (number,)
    )
    count_messages(mail, number, kinds, octets, -1)
    return NumberSet.from_numbers(uids)


def count_messages(mail: Mail, number: int, kinds: Counter[tuple[int, str]], octets: int, sign: int) -> None:
    """Bring the counts of a mailbox in step with messages come (``sign`` 1) or gone (-1), counted by flags and keywords."""
    messages = kinds.total()
    unseen = sum(count for (flags, _), count in kinds.items() if not flags & SEEN)
    deleted = sum(count for (flags, _), count in kinds.items() if flags & DELETED)
    mail.connection.execute(
        "UPDATE mailbox SET messages = messages + ?, unseen = unseen + ?, deleted = deleted + ?, octets = octets + ?"
        " WHERE number = ?",
        (sign * messages, sign * unseen, sign * deleted, sign * octets, number),
    )
    words: Counter[str] = Counter()
    for (_, keywords), count in kinds.items():
        for word in keyword_set(keywords):
            words[word] += sign * count
    count_keywords(mail.connection, number, words, mail.parts.limits.keywords_max)
