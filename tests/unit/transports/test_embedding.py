"""Tests of the views of an embedder's letters (``angarium.transports.embedding``)."""

from angarium.engine.operations import Column, FetchMessages, MailboxId, UserName
from angarium.grammar.imap.commands import StatusItem
from angarium.grammar.imap.sequence_set import NumberSet
from angarium.transports.embedding import Letter, counts, opened, page

LETTERS = (Letter(1, b"Subject: a\r\n\r\n"), Letter(2, b"Subject: b\r\n\r\n"), Letter(5, b"Subject: a\r\n\r\n"))
IDS = Column.EMAILID | Column.THREADID


def test_object_ids():
    first, second = (MailboxId(UserName("mira"), number) for number in (1, 2))
    object_id = opened(first, "a", LETTERS).object_id
    assert object_id == counts(first, "renamed", LETTERS).values[StatusItem.MAILBOXID]
    assert object_id not in (opened(second, "a", LETTERS).object_id, opened(first, "a", LETTERS, uidvalidity=2).object_id)
    rows = page(FetchMessages(first, NumberSet(((1, 9),)), IDS), LETTERS).rows
    assert rows[0].emailid == rows[2].emailid != rows[1].emailid
    assert {row.threadid for row in rows} == {b"NIL"}
