"""Checks of the rows of a user's database against one another. Each yields what is wrong, and mends it when told to."""

from collections.abc import Iterator
from typing import Final

from angarium.store.sqlite.findings import Finding
from angarium.store.sqlite.flag_bits import DELETED, SEEN
from angarium.store.sqlite.mail import Mail
from angarium.store.sqlite.mailboxes import insert_mailbox

_COUNTS: Final = f"""
    SELECT mailbox.number, name, mailbox.messages, mailbox.unseen, mailbox.deleted, mailbox.octets,
        count(message.key), ifnull(sum(message.flags & {SEEN} = 0), 0), ifnull(sum(message.flags & {DELETED} <> 0), 0),
        ifnull(sum(message.octets), 0)
    FROM mailbox LEFT JOIN message ON message.mailbox = mailbox.number GROUP BY mailbox.number
"""
_HIGHEST: Final = """
    SELECT number, name, uidnext, highest_modseq, max(seen_uid), max(seen_modseq) FROM mailbox JOIN (
        SELECT mailbox, max(key) & 0xFFFFFFFF AS seen_uid, max(modseq) AS seen_modseq FROM message GROUP BY mailbox
        UNION ALL SELECT mailbox, max(uid), max(modseq) FROM expunged GROUP BY mailbox
    ) ON mailbox = number GROUP BY number HAVING uidnext <= max(seen_uid) OR highest_modseq < max(seen_modseq)
"""
_KEYWORDS: Final = """
    WITH RECURSIVE word (mailbox, word, rest) AS (
        SELECT mailbox, '', ltrim(keywords) FROM message WHERE keywords <> ''
        UNION ALL SELECT mailbox, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1)
        FROM word WHERE rest <> ''
    ), counted AS (
        SELECT mailbox, lower(word) AS folded, min(word) AS name, count(*) AS messages
        FROM word WHERE word <> '' GROUP BY 1, 2
    )
    SELECT mailbox, folded, counted.name, counted.messages, keyword.messages
    FROM counted LEFT JOIN keyword USING (mailbox, folded) WHERE counted.messages IS NOT keyword.messages
    UNION ALL SELECT mailbox, folded, keyword.name, 0, keyword.messages
    FROM keyword LEFT JOIN counted USING (mailbox, folded) WHERE counted.messages IS NULL AND keyword.messages <> 0
"""


def check_state(mail: Mail, repair: bool) -> Iterator[Finding]:
    """Check that there are the row of ``state`` and INBOX, and that UIDVALIDITY can only grow."""
    highest = mail.connection.execute("SELECT ifnull(max(uidvalidity), 0) FROM mailbox").fetchone()[0]
    row = mail.connection.execute("SELECT last_uidvalidity FROM state").fetchone()
    if row is None or row[0] < highest:
        if repair:
            last = max(highest, mail.now())
            mail.connection.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?)", (last, mail.now()))
        yield Finding(mail.user, None, None, "the last UIDVALIDITY is not known", "taken from the mailboxes" if repair else None)
    if mail.connection.execute("SELECT 1 FROM mailbox WHERE name = 'INBOX'").fetchone() is None:
        if repair:
            insert_mailbox(mail, "INBOX")
        yield Finding(mail.user, "INBOX", None, "there is no INBOX", "made an empty one" if repair else None)


def check_lost_messages(mail: Mail, repair: bool) -> Iterator[Finding]:
    """Check that every message lies in a mailbox."""
    rows = mail.connection.execute(
        "SELECT mailbox, count(*) FROM message WHERE mailbox NOT IN (SELECT number FROM mailbox) GROUP BY mailbox"
    ).fetchall()
    for number, count in rows:
        name = f"Recovered {number}"
        if repair:
            made = insert_mailbox(mail, name)
            mail.connection.execute("UPDATE mailbox SET number = ? WHERE number = ?", (number, made))
            mail.touch(number)
        yield Finding(mail.user, None, None, f"{count} messages lie in no mailbox", f"put in mailbox {name}" if repair else None)


def check_highest(mail: Mail, repair: bool) -> Iterator[Finding]:
    """Check that no UID reaches ``uidnext`` and no mod-sequence is above the mailbox's (RFC 9051 §2.3.1.1, RFC 7162 §3.1)."""
    for number, name, uidnext, highest_modseq, uid, modseq in mail.connection.execute(_HIGHEST).fetchall():
        if repair:
            mail.connection.execute(
                "UPDATE mailbox SET uidnext = max(uidnext, ?), highest_modseq = max(highest_modseq, ?) + 1,"
                " uids_modseq = max(highest_modseq, ?) + 1, removed_modseq = max(highest_modseq, ?) + 1 WHERE number = ?",
                (uid + 1, modseq, modseq, modseq, number),
            )
            mail.touch(number)
        if uidnext <= uid:
            yield Finding(mail.user, name, uid, f"UIDNEXT is {uidnext}", "raised it" if repair else None)
        if highest_modseq < modseq:
            problem = f"HIGHESTMODSEQ is {highest_modseq}, a message has {modseq}"
            yield Finding(mail.user, name, None, problem, "raised it" if repair else None)


def check_counts(mail: Mail, repair: bool) -> Iterator[Finding]:
    """Check the counts of each mailbox."""
    for number, name, *counts in mail.connection.execute(_COUNTS).fetchall():
        kept, counted = counts[:4], counts[4:]
        if kept == counted:
            continue
        if repair:
            mail.connection.execute(
                "UPDATE mailbox SET messages = ?, unseen = ?, deleted = ?, octets = ? WHERE number = ?", (*counted, number)
            )
            mail.touch(number)
        problem = "messages, unseen, deleted, octets are counted as {}, {}, {}, {}; right is {}, {}, {}, {}".format(
            *kept, *counted
        )
        yield Finding(mail.user, name, None, problem, "counted again" if repair else None)


def check_keywords(mail: Mail, repair: bool) -> Iterator[Finding]:
    """Check how often each keyword is said to be used."""
    names = dict(mail.connection.execute("SELECT number, name FROM mailbox").fetchall())
    for number, folded, name, counted, kept in mail.connection.execute(_KEYWORDS).fetchall():
        if repair:
            mail.connection.execute(
                "INSERT INTO keyword VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET messages = excluded.messages",
                (number, folded, name, counted),
            )
            mail.touch(number)
        problem = f"keyword {name} is counted {kept or 0} times; right is {counted}"
        yield Finding(mail.user, names.get(number), None, problem, "counted again" if repair else None)


ROW_CHECKS: Final = (check_state, check_lost_messages, check_highest, check_counts, check_keywords)
"""In an order in which what one mends is what the next needs."""
